#include "reference/key_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "reference/base/base64.h"
#include "reference/usable_key.h"
#include "support.h"

namespace dkimspec {
namespace {

using ::testing::ElementsAre;

Reason ReasonOf(const std::string& text) {
  const auto record = ParseKeyRecord(text);
  return record ? Reason::kNone : record.error().reason;
}

struct Row {
  std::string text;
  Reason reason;

  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.text; }
};

class ParseKeyRecordTable : public ::testing::TestWithParam<Row> {};

TEST_P(ParseKeyRecordTable, GivesTheReason) {
  EXPECT_EQ(Info(ReasonOf(GetParam().text)).id, Info(GetParam().reason).id)
      << GetParam().text;
}

constexpr Reason kOk = Reason::kNone;
constexpr Reason kSyntax = Reason::kKeySyntaxError;

INSTANTIATE_TEST_SUITE_P(
    Rows, ParseKeyRecordTable,
    ::testing::Values(
        Row{"p=QUJD", kOk}, Row{"v=DKIM1; p=QUJD", kOk},
        Row{"v=DKIM1;k=rsa;p=QUJD;", kOk}, Row{" v = DKIM1 ;p=QUJD", kOk},
        Row{"v=DKIM1; p=Q U\tJ D", kOk}, Row{"v=DKIM1; p=QUJD; n=a b c", kOk},
        Row{"v=DKIM1; p=QUJD; zz=1; g=; x=y", kOk}, Row{"g=bob; p=QUJD", kOk},
        Row{"h=sha1 : sha256; p=QUJD", kOk}, Row{"s=foo : *; p=QUJD", kOk},
        Row{"t= y : s; p=QUJD", kOk}, Row{"t=zz; p=QUJD", kOk},
        Row{"k=RSA; p=QUJD", kOk}, Row{"V=DKIM9; p=QUJD", kOk},
        Row{"p=QU\r\n JD", kOk}, Row{"p=QU\r\nJD", kSyntax},
        Row{"p=QU\nJD", kSyntax}, Row{"p=QU_D", kSyntax}, Row{"p=QQ", kSyntax},
        // n= is not looked at, and UTF-8 is not outside RFC 8616's grammar.
        Row{"n==zz= =; p=QUJD", kOk}, Row{"n=\xc3\xa9; p=QUJD", kOk},
        Row{"n=\xe9; p=QUJD", kSyntax},
        // Section 3.6.1, v=: both are MUST.
        Row{"k=rsa; v=DKIM1; p=QUJD", kSyntax}, Row{"v=DKIM2; p=QUJD", kSyntax},
        Row{"v=dkim1; p=QUJD", kSyntax}, Row{"v=DKIM1.0; p=QUJD", kSyntax},
        Row{"v=; p=QUJD", kSyntax}, Row{"v=\"DKIM1\"; p=QUJD", kSyntax},
        // p=
        Row{"v=DKIM1", kSyntax}, Row{"v=DKIM1; P=QUJD", kSyntax},
        Row{"p=!!!!", kSyntax}, Row{"p=QUJ", kSyntax}, Row{"p=QU=D", kSyntax},
        Row{"v=DKIM1; p=", Reason::kKeyRevoked},
        Row{"v=DKIM1; p= \t ", Reason::kKeyRevoked},
        Row{"p=;", Reason::kKeyRevoked},
        // What is present and empty is not the default.
        Row{"h=; p=QUJD", kSyntax}, Row{"k=; p=QUJD", kSyntax},
        Row{"s=; p=QUJD", kSyntax}, Row{"t=; p=QUJD", kSyntax},
        Row{"h=sha256:; p=QUJD", kSyntax}, Row{"h=*; p=QUJD", kSyntax},
        // Not key records at all.
        Row{"", kSyntax}, Row{"v=spf1 -all", kSyntax},
        Row{"hello world", kSyntax}, Row{"p=QUJD; p=QUJD", kSyntax},
        Row{"a=1; a=1; p=QUJD", kSyntax}, Row{"p=QUJD\n", kSyntax}));

TEST(ParseKeyRecord, ReadsEveryTag) {
  const auto record = ParseKeyRecord(
      "v=DKIM1; h=sha1:sha256; k=Ed25519; n=for =20 people; p=QUJD; s=email; "
      "t=y:s");
  ASSERT_TRUE(record) << record.error().detail;
  EXPECT_THAT(record->hash_algorithms, ElementsAre("sha1", "sha256"));
  EXPECT_EQ(record->key_type, "ed25519");
  EXPECT_EQ(record->notes, "for =20 people");
  EXPECT_EQ(record->public_key, "ABC");
  EXPECT_THAT(record->service_types, ElementsAre("email"));
  EXPECT_TRUE(record->IsTesting());
  EXPECT_TRUE(record->ForbidsSubdomains());
}

TEST(ParseKeyRecord, AbsentTagsHaveTheirDefaults) {
  const auto record = ParseKeyRecord("p=QUJD");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->key_type, "rsa");
  EXPECT_TRUE(record->AllowsHash("sha256"));
  EXPECT_TRUE(record->IsForEmail());
  EXPECT_FALSE(record->IsTesting());
  EXPECT_FALSE(record->ForbidsSubdomains());
}

