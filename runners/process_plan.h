// Everything a new process needs to know, worked out before it is cloned:
// between clone and execve a copy of a threaded program may not allocate.
#ifndef DKIMSPEC_RUNNERS_PROCESS_PLAN_H_
#define DKIMSPEC_RUNNERS_PROCESS_PLAN_H_

#include <string>
#include <vector>

#include "reference/base/expected.h"
#include "runners/sandbox.h"

namespace dkimspec::runners {

// A folder or file shown through a private folder.
struct Bind {
  std::string path;
  bool writable = false;
  bool is_folder = true;
  // Folders to create beneath the private folder, outermost first.
  std::vector<std::string> ancestors;
};

// A folder that an empty one of memory takes the place of.
struct Private {
  std::string path;
  const char* mount_options = "";
  bool always = true;  // Even if it is named as visible: nobody gets /tmp.
};

struct Plan {
  Plan() = default;
  Plan(Plan&&) = default;  // Not copied: argv points into argv_text.
  Plan& operator=(Plan&&) = default;

  bool isolated = true;
  std::string program;  // Absolute.
  std::string working_folder;
  std::size_t memory_limit = 0;

  std::vector<std::string> argv_text;
  std::vector<std::string> environment_text;  // "NAME=value"
  std::vector<char*> argv;                    // Null-terminated, as execve
  std::vector<char*> environment;             // wants them.

  std::vector<Private> privates;
  std::vector<Bind> binds;
  std::vector<Bind> devices;         // Device files of /dev to keep.
  std::string resolv_conf;           // Its text.
  std::string resolv_conf_path;      // What to cover; empty: there is none.
  bool resolv_conf_private = false;  // It lies in a private folder.
  Bind resolv_conf_place;            // Then: what to create first.
};

Expected<Plan> MakePlan(const ProcessOptions& options);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_PROCESS_PLAN_H_
