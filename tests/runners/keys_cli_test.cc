// `dkimspec keygen` and `dkimspec lint` as people use them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <string>

#include "reference/base/file.h"
#include "tests/runners/command_test.h"

namespace dkimspec {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::json;

constexpr std::string_view kMessage =
    "From: Joe <joe@a.example>\r\nTo: b@b.example\r\n\r\nHi.\r\n";

class KeysCliTest : public CommandTest {
 protected:
  Outcome Keygen(const std::string& options) {
    return Run("keygen --domain a.example --selector sel " + options);
  }
};

TEST_F(KeysCliTest, KeygenWritesASecretFileAndPrintsTheRecord) {
  const Outcome made = Keygen("--format json key.pem");
  ASSERT_EQ(made.status, 0) << made.err;
  struct stat status {};
  ASSERT_EQ(stat(folder_.Path("key.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_THAT(*ReadFile(folder_.Path("key.pem")),
              StartsWith("-----BEGIN PRIVATE KEY-----"));
  const Json json = Json::parse(made.out);
  EXPECT_EQ(json["name"], "sel._domainkey.a.example");
  const std::string value = json["value"];
  EXPECT_THAT(value, StartsWith("v=DKIM1; k=rsa; p="));
  ASSERT_EQ(json["strings"].size(), 2u);
  EXPECT_EQ(json["strings"][0].get<std::string>().size(), 255u);
  EXPECT_EQ(json["strings"][0].get<std::string>() +
                json["strings"][1].get<std::string>(),
            value);
  EXPECT_EQ(Run("lint --key key.pem --record '" + value + "'").status, 0);
}

TEST_F(KeysCliTest, KeygenPrintsEachFormat) {
  EXPECT_THAT(Keygen("--type ed25519 --format master-file a.pem").out,
              StartsWith("sel._domainkey.a.example. IN TXT \"v=DKIM1; "
                         "k=ed25519; p="));
  EXPECT_THAT(Keygen("--type ed25519 --format value b.pem").out,
              StartsWith("v=DKIM1; k=ed25519; p="));
  const std::string all = Keygen("--type ed25519 c.pem").out;
  for (const char* part : {" IN TXT \"v=", "\n\nv=DKIM1;", "\"strings\": ["}) {
    EXPECT_THAT(all, HasSubstr(part));
  }
}

TEST_F(KeysCliTest, KeygenReplacesNothingUnlessForced) {
  ASSERT_EQ(Keygen("--type ed25519 key.pem").status, 0);
  const std::string before = *ReadFile(folder_.Path("key.pem"));
  const Outcome again = Keygen("--type ed25519 key.pem");
  EXPECT_EQ(again.status, 3);
  EXPECT_EQ(again.out, "");
  EXPECT_THAT(again.err, HasSubstr("--force"));
  EXPECT_EQ(*ReadFile(folder_.Path("key.pem")), before);
  EXPECT_EQ(Keygen("--type ed25519 --force key.pem").status, 0);
  EXPECT_NE(*ReadFile(folder_.Path("key.pem")), before);
}

TEST_F(KeysCliTest, KeygenRefusesWeakKeysAndWarnsOfShortOnes) {
  const Outcome weak = Keygen("--bits 1023 key.pem");
  EXPECT_EQ(weak.status, 2);
  EXPECT_FALSE(ReadFile(folder_.Path("key.pem")));
  const Outcome shorter = Keygen("--bits 1024 key.pem");
  EXPECT_EQ(shorter.status, 0);
  EXPECT_THAT(shorter.err, HasSubstr("warning: 1024 bits"));
  EXPECT_EQ(Run("keygen --domain -- --selector s key2.pem").status, 2);
  EXPECT_EQ(Run("keygen --domain a..b --selector s key2.pem").status, 2);
}

TEST_F(KeysCliTest, LintNamesPlaceRuleSectionAndRemedy) {
  const Outcome outcome = Run("lint --record 'v=DKIM1; k=rsa; p='");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, StartsWith("--record:1:17: warning: p= is empty"));
  EXPECT_THAT(outcome.out, HasSubstr("[p-empty]"));
  EXPECT_THAT(outcome.out, HasSubstr("RFC 6376 section 3.6.1, p=: If the key"));
}

TEST_F(KeysCliTest, LintReadsMessagesWithKeysAndAlignment) {
  const Outcome key = Keygen("--format json key.pem");
  folder_.Write(
      "zone.json",
      Json({{"sel._domainkey.a.example", {Json::parse(key.out)["value"]}}})
          .dump());
  folder_.Write("plain.eml", kMessage);
  folder_.Write("m.eml", Run("sign --key key.pem --domain a.example "
                             "--selector sel plain.eml")
                             .out);
  const Outcome good = Run("lint --zone zone.json --key key.pem m.eml");
  EXPECT_EQ(good.status, 0) << good.out;
  EXPECT_EQ(good.out,
            "m.eml: alignment of d=a.example: strict yes, relaxed by tree walk "
            "yes, by Public Suffix List yes\n");
  folder_.Write("empty.json", "{}");
  const Outcome json = Run("lint --zone empty.json --json m.eml plain.eml");
  EXPECT_EQ(json.status, 1);
  const Json report = Json::parse(json.out);
  ASSERT_EQ(report.size(), 2u);
  EXPECT_EQ(report[0]["findings"][0]["rule"], "no-key");
  EXPECT_EQ(report[0]["alignment"][0]["strict"], true);
  EXPECT_EQ(report[1]["findings"][0]["rule"], "not-signed");
  EXPECT_EQ(report[1]["authors"]["domains"][0], "a.example");
}

TEST_F(KeysCliTest, LintReadsFilesWithLf) {
  folder_.Write("m.eml", "Subject: x\nFrom: a@a.example, b@b.example\n\nx\n");
  EXPECT_THAT(Run("lint m.eml").out,
              HasSubstr("m.eml:2:1: warning: From names"));
}

TEST_F(KeysCliTest, LintTellsWrongUsageFromFaults) {
  EXPECT_EQ(Run("lint").status, 2);
  EXPECT_EQ(Run("lint no-such.eml").status, 3);
  EXPECT_EQ(Run("lint --key no-such.pem --record p=").status, 3);
  EXPECT_EQ(Run("lint --zone no-such.json --record p=").status, 3);
}

TEST_F(KeysCliTest, LintShowsNoControlCharacters) {
  const Outcome outcome = Run("lint --record \"$(printf 'v=\\033[2J; p=')\"");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace dkimspec
