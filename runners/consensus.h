// What implementation families make of each expectation. Our reference never
// decides alone: an expectation is worth what independent code says of it.
#ifndef DKIMSPEC_RUNNERS_CONSENSUS_H_
#define DKIMSPEC_RUNNERS_CONSENSUS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runners/results.h"

namespace dkimspec::runners {

enum class Status {
  kAgreed,    // Two families or more conform, none is against.
  kSplit,     // Some conform, some are against.
  kTextOnly,  // Some are against and nobody conforms: only the text speaks.
  kUntested,  // Fewer than two families have an opinion, none against.
};

std::string_view ToString(Status status);  // "agreed", "text-only", ...

struct Consensus {
  Status status = Status::kUntested;
  std::vector<std::string> conforming;  // Families, sorted.
  std::vector<std::string> against;
};

// By case id. Implementations of one family share code and count once: the
// family is against if one of its members is. Our own family does not count;
// neither does an outcome without a verdict, a tolerated one, or one that was
// judged by another expectation because the implementation declares a policy
// (known where our reference was part of the run: it declares none).
std::map<std::string, Consensus> FindConsensus(const Results& results);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_CONSENSUS_H_
