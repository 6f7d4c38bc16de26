#include "runners/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "reference/base/base64.h"
#include "reference/base/file.h"
#include "reference/signer.h"
#include "temporary_folder.h"

namespace dkimspec::runners {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

constexpr std::string_view kPlain =
    "From: joe@d.example\r\nSubject: Dinner\r\n\r\nHi.\r\n";

const PrivateKey& Key() {
  static const PrivateKey key = [] {
    const std::string path = DKIMSPEC_SOURCE_DIR "/fixtures/keys/ed25519-a.pem";
    return *PrivateKey::FromPem(*ReadFile(path), path);
  }();
  return key;
}

std::string SignedWith(const std::string& selector,
                       std::string_view message = kPlain) {
  SignerOptions options;
  options.sdid = "d.example";
  options.selector = selector;
  options.timestamp = 1000;
  options.expiration = 2000;
  return *Sign(message, Key(), options) + std::string(message);
}

Json Zone() {
  return {{"s._domainkey.d.example", {KeyRecordFor(Key())}},
          {"broken._domainkey.d.example", "servfail"}};
}

Json Line(const Json& id, const std::string& message) {
  return {{"id", id},
          {"message_base64", Base64Encode(message)},
          {"dns", Zone()},
          {"now", 1500}};
}

Json AnswerTo(const Json& line, const BatchSettings& settings = {}) {
  return Json::parse(AnswerBatchLine(line.dump(), 7, settings).line);
}

TEST(AnswerBatchLine, SaysWhatEachSignatureIsInTheOrderPromised) {
  const BatchAnswer answer =
      AnswerBatchLine(Line("a", SignedWith("s")).dump(), 1, {});
  EXPECT_FALSE(answer.is_bad);
  EXPECT_EQ(answer.line,
            R"({"id":"a","result":"pass","signatures":[{"sdid":"d.example",)"
            R"("selector":"s","algorithm":"ed25519-sha256","state":"SUCCESS",)"
            R"("reason":"none","result":"pass","detail":"",)"
            R"("body_hash":"match","header_signature":"match"}]})"
            "\n");
}

TEST(AnswerBatchLine, BodyAndHeaderAreJudgedApart) {
  std::string message = SignedWith("s");
  const Json body = AnswerTo(Line(1, message + "more\r\n"))["signatures"][0];
  EXPECT_EQ(body["body_hash"], "mismatch");
  EXPECT_EQ(body["header_signature"], "match");
  EXPECT_EQ(body["reason"], "body-hash-did-not-verify");
  EXPECT_EQ(body["state"], "PERMFAIL");
  message.replace(message.find("Dinner"), 6, "Supper");
  const Json header = AnswerTo(Line(1, message))["signatures"][0];
  EXPECT_EQ(header["body_hash"], "match");
  EXPECT_EQ(header["header_signature"], "mismatch");
  const Json unknown = AnswerTo(Line(1, SignedWith("none")))["signatures"][0];
  EXPECT_EQ(unknown["body_hash"], "match");
  EXPECT_EQ(unknown["header_signature"], "unchecked");
  EXPECT_EQ(unknown["result"], "permerror");
}

TEST(AnswerBatchLine, TheResultIsPassIfAnyPassesElseThatOfTheFirst) {
  const std::string good = SignedWith("s");
  const auto result = [](const std::string& message) {
    return AnswerTo(Line(1, message))["result"];
  };
  EXPECT_EQ(result(std::string(kPlain)), "none");
  EXPECT_EQ(result(good), "pass");
  EXPECT_EQ(result(SignedWith("broken", good)), "pass");
  EXPECT_EQ(result(SignedWith("broken", SignedWith("none"))), "temperror");
  EXPECT_EQ(result(SignedWith("none", SignedWith("broken"))), "permerror");
  EXPECT_EQ(result("DKIM-Signature: v=1\r\n" + std::string(kPlain)),
            "permerror");
  EXPECT_EQ(result("DKIM-Signature: \xff\r\n" + std::string(kPlain)),
            "neutral");
}

TEST(AnswerBatchLine, TheTimeIsThatOfTheLineElseOfTheBatch) {
  Json line = Line(1, SignedWith("s"));
  line["now"] = 3000;
  EXPECT_EQ(AnswerTo(line)["signatures"][0]["reason"], "signature-expired");
  line.erase("now");
  BatchSettings settings;
  settings.policy.now = 1500;
  EXPECT_EQ(AnswerTo(line, settings)["result"], "pass");
  settings.policy.now = 3000;
  EXPECT_EQ(AnswerTo(line, settings)["result"], "policy");
  settings.policy.accept_expired = true;
  EXPECT_EQ(AnswerTo(line, settings)["result"], "pass");
}

TEST(AnswerBatchLine, MessagesMayLieInFiles) {
  const TemporaryFolder folder;
  // Larger than one piece, and never converted.
  const std::string large(200000, 'x');
  folder.Write("in/a.eml",
               SignedWith("s", std::string(kPlain) + large + "\r\n"));
  BatchSettings settings;
  settings.folder = folder.Path();
  Json line = Line(1, "");
  line.erase("message_base64");
  line["message_path"] = "in/a.eml";
  EXPECT_EQ(AnswerTo(line, settings)["result"], "pass");
  line["message_path"] = folder.Path("in/a.eml");
  EXPECT_EQ(AnswerTo(line)["result"], "pass");
  for (const std::string path : {"in/b.eml", "in"}) {
    line["message_path"] = path;
    const Json answer = AnswerTo(line, settings);
    EXPECT_EQ(answer["id"], 1);
    EXPECT_THAT(answer["error"].get<std::string>(),
                HasSubstr(folder.Path(path)));
  }
}

TEST(AnswerBatchLine, FaultsMeanWhatTheyMeanToAClient) {
  Json line = Line(1, SignedWith("s"));
  line["dns"] = {{"s._domainkey.d.example",
                  {{"fault", "refused"}, {"txt", {KeyRecordFor(Key())}}}}};
  EXPECT_EQ(AnswerTo(line)["result"], "temperror");
}

struct BadLine {
  const char* line;
  const char* said;
};

TEST(AnswerBatchLine, BadLinesAreNamed) {
  for (const auto& [line, said] : {
           BadLine{"", "line 7:1"},
           BadLine{"nonsense", "line 7:1"},
           BadLine{"[]", "line 7"},
           BadLine{"{}", "line 7#/id"},
           BadLine{R"({"id": null})", "line 7#/id"},
           BadLine{R"({"id": 1, "id": 2})", "id"},
           BadLine{R"({"id": 1, "dns": {}})", "message_path"},
           BadLine{R"({"id": 1, "dns": {}, "message_base64": "",
                       "message_path": "x"})",
                   "not both"},
           BadLine{R"({"id": 1, "dns": {}, "message_base64": "A"})",
                   "not base64"},
           BadLine{R"({"id": 1, "message_base64": ""})", "line 7#/dns"},
           BadLine{R"({"id": 1, "message_base64": "", "dns": {"a": 1}})",
                   "line 7#/dns"},
           BadLine{R"({"id": 1, "message_base64": "",
                       "dns": {"a": {"fault": "no-such"}}})",
                   "line 7#/dns"},
           BadLine{R"({"id": 1, "message_base64": "", "dns": {}, "now": -1})",
                   "line 7#/now"},
           BadLine{R"({"id": 1, "message_base64": "", "dns": {}, "x": 1})",
                   "line 7#/x"},
       }) {
    const BatchAnswer answer = AnswerBatchLine(line, 7, {});
    EXPECT_TRUE(answer.is_bad) << line;
    const Json json = Json::parse(answer.line);
    EXPECT_EQ(json["line"], 7) << line;
    EXPECT_THAT(json["error"].get<std::string>(), HasSubstr(said)) << line;
  }
  EXPECT_EQ(Json::parse(AnswerBatchLine(R"({"id": "x"})", 7, {}).line)["id"],
            "x");
}

