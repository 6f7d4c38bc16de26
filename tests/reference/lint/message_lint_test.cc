#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reference/lint/lint.h"
#include "reference/signer.h"
#include "tests/reference/lint/support.h"

namespace dkimspec::lint {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kMessage =
    "From: Joe <joe@example.com>\r\n"
    "To: suzie@example.net\r\n"
    "Subject: Dinner\r\n"
    "\r\n"
    "Hi.\r\n";

ZoneEntry Txt(const std::vector<std::string>& records) {
  ZoneEntry entry{ZoneEntry::Kind::kTxt, {}, "", ""};
  for (const std::string& record : records) {
    entry.txt.push_back(SplitAt255(record));
  }
  return entry;
}

std::string Signed(const std::string& selector = "sel",
                   const std::string& sdid = "example.com",
                   std::string_view message = kMessage) {
  SignerOptions options;
  options.sdid = sdid;
  options.selector = selector;
  return *Sign(message, TestKey("rsa2048-a"), options) + std::string(message);
}

// With this zone; the message's own key is added.
std::string Ids(const std::string& message, Zone zone) {
  zone.emplace("sel._domainkey.example.com",
               Txt({KeyRecordFor(TestKey("rsa2048-a"))}));
  ZoneKeySource keys(zone);
  return Ids(LintMessage(message, &keys).remarks);
}

TEST(MessageLint, AGoodMessageHasNoRemarks) {
  EXPECT_EQ(Ids(Signed(), {}), "");
}

TEST(MessageLint, AnUnsignedMessageIsSaidToBeSo) {
  EXPECT_EQ(Ids(std::string(kMessage), {}), "not-signed");
}

TEST(MessageLint, FieldsThatAreNotSigned) {
  const std::string message =
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com;\r\n"
      " s=sel; h=From:From:DKIM-Signature; l=3; b=AAAA;\r\n"
      " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n"
      "Content-Type: text/html\r\n" +
      std::string(kMessage);
  const auto remarks = LintMessage(message).remarks;
  EXPECT_EQ(Ids(remarks),
            "own-field-signed@h field-not-signed@h length-count@l");
  EXPECT_EQ(Find(remarks, Rule::kRecommendedFieldNotSigned)->detail,
            "Subject, To, Content-Type");
  const Remark* count = Find(remarks, Rule::kLengthCount);
  EXPECT_EQ(count->subject, "DKIM-Signature 1");
  EXPECT_EQ(count->line, 2u);
  EXPECT_EQ(count->column, 39u);
}

TEST(MessageLint, OnlySoManySignaturesAreLookedAt) {
  std::string message = "From: a@a.example\r\n\r\n";
  for (int i = 0; i < 65; ++i) {
    message.insert(0, "DKIM-Signature: v=1\r\n");
  }
  const auto remarks = LintMessage(message).remarks;
  EXPECT_NE(Find(remarks, Rule::kTooManySignatures), nullptr);
  EXPECT_EQ(remarks.back().subject, "DKIM-Signature 64");
}

TEST(MessageLint, Authors) {
  const std::string rest = "\r\n\r\nx";
  const std::pair<std::string, std::string> rows[] = {
      {"To: a@a.example", "not-signed from-missing"},
      {"From: a@a.example\r\nFrom: b@a.example",
       "not-signed several-from-fields"},
      {"From: a@a.example, b@b.example", "not-signed several-authors"},
      {"From: a@a.example, b@A.example", "not-signed"},
      {"From: nobody", "not-signed author-unreadable"},
      {"From: a@[192.0.2.1]", "not-signed author-unreadable"},
      {"From: undisclosed:;", "not-signed author-unreadable"}};
  for (const auto& [header, ids] : rows) {
    EXPECT_EQ(Ids(LintMessage(header + rest).remarks), ids) << header;
  }
}

TEST(MessageLint, KeysAreLookedUpAndLinted) {
  const std::string right = KeyRecordFor(TestKey("rsa2048-a"));
  const std::string name = "sel._domainkey.example.com";
  const std::pair<ZoneEntry, std::string> rows[] = {
      {Txt({right + "; t=y"}), "testing-flag@t"},
      {Txt({right, "v=spf1"}),
       "several-key-records@s key-record-version@v p-missing@p"},
      {Txt({"v=DKIM1; k=ed25519; p=" + PublicKeyText("ed25519-a")}),
       "key-does-not-fit@s"},
      {ZoneEntry{ZoneEntry::Kind::kNoData, {}, "", ""}, "no-key@s"},
      {ZoneEntry{ZoneEntry::Kind::kServFail, {}, "", ""}, "key-unavailable@s"}};
  for (const auto& [entry, ids] : rows) {
    EXPECT_EQ(Ids(Signed(), {{name, entry}}), ids);
  }
}

TEST(MessageLint, AMissingDelegationNamesTheService) {
  Zone zone = {{"selector1._domainkey.example.com",
                {ZoneEntry::Kind::kCname, {}, "gone.onmicrosoft.com", ""}}};
  ZoneKeySource keys(zone);
  const auto remarks = LintMessage(Signed("selector1"), &keys).remarks;
  ASSERT_EQ(Ids(remarks), "delegation-missing@s");
  EXPECT_THAT(remarks[0].detail, HasSubstr("Microsoft 365"));
}

TEST(MessageLint, AmazonsSelectorsAreKnownByTheirForm) {
  const Zone zone;
  ZoneKeySource keys(zone);
  const std::string token = "abcdefghijklmnopqrstuvwxyz234567";
  EXPECT_EQ(Ids(LintMessage(Signed(token), &keys).remarks),
            "delegation-missing@s");
  EXPECT_EQ(Ids(LintMessage(Signed(token + "8"), &keys).remarks), "no-key@s");
}

TEST(MessageLint, AKeyThatIsNotTheSignersIsFound) {
  const Zone zone = {{"sel._domainkey.example.com",
                      Txt({KeyRecordFor(TestKey("rsa2048-b"))})}};
  ZoneKeySource keys(zone);
  const PrivateKey key = TestKey("rsa2048-a");
  const auto remarks = LintMessage(Signed(), &keys, &key).remarks;
  ASSERT_EQ(Ids(remarks), "private-key-mismatch@p");
  EXPECT_EQ(remarks[0].subject, "key record sel._domainkey.example.com");
}

TEST(MessageLint, ASignatureOfAnotherOrganizationIsNotAligned) {
  EXPECT_EQ(Ids(LintMessage(Signed("sel", "example.org")).remarks),
            "not-aligned@d");
  EXPECT_EQ(Ids(LintMessage(Signed("sel", "mail.example.com")).remarks), "");
  // One that is aligned is enough.
  EXPECT_EQ(Ids(LintMessage(
                    Signed("sel", "example.org", Signed("sel", "example.com")))
                    .remarks),
            "");
}

}  // namespace
}  // namespace dkimspec::lint
