// The implementations that can take part in a run: the reference, and what
// runners/implementations/<name>/implementation.json describes.
#ifndef DKIMSPEC_RUNNERS_REGISTRY_H_
#define DKIMSPEC_RUNNERS_REGISTRY_H_

#include <map>
#include <string>
#include <vector>

#include "reference/base/expected.h"
#include "runners/implementation.h"
#include "runners/run.h"

namespace dkimspec::runners {

// One implementation.json, as far as running it goes; fetching is the business
// of fetch.py. Placeholders in argv and environment are filled in.
struct ImplementationFile {
  Description description;  // Without version and ops.
  std::string homepage;
  std::string note;
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;
};

struct RegistryFolders {
  std::string implementations;  // Holds <name>/implementation.json.
  std::string peers;            // Where fetch.py put the programs.
  std::string build;            // Holds the dkimspec command.
};

// $DKIMSPEC_IMPLEMENTATIONS and $DKIMSPEC_PEERS, or the folders installed
// beside the program, or those this build was made from.
RegistryFolders DefaultFolders();

// All implementation files, sorted by name. Reads strictly: errors name the
// file and the member.
Expected<std::vector<ImplementationFile>> ReadImplementationFiles(
    const RegistryFolders& folders);

// The reference in process, with and without a resolver, and every
// implementation file; those that were not fetched say so in `why_not`.
Expected<std::vector<Candidate>> AllCandidates(const RegistryFolders& folders);

// Those named, in the order of `all`; "all" or nothing names everyone. An error
// lists the names there are.
Expected<std::vector<Candidate>> ChooseCandidates(
    std::vector<Candidate> all, const std::vector<std::string>& names);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_REGISTRY_H_