struct BatchOutput {
  std::vector<std::string> lines;
  BatchSummary summary;
};

BatchOutput RunOn(const std::string& input, std::size_t threads) {
  BatchOutput output;
  BatchSettings settings;
  settings.threads = threads;
  std::istringstream in(input);
  const auto summary = RunBatch(
      in,
      [&](std::string_view line) {
        output.lines.emplace_back(line);
        return true;
      },
      settings);
  EXPECT_TRUE(summary) << summary.error().ToString();
  output.summary = summary.value_or(BatchSummary{});
  return output;
}

TEST(RunBatch, AnswersComeInOrderWhateverTheThreads) {
  std::string input;
  constexpr std::size_t kLines = 500;
  for (std::size_t i = 0; i < kLines; ++i) {
    // Every tenth line is large, every seventh bad.
    const std::string message =
        i % 10 == 0
            ? SignedWith("s", std::string(kPlain) + std::string(90000, 'x'))
            : SignedWith("s");
    input += i % 7 == 3 ? "bad\n" : Line(i, message).dump() + "\n";
  }
  const BatchOutput one = RunOn(input, 1);
  ASSERT_EQ(one.lines.size(), kLines);
  EXPECT_EQ(one.summary.lines, kLines);
  EXPECT_EQ(one.summary.bad_lines, 71u);
  for (std::size_t i = 0; i < kLines; ++i) {
    const Json json = Json::parse(one.lines[i]);
    EXPECT_EQ(i % 7 == 3 ? json["line"] : json["id"], i % 7 == 3 ? i + 1 : i);
  }
  EXPECT_EQ(RunOn(input, 8).lines, one.lines);
}

