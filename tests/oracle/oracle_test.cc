// The oracle against what the RFCs print: it must be right before it may judge.
#include "tests/oracle/oracle.h"

#include <gtest/gtest.h>

#include "reference/base/base64.h"
#include "reference/base/file.h"
#include "reference/crypto.h"

namespace {

using oracle::CanonicalBody;
using oracle::CanonicalField;
using oracle::DnsAnswer;
using oracle::Verdict;

// RFC 6376 section 3.4.5.
TEST(Oracle, ExampleOfSection345) {
  EXPECT_EQ(CanonicalField(true, "A: X\r\n"), "a:X\r\n");
  EXPECT_EQ(CanonicalField(true, "B : Y\t\r\n\tZ  \r\n"), "b:Y Z\r\n");
  EXPECT_EQ(CanonicalField(false, "B : Y\t\r\n\tZ  \r\n"),
            "B : Y\t\r\n\tZ  \r\n");
  const std::string body = " C \r\nD \t E\r\n\r\n\r\n";
  EXPECT_EQ(CanonicalBody(true, body), " C\r\nD E\r\n");
  EXPECT_EQ(CanonicalBody(false, body), " C \r\nD \t E\r\n");
}

// RFC 6376 sections 3.4.3 and 3.4.4 give the hashes of the empty body.
TEST(Oracle, EmptyBody) {
  const auto hash = [](bool relaxed) {
    return dkimspec::Base64Encode(dkimspec::Hash(
        dkimspec::HashAlgorithm::kSha256, CanonicalBody(relaxed, "")));
  };
  EXPECT_EQ(hash(false), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
  EXPECT_EQ(hash(true), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

DnsAnswer Records(const std::string& record) {
  return {DnsAnswer::Kind::kRecords, {record}};
}

std::string Message(const std::string& name) {
  auto octets = dkimspec::ReadFile(std::string(DKIMSPEC_SOURCE_DIR) +
                                   "/tests/reference/data/" + name);
  EXPECT_TRUE(octets) << octets.error().ToString();
  return octets.value_or("");
}

// RFC 8463 appendix A, as printed.
DnsAnswer KeysOf8463(const std::string& name) {
  if (name == "brisbane._domainkey.football.example.com") {
    return Records(
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  }
  if (name == "test._domainkey.football.example.com") {
    return Records(
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTz"
        "WRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3Fu"
        "tACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2"
        "EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB");
  }
  return {};
}

TEST(Oracle, AppendixAOf8463Passes) {
  const auto judgements =
      oracle::Verify(Message("rfc8463-a.3.eml"), KeysOf8463, 1767225600);
  ASSERT_EQ(judgements.size(), 2u);
  for (const auto& judgement : judgements) {
    EXPECT_EQ(judgement.verdict, Verdict::kPass) << judgement.why;
  }
}

TEST(Oracle, AnyChangedOctetOfAppendixAFails) {
  const std::string message = Message("rfc8463-a.3.eml");
  ASSERT_NE(message.find("lost the game"), std::string::npos);
  for (const char* word : {"lost the game", "Fri, ", "Joe SixPack <joe"}) {
    std::string changed = message;
    changed[changed.rfind(word)] = '_';
    for (const auto& judgement :
         oracle::Verify(changed, KeysOf8463, 1767225600)) {
      EXPECT_EQ(judgement.verdict, Verdict::kPermanent) << word;
    }
  }
}

TEST(Oracle, ServerFailureIsTemporaryAndNoKeyPermanent) {
  const std::string message = Message("rfc8463-a.3.eml");
  const auto fail = [](const std::string&) {
    return DnsAnswer{DnsAnswer::Kind::kFailure, {}};
  };
  const auto none = [](const std::string&) { return DnsAnswer{}; };
  EXPECT_EQ(oracle::Verify(message, fail, 0).at(0).verdict,
            Verdict::kTemporary);
  EXPECT_EQ(oracle::Verify(message, none, 0).at(0).verdict,
            Verdict::kPermanent);
}

}  // namespace
