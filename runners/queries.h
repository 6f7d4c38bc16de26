// What the log of our DNS server tells about one case, beside its verdict.
#ifndef DKIMSPEC_RUNNERS_QUERIES_H_
#define DKIMSPEC_RUNNERS_QUERIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dnsstub/server.h"
#include "fixtures/case.h"

namespace dkimspec::runners {

// A range of a case, and what was seen. The verdict does not depend on it.
struct QueryFinding {
  std::string label;  // Of the signature.
  fixtures::QueryRange::Count count = fixtures::QueryRange::Count::kTotal;
  std::uint64_t seen = 0;
  std::uint64_t least = 0;
  std::optional<std::uint64_t> most;  // Absent: any number.
  std::string reason;                 // Why the range is so, with its citation.

  bool Holds() const { return seen >= least && (!most || seen <= *most); }
  // "tcp 0, expected 1 or more"
  std::string ToString() const;
};

// Holds the ranges of `test` against `log`. Only networks whose names begin
// with `network` count; and of those only the one that asked last, because a
// message that is asked about once more goes to a fresh process with a network
// of its own. Processes that ask us from outside the sandbox all have the
// network "", and count together.
std::vector<QueryFinding> FindQueries(const fixtures::Case& test,
                                      const std::vector<dnsstub::LogEntry>& log,
                                      std::string_view network);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_QUERIES_H_
