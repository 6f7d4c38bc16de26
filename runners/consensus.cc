#include "runners/consensus.h"

#include <array>

namespace dkimspec::runners {
namespace {

using Expectations = std::vector<fixtures::Verdict>;

constexpr std::string_view kOurFamily = "dkimspec";

// What one family makes of one case.
struct Opinion {
  bool conforms = false;
  bool is_against = false;
};

Expectations ExpectationsOf(const CaseResult& result) {
  Expectations expectations;
  for (const SubjectJudgement& subject : result.judgement.subjects) {
    expectations.push_back(subject.expected);
  }
  return expectations;
}

Status StatusOf(const Consensus& consensus) {
  const std::size_t conforming = consensus.conforming.size();
  if (consensus.against.empty()) {
    return conforming >= 2 ? Status::kAgreed : Status::kUntested;
  }
  return conforming > 0 ? Status::kSplit : Status::kTextOnly;
}

Consensus Count(const std::map<std::string, Opinion>& opinions) {
  Consensus consensus;
  for (const auto& [family, opinion] : opinions) {
    if (opinion.is_against) {
      consensus.against.push_back(family);
    } else if (opinion.conforms) {
      consensus.conforming.push_back(family);
    }
  }
  consensus.status = StatusOf(consensus);
  return consensus;
}

}  // namespace

std::string_view ToString(Status status) {
  constexpr std::array<std::string_view, 4> kWords = {"agreed", "split",
                                                      "text-only", "untested"};
  return kWords[static_cast<std::size_t>(status)];
}

std::map<std::string, Consensus> FindConsensus(const Results& results) {
  std::map<std::string, std::string> families;
  for (const Contestant& contestant : results.implementations) {
    const Description& who = contestant.description;
    families[who.name] = who.family.empty() ? who.name : who.family;
  }
  std::map<std::string, Expectations> ours;
  for (const CaseResult& result : results.cases) {
    if (families[result.implementation] == kOurFamily) {
      ours[result.case_id] = ExpectationsOf(result);
    }
  }
  std::map<std::string, std::map<std::string, Opinion>> opinions;
  for (const CaseResult& result : results.cases) {
    auto& of_case = opinions[result.case_id];
    const std::string& family = families[result.implementation];
    const auto own = ours.find(result.case_id);
    const bool under_policy =
        own != ours.end() && ExpectationsOf(result) != own->second;
    if (family == kOurFamily || under_policy) {
      continue;
    }
    const Outcome outcome = result.judgement.outcome;
    Opinion& opinion = of_case[family];
    opinion.conforms = opinion.conforms || outcome == Outcome::kConformant;
    opinion.is_against = opinion.is_against || IsWrong(outcome);
  }
  std::map<std::string, Consensus> consensus;
  for (const auto& [id, of_case] : opinions) {
    consensus[id] = Count(of_case);
  }
  return consensus;
}

}  // namespace dkimspec::runners
