// `dkimspec verify` as people use it: mailboxes, policies, batches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "reference/base/base64.h"
#include "reference/base/file.h"
#include "reference/signer.h"
#include "tests/runners/command_test.h"

namespace dkimspec {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr std::string_view kPlain =
    "From: joe@d.example\r\nSubject: Dinner\r\n\r\nHi.\r\n";

const PrivateKey& Key() {
  static const PrivateKey key = [] {
    const std::string path = DKIMSPEC_SOURCE_DIR "/fixtures/keys/rsa1024-a.pem";
    return *PrivateKey::FromPem(*ReadFile(path), path);
  }();
  return key;
}

std::string WithLf(std::string octets) {
  std::erase(octets, '\r');
  return octets;
}

class VerifyCliTest : public CommandTest {
 protected:
  VerifyCliTest() {
    SignerOptions options;
    options.sdid = "d.example";
    options.selector = "s";
    options.timestamp = 1000;
    options.expiration = 2000;
    message_ = *Sign(kPlain, Key(), options) + std::string(kPlain);
    zone_ = {{"s._domainkey.d.example", {KeyRecordFor(Key())}}};
    options_ = "verify --zone " + folder_.Write("zone.json", zone_.dump()) +
               " --now 1500 ";
  }
  std::string message_;
  Json zone_;
  std::string options_;
};

TEST_F(VerifyCliTest, MboxesHaveOneLineForEachMessage) {
  const std::string box =
      folder_.Write("box", "From a\n" + WithLf(message_) + "\nFrom b\n" +
                               WithLf(std::string(kPlain)) + "\n");
  const Outcome text = Run(options_ + box);
  EXPECT_EQ(text.status, 1);
  EXPECT_THAT(text.out, HasSubstr("box#1: pass d=d.example s=s\n"));
  EXPECT_THAT(text.out, EndsWith("box#2: none (no DKIM-Signature field)\n"));
  // Once for the file, not for each message.
  EXPECT_EQ(text.err.find("has LF line ends"),
            text.err.rfind("has LF line ends"));
  const Json json = Json::parse(Run(options_ + "--json " + box).out);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["message"], 1);
  EXPECT_EQ(json[0]["result"], "pass");
  EXPECT_EQ(json[0]["signatures"][0]["padding"], "valid");
  EXPECT_EQ(json[1]["result"], "none");
  EXPECT_EQ(Run(options_ + "-", "From a\n" + WithLf(message_)).status, 0);
}

TEST_F(VerifyCliTest, MaildirsAreReadAndFaultsDoNotEndTheRun) {
  folder_.Write("Mail/cur/1:2,S", message_);
  folder_.Write("Mail/new/2", message_);
  const Outcome good = Run(options_ + folder_.Path("Mail"));
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("new/2: pass"));
  const Outcome part =
      Run(options_ + folder_.Path("missing") + " " + folder_.Path("Mail"));
  EXPECT_EQ(part.status, 3);
  EXPECT_EQ(part.out, good.out);
  EXPECT_THAT(part.err, HasSubstr("missing: does not exist"));
}

TEST_F(VerifyCliTest, ManyPoliciesMayBeSet) {
  EXPECT_THAT(
      Run("verify --zone " + folder_.Path("zone.json") + " --now 9999 -",
          message_)
          .out,
      HasSubstr("policy d=d.example s=s signature expired"));
  EXPECT_EQ(Run("verify --zone " + folder_.Path("zone.json") +
                    " --now 9999 --policy expired=accept --policy "
                    "partial-body=refuse -",
                message_)
                .status,
            0);
  EXPECT_THAT(Run(options_ + "--policy min-rsa-bits=2048 -", message_).out,
              HasSubstr("key too small"));
}

TEST_F(VerifyCliTest, OfflineJudgesTheBodyAlone) {
  const Outcome outcome = Run("verify --offline --now 1500 -", message_);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("temperror"));
  EXPECT_THAT(outcome.out, HasSubstr("body hash match"));
  EXPECT_THAT(outcome.out, HasSubstr("header signature unchecked"));
}

TEST_F(VerifyCliTest, SaysWhatBroke) {
  std::string changed = message_;
  changed.replace(changed.find("Dinner"), 6, "Supper");
  EXPECT_THAT(Run(options_ + "-", changed).out,
              HasSubstr("header signature mismatch, RSA padding valid"));
  EXPECT_THAT(Run(options_ + "-", message_ + "more\r\n").out,
              HasSubstr("body hash mismatch, header signature match"));
}

TEST_F(VerifyCliTest, BatchesAreAnsweredInOrder) {
  folder_.Write("in/message.eml", message_);
  const Json by_path = {{"id", "b"},
                        {"message_path", "message.eml"},
                        {"dns", zone_},
                        {"now", 1500}};
  const std::string batch = folder_.Write(
      "in/batch.jsonl", Json({{"id", "a"},
                              {"message_base64", Base64Encode(kPlain)},
                              {"dns", zone_}})
                                .dump() +
                            "\nnonsense\n" + by_path.dump());
  const Outcome outcome = Run("verify --batch " + batch);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("1 of 3 lines have errors"));
  EXPECT_THAT(outcome.out,
              HasSubstr(R"({"id":"a","result":"none","signatures":[]})"));
  EXPECT_THAT(outcome.out, HasSubstr(R"({"line":2,"error":"line 2:1:)"));
  EXPECT_THAT(outcome.out, HasSubstr(R"({"id":"b","result":"pass",)"));
  EXPECT_LT(outcome.out.find("\"a\""), outcome.out.find("\"line\""));
  EXPECT_LT(outcome.out.find("\"line\""), outcome.out.find("\"b\""));
  EXPECT_EQ(Run("verify --batch " + folder_.Path("missing")).status, 3);
  EXPECT_EQ(Run("verify --batch -", "").status, 0);
}

}  // namespace
}  // namespace dkimspec
