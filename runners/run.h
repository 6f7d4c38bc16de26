// A run: builds the cases, asks every implementation, collects the results.
#ifndef DKIMSPEC_RUNNERS_RUN_H_
#define DKIMSPEC_RUNNERS_RUN_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dnsstub/server.h"
#include "fixtures/suite.h"
#include "reference/base/expected.h"
#include "runners/dns_relay.h"
#include "runners/implementation.h"
#include "runners/midbox.h"
#include "runners/results.h"

namespace dkimspec::runners {

// What a candidate needs in order to start.
struct StartContext {
  std::chrono::milliseconds timeout{20000};  // For one message.
  // Where sandboxed processes hand over their DNS sockets, each under a name
  // that begins with `network`. nullptr for DnsWay::kRequest.
  dnsstub::Server* dns = nullptr;
  std::string network;
  // Takes the sockets instead of `dns`, if a resolver stands before it.
  DnsRelay* relay = nullptr;
};

// Someone who may take part in a run.
struct Candidate {
  Description description;  // As declared; the started one knows more.
  std::string why_not;      // Not empty: cannot take part, and why.
  std::function<Expected<std::unique_ptr<Implementation>>(const StartContext&)>
      start;
};

struct RunOptions {
  // Absent: the time of the run. A given time reaches only implementations that
  // take it; the others read the clock, and get cases built for its time.
  std::optional<std::int64_t> now;
  std::string salt;
  std::vector<std::string> globs;  // On case ids. Empty: all.
  std::chrono::milliseconds timeout{20000};
  std::size_t at_once = 2;  // Implementations asked at the same time.
  // Stands between our DNS server and implementations that use sockets; one of
  // its own for each. Absent: they ask our server themselves.
  std::optional<UnboundProgram> resolver;
  // Called from several threads, one call at a time.
  std::function<void(const std::string& implementation, std::size_t done,
                     std::size_t total)>
      progress;
};

// Fails if the suite cannot be built, no case matches, or the DNS server that
// a candidate needs cannot start. A candidate that does not start is no
// failure: its entry in the results says why.
Expected<Results> RunSuite(const fixtures::Suite& suite,
                           const RunOptions& options,
                           std::vector<Candidate> candidates);

// The cases that match one of `globs`, and their controls. An error names a
// glob that matches nothing.
Expected<std::vector<fixtures::Case>> SelectCases(
    std::vector<fixtures::Case> cases, const std::vector<std::string>& globs);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_RUN_H_
