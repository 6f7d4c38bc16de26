// What happens inside the new namespaces before the program starts. All of it
// runs in a copy of a threaded process: system calls only, no allocation.
#ifndef DKIMSPEC_RUNNERS_NAMESPACES_H_
#define DKIMSPEC_RUNNERS_NAMESPACES_H_

#include <array>

#include "runners/process_plan.h"

namespace dkimspec::runners {

// Where setting up stopped; `what` and `path` are not owned.
struct Failure {
  const char* what = "";
  const char* path = "";
  int error = 0;
};

// Sockets made inside; -1 where the machine has no IPv6.
struct InnerSockets {
  std::array<int, 2> udp = {-1, -1};
  std::array<int, 2> tcp = {-1, -1};
  int log = -1;
};

// Raises loopback and binds port 53. False with `failure` filled in.
bool SetUpNetwork(InnerSockets& sockets, Failure& failure);

// Private folders, /dev with its log socket, /proc, resolv.conf; the rest of
// the file system read-only.
bool SetUpFiles(const Plan& plan, InnerSockets& sockets, Failure& failure);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_NAMESPACES_H_
