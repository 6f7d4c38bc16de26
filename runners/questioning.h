// Asks one implementation about all cases and judges what it says.
#ifndef DKIMSPEC_RUNNERS_QUESTIONING_H_
#define DKIMSPEC_RUNNERS_QUESTIONING_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dnsstub/server.h"
#include "fixtures/case.h"
#include "runners/implementation.h"
#include "runners/results.h"

namespace dkimspec::runners {

struct QuestioningOptions {
  // Serves the cases' zones; nullptr for DnsWay::kRequest.
  dnsstub::Server* dns = nullptr;
  // DnsWay::kNameserver: where to ask, "127.0.0.1:5353".
  std::string nameserver;
  // A resolver stands between: faults that it cannot pass on are left out.
  bool through_resolver = false;
  // Networks of this implementation begin so in the server's log; "" where the
  // server is its own.
  std::string network;
  // The order of questions follows from it, and tells nothing about the cases.
  std::uint64_t order_seed = 0;
  // Called with the number of cases answered so far and of all to be asked.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

// A result for each case that is not a control, in the order of `cases`.
// Controls are asked as well and weighed. Wrong answers are asked for once
// more, except crashes and hangs, which the transport has repeated already.
std::vector<CaseResult> Question(Implementation& implementation,
                                 const std::vector<fixtures::Case>& cases,
                                 const QuestioningOptions& options);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_QUESTIONING_H_