// Sections 3.6.1, 3.10 and 6.1.2: what one record is worth to one signature.
struct UseRow {
  std::string algorithm;
  std::string auid;
  std::string tags;  // Of the record; "{rsa}" and "{ed}" are right keys.
  Reason reason;

  friend void PrintTo(const UseRow& row, std::ostream* out) {
    *out << row.algorithm << " " << row.auid << " " << row.tags;
  }
};

class JudgeKeyRecordTable : public ::testing::TestWithParam<UseRow> {};

std::string Filled(std::string text) {
  const std::string rsa = Base64Encode(TestKey("rsa1024-a").PublicKeyOctets());
  const std::string ed = Base64Encode(TestKey("ed25519-a").PublicKeyOctets());
  if (const std::size_t at = text.find("{rsa}"); at != std::string::npos) {
    text.replace(at, 5, rsa);
  }
  if (const std::size_t at = text.find("{ed}"); at != std::string::npos) {
    text.replace(at, 4, ed);
  }
  return text;
}

TEST_P(JudgeKeyRecordTable, GivesTheReason) {
  const UseRow& row = GetParam();
  const auto signature = ParseSignature(SignatureTags(
      {{"a", row.algorithm}, {"i", row.auid}, {"b", "QUJD"}, {"bh", "QUJD"}}));
  ASSERT_TRUE(signature) << signature.error().detail;
  const KeyJudgement judgement =
      JudgeKeyRecord(Filled(row.tags), *signature, RsaLimits{});
  EXPECT_EQ(Info(judgement.finding.reason).id, Info(row.reason).id)
      << judgement.finding.detail;
  EXPECT_EQ(judgement.key.has_value(), row.reason == Reason::kNone);
}

const char kRsa[] = "rsa-sha256";
const char kEd[] = "ed25519-sha256";
const char kSame[] = "joe@EXAMPLE.com";
const char kBelow[] = "joe@a.example.com";

INSTANTIATE_TEST_SUITE_P(
    Rows, JudgeKeyRecordTable,
    ::testing::Values(
        UseRow{kRsa, kSame, "p={rsa}", kOk},
        UseRow{kRsa, kSame, "k=rsa; p={rsa}", kOk},
        UseRow{kEd, kSame, "k=ed25519; p={ed}", kOk},
        // Key type and algorithm.
        UseRow{kEd, kSame, "p={ed}", Reason::kInappropriateKeyAlgorithm},
        UseRow{kEd, kSame, "k=rsa; p={ed}", Reason::kInappropriateKeyAlgorithm},
        UseRow{kRsa, kSame, "k=ed25519; p={ed}",
               Reason::kInappropriateKeyAlgorithm},
        UseRow{kRsa, kSame, "k=ed25519; p={rsa}",
               Reason::kInappropriateKeyAlgorithm},
        UseRow{kEd, kSame, "k=ed25519; p={rsa}", kSyntax},
        UseRow{kRsa, kSame, "k=rsa; p={ed}", kSyntax},
        UseRow{kRsa, kSame, "k=foo; p={rsa}", Reason::kKeyNotApplicable},
        // Service types.
        UseRow{kRsa, kSame, "s=email; p={rsa}", kOk},
        UseRow{kRsa, kSame, "s=foo : email; p={rsa}", kOk},
        UseRow{kRsa, kSame, "s=*; p={rsa}", kOk},
        UseRow{kRsa, kSame, "s=tlsrpt; p={rsa}", Reason::kKeyNotApplicable},
        // Hash algorithms; step 6 comes before step 7.
        UseRow{kRsa, kSame, "h=sha512:sha256; p={rsa}", kOk},
        UseRow{kRsa, kSame, "h=sha1:sha256; p={rsa}", kOk},
        // Words ignore case, RFC 5234 section 2.3.
        UseRow{kRsa, kSame, "h=SHA256; p={rsa}", kOk},
        UseRow{kRsa, kSame, "s=EMAIL; k=Rsa; p={rsa}", kOk},
        UseRow{kRsa, kBelow, "t=S; p={rsa}", Reason::kDomainMismatch},
        UseRow{kRsa, kSame, "h=sha1; p={rsa}",
               Reason::kInappropriateHashAlgorithm},
        UseRow{kRsa, kSame, "h=sha1; p=", Reason::kInappropriateHashAlgorithm},
        UseRow{"rsa-sha1", kSame, "h=sha1; p={rsa}", kOk},
        UseRow{kEd, kSame, "k=ed25519; h=sha1; p={ed}",
               Reason::kInappropriateHashAlgorithm},
        UseRow{kRsa, kSame, "k=ed25519; p=", Reason::kKeyRevoked},
        // Section 3.10.
        UseRow{kRsa, kSame, "t=s; p={rsa}", kOk},
        UseRow{kRsa, kBelow, "t=y; p={rsa}", kOk},
        UseRow{kRsa, kBelow, "t=s; p={rsa}", Reason::kDomainMismatch},
        UseRow{kRsa, kBelow, "t= y : s ; p={rsa}", Reason::kDomainMismatch}));

}  // namespace
}  // namespace dkimspec
