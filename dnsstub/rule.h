// Rules: what a configuration lets happen to queries that match, in words that
// presets do not have. The first rule that matches wins.
#ifndef DKIMSPEC_DNSSTUB_RULE_H_
#define DKIMSPEC_DNSSTUB_RULE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dnsstub/pattern.h"
#include "dnsstub/plan.h"
#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

struct Match {
  std::string name;    // On the wire, in lower case; "": any.
  std::string suffix;  // The same; the name itself or one below it.
  std::optional<Pattern> pattern = {};
  std::optional<std::uint16_t> type = kTypeTxt;  // nullopt: any.
  std::optional<bool> tcp = {};
  std::optional<bool> edns = {};

  // By the name alone.
  std::optional<Pattern::Fit> FitsName(std::string_view lower) const;
  // By everything else.
  bool FitsRest(const Query& query, bool over_tcp) const;
};

// When a rule does what; the first phase that fits wins. Where none does, the
// zone answers.
struct Phase {
  std::string epoch;  // "": any.
  // The n-th query, as the rule counts.
  std::size_t from = 1;
  std::size_t to = std::numeric_limits<std::size_t>::max();
  Plan plan;
  // Not the plan but the preset that the name says, at {fault}.
  bool by_name = false;
};

// Which queries a phase counts together: those that are alike in all that is
// true here.
struct CountBy {
  bool name = true;
  bool type = true;
  bool network = true;
  bool transport = false;
  bool client = false;  // Its address, not its port.

  friend bool operator==(const CountBy&, const CountBy&) = default;
};

struct Rule {
  std::string id;
  Match match;
  std::vector<Phase> phases;
  CountBy count_by = {};

  // nullptr: the zone answers.
  const Phase* PhaseFor(std::size_t nth, const std::string& epoch) const;
};

// "<any>.<preset>.<zone>" meets that preset with the records of "<any>.<zone>",
// or where there are none with the key of RFC 8463. None where `zone` is "".
std::vector<Rule> FaultZoneRules(const std::string& zone);

// Finds rules for one name without looking at those for others.
class RuleSet {
 public:
  struct Found {
    const Rule* rule = nullptr;  // nullptr if none matches.
    Pattern::Fit fit;
  };

  RuleSet() = default;
  explicit RuleSet(std::vector<Rule> rules);

  Found Find(const Query& query, const std::string& lower, bool over_tcp) const;

  // Whether a rule may ever meet queries for this name.
  bool MayMeet(const std::string& lower) const;

  // Whether a rule makes names below this one, so that it exists.
  bool IsAboveNames(std::string_view lower) const;

 private:
  // In order, the rules that fit the name: visit(rule, fit) until it is true.
  template <typename Visit>
  void EachFitting(const std::string& lower, Visit visit) const;

  std::vector<Rule> rules_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_name_;
  std::vector<std::size_t> others_;  // Rules that name no name.
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_RULE_H_
