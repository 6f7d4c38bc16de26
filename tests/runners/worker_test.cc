// How a worker is talked to when all is well, and when it is not.
#include "runners/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/runners/worker_support.h"

namespace dkimspec::runners {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using Status = Answer::Status;

TEST(Worker, TellsWhoItIs) {
  auto worker = MustStart(Scripted({R"(start={"version":"9","in_flight":4})"}));
  ASSERT_NE(worker, nullptr);
  EXPECT_EQ(worker->description().name, "scripted");
  EXPECT_EQ(worker->description().family, "scripted");
  EXPECT_EQ(worker->description().version, "9");
  EXPECT_EQ(worker->description().in_flight, 4);
}

TEST(Worker, ItsFileCompletesTheDescription) {
  WorkerOptions options = Scripted({R"(start={"policies":["a"]})"});
  options.name = "ours";
  options.family = "kin";
  options.policies = {"a", "b"};
  options.words = {{"meh", "neutral"}};
  options.dns = DnsWay::kNameserver;
  options.reports = Reports::kFirst;
  auto worker = MustStart(options);
  ASSERT_NE(worker, nullptr);
  EXPECT_EQ(worker->description().name, "ours");
  EXPECT_EQ(worker->description().family, "kin");
  EXPECT_THAT(worker->description().policies, ElementsAre("a", "b"));
  EXPECT_EQ(worker->description().dns, DnsWay::kNameserver);
  EXPECT_EQ(worker->description().reports, Reports::kFirst);
  const auto answers = AskAll(*worker, {"say:meh", "say:bah"});
  EXPECT_EQ(answers[0].signatures.at(0).result, "neutral");
  EXPECT_EQ(answers[1].signatures.at(0).word, "bah");
  EXPECT_EQ(answers[1].signatures.at(0).result, "");
}

TEST(Worker, StartFailuresAreExplained) {
  EXPECT_THAT(StartError(Scripted({"start-exit=4"})),
              AllOf(HasSubstr("ended before it answered \"start\": exit "
                              "status 4"),
                    EndsWith("it said: no such key ring")));
  EXPECT_THAT(StartError(Scripted({R"(start-with={"protocol":7})"})),
              HasSubstr("must have \"protocol\":1"));
  EXPECT_THAT(StartError(Scripted({R"(start-with={"error":"no license"})"})),
              HasSubstr("no license"));
  WorkerOptions slow = Scripted({"start-never", "banner"});
  slow.start_timeout = milliseconds(500);
  EXPECT_THAT(StartError(slow),
              AllOf(HasSubstr("did not answer \"start\" within 0.5 s"),
                    HasSubstr("all rights reserved")));
  WorkerOptions missing;
  missing.process.argv = {"no-such-worker"};
  EXPECT_THAT(StartError(missing), HasSubstr("is in no folder of PATH"));
  EXPECT_THAT(StartError(WorkerOptions()), HasSubstr("no program is given"));
}

TEST(Worker, DnsOfTheSandboxNeedsTheSandbox) {
  EXPECT_THAT(StartError(Scripted({R"(start={"dns":"sandbox"})"})),
              HasSubstr("only the sandbox can give it"));
}

TEST(Worker, ABannerIsNoise) {
  const auto answers = AskAll(Scripted({"banner"}), {"say:pass"});
  EXPECT_EQ(answers[0].status, Status::kSaid);
  EXPECT_THAT(answers[0].log, HasSubstr("all rights reserved"));
}

TEST(Worker, AnswersAreMatchedById) {
  std::vector<std::string> messages;
  for (int i = 0; i < 200; ++i) {
    messages.push_back(i % 3 == 0 ? "say:pass" : "say:fail");
  }
  for (const char* start : {"{}", R"({"in_flight":16})"}) {
    const auto answers =
        AskAll(Scripted({std::string("start=") + start}), messages);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      EXPECT_EQ("say:" + answers[i].signatures.at(0).result, messages[i]);
    }
  }
}

TEST(Worker, LongMessagesTravelAsFiles) {
  WorkerOptions options = Scripted();
  options.inline_limit = 1000;
  const std::string filler = "\nx" + std::string(2000, 'x');
  const auto answers = AskAll(options, {"path", "path" + filler});
  EXPECT_EQ(answers[0].signatures.at(0).says, "inline");
  EXPECT_EQ(answers[1].signatures.at(0).says, "path");
}

TEST(Worker, LongMessagesReachTheSandbox) {
  SKIP_WITHOUT_ISOLATION();
  WorkerOptions options = Scripted();
  options.process.isolated = true;
  const auto answers =
      AskAll(options, {"path\n" + std::string(std::size_t{3} << 20, 'x')});
  EXPECT_EQ(answers[0].signatures.at(0).says, "path");
}

