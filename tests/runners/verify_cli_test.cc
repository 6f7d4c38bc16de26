// `dkimspec verify` as people use it: mailboxes, policies, batches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

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

  // Of 30 MB each: with CRLF, with LF, in an mbox.
  std::vector<std::string> WriteLarge() {
    std::string large = message_;
    while (large.size() < 30'000'000) {
      large += "And so on, and so forth.\r\n";
    }
    return {folder_.Write("crlf", large), folder_.Write("lf", WithLf(large)),
            folder_.Write("box", "From a\n" + WithLf(large))};
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

// What comes once only is read twice all the same, to find its line ends.
TEST_F(VerifyCliTest, PipesAreReadLikeFiles) {
  const std::string pipe = folder_.Path("pipe");
  for (const std::string& octets : {message_, WithLf(message_)}) {
    unlink(pipe.c_str());
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    std::thread writer([&] { std::ofstream(pipe) << octets; });
    const Outcome outcome = Run(options_ + "pipe");
    writer.join();
    EXPECT_EQ(outcome.out, "pipe: pass d=d.example s=s\n");
    EXPECT_EQ(outcome.err.empty(), octets == message_) << outcome.err;
  }
}

TEST_F(VerifyCliTest, AlignmentIsToldForEachSignature) {
  zone_["_dmarc.d.example"] = Json::array({"v=DMARC1; p=none"});
  folder_.Write("zone.json", zone_.dump());
  EXPECT_EQ(
      Run(options_ + "--alignment -", message_).out,
      "-: pass d=d.example s=s\n"
      "-: alignment of d=d.example: strict yes, relaxed by tree walk yes, "
      "by Public Suffix List yes\n");
  std::string below = message_;
  below.replace(below.find("joe@d."), 6, "joe@news.d.");
  const Outcome text = Run(options_ + "--alignment -", below);
  EXPECT_EQ(text.status, 1);
  EXPECT_THAT(text.out,
              HasSubstr("\n-: alignment of d=d.example: strict no, relaxed by "
                        "tree walk yes, by Public Suffix List yes\n"));
  const Json json =
      Json::parse(Run(options_ + "--json --alignment -", below).out)[0];
  EXPECT_EQ(json["authors"]["domains"], Json::array({"news.d.example"}));
  EXPECT_EQ(json["signatures"][0]["alignment"],
            Json::parse(R"({"d": "d.example", "strict": false,
                            "relaxed_by_tree_walk": true,
                            "relaxed_by_public_suffix_list": true})"));
  EXPECT_FALSE(Json::parse(Run(options_ + "--json -", below).out)[0].contains(
      "authors"));
}

// The tree walk asks; the list needs nobody.
TEST_F(VerifyCliTest, AlignmentByTreeWalkNeedsTheDns) {
  std::string below = message_;
  below.replace(below.find("joe@d."), 6, "joe@news.d.");
  EXPECT_THAT(Run("verify --offline --now 1500 --alignment -", below).out,
              HasSubstr("strict no, relaxed by tree walk unknown, by Public "
                        "Suffix List yes\n"));
  zone_["_dmarc.news.d.example"] = "servfail";
  folder_.Write("zone.json", zone_.dump());
  const Json json =
      Json::parse(Run(options_ + "--json --alignment -", below).out)[0];
  const Json& alignment = json["signatures"][0]["alignment"];
  EXPECT_TRUE(alignment["relaxed_by_tree_walk"].is_null());
  EXPECT_THAT(std::string(alignment["problem"]),
              HasSubstr("_dmarc.news.d.example"));
}

TEST_F(VerifyCliTest, MoreThanOneAuthorIsSaidAsSuch) {
  const std::string twice = "From: eve@e.example\r\n" + message_;
  const Outcome text = Run(options_ + "--alignment -", twice);
  EXPECT_THAT(text.out,
              EndsWith("-: alignment unknown: there are 2 From fields\n"));
  const Json json =
      Json::parse(Run(options_ + "--json --alignment -", twice).out)[0];
  EXPECT_EQ(json["authors"]["from_fields"], 2);
  EXPECT_TRUE(json["signatures"][0].contains("alignment"));
  EXPECT_TRUE(json["signatures"][0]["alignment"].is_null());
  for (const auto& [message, said] :
       {std::pair{"From: a@d.example, b@e.example\r\n\r\n",
                  "From names 2 domains: d.example, e.example"},
        std::pair{"\r\nFrom: in the body\r\n\r\n", "there is no From field"},
        std::pair{"From: a@[192.0.2.1]\r\n\r\n",
                  "From cannot be used (\"[192.0.2.1]\" is not"},
        std::pair{"From: a b\r\n\r\n", "From cannot be used ("}}) {
    EXPECT_THAT(Run(options_ + "--alignment -", message).out,
                HasSubstr(std::string("-: alignment unknown: ") + said));
  }
}

// Peak memory of a run of the command, in octets.
long PeakMemory(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execv(argv[0], argv.data());
    _exit(9);
  }
  int status = 0;
  rusage usage{};
  EXPECT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  return usage.ru_maxrss * 1024;
}

// Sanitizers keep memory that was given back.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMemoryIsKept = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kMemoryIsKept = true;
#else
constexpr bool kMemoryIsKept = false;
#endif
#else
constexpr bool kMemoryIsKept = false;
#endif

TEST_F(VerifyCliTest, AMessageIsNeverHeldWhole) {
  if (kMemoryIsKept) {
    GTEST_SKIP() << "a sanitizer keeps memory";
  }
  // All is written first: a child's peak is never below what we hold.
  const std::vector<std::string> large = WriteLarge();
  const std::string small = folder_.Write("small", message_ + "more\r\n");
  const auto peak = [&](const std::string& file) {
    return PeakMemory({DKIMSPEC_COMMAND, "verify", "--zone",
                       folder_.Path("zone.json"), "--now", "1500",
                       "--alignment", file});
  };
  const long least = peak(small);
  for (const std::string& file : large) {
    EXPECT_LT(peak(file) - least, 3'000'000) << file;
  }
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
