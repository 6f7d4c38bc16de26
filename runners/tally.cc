#include "runners/tally.h"

#include <fmt/format.h>

namespace dkimspec::runners {
namespace {

struct Shown {
  bool conformant = false;
  bool wrong = false;
};

// What the cases of one implementation show about each requirement.
using ShownByRow = std::map<std::string, Shown>;

std::map<fixtures::Level, RequirementCount> CountRequirements(
    const Results& results, const ShownByRow& shown) {
  std::map<fixtures::Level, RequirementCount> counts;
  for (const auto& [id, level] : results.requirements) {
    const auto found = shown.find(id);
    RequirementCount& count = counts[level];
    if (found != shown.end() && found->second.wrong) {
      ++count.broken;
    } else if (found != shown.end() && found->second.conformant) {
      ++count.met;
    } else {
      ++count.not_shown;
    }
  }
  return counts;
}

}  // namespace

std::size_t Tally::Count(Outcome outcome) const {
  const auto found = outcomes.find(outcome);
  return found == outcomes.end() ? 0 : found->second;
}

std::size_t Tally::Wrong() const {
  std::size_t sum = 0;
  for (const auto& [outcome, count] : outcomes) {
    sum += IsWrong(outcome) ? count : 0;
  }
  return sum;
}

std::size_t Tally::NoVerdict() const {
  std::size_t sum = 0;
  for (const auto& [outcome, count] : outcomes) {
    sum += IsWrong(outcome) || IsRight(outcome) ? 0 : count;
  }
  return sum;
}

std::vector<Tally> TallyUp(const Results& results) {
  std::map<std::string, Tally> tallies;
  std::map<std::string, ShownByRow> shown;
  for (const CaseResult& result : results.cases) {
    const Outcome outcome = result.judgement.outcome;
    ++tallies[result.implementation].outcomes[outcome];
    for (const std::string& row : result.covers) {
      Shown& seen = shown[result.implementation][row];
      seen.conformant |= outcome == Outcome::kConformant;
      seen.wrong |= IsWrong(outcome);
    }
  }
  std::vector<Tally> all;
  for (const Contestant& contestant : results.implementations) {
    const std::string& name = contestant.description.name;
    if (contestant.ran) {
      Tally& tally = tallies[name];
      tally.implementation = name;
      tally.requirements = CountRequirements(results, shown[name]);
      all.push_back(tally);
    }
  }
  return all;
}

std::string Headline(const Tally& tally) {
  const auto found = tally.requirements.find(fixtures::Level::kMust);
  const RequirementCount must =
      found == tally.requirements.end() ? RequirementCount{} : found->second;
  return fmt::format("MUST {} met, {} broken, {} not shown", must.met,
                     must.broken, must.not_shown);
}

}  // namespace dkimspec::runners
