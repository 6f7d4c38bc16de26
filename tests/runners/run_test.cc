// Runs of the whole suite against implementations made for the purpose.
#include "runners/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "dnsstub/server.h"
#include "reference/message.h"
#include "runners/in_process.h"
#include "runners/questioning.h"
#include "runners/registry.h"
#include "runners/tally.h"

namespace dkimspec::runners {
namespace {

using fixtures::Case;
using fixtures::Verdict;
using ::testing::HasSubstr;

using Script = std::function<Answer(const Request&)>;

// Answers by a script.
class Scripted : public Implementation {
 public:
  Scripted(Description description, Script script)
      : description_(std::move(description)), script_(std::move(script)) {}

  const Description& description() const override { return description_; }

  void Ask(const std::vector<Request>& requests, const Done& done) override {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      done(i, script_(requests[i]));
    }
  }

 private:
  Description description_;
  Script script_;
};

Description WhoIs(const std::string& name) {
  Description who = DescribeReference(DnsWay::kRequest);
  who.name = name;
  who.policies.clear();
  return who;
}

Candidate ScriptedCandidate(const Description& who, const Script& script) {
  Candidate candidate;
  candidate.description = who;
  candidate.start =
      [who, script](
          const StartContext&) -> Expected<std::unique_ptr<Implementation>> {
    return std::make_unique<Scripted>(who, script);
  };
  return candidate;
}

Candidate ReferenceCandidate(DnsWay dns) {
  Candidate candidate;
  candidate.description = DescribeReference(dns);
  candidate.start =
      [dns](const StartContext&) -> Expected<std::unique_ptr<Implementation>> {
    return MakeReference(dns);
  };
  return candidate;
}

// One word for every DKIM-Signature field of the message, or one if none.
Script Always(const std::string& word) {
  return [word](const Request& request) {
    Answer answer;
    answer.status = Answer::Status::kSaid;
    const std::size_t count = std::max<std::size_t>(
        1, ParseMessage(request.message).Find("DKIM-Signature").size());
    for (std::size_t i = 0; i < count; ++i) {
      answer.signatures.push_back({"", "", "", word, word, ""});
    }
    return answer;
  };
}

Script AlwaysStatus(Answer::Status status) {
  return [status](const Request&) {
    Answer answer;
    answer.status = status;
    return answer;
  };
}

Expected<Results> RunAll(std::vector<Candidate> candidates,
                         RunOptions options = {}) {
  static const auto& suite = *new Expected<fixtures::Suite>(
      fixtures::LoadSuite(fixtures::DefaultSuiteFolder()));
  return suite ? RunSuite(*suite, options, std::move(candidates))
               : tl::unexpected(suite.error());
}

std::size_t RightOnes(const Results& results, const std::string& name) {
  return static_cast<std::size_t>(std::count_if(
      results.cases.begin(), results.cases.end(), [&](const auto& result) {
        return result.implementation == name &&
               IsRight(result.judgement.outcome);
      }));
}

// With sockets, an answer may be lost on a machine that is too busy even for
// the bounded patience of the reference's resolver, and come when it is asked
// for again. What only sockets can ask, or only without a resolver in between,
// is left out where `may_be_left_out`.
bool IsFine(const CaseResult& result, bool sockets, bool may_be_left_out) {
  const Outcome outcome = result.judgement.outcome;
  return IsRight(outcome) || (sockets && outcome == Outcome::kFlaky) ||
         (may_be_left_out && outcome == Outcome::kUnsupported);
}

TEST(RunTest, TheReferenceIsRightEitherWay) {
  const Expected<Results> results =
      RunAll({ReferenceCandidate(DnsWay::kRequest),
              ReferenceCandidate(DnsWay::kNameserver)});
  ASSERT_TRUE(results) << results.error().ToString();
  ASSERT_EQ(results->implementations.size(), 2u);
  ASSERT_GE(results->cases.size(), 80u);
  for (const CaseResult& result : results->cases) {
    const bool sockets = result.implementation == "reference-unbound";
    EXPECT_TRUE(IsFine(result, sockets, !sockets))
        << result.implementation << " " << result.case_id << " "
        << ToString(result.judgement.outcome) << " "
        << result.judgement.subjects.at(0).reason;
    // Only sockets can count queries.
    EXPECT_EQ(result.queries.has_value(), sockets);
  }
  EXPECT_EQ(results->lock_hash.size(), 64u);
}

TEST(RunTest, TheReferenceIsRightBehindAResolver) {
  const auto unbound = FindUnbound(DefaultFolders().peers);
  if (!unbound) {
    GTEST_SKIP() << unbound.error().ToString();
  }
  RunOptions options;
  options.resolver = *unbound;
  const Expected<Results> results =
      RunAll({ReferenceCandidate(DnsWay::kRequest),
              ReferenceCandidate(DnsWay::kNameserver)},
             options);
  ASSERT_TRUE(results) << results.error().ToString();
  EXPECT_EQ(results->resolver, "unbound " + unbound->version);
  EXPECT_EQ(results->implementations[0].resolver, "direct");
  EXPECT_EQ(results->implementations[0].description.name, "reference");
  EXPECT_EQ(results->implementations[1].resolver, results->resolver);
  EXPECT_EQ(results->implementations[1].description.name,
            "reference-unbound+unbound");
  std::size_t seen = 0;
  for (const CaseResult& result : results->cases) {
    EXPECT_TRUE(IsFine(result, result.implementation != "reference", true))
        << result.implementation << " " << result.case_id << " "
        << ToString(result.judgement.outcome) << " "
        << result.judgement.subjects.at(0).reason;
    seen += result.queries.value_or(0) > 0 ? 1 : 0;
  }
  // Behind the resolver, each case's queries are still known by their names.
  EXPECT_GT(seen, results->cases.size() / 4);
}

TEST(RunTest, TrivialVerifiersGetWhatTheyDeserve) {
  const Expected<Results> results = RunAll({
      ScriptedCandidate(WhoIs("always-pass"), Always("pass")),
      ScriptedCandidate(WhoIs("always-fail"), Always("fail")),
      ScriptedCandidate(WhoIs("always-temporary"), Always("temperror")),
      ScriptedCandidate(WhoIs("silent"), AlwaysStatus(Answer::Status::kSilent)),
      ScriptedCandidate(WhoIs("crash"), AlwaysStatus(Answer::Status::kDied)),
      ScriptedCandidate(WhoIs("hang"), AlwaysStatus(Answer::Status::kTimedOut)),
      ScriptedCandidate(WhoIs("garbage"), Always("")),
  });
  ASSERT_TRUE(results) << results.error().ToString();
  for (const char* name : {"always-fail", "always-temporary", "silent", "crash",
                           "hang", "garbage"}) {
    EXPECT_EQ(RightOnes(*results, name), 0u) << name;
  }
  std::size_t accepted = 0;
  for (const CaseResult& result : results->cases) {
    const Outcome outcome = result.judgement.outcome;
    if (result.implementation == "always-pass") {
      accepted += outcome == Outcome::kFalseAccept ? 1 : 0;
      // Whether to wait for this answer, which is the true one, is left open.
      const bool may_pass =
          result.case_id == "dns/silence/an-answer-after-half-a-minute-is-none";
      EXPECT_TRUE(outcome == Outcome::kFalseAccept ||
                  outcome == Outcome::kConformant ||
                  outcome == Outcome::kUnsupported ||
                  (may_pass && outcome == Outcome::kTolerated))
          << result.case_id << " " << ToString(outcome);
    } else if (result.implementation == "garbage") {
      EXPECT_FALSE(IsWrong(outcome)) << ToString(outcome);
    }
  }
  EXPECT_GT(accepted, 10u);
}

TEST(RunTest, ACandidateThatCannotRunSaysWhy) {
  Candidate missing = ScriptedCandidate(WhoIs("missing"), Always("pass"));
  missing.why_not = "needs go";
  Candidate broken = missing;
  broken.description.name = "broken";
  broken.why_not = "";
  broken.start =
      [](const StartContext&) -> Expected<std::unique_ptr<Implementation>> {
    return Fail("./worker", "no such file");
  };
  Description signer = WhoIs("signer");
  signer.ops = {"sign"};
  const Expected<Results> results =
      RunAll({missing, broken, ScriptedCandidate(signer, Always("pass"))});
  ASSERT_TRUE(results) << results.error().ToString();
  EXPECT_TRUE(results->cases.empty());
  EXPECT_EQ(results->implementations[0].why, "needs go");
  EXPECT_EQ(results->implementations[1].why, "./worker: no such file");
  EXPECT_EQ(results->implementations[2].why, "it does not offer to verify");
}

TEST(RunTest, GlobsSelectCasesAndTheirControls) {
  RunOptions options;
  options.globs = {"signature/tag-list/a-tag-may-not-occur-twice"};
  std::mutex mutex;
  std::size_t asked = 0;
  const Script counting = [&](const Request&) {
    const std::lock_guard lock(mutex);
    ++asked;
    return Answer{};
  };
  const Expected<Results> results =
      RunAll({ScriptedCandidate(WhoIs("one"), counting)}, options);
  ASSERT_TRUE(results) << results.error().ToString();
  EXPECT_EQ(results->cases.size(), 1u);
  EXPECT_EQ(asked, 2u);

  options.globs = {"body/**", "no/such/case"};
  const Expected<Results> none = RunAll({}, options);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().ToString(),
              HasSubstr("--cases no/such/case: matches no case"));
}