// What was read of a record before is used again only where the record is the
// same, octet by octet.
TEST(RunBatch, EachLineHasTheKeysOfItsOwnZone) {
  const std::string right = KeyRecordFor(Key());
  const std::string other = "v=DKIM1; k=ed25519; p=" + std::string(42, 'A') +
                            "8=";  // Some other point.
  std::string input;
  for (const std::string& record :
       {right, other, right, std::string("v=DKIM1; p="), right + "; t=y"}) {
    Json line = Line(1, SignedWith("s"));
    line["dns"] = {{"s._domainkey.d.example", {record}}};
    input += line.dump() + "\n";
  }
  std::vector<std::string> results;
  for (const std::string& line : RunOn(input, 1).lines) {
    results.push_back(Json::parse(line)["signatures"][0]["reason"]);
  }
  EXPECT_THAT(results, ElementsAre("none", "signature-did-not-verify", "none",
                                   "key-revoked", "none"));
}

TEST(RunBatch, ALastLineNeedsNoEndAndEmptyInputHasNoLines) {
  EXPECT_EQ(RunOn("", 2).summary.lines, 0u);
  EXPECT_EQ(RunOn(Line(1, "x").dump(), 2).lines.size(), 1u);
  EXPECT_EQ(RunOn("\n\n", 2).summary.bad_lines, 2u);
}

// An endless stream of the same line that counts what was read of it.
class Endless : public std::streambuf {
 public:
  explicit Endless(std::string line) : line_(std::move(line)) {}
  std::size_t lines() const { return lines_; }

 protected:
  int_type underflow() override {
    ++lines_;
    setg(line_.data(), line_.data(), line_.data() + line_.size());
    return traits_type::to_int_type(line_[0]);
  }

 private:
  std::string line_;
  std::atomic<std::size_t> lines_ = 0;
};

TEST(RunBatch, EndsWhenNobodyReadsAndHoldsFewLinesMeanwhile) {
  Endless endless(Line(1, "x").dump() + "\n");
  std::istream in(&endless);
  BatchSettings settings;
  settings.threads = 2;
  std::size_t written = 0;
  std::size_t most_ahead = 0;
  const auto summary = RunBatch(
      in,
      [&](std::string_view) {
        most_ahead = std::max(most_ahead, endless.lines() - written);
        return ++written < 300;
      },
      settings);
  EXPECT_FALSE(summary);
  EXPECT_EQ(written, 300u);
  EXPECT_LE(most_ahead, 20u);
}

}  // namespace
}  // namespace dkimspec::runners
