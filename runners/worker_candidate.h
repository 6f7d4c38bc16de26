// A worker, by the command that starts it, as a candidate for a run.
#ifndef DKIMSPEC_RUNNERS_WORKER_CANDIDATE_H_
#define DKIMSPEC_RUNNERS_WORKER_CANDIDATE_H_

#include <string>
#include <utility>
#include <vector>

#include "reference/base/expected.h"
#include "runners/implementation.h"
#include "runners/run.h"

namespace dkimspec::runners {

struct WorkerCommand {
  std::vector<std::string> argv;
  // Added to the clean environment of the sandbox.
  std::vector<std::pair<std::string, std::string>> environment;
  // What is declared of it. Name and family, where not empty, its DNS way and
  // its reports stand over what the worker says; words and policies are added.
  Description declared;
  std::string working_folder = "/";
  // In a sandbox wherever there is one, even if it needs none for its DNS.
  bool isolate_if_possible = false;
  // Folders that the sandbox must show, wherever the checkout is: also below
  // /home, /root or /tmp, which are private inside.
  std::vector<std::string> visible;
};

// `why_not` is set if it needs the sandbox and this machine has none.
Candidate WorkerCandidate(WorkerCommand command);

// A worker nobody has described: starts it once to hear what it says of itself,
// and makes a candidate of that. It runs in the current folder with our own
// environment, and in a sandbox only if its way to DNS is one. `dns` stands
// over what it says; empty: nothing does. Fails if it does not start.
Expected<Candidate> UnknownWorkerCandidate(std::vector<std::string> argv,
                                           const std::string& dns);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_WORKER_CANDIDATE_H_
