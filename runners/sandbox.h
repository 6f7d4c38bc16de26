// Runs a program in namespaces of its own: user, network, mount, PID and IPC.
//
// Inside: `/` read-only, private /tmp, /home, /run and /dev, only loopback,
// resolv.conf naming 127.0.0.1, no new privileges, resource limits, a clean
// environment. UDP and TCP sockets on port 53 of 127.0.0.1 and [::1] are bound
// inside and handed out, for one stub server outside that serves them all.
// It makes runs repeatable and private; it does not make hostile code safe.
#ifndef DKIMSPEC_RUNNERS_SANDBOX_H_
#define DKIMSPEC_RUNNERS_SANDBOX_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reference/base/expected.h"

namespace dkimspec::runners {

struct ProcessOptions {
  std::vector<std::string> argv;  // argv[0] is a path or looked up in PATH.
  std::vector<std::pair<std::string, std::string>> environment;  // All of it.
  std::string working_folder = "/";
  bool isolated = true;  // False: no namespaces, where the machine has none.
  std::size_t memory_limit = std::size_t{4} << 30;  // RLIMIT_DATA, octets.
  std::vector<std::string> writable;  // Folders that stay writable.
};

// A running program with pipes on stdin, stdout and stderr. The destructor
// kills everything it started and waits for it: the PID namespace goes as one;
// without isolation, the process group.
class Process {
 public:
  static Expected<std::unique_ptr<Process>> Start(
      const ProcessOptions& options);
  ~Process();

  int stdin_fd() const;   // Nonblocking, as are the others.
  int stdout_fd() const;
  int stderr_fd() const;
  pid_t pid() const;

  // Sockets bound to port 53 inside; empty if not isolated. The caller owns
  // them from here on (dnsstub::Server::Adopt).
  std::vector<int> TakeUdpSockets();
  std::vector<int> TakeTcpSockets();

  void CloseStdin();
  // Waits at most `patience`; true if it ended.
  bool WaitFor(std::chrono::milliseconds patience);
  // "exit status 3", "killed by signal 11 (SIGSEGV)"; empty while it runs.
  std::string HowItEnded() const;
  void Kill();

 private:
  struct Impl;
  explicit Process(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Empty if isolation works here, otherwise why not and what would help.
std::string WhyNoIsolation();

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_SANDBOX_H_