// Nothing in a request may tell the expectation or the case.
TEST(RunTest, RequestsTellNothing) {
  std::set<std::uint64_t> ids;
  std::vector<std::string> messages;
  const Script noting = [&](const Request& request) {
    EXPECT_TRUE(ids.insert(request.id).second);
    EXPECT_LT(request.id, std::uint64_t{1} << 53);
    messages.push_back(request.message);
    return Always("pass")(request);
  };
  RunOptions options;
  options.globs = {"signature/**"};
  ASSERT_TRUE(RunAll({ScriptedCandidate(WhoIs("one"), noting)}, options));
  ASSERT_GT(messages.size(), 10u);
  // A control next to its case, nearly alike, would tell which is which.
  RunOptions salted = options;
  salted.salt = "another order";
  const std::vector<std::string> before = std::exchange(messages, {});
  ASSERT_TRUE(RunAll({ScriptedCandidate(WhoIs("one"), noting)}, salted));
  EXPECT_EQ(messages.size(), before.size());
}

TEST(RunTest, AGivenTimeReachesOnlyThoseWhoTakeIt) {
  std::mutex mutex;
  std::map<std::string, std::set<std::int64_t>> times;
  const auto noting = [&](const std::string& name) {
    return [&, name](const Request& request) {
      const std::lock_guard lock(mutex);
      times[name].insert(request.now);
      return Always("pass")(request);
    };
  };
  Description clock = WhoIs("clock");
  clock.takes_now = false;
  RunOptions options;
  options.now = 1000000000;
  options.globs = {"body/**"};
  const Expected<Results> results =
      RunAll({ScriptedCandidate(WhoIs("told"), noting("told")),
              ScriptedCandidate(clock, noting("clock"))},
             options);
  ASSERT_TRUE(results) << results.error().ToString();
  EXPECT_EQ(results->now, 1000000000);
  EXPECT_EQ(times["told"], std::set<std::int64_t>{1000000000});
  ASSERT_EQ(times["clock"].size(), 1u);
  EXPECT_GT(*times["clock"].begin(), 1700000000);
}

