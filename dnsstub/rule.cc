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

bool Match::Fits(const Query& query, const std::string& lower,
                 bool over_tcp) const {
  return (name.empty() || name == lower) &&
         (suffix.empty() || Within(lower, suffix)) &&
         (!type || *type == query.type) && (!tcp || *tcp == over_tcp) &&
         (!edns || *edns == query.edns);
}

const Plan* Rule::PlanFor(std::size_t nth, const std::string& epoch) const {
  auto found =
      std::find_if(phases.begin(), phases.end(), [&](const Phase& phase) {
        return (phase.epoch.empty() || phase.epoch == epoch) &&
               phase.from <= nth && nth <= phase.to;
      });
  return found == phases.end() ? nullptr : &found->plan;
}

RuleSet::RuleSet(std::vector<Rule> rules) : rules_(std::move(rules)) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const std::string& name = rules_[i].match.name;
    (name.empty() ? others_ : by_name_[name]).push_back(i);
  }
}

const Rule* RuleSet::Find(const Query& query, const std::string& lower,
                          bool over_tcp) const {
  std::size_t best = rules_.size();
  auto look = [&](const std::vector<std::size_t>& candidates) {
    for (std::size_t i : candidates) {
      if (i < best && rules_[i].match.Fits(query, lower, over_tcp)) {
        best = i;
      }
    }
  };
  look(others_);
  if (auto found = by_name_.find(lower); found != by_name_.end()) {
    look(found->second);
  }
  return best < rules_.size() ? &rules_[best] : nullptr;
}

}  // namespace dkimspec::dnsstub