TEST(Worker, LinesJustUnderTheLimitPassThroughThePipes) {
  const auto answers =
      AskAll(Scripted({R"(start={"in_flight":4})"}),
             std::vector<std::string>(8, "path\n" + std::string(1000000, 'x')));
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.signatures.at(0).says, "inline");
  }
}

TEST(Worker, Signs) {
  auto worker = MustStart(Scripted());
  ASSERT_NE(worker, nullptr);
  SignRequest request;
  request.id = RandomRequestId();
  request.message = "From: a@b.example\r\n\r\n";
  request.domain = "b.example";
  request.selector = "s1";
  int calls = 0;
  worker->Sign({request}, [&](std::size_t index, SignAnswer answer) {
    ++calls;
    EXPECT_EQ(index, 0u);
    EXPECT_EQ(answer.status, Status::kSaid);
    EXPECT_EQ(answer.message,
              "DKIM-Signature: d=b.example; s=s1\r\n" + request.message);
  });
  EXPECT_EQ(calls, 1);
}

TEST(Worker, StderrIsKeptWithItsAnswerAndBounded) {
  const auto answers = AskAll(
      Scripted(),
      {"stderr:first reason\nsay:fail", "say:pass", "stderr-flood\nsay:pass"});
  EXPECT_THAT(answers[0].log, HasSubstr("first reason"));
  EXPECT_EQ(answers[1].log, "");
  EXPECT_LE(answers[2].log.size(), std::size_t{64} << 10);
  EXPECT_THAT(answers[2].log, EndsWith("the end\n"));
}

TEST(Worker, ADeathNamesItsSignalAndOthersAreAsked) {
  for (const char* start : {"{}", R"({"in_flight":4})"}) {
    const auto answers =
        AskAll(Scripted({std::string("start=") + start}),
               {"say:pass", "stderr:last words\ndie", "say:fail", "say:pass"});
    EXPECT_THAT(Statuses(answers), ElementsAre(Status::kSaid, Status::kDied,
                                               Status::kSaid, Status::kSaid));
    EXPECT_EQ(answers[1].detail, "killed by signal 6 (SIGABRT)");
    EXPECT_THAT(answers[1].log, HasSubstr("last words"));
  }
}

TEST(Worker, WhoDiesOnceIsForgiven) {
  const std::string path = TemporaryPath("dkimspec-died");
  const auto answers =
      AskAll(Scripted(), {"die-once:" + path + "\nsay:pass", "say:fail"});
  std::filesystem::remove(path);
  EXPECT_THAT(Statuses(answers), ElementsAre(Status::kSaid, Status::kSaid));
}

TEST(Worker, AnEndBetweenRequestsBlamesNobody) {
  const auto answers = AskAll(Scripted(), {"leave", "leave", "leave", "leave",
                                           "leave", "leave", "say:pass"});
  EXPECT_EQ(answers[5].status, Status::kSilent);
  EXPECT_EQ(answers[6].status, Status::kSaid);
}

TEST(Worker, LeavingWithoutAnAnswerIsADeath) {
  const auto answers = AskAll(Scripted(), {"exit:0", "exit:3"});
  EXPECT_THAT(Statuses(answers), ElementsAre(Status::kDied, Status::kDied));
  EXPECT_EQ(answers[0].detail, "exit status 0");
  EXPECT_EQ(answers[1].detail, "exit status 3");
}

TEST(Worker, AHangIsKilledAndOthersAreAsked) {
  for (const char* start : {"{}", R"({"in_flight":4})"}) {
    WorkerOptions options = Scripted({std::string("start=") + start});
    options.timeout = milliseconds(700);
    const auto answers = AskAll(options, {"say:pass", "hang", "say:fail"});
    EXPECT_THAT(Statuses(answers),
                ElementsAre(Status::kSaid, Status::kTimedOut, Status::kSaid));
    EXPECT_EQ(answers[1].detail,
              "no answer within 0.7 s, nor within 0.35 s asked again");
    EXPECT_GE(answers[1].elapsed, milliseconds(350));
  }
}

TEST(Worker, WhoIsSilentOnceIsAskedAgain) {
  const std::string path = TemporaryPath("dkimspec-silent");
  WorkerOptions options = Scripted();
  options.timeout = seconds(8);
  const auto answers = AskAll(options, {"hang-once:" + path + "\nsay:pass"});
  std::filesystem::remove(path);
  EXPECT_EQ(answers[0].status, Status::kSaid) << answers[0].detail;
  EXPECT_EQ(answers[0].times_asked, 2);
}

