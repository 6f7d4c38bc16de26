#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "reference/base/base64.h"
#include "reference/lint/lint.h"
#include "reference/usable_key.h"
#include "tests/reference/lint/support.h"

namespace dkimspec::lint {
namespace {

using ::testing::HasSubstr;

// "{rsa}" and the like stand for the content of p=.
std::string Expand(std::string text) {
  const std::pair<std::string, std::string> keys[] = {
      {"{rsa}", PublicKeyText("rsa2048-a")},
      {"{rsa512}", PublicKeyText("rsa512-a")},
      {"{rsa1024}", PublicKeyText("rsa1024-a")},
      {"{rsa8192}", PublicKeyText("rsa8192-a")},
      {"{ed}", PublicKeyText("ed25519-a")},
      {"{pkcs1}", Base64Encode(TestKey("rsa2048-a").RsaPublicKeyPkcs1())},
      // SubjectPublicKeyInfo of Ed25519 (RFC 8410 section 4).
      {"{ed-der}", Base64Encode(*HexDecode("302a300506032b6570032100") +
                                TestKey("ed25519-a").PublicKeyOctets())}};
  for (const auto& [name, value] : keys) {
    for (std::size_t at = 0; (at = text.find(name)) != std::string::npos;) {
      text.replace(at, name.size(), value);
    }
  }
  return text;
}

struct Row {
  std::string record;
  std::string ids;
};

class KeyRecordLint : public ::testing::TestWithParam<Row> {};

TEST_P(KeyRecordLint, Says) {
  EXPECT_EQ(Ids(LintKeyRecord(Expand(GetParam().record))), GetParam().ids)
      << GetParam().record;
}

INSTANTIATE_TEST_SUITE_P(
    Right, KeyRecordLint,
    ::testing::Values(
        Row{"v=DKIM1; k=rsa; p={rsa}", ""}, Row{"v=DKIM1;p={rsa};", ""},
        Row{"v=DKIM1; k=ed25519; p={ed}; ", ""},
        Row{"v=DKIM1; h=sha256; s=email; t=s; n=\"a\\b\"; p={rsa}", ""},
        Row{"p={rsa}", "version-missing@v"}));

INSTANTIATE_TEST_SUITE_P(
    TagLists, KeyRecordLint,
    ::testing::Values(Row{"", "empty-tag version-missing@v p-missing@p"},
                      Row{"v=DKIM1;; p={rsa}", "empty-tag"},
                      Row{"v=DKIM1; p={rsa};;", "empty-tag"},
                      Row{"v=DKIM1 p={rsa}",
                          "key-record-version@v p-missing@p"},
                      Row{"v=DKIM1; rsa; p={rsa}", "stray-text"},
                      Row{"v=DKIM1; 1k=rsa; p={rsa}", "tag-name"},
                      Row{"v=DKIM1; p={rsa}; p={rsa}", "tag-twice@p"},
                      Row{"v=DKIM1; K=rsa; p={rsa}", "tag-name-case@K"},
                      Row{"v=DKIM1; zz=1; p={rsa}", "unknown-tag@zz"},
                      Row{"v=DKIM1; n=\x01; p={rsa}", "value-octet@n"},
                      Row{"v=DKIM1; n=\xFF; p={rsa}", "value-octet@n"},
                      Row{"v=DKIM1;\nk=rsa;\np={rsa}", "line-break line-break"},
                      Row{"v=DKIM1; p={rsa}\n", "line-break@p"},
                      Row{"v=DKIM1;\r\n p={rsa}", ""}));

INSTANTIATE_TEST_SUITE_P(
    Pasted, KeyRecordLint,
    ::testing::Values(
        Row{"\"v=DKIM1; p={rsa}\"", "stray-quotes stray-quotes@p"},
        Row{"v=DKIM1\\; k=rsa\\; p={rsa}",
            "stray-backslash@v stray-backslash@k"},
        Row{"v=DKIM1; p=MIIB\" \"IjAN", "stray-quotes@p"},
        Row{"v=DKIM1; p=MIIB;IjAN", "stray-semicolon@p"},
        Row{"v=DKIM1; p=MIIB\nIjAN", "line-break@p"},
        Row{"v=DKIM1; p=-----BEGIN PUBLIC KEY-----{rsa}", "pem-in-record@p"},
        Row{"v=DKIM1; p=-----BEGIN PRIVATE KEY-----MIIB",
            "private-key-published@p"},
        Row{"v=DKIM1; p=MIIEvQIBADANBgkqhkiG", "record-cut@p"}));

INSTANTIATE_TEST_SUITE_P(
    Tags, KeyRecordLint,
    ::testing::Values(Row{"v=dkim1; p={rsa}", "key-record-version@v"},
                      Row{"k=rsa; v=DKIM1; p={rsa}", "version-not-first@v"},
                      Row{"v=DKIM1", "p-missing@p"},
                      Row{"v=DKIM1; p=", "p-empty@p"},
                      Row{"v=DKIM1; P={rsa}", "tag-name-case@P p-missing@p"},
                      Row{"v=DKIM1; h=; p={rsa}", "key-record-tag@h"},
                      Row{"v=DKIM1; t=y:; p={rsa}", "key-record-tag@t"},
                      Row{"v=DKIM1; h=sha1; p={rsa}", "sha256-not-allowed@h"},
                      Row{"v=DKIM1; h=sha1:sha256; p={rsa}", "sha1-allowed@h"},
                      Row{"v=DKIM1; s=tlsrpt; p={rsa}", "not-for-email@s"},
                      Row{"v=DKIM1; t=y; p={rsa}", "testing-flag@t"},
                      Row{"v=DKIM1; g=*; p={rsa}", "granularity-tag@g"},
                      Row{"v=DKIM1; k=dsa; p={rsa}", "key-type-unknown@k"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, KeyRecordLint,
    ::testing::Values(
        Row{"v=DKIM1; p=*", "p-not-base64@p"},
        Row{"v=DKIM1; p=AAAA", "public-key-malformed@p"},
        Row{"v=DKIM1; k=ed25519; p=AAAA", "public-key-malformed@p"},
        Row{"v=DKIM1; p={pkcs1}", "public-key-pkcs1@p"},
        Row{"v=DKIM1; k=ed25519; p={rsa}", "key-type-wrong@p"},
        Row{"v=DKIM1; p={ed}", "key-type-wrong@p"},
        Row{"v=DKIM1; k=ed25519; p={ed-der}", "ed25519-in-der@p"},
        Row{"v=DKIM1; p={ed-der}", "key-type-wrong@p ed25519-in-der@p"},
        Row{"v=DKIM1; p={rsa512}", "rsa-key-too-short@p"},
        Row{"v=DKIM1; p={rsa1024}", "rsa-key-short@p"},
        Row{"v=DKIM1; p={rsa8192}", "rsa-key-long@p"}));

TEST(KeyRecordLintAll, PlacesNameLineColumnAndOffset) {
  const auto remarks = LintKeyRecord("v=DKIM1;\r\n k=x*;\r\n\tp=");
  const Remark* type = Find(remarks, Rule::kKeyRecordTag);
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->line, 2u);
  EXPECT_EQ(type->column, 4u);
  EXPECT_EQ(type->offset, 13u);
  const Remark* key = Find(remarks, Rule::kPublicKeyEmpty);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->line, 3u);
  EXPECT_EQ(key->column, 2u);
}

TEST(KeyRecordLintAll, ARecordCutAnywhereInItsKeyIsCalledCut) {
  const std::string record = Expand("v=DKIM1; k=rsa; p={rsa}");
  const std::size_t key_begin = record.find("p=") + 2;
  // Eight characters hold the length that the key announces.
  for (std::size_t size = key_begin + 8; size < record.size() - 4; ++size) {
    EXPECT_EQ(Ids(LintKeyRecord(record.substr(0, size))), "record-cut@p")
        << size;
  }
  const auto remarks = LintKeyRecord(record.substr(0, 255));
  EXPECT_THAT(remarks.at(0).detail, HasSubstr("has 255 octets"));
}

TEST(KeyRecordLintAll, StringsJoinedWithASpaceLeaveWhiteSpace) {
  std::string record = Expand("v=DKIM1; p={rsa}");
  record.insert(255, " ");
  EXPECT_EQ(Ids(LintKeyRecord(record)), "white-space-in-key@p");
}

TEST(KeyRecordLintAll, APublishedPrivateKeyIsFound) {
  // PrivateKeyInfo of 48 octets around an Ed25519 seed (RFC 8410 section 7).
  const std::string der =
      *HexDecode("302e020100300506032b657004220420") + std::string(32, 'x');
  EXPECT_EQ(Ids(LintKeyRecord("v=DKIM1; p=" + Base64Encode(der))),
            "private-key-published@p");
}

TEST(KeyRecordLintAll, PrivateAndPublicKeyMustBeAPair) {
  const PrivateKey a = TestKey("rsa2048-a");
  const PrivateKey b = TestKey("rsa2048-b");
  const PrivateKey ed = TestKey("ed25519-a");
  const std::string record = Expand("v=DKIM1; p={rsa}");
  const std::string ed_record = Expand("v=DKIM1; k=ed25519; p={ed}");
  EXPECT_EQ(Ids(LintKeyRecord(record, &a)), "");
  EXPECT_EQ(Ids(LintKeyRecord(Expand("v=DKIM1; p={pkcs1}"), &a)),
            "public-key-pkcs1@p");
  EXPECT_EQ(Ids(LintKeyRecord(record, &b)), "private-key-mismatch@p");
  EXPECT_EQ(Ids(LintKeyRecord(record, &ed)), "private-key-mismatch@p");
  EXPECT_EQ(Ids(LintKeyRecord(ed_record, &ed)), "");
  EXPECT_EQ(Ids(LintKeyRecord(ed_record, &a)), "private-key-mismatch@p");
}

// A megabyte of faults takes no longer than a megabyte should.
TEST(KeyRecordLintAll, ManyFaultsAreToldInLinearTime) {
  const auto remarks = LintKeyRecord(std::string(1 << 20, ';'));
  EXPECT_EQ(remarks.size(), (1u << 20) + 2);
  std::string tags;
  for (int i = 0; i < 100000; ++i) {
    tags += "t" + std::to_string(i) + "=;\n ";
  }
  EXPECT_EQ(LintKeyRecord(tags).back().line, 100001u);
}

// Would the reference verifier use this record for some signature?
bool IsUsable(const std::string& record) {
  for (const Algorithm algorithm :
       {Algorithm::kRsaSha256, Algorithm::kEd25519Sha256}) {
    Signature signature;
    signature.sdid = signature.auid_domain = "a.example";
    signature.algorithm = algorithm;
    if (JudgeKeyRecord(record, signature, {}).key) {
      return true;
    }
  }
  return false;
}

// Lint and verifier agree on what is wrong: damaged records, same seed always.
TEST(KeyRecordLintAll, ErrorsAreWhatTheVerifierRefuses) {
  const std::string records[] = {
      Expand("v=DKIM1; k=rsa; h=sha256; s=email; t=s; n=x; p={rsa1024}"),
      Expand("v=DKIM1; k=ed25519; p={ed}"), "v=DKIM1; k=rsa; p=; t=y"};
  constexpr std::string_view kOctets = ";= \t\r\n\"\\:vkphstAy1*\x01\xC3\xA9";
  std::mt19937 random(1);
  int refused = 0;
  constexpr int kRounds = 20000;
  for (int round = 0; round < kRounds; ++round) {
    std::string record = records[random() % 3];
    for (auto edits = 1 + random() % 2; edits > 0; --edits) {
      const std::size_t at =
          random() % (record.size() < 70 ? record.size() : 70);
      const std::string octet(1, kOctets[random() % kOctets.size()]);
      record.replace(at, random() % 2, random() % 3 == 0 ? "" : octet);
    }
    const auto remarks = LintKeyRecord(record);
    const bool is_refused =
        HasError(remarks) || Find(remarks, Rule::kPublicKeyEmpty) != nullptr;
    ASSERT_EQ(is_refused, !IsUsable(record)) << record << "\n" << Ids(remarks);
    refused += is_refused ? 1 : 0;
  }
  EXPECT_GT(refused, kRounds / 10);
  EXPECT_LT(refused, kRounds * 9 / 10);
}

}  // namespace
}  // namespace dkimspec::lint
