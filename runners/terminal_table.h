// Results as text for a terminal.
#ifndef DKIMSPEC_RUNNERS_TERMINAL_TABLE_H_
#define DKIMSPEC_RUNNERS_TERMINAL_TABLE_H_

#include <cstddef>
#include <string>

#include "runners/results.h"

namespace dkimspec::runners {

struct TableOptions {
  bool colour = false;
  std::size_t listed = 20;  // Entries of a list at most.
};

// A row for each implementation with its counts and headline; what did not run
// and why; the wrong answers by case, worst first; and why there was no verdict
// where there was none. The same results give the same text; control characters
// in what programs said are replaced.
std::string WriteTable(const Results& results, const TableOptions& options);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_TERMINAL_TABLE_H_
