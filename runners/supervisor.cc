#include "runners/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runners/namespaces.h"

namespace dkimspec::runners {
namespace {

constexpr int kCapSysAdmin = 21;  // <linux/capability.h>
constexpr rlim_t kMostOpenFiles = 4096;
constexpr rlim_t kMostProcesses = 4096;
constexpr int kChannel = 3;  // Its number from TakeOverDescriptors on.

// Appends what fits.
void Append(Report& report, const char* text) {
  const std::size_t used = std::strlen(report.text);
  const std::size_t room = sizeof report.text - 1 - used;
  std::memcpy(report.text + used, text, std::min(std::strlen(text), room));
}

void Send(const Report& report, int descriptor = -1) {
  iovec data = {const_cast<Report*>(&report), sizeof report};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  while (sendmsg(kChannel, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void GiveUp(const Failure& failure) {
  Report report{.kind = Report::Kind::kFailed, .number = failure.error};
  Append(report, failure.what);
  Append(report, " ");
  Append(report, failure.path);
  Send(report);
  _exit(125);
}

// Moves the descriptors to 0, 1, 2 and 3 and closes all others, among them our
// copies of other programs' pipes and channels: as long as a stranger holds
// one, its end would go unnoticed.
void TakeOverDescriptors(const ChildEnds& ends) {
  // All four are above 9 (process.cc), so that none is overwritten early.
  for (int i = 0; i < 3; ++i) {
    dup2(ends.standard[i], i);
  }
  dup2(ends.channel, kChannel);
  fcntl(kChannel, F_SETFD, FD_CLOEXEC);
  constexpr unsigned kFirst = kChannel + 1;
  if (syscall(SYS_close_range, kFirst, ~0u, 0) != 0) {
    for (int i = kFirst; i < 65536; ++i) {
      close(i);
    }
  }
}

void ResetSignals() {
  struct sigaction plain = {};
  plain.sa_handler = SIG_DFL;
  for (int i = 1; i < NSIG; ++i) {
    sigaction(i, &plain, nullptr);  // Refused for SIGKILL and the like.
  }
}

void Limit(__rlimit_resource_t resource, rlim_t most) {
  rlimit limit = {};
  if (getrlimit(resource, &limit) == 0) {
    limit.rlim_max = std::min(limit.rlim_max, most);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(resource, &limit);
  }
}

void SetLimits(const Plan& plan) {
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_NOFILE, kMostOpenFiles);
  if (plan.memory_limit != 0) {
    Limit(RLIMIT_DATA, plan.memory_limit);
  }
  if (plan.isolated) {
    // Only inside: outside, all processes of the user count.
    Limit(RLIMIT_NPROC, kMostProcesses);
  }
}

// In the program's own process; comes back only if something fails.
Failure BecomeProgram(const Plan& plan) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // Our parent, the supervisor, has one
                                     // thread.
  if (chdir(plan.working_folder.c_str()) != 0) {
    return {"enter the folder", plan.working_folder.c_str(), errno};
  }
  SetLimits(plan);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return {"give up new privileges for", plan.program.c_str(), errno};
  }
  if (plan.isolated) {
    // What was mounted stays mounted.
    prctl(PR_CAPBSET_DROP, kCapSysAdmin, 0, 0, 0);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(plan.program.c_str(), plan.argv.data(), plan.environment.data());
  return {"execute", plan.program.c_str(), errno};
}

// fork() of the C library takes locks that another thread may have held when
// we were cloned.
pid_t Fork() {
  return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

pid_t StartProgram(const Plan& plan) {
  int verdict[2];
  if (pipe2(verdict, O_CLOEXEC) != 0) {
    GiveUp({"make a pipe for", plan.program.c_str(), errno});
  }
  const pid_t program = Fork();
  if (program < 0) {
    GiveUp({"fork for", plan.program.c_str(), errno});
  }
  if (program == 0) {
    const Failure failure = BecomeProgram(plan);
    while (write(verdict[1], &failure, sizeof failure) < 0 && errno == EINTR) {
    }
    _exit(126);
  }
  close(verdict[1]);
  Failure failure;
  ssize_t got = 0;
  while ((got = read(verdict[0], &failure, sizeof failure)) < 0 &&
         errno == EINTR) {
  }
  close(verdict[0]);
  if (got == sizeof failure) {
    GiveUp(failure);  // Its pointers are good here: we are copies.
  }
  return program;
}

// Kills what still has us as parent, read from /proc without allocating.
bool KillChildren() {
  const int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (list < 0) {
    return false;
  }
  char text[4096];
  const ssize_t length = read(list, text, sizeof text);
  close(list);
  pid_t pid = 0;
  for (ssize_t i = 0; i < length; ++i) {
    if (text[i] >= '0' && text[i] <= '9') {
      pid = pid * 10 + (text[i] - '0');
    } else if (pid != 0) {
      kill(pid, SIGKILL);
      pid = 0;
    }
  }
  return length > 0;
}

// Without a PID namespace: the program's group, then, as orphans come to us,
// one generation after the other. Ends after two seconds at the latest.
void KillAll(pid_t program, int& status) {
  kill(-program, SIGKILL);
  for (int tries = 0; tries < 2000; ++tries) {
    KillChildren();
    int one = 0;
    const pid_t ended = waitpid(-1, &one, WNOHANG);
    if (ended < 0 && errno == ECHILD) {
      return;
    }
    if (ended == program) {
      status = one;
    }
    if (ended == 0) {
      usleep(1000);
    }
  }
}

// Reaps whatever ended; true if the program is among it.
bool Reap(pid_t program, int& status) {
  bool found = false;
  int one = 0;
  for (pid_t ended = 0; (ended = waitpid(-1, &one, WNOHANG)) > 0;) {
    if (ended == program) {
      status = one;
      found = true;
    }
  }
  return found;
}

// Until the program ends or the other end of the channel closes.
int WaitForEnd(pid_t program) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  int status = 0;
  while (!Reap(program, status)) {
    pollfd wait[2] = {{kChannel, POLLIN, 0}, {signals, POLLIN, 0}};
    poll(wait, 2, -1);
    if (wait[0].revents != 0) {
      kill(program, SIGKILL);
      waitpid(program, &status, 0);
      return status;
    }
    signalfd_siginfo info;
    while (read(signals, &info, sizeof info) > 0) {
    }
  }
  return status;
}

void SendSockets(const InnerSockets& sockets) {
  for (int i = 0; i < 2; ++i) {
    if (sockets.udp[i] >= 0 && sockets.tcp[i] >= 0) {
      Send({.kind = Report::Kind::kUdp}, sockets.udp[i]);
      Send({.kind = Report::Kind::kTcp}, sockets.tcp[i]);
    }
  }
  Send({.kind = Report::Kind::kLog}, sockets.log);
}

void SetUp(const Plan& plan) {
  char go = 0;
  if (recv(kChannel, &go, 1, 0) != 1) {
    _exit(125);  // Nobody wants us any more.
  }
  if (!plan.isolated) {
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    return;
  }
  InnerSockets sockets;
  Failure failure;
  if (!SetUpNetwork(sockets, failure) || !SetUpFiles(plan, sockets, failure)) {
    GiveUp(failure);
  }
  SendSockets(sockets);
  // Held by us, they would keep ports of a released stub alive.
  syscall(SYS_close_range, static_cast<unsigned>(kChannel + 1), ~0u, 0);
}

}  // namespace

void Supervise(const Plan& plan, const ChildEnds& ends) {
  TakeOverDescriptors(ends);
  ResetSignals();
  setsid();
  SetUp(plan);
  const pid_t program = StartProgram(plan);
  for (int i = 0; i < kChannel; ++i) {
    close(i);  // Its pipes must end with it.
  }
  Send({.kind = Report::Kind::kStarted});
  int status = WaitForEnd(program);
  if (!plan.isolated) {
    KillAll(program, status);
  }
  Send({.kind = Report::Kind::kEnded, .number = status});
  _exit(0);  // In a PID namespace, this is the end of everyone.
}

}  // namespace dkimspec::runners