// But not where silence is no surprise, and not of who is silent every time.
TEST(Worker, ASilentOneIsAskedTwiceAtMost) {
  struct Row {
    bool may_wait;
    std::vector<int> times_asked;
  };
  for (const Row& row : {Row{false, {2, 1, 1}}, Row{true, {1, 1, 1}}}) {
    WorkerOptions options = Scripted();
    options.timeout = milliseconds(300);
    auto worker = MustStart(options);
    ASSERT_NE(worker, nullptr);
    std::vector<Request> requests(3);
    for (Request& request : requests) {
      request.id = RandomRequestId();
      request.message = "hang";
      request.may_wait = row.may_wait;
    }
    std::vector<int> times_asked(3);
    worker->Ask(requests, [&](std::size_t i, const Answer& answer) {
      EXPECT_EQ(answer.status, Status::kTimedOut);
      times_asked.at(i) = answer.times_asked;
    });
    EXPECT_EQ(times_asked, row.times_asked) << row.may_wait;
  }
}

TEST(Worker, FiveInARowAreEnough) {
  auto worker = MustStart(Scripted());
  ASSERT_NE(worker, nullptr);
  // An answer in between starts the count anew.
  EXPECT_THAT(Statuses(AskAll(*worker, {"die", "die", "die", "die", "say:pass",
                                        "die", "die", "die", "die"})),
              testing::Not(testing::Contains(Status::kGivenUp)));
  const auto answers = AskAll(*worker, {"die", "say:pass", "say:pass"});
  EXPECT_THAT(Statuses(answers),
              ElementsAre(Status::kDied, Status::kGivenUp, Status::kGivenUp));
  EXPECT_THAT(answers[1].detail, HasSubstr("five crashes"));
  EXPECT_EQ(answers[0].times_asked, 2);
  EXPECT_EQ(answers[1].times_asked, 0);
  EXPECT_THAT(Statuses(AskAll(*worker, {"say:pass"})),
              ElementsAre(Status::kGivenUp));
}

TEST(Worker, BreachesOfTheProtocolAreErrors) {
  struct Row {
    const char* message;
    const char* detail;
  };
  const Row rows[] = {
      {R"(raw:{"id":4,"silent":true})", "answers id 4, which is not asked"},
      {R"(raw:{"level":"info"})", "has no \"id\""},
      {R"(raw:{"id":ID})", "must have exactly one of"},
      {R"(raw:{"id":ID,"signatures":7})", "\"signatures\" must be a list"},
      {R"(raw:{"id":ID,"message":"eA=="})",
       "answers \"verify\" with \"message\""},
      {"long-line", "a line is longer than 16 MiB"},
  };
  for (const Row& row : rows) {
    const auto answers = AskAll(Scripted(), {row.message, "say:pass"});
    EXPECT_THAT(Statuses(answers), ElementsAre(Status::kError, Status::kSaid))
        << row.message;
    EXPECT_THAT(answers[0].detail, HasSubstr(row.detail));
  }
}

TEST(Worker, NoiseBesidesAnswersIsKept) {
  const auto answers = AskAll(Scripted(), {"noise:Verifying ...\nsay:pass"});
  EXPECT_EQ(answers[0].status, Status::kSaid);
  EXPECT_THAT(answers[0].log, HasSubstr("Verifying ..."));
}

// Once it has answered, noise before a slow answer is no reason for haste.
TEST(Worker, NoiseShortensPatienceOnlyAtFirst) {
  WorkerOptions options = Scripted();
  options.noise_patience = milliseconds(200);
  const auto answers =
      AskAll(options, {"noise:hm\nsleep:1\nsay:pass", "say:pass",
                       "noise:hm\nsleep:1\nsay:pass"});
  EXPECT_THAT(Statuses(answers),
              ElementsAre(Status::kError, Status::kSaid, Status::kSaid));
  EXPECT_THAT(answers[0].detail,
              HasSubstr("only lines that are no JSON objects, the first: hm"));
}

TEST(Worker, AFloodOfNoiseIsBounded) {
  WorkerOptions options = Scripted();
  options.timeout = milliseconds(1000);
  const auto answers = AskAll(options, {"say:pass", "flood", "say:pass"});
  EXPECT_THAT(Statuses(answers),
              ElementsAre(Status::kSaid, Status::kTimedOut, Status::kSaid));
  EXPECT_LE(answers[1].log.size(), std::size_t{64} << 10);
}

TEST(Worker, EveryProcessIsAnnounced) {
  std::vector<pid_t> started;
  std::vector<pid_t> ended;
  WorkerOptions options = Scripted();
  options.on_process_started = [&](Process& process) {
    started.push_back(process.pid());
  };
  options.on_process_ended = [&](Process& process) {
    ended.push_back(process.pid());
  };
  AskAll(options, {"die", "say:pass"});
  EXPECT_EQ(started.size(), 3u);
  EXPECT_EQ(started, ended);
  for (const pid_t pid : ended) {
    EXPECT_NE(kill(pid, 0), 0) << "it is still there";
  }
}

}  // namespace
}  // namespace dkimspec::runners
