// Workers that deserve no good score, and the first one of the documentation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/runners/worker_support.h"

namespace dkimspec::runners {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using Status = Answer::Status;

const std::string kTwoSignatures =
    "dkim-signature : v=1; d = a.example;\r\n\ts=one; b=x\r\n"
    "Received: by relay\r\n"
    "DKIM-Signature: v=1; d=b.example; s=t\r\n two; b=y\r\n"
    "From: x@a.example\r\n\r\nDKIM-Signature: v=1; d=body.example\r\n";

TEST(TrivialWorkers, AlwaysPassAndAlwaysFailSpeakOfEachSignature) {
  for (const std::string word : {"pass", "fail"}) {
    const auto answers = AskAll(Trivial("always_" + word + ".py"),
                                {kTwoSignatures, "From: x\r\n\r\n", ""});
    ASSERT_EQ(answers[0].signatures.size(), 2u);
    EXPECT_EQ(answers[0].signatures[0].sdid, "a.example");
    EXPECT_EQ(answers[0].signatures[0].selector, "one");
    EXPECT_EQ(answers[0].signatures[1].sdid, "b.example");
    EXPECT_EQ(answers[0].signatures[1].selector, "ttwo");
    EXPECT_EQ(answers[0].signatures[1].result, word);
    EXPECT_EQ(answers[1].status, Status::kSaid);
    EXPECT_TRUE(answers[1].signatures.empty());
  }
}

// The worker that docs/worker-protocol.md begins with, around a library made up
// for it.
TEST(Documentation, TheFirstWorkerWorks) {
  std::ifstream page(DKIMSPEC_SOURCE_DIR "/docs/worker-protocol.md");
  std::stringstream text;
  text << page.rdbuf();
  const std::string all = text.str();
  const std::size_t begin = all.find("```python\n") + 10;
  const std::string folder = TemporaryPath("dkimspec-first-worker");
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/my_worker.py")
      << all.substr(begin, all.find("```", begin) - begin);
  std::ofstream(folder + "/mymail.py")
      << "VERSION = '3'\n"
         "class Signature:\n"
         "  domain, selector, status, why = 'd.example', 's', 'fail', 'bad'\n"
         "def verify(message, zone, now):\n"
         "  return [Signature] if (message, zone, now) == (b'x', {}, 5) else "
         "[]\n";
  WorkerOptions options = Trivial("");
  options.process.argv[2] = folder + "/my_worker.py";
  auto worker = MustStart(options);
  ASSERT_NE(worker, nullptr);
  Request request;
  request.id = RandomRequestId();
  request.message = "x";
  request.now = 5;
  request.zone = Zone{};
  std::vector<Answer> answers;
  worker->Ask({request}, [&](std::size_t, Answer answer) {
    answers.push_back(std::move(answer));
  });
  std::filesystem::remove_all(folder);
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_EQ(answers[0].signatures.size(), 1u) << answers[0].detail;
  EXPECT_EQ(answers[0].signatures[0].result, "fail");
  EXPECT_EQ(answers[0].signatures[0].says, "bad");
}

class HopelessWorker : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(TrivialWorkers, HopelessWorker,
                         testing::Values("crash", "hang", "garbage"));

TEST_P(HopelessWorker, CostsLittleHoweverManyAreAsked) {
  const std::string name = GetParam();
  WorkerOptions options = Trivial(name + ".py");
  options.timeout = milliseconds(500);
  options.noise_patience = milliseconds(300);
  const auto begin = std::chrono::steady_clock::now();
  const auto answers =
      AskAll(options, std::vector<std::string>(500, kTwoSignatures));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(30));
  const Status each = name == "crash"  ? Status::kDied
                      : name == "hang" ? Status::kTimedOut
                                       : Status::kError;
  const Status rest = name == "garbage" ? Status::kError : Status::kGivenUp;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].status,
              i < (name == "garbage" ? 3u : 5u) ? each : rest)
        << i;
  }
  EXPECT_THAT(answers.back().detail, HasSubstr("given up after"));
}

}  // namespace
}  // namespace dkimspec::runners
