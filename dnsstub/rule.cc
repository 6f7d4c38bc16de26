#include "dnsstub/rule.h"

#include <algorithm>
#include <utility>

namespace dkimspec::dnsstub {
namespace {

// Whether `name` is `zone` or below it: compared by labels, not octets.
bool Within(std::string_view name, const std::string& zone) {
  while (name.size() > zone.size()) {
    name = Parent(name);
  }
  return name == zone;
}

}  // namespace

std::optional<Pattern::Fit> Match::FitsName(std::string_view lower) const {
  if ((!name.empty() && name != lower) ||
      (!suffix.empty() && !Within(lower, suffix))) {
    return std::nullopt;
  }
  return pattern ? pattern->Fits(lower) : Pattern::Fit{};
}

bool Match::FitsRest(const Query& query, bool over_tcp) const {
  return (!type || *type == query.type) && (!tcp || *tcp == over_tcp) &&
         (!edns || *edns == query.edns);
}

const Phase* Rule::PhaseFor(std::size_t nth, const std::string& epoch) const {
  auto found =
      std::find_if(phases.begin(), phases.end(), [&](const Phase& phase) {
        return (phase.epoch.empty() || phase.epoch == epoch) &&
               phase.from <= nth && nth <= phase.to;
      });
  return found == phases.end() ? nullptr : &*found;
}

std::vector<Rule> FaultZoneRules(const std::string& zone) {
  Expected<Pattern> pattern = Pattern::Parse("*.{fault}." + zone);
  if (!pattern) {
    return {};
  }
  Rule rule;
  rule.match.pattern = std::move(*pattern);
  rule.match.type = std::nullopt;
  rule.phases.emplace_back().by_name = true;
  return {rule};
}

RuleSet::RuleSet(std::vector<Rule> rules) : rules_(std::move(rules)) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const std::string& name = rules_[i].match.name;
    (name.empty() ? others_ : by_name_[name]).push_back(i);
  }
}

template <typename Visit>
void RuleSet::EachFitting(const std::string& lower, Visit visit) const {
  static const std::vector<std::size_t> kNone;
  const auto found = by_name_.find(lower);
  const auto& named = found == by_name_.end() ? kNone : found->second;
  auto next = named.begin();
  auto other = others_.begin();
  while (next != named.end() || other != others_.end()) {
    const bool by_name =
        other == others_.end() || (next != named.end() && *next < *other);
    const Rule& rule = rules_[by_name ? *next++ : *other++];
    auto fit = rule.match.FitsName(lower);
    if (fit && visit(rule, *fit)) {
      return;
    }
  }
}

RuleSet::Found RuleSet::Find(const Query& query, const std::string& lower,
                             bool over_tcp) const {
  Found found;
  EachFitting(lower, [&](const Rule& rule, Pattern::Fit& fit) {
    if (!rule.match.FitsRest(query, over_tcp)) {
      return false;
    }
    found = {&rule, std::move(fit)};
    return true;
  });
  return found;
}

bool RuleSet::MayMeet(const std::string& lower) const {
  bool may = false;
  EachFitting(lower, [&](const Rule&, const Pattern::Fit&) {
    may = true;
    return true;
  });
  return may;
}

bool RuleSet::IsAboveNames(std::string_view lower) const {
  return std::any_of(others_.begin(), others_.end(), [&](std::size_t i) {
    const auto& pattern = rules_[i].match.pattern;
    return pattern && pattern->names_fault() && pattern->IsAbove(lower);
  });
}

}  // namespace dkimspec::dnsstub