// A small world for what the suite does not hold.

Case SmallCase(const std::string& id, Verdict expected) {
  Case test;
  test.id = id;
  test.message = "DKIM-Signature: x\r\nSubject: " + id + "\r\n\r\n";
  fixtures::Subject subject;
  subject.label = "author";
  subject.position = 0;
  subject.expected = expected;
  test.subjects.push_back(subject);
  return test;
}

Outcome OutcomeOf(const Case& test, const Description& who,
                  const Script& script) {
  Scripted implementation(who, script);
  return Question(implementation, {test}, {}).at(0).judgement.outcome;
}

TEST(QuestionTest, WrongOnceIsFlaky) {
  int asked = 0;
  const Script wavering = [&](const Request& request) {
    return Always(++asked % 2 == 1 ? "fail" : "pass")(request);
  };
  const Case test = SmallCase("a", Verdict::kPass);
  EXPECT_EQ(OutcomeOf(test, WhoIs("w"), wavering), Outcome::kFlaky);
  EXPECT_EQ(asked, 2);
}

TEST(QuestionTest, WrongTwiceIsWrongAndRightIsNotAskedAgain) {
  int asked = 0;
  const auto counting = [&](const std::string& word) {
    return [&, word](const Request& request) {
      ++asked;
      return Always(word)(request);
    };
  };
  const Case test = SmallCase("a", Verdict::kPass);
  EXPECT_EQ(OutcomeOf(test, WhoIs("w"), counting("fail")),
            Outcome::kFalseReject);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(OutcomeOf(test, WhoIs("w"), counting("pass")),
            Outcome::kConformant);
  EXPECT_EQ(asked, 3);
}

TEST(QuestionTest, CrashesAndHangsAreNotAskedForAgain) {
  for (Answer::Status status :
       {Answer::Status::kDied, Answer::Status::kTimedOut}) {
    int asked = 0;
    const Script failing = [&](const Request&) {
      ++asked;
      Answer answer;
      answer.status = status;
      return answer;
    };
    const Case test = SmallCase("a", Verdict::kPass);
    EXPECT_TRUE(IsWrong(OutcomeOf(test, WhoIs("w"), failing)));
    EXPECT_EQ(asked, 1);
  }
}

