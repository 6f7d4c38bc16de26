// Runs a program in namespaces of its own: user, network, mount, PID and IPC.
//
// Inside: `/` read-only; private /tmp, /var/tmp, /home, /root, /run and /dev;
// only loopback; resolv.conf naming 127.0.0.1; no new privileges, resource
// limits, a clean environment, a session of its own. UDP and TCP sockets on
// port 53 of 127.0.0.1 and [::1] are bound inside and handed out, for one stub
// server outside that serves them all.
//
// It makes runs repeatable and private; it does not make hostile code safe.
// Linux 5.12 or later. docs/worker-protocol.md tells the same to authors of
// workers.
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
  // argv[0] is a path, relative to working_folder, or looked up in PATH.
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;  // All of it.
  std::string working_folder = "/";
  bool isolated = true;  // False: no namespaces, where the machine has none.
  std::size_t memory_limit = std::size_t{4} << 30;  // RLIMIT_DATA; 0: none.
  std::vector<std::string> writable;  // Folders that stay writable.

  // Folders and files that stay visible, read-only, although they lie beneath
  // a private folder such as /home. Found without being listed here: the
  // working folder (but never all of /tmp), the program's prefix, the folders
  // of files named in argv, and those of PATH.
  std::vector<std::string> visible;

  // The "options" line of resolv.conf. The default bounds what a dropped query
  // costs: the C library's own would wait 10 seconds.
  std::string resolver_options = "timeout:2 attempts:2";
};

// PATH as ours, HOME and TMPDIR /tmp, LANG C.UTF-8, TZ UTC.
std::vector<std::pair<std::string, std::string>> CleanEnvironment();

// A running program with pipes on stdin, stdout and stderr. The destructor
// kills everything it started and waits for it: the PID namespace goes as one;
// without isolation, whatever descends from the program. The same happens, by
// itself, when this process dies in whatever way. When the program ends, what
// it left behind is killed too.
class Process {
 public:
  // Fails if the program cannot be found or executed, or a part of the sandbox
  // cannot be set up; the message names the step ("mount /tmp: ...").
  static Expected<std::unique_ptr<Process>> Start(
      const ProcessOptions& options);
  ~Process();

  int stdin_fd() const;  // Nonblocking, as are the others. -1 once closed.
  int stdout_fd() const;
  int stderr_fd() const;
  int log_fd() const;  // Datagrams sent to /dev/log; -1 if not isolated.
  pid_t pid() const;   // The supervisor: first of the PID namespace.

  // Sockets bound to port 53 inside; empty if not isolated. The caller owns
  // them from here on (dnsstub::Server::Adopt).
  std::vector<int> TakeUdpSockets();
  std::vector<int> TakeTcpSockets();

  void CloseStdin();
  // Waits at most `patience`; true if it ended.
  bool WaitFor(std::chrono::milliseconds patience);
  // "exit status 3", "killed by signal 11 (SIGSEGV)"; empty while it runs.
  std::string HowItEnded() const;
  void Kill();  // Returns when nothing is left.

 private:
  struct Impl;
  explicit Process(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Empty if isolation works here, otherwise why not and what would help. The
// first call tries it; later calls repeat the finding.
std::string WhyNoIsolation();

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_SANDBOX_H_
