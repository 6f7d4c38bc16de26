// Counts what a run found out.
#ifndef DKIMSPEC_RUNNERS_TALLY_H_
#define DKIMSPEC_RUNNERS_TALLY_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "runners/results.h"

namespace dkimspec::runners {

// Requirements are counted, not cases: a matrix cannot inflate a score. A
// requirement is broken if any case that covers it is wrong, met if one is
// conformant and none wrong, and otherwise not shown.
struct RequirementCount {
  std::size_t met = 0;
  std::size_t broken = 0;
  std::size_t not_shown = 0;
};

struct Tally {
  std::string implementation;
  std::map<Outcome, std::size_t> outcomes;  // Of cases.
  std::map<fixtures::Level, RequirementCount> requirements;

  std::size_t Count(Outcome outcome) const;
  std::size_t Wrong() const;
  std::size_t NoVerdict() const;
};

// One for each implementation that ran, in the order of the results.
std::vector<Tally> TallyUp(const Results& results);

// "MUST 181 met, 6 broken, 7 not shown"
std::string Headline(const Tally& tally);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_TALLY_H_