TEST(QuestionTest, AMissingFeatureIsNotAsked) {
  Case test = SmallCase("a", Verdict::kPass);
  test.features = {"post-quantum"};
  const Script never = [](const Request&) -> Answer {
    ADD_FAILURE() << "was asked";
    return {};
  };
  EXPECT_EQ(OutcomeOf(test, WhoIs("w"), never), Outcome::kUnsupported);
}

TEST(QuestionTest, AFaultOnTheWireNeedsASocket) {
  Case test = SmallCase("a", Verdict::kTemporary);
  test.needs_sockets = true;
  EXPECT_EQ(OutcomeOf(test, WhoIs("w"), Always("temperror")),
            Outcome::kUnsupported);
}

// Outside the sandbox nobody can tell the queries of two processes apart.
TEST(QuestionTest, QueriesOfSeveralAttemptsAreHeldAgainstNothing) {
  auto server = dnsstub::Server::Start({});
  ASSERT_TRUE(server) << server.error().ToString();
  Case test = SmallCase("a", Verdict::kPass);
  test.queries.push_back({"author", "s._domainkey.a.example",
                          fixtures::QueryRange::Count::kTotal, 1, 2, "RFC 1",
                          "so"});
  QuestioningOptions options;
  options.dns = server->get();
  const auto findings = [&](DnsWay dns, int times_asked) {
    Description who = WhoIs("w");
    who.dns = dns;
    Scripted implementation(who, [&](const Request& request) {
      Answer answer = Always("pass")(request);
      answer.times_asked = times_asked;
      return answer;
    });
    const auto results = Question(implementation, {test}, options);
    return results.at(0).query_findings.size();
  };
  EXPECT_EQ(findings(DnsWay::kNameserver, 1), 1u);
  EXPECT_EQ(findings(DnsWay::kNameserver, 2), 0u);
  EXPECT_EQ(findings(DnsWay::kSandbox, 2), 1u);
}

// A tolerated refusal has no control; it counts once something was accepted.
TEST(QuestionTest, AFaultThatNoResolverPassesOnIsLeftOutBehindOne) {
  Case test = SmallCase("a", Verdict::kTemporary);
  ZoneEntry entry;
  entry.kind = ZoneEntry::Kind::kFault;
  entry.fault = "wrong-id";
  test.zone["s._domainkey.a.example"] = entry;
  Description who = WhoIs("w");
  who.dns = DnsWay::kSandbox;
  Scripted implementation(who, Always("temperror"));
  QuestioningOptions options;
  const auto outcome = [&] {
    const auto results = Question(implementation, {test}, options);
    return results.at(0).judgement;
  };
  EXPECT_NE(outcome().outcome, Outcome::kUnsupported);
  options.through_resolver = true;
  EXPECT_EQ(outcome().outcome, Outcome::kUnsupported);
  EXPECT_THAT(outcome().subjects.at(0).reason, HasSubstr("wrong-id"));
  test.zone.begin()->second.fault = "servfail";  // Survives.
  EXPECT_NE(outcome().outcome, Outcome::kUnsupported);
}

TEST(QuestionTest, AToleratedRefusalNeedsSomethingAccepted) {
  Case lenient = SmallCase("lenient", Verdict::kPass);
  lenient.subjects[0].tolerate.push_back(
      {Verdict::kPermanent, "RFC 6376 section 8.2", "it may", ""});
  const Case plain = SmallCase("plain", Verdict::kPass);
  const Script picky = [](const Request& request) {
    const bool refuse = request.message.find("lenient") != std::string::npos;
    return Always(refuse ? "fail" : "pass")(request);
  };
  EXPECT_EQ(OutcomeOf(lenient, WhoIs("w"), picky), Outcome::kUnproven);
  Scripted implementation(WhoIs("w"), picky);
  const auto both = Question(implementation, {lenient, plain}, {});
  EXPECT_EQ(both[0].judgement.outcome, Outcome::kTolerated);
}

TEST(QuestionTest, LogsAreKeptWhereTheyHelp) {
  const auto with_log = [](const std::string& word) {
    return [word](const Request& request) {
      Answer answer = Always(word)(request);
      answer.log = std::string(5000, 'x') + "the end";
      return answer;
    };
  };
  const Case test = SmallCase("a", Verdict::kPass);
  Scripted right(WhoIs("w"), with_log("pass"));
  EXPECT_EQ(Question(right, {test}, {}).at(0).log, "");
  Scripted wrong(WhoIs("w"), with_log("fail"));
  const std::string log = Question(wrong, {test}, {}).at(0).log;
  EXPECT_EQ(log.size(), 4096u);
  EXPECT_TRUE(log.ends_with("the end"));
}

}  // namespace
}  // namespace dkimspec::runners
