// Results for tests, as a run might have found them.
#ifndef DKIMSPEC_TESTS_RUNNERS_MAKE_RESULTS_H_
#define DKIMSPEC_TESTS_RUNNERS_MAKE_RESULTS_H_

#include <string>
#include <utility>
#include <vector>

#include "runners/results.h"

namespace dkimspec::runners {

inline CaseResult MakeResult(std::string id, std::string implementation,
                             Outcome outcome, std::vector<std::string> covers,
                             std::string reason = "") {
  CaseResult result;
  result.case_id = std::move(id);
  result.implementation = std::move(implementation);
  result.covers = std::move(covers);
  result.judgement.outcome = outcome;
  result.judgement.subjects.push_back({"author", fixtures::Verdict::kPass,
                                       outcome, "BADSIG", "fail",
                                       "bad signature", std::move(reason)});
  return result;
}

inline Contestant MakeContestant(std::string name, std::string why = "") {
  Contestant contestant;
  contestant.description.name = std::move(name);
  contestant.description.family = "a family";
  contestant.description.version = "1.2";
  contestant.description.language = "c";
  contestant.description.features = {"rsa-sha256"};
  contestant.description.policies = {"rejects-l"};
  contestant.description.takes_now = true;
  contestant.description.dns = DnsWay::kSandbox;
  contestant.description.reports = Reports::kOneForAll;
  contestant.ran = why.empty();
  contestant.why = std::move(why);
  return contestant;
}

// Two that ran and one that did not; two cases; three requirements.
inline Results MakeResults() {
  Results results;
  results.suite_version = "0.1.0";
  results.lock_hash = "abcd";
  results.now = 1767225600;
  results.salt = "s";
  results.os = "Linux";
  results.arch = "x86_64";
  results.requirements = {{"6376-1-a", fixtures::Level::kMust},
                          {"6376-1-b", fixtures::Level::kMust},
                          {"6376-1-c", fixtures::Level::kShould}};
  results.implementations = {MakeContestant("one"), MakeContestant("two"),
                             MakeContestant("three", "needs go")};
  results.cases = {
      MakeResult("a/b/c", "one", Outcome::kConformant, {"6376-1-a"}),
      MakeResult("a/b/c", "two", Outcome::kFalseAccept, {"6376-1-a"},
                 "permanent is owed: anyone may sign"),
      MakeResult("a/b/d", "one", Outcome::kUnsupported,
                 {"6376-1-b", "6376-1-c"}, "needs eai"),
      MakeResult("a/b/d", "two", Outcome::kTolerated, {"6376-1-b", "6376-1-c"},
                 "RFC 6376 section 6.1: it may"),
  };
  results.cases[1].forgery = true;
  results.cases[1].queries = 2;
  results.cases[1].log = "a warning\n";
  results.cases[1].elapsed = std::chrono::milliseconds(1250);
  return results;
}

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_TESTS_RUNNERS_MAKE_RESULTS_H_
