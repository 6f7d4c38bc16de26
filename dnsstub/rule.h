// Rules: what a configuration lets happen to queries that match, in words that
// presets do not have. The first rule that matches wins.
#ifndef DKIMSPEC_DNSSTUB_RULE_H_
#define DKIMSPEC_DNSSTUB_RULE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dnsstub/plan.h"
#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

struct Match {
  std::string name;    // On the wire, in lower case; "": any.
  std::string suffix;  // The same; the name itself or one below it.
  std::optional<std::uint16_t> type = kTypeTxt;  // nullopt: any.
  std::optional<bool> tcp;
  std::optional<bool> edns;

  bool Fits(const Query& query, const std::string& lower, bool over_tcp) const;
};

// When a rule does what; the first phase that fits wins. Where none does, the
// zone answers.
struct Phase {
  std::string epoch;  // "": any.
  // The n-th query for the name and type from this network.
  std::size_t from = 1;
  std::size_t to = std::numeric_limits<std::size_t>::max();
  Plan plan;
};

struct Rule {
  std::string id;
  Match match;
  std::vector<Phase> phases;

  // nullptr: the zone answers.
  const Plan* PlanFor(std::size_t nth, const std::string& epoch) const;
};

// Finds rules for one name without looking at those for others.
class RuleSet {
 public:
  RuleSet() = default;
  explicit RuleSet(std::vector<Rule> rules);

  // nullptr if none matches.
  const Rule* Find(const Query& query, const std::string& lower,
                   bool over_tcp) const;

 private:
  std::vector<Rule> rules_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_name_;
  std::vector<std::size_t> others_;  // Rules that name no name.
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_RULE_H_
