#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "runners/process_plan.h"
#include "runners/sandbox.h"
#include "runners/supervisor.h"

namespace dkimspec::runners {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kSetUpPatience{10000};

// An owned file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { Close(); }

  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }
  void Close() {
    if (fd_ >= 0) {
      close(std::exchange(fd_, -1));
    }
  }

 private:
  int fd_ = -1;
};

// The supervisor moves its descriptors to 0..3, so they must lie above.
Descriptor Raise(int fd) {
  Descriptor low(fd);
  return Descriptor(fcntl(low.get(), F_DUPFD_CLOEXEC, 10));
}

struct Pair {
  Descriptor ours;
  Descriptor theirs;

  bool ok() const { return ours.get() >= 0 && theirs.get() >= 0; }
};

Pair MakeChannel() {
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return {};
  }
  return {Raise(ends[0]), Raise(ends[1])};
}

Pair MakePipe(bool we_write) {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return {};
  }
  Pair pair{Raise(ends[we_write ? 1 : 0]), Raise(ends[we_write ? 0 : 1])};
  fcntl(pair.ours.get(), F_SETFL, O_NONBLOCK);
  return pair;
}

bool WriteProcFile(pid_t pid, const char* name, const std::string& text) {
  const std::string path = fmt::format("/proc/{}/{}", pid, name);
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file.get() >= 0 && write(file.get(), text.data(), text.size()) ==
                                static_cast<ssize_t>(text.size());
}

// Root maps all users it has, so that daemons can drop their privileges;
// everyone else maps only itself.
bool MapUsers(pid_t child) {
  if (geteuid() == 0) {
    for (const char* all : {"0 0 65536", "0 0 65535"}) {
      if (WriteProcFile(child, "uid_map", all)) {
        return WriteProcFile(child, "gid_map", all);
      }
    }
  }
  return WriteProcFile(child, "setgroups", "deny") &&
         WriteProcFile(child, "uid_map", fmt::format("0 {} 1", geteuid())) &&
         WriteProcFile(child, "gid_map", fmt::format("0 {} 1", getegid()));
}

pid_t Clone(const Plan& plan, const ChildEnds& ends) {
  long flags = SIGCHLD;
  if (plan.isolated) {
    flags |= CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID |
             CLONE_NEWIPC;
  }
  // No handler of ours may run in the copy.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const pid_t child = static_cast<pid_t>(syscall(SYS_clone, flags, 0, 0, 0, 0));
  if (child == 0) {
    Supervise(plan, ends);
  }
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return child;
}

std::string Describe(int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    const char* name = sigabbrev_np(number);
    return fmt::format("killed by signal {} (SIG{})", number,
                       name != nullptr ? name : "?");
  }
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace

struct Process::Impl {
  Plan plan;
  pid_t supervisor = -1;
  Descriptor channel;
  Descriptor standard[3];
  Descriptor log;
  std::vector<Descriptor> udp;
  std::vector<Descriptor> tcp;
  std::optional<int> status;  // Of the program.
  bool reaped = false;

  Expected<void> Launch();
  Expected<void> AwaitStart();
  std::optional<Report> Receive(Clock::time_point until, bool& closed);
  bool Wait(milliseconds patience);
  void Reap();
  void Kill();
};

Expected<void> Process::Impl::Launch() {
  Pair link = MakeChannel();
  Pair pipes[3] = {MakePipe(true), MakePipe(false), MakePipe(false)};
  if (!link.ok() ||
      !std::all_of(pipes, pipes + 3, [](const Pair& p) { return p.ok(); })) {
    return Fail(plan.program,
                fmt::format("no pipe for it: {}", std::strerror(errno)));
  }
  ChildEnds ends{.channel = link.theirs.get(),
                 .standard = {pipes[0].theirs.get(), pipes[1].theirs.get(),
                              pipes[2].theirs.get()}};
  supervisor = Clone(plan, ends);
  if (supervisor < 0) {
    return Fail(plan.program, fmt::format("clone: {}", std::strerror(errno)));
  }
  channel = std::move(link.ours);
  for (int i = 0; i < 3; ++i) {
    standard[i] = std::move(pipes[i].ours);
  }
  if (plan.isolated && !MapUsers(supervisor)) {
    return Fail(plan.program,
                fmt::format("write uid_map: {}", std::strerror(errno)));
  }
  const char go = 'g';
  send(channel.get(), &go, 1, MSG_NOSIGNAL);
  link.theirs.Close();
  return {};
}

// The next report, or nothing at the deadline or, with `closed`, at the end.
std::optional<Report> Process::Impl::Receive(Clock::time_point until,
                                             bool& closed) {
  const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
  pollfd wait = {channel.get(), POLLIN, 0};
  if (poll(&wait, 1,
           static_cast<int>(std::max<std::int64_t>(0, left.count()))) <= 0) {
    return std::nullopt;
  }
  Report report;
  iovec data = {&report, sizeof report};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = recvmsg(channel.get(), &message, MSG_CMSG_CLOEXEC);
  if (got != sizeof report) {
    closed = got >= 0 || errno != EINTR;
    return std::nullopt;
  }
  int fd = -1;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  }
  switch (report.kind) {
    case Report::Kind::kUdp:
      udp.emplace_back(fd);
      break;
    case Report::Kind::kTcp:
      tcp.emplace_back(fd);
      break;
    case Report::Kind::kLog:
      log = Descriptor(fd);
      break;
    case Report::Kind::kEnded:
      status = report.number;
      break;
    case Report::Kind::kFailed:
    case Report::Kind::kStarted:
      break;
  }
  return report;
}

Expected<void> Process::Impl::AwaitStart() {
  const auto until = Clock::now() + kSetUpPatience;
  bool closed = false;
  while (!closed && Clock::now() < until) {
    const std::optional<Report> report = Receive(until, closed);
    if (report && report->kind == Report::Kind::kStarted) {
      return {};
    }
    if (report && report->kind == Report::Kind::kFailed) {
      return Fail(plan.program,
                  fmt::format("cannot be started: {}: {}", report->text,
                              std::strerror(report->number)));
    }
  }
  return Fail(plan.program, closed ? "was killed before it started"
                                   : "took longer than 10 seconds to set up");
}

void Process::Impl::Reap() {
  int own = 0;
  pid_t ended = 0;
  while ((ended = waitpid(supervisor, &own, 0)) < 0 && errno == EINTR) {
  }
  reaped = true;
  // A supervisor that was killed took the program with it.
  if (!status && ended == supervisor) {
    status = own;
  }
  status = status.value_or(SIGKILL);
}

bool Process::Impl::Wait(milliseconds patience) {
  const auto until = Clock::now() + patience;
  bool closed = false;
  while (!reaped && !status && !closed) {
    Receive(until, closed);
    if (!status && !closed && Clock::now() >= until) {
      return false;
    }
  }
  if (!reaped) {
    Reap();
  }
  return true;
}

void Process::Impl::Kill() {
  if (supervisor < 0 || reaped) {
    return;
  }
  if (plan.isolated) {
    kill(supervisor, SIGKILL);
    Reap();  // Returns when the whole PID namespace is gone.
    return;
  }
  shutdown(channel.get(), SHUT_WR);
  if (!Wait(milliseconds(5000))) {
    kill(supervisor, SIGKILL);
    Reap();
  }
}

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Process::~Process() { impl_->Kill(); }

Expected<std::unique_ptr<Process>> Process::Start(
    const ProcessOptions& options) {
  auto plan = MakePlan(options);
  if (!plan) {
    return tl::unexpected(plan.error());
  }
  auto impl = std::make_unique<Impl>();
  impl->plan = *std::move(plan);
  // From here on the destructor cleans up.
  std::unique_ptr<Process> process(new Process(std::move(impl)));
  if (auto launched = process->impl_->Launch(); !launched) {
    return tl::unexpected(launched.error());
  }
  if (auto started = process->impl_->AwaitStart(); !started) {
    return tl::unexpected(started.error());
  }
  return process;
}

int Process::stdin_fd() const { return impl_->standard[0].get(); }
int Process::stdout_fd() const { return impl_->standard[1].get(); }
int Process::stderr_fd() const { return impl_->standard[2].get(); }
int Process::log_fd() const { return impl_->log.get(); }
pid_t Process::pid() const { return impl_->supervisor; }

namespace {

std::vector<int> ReleaseAll(std::vector<Descriptor>& from) {
  std::vector<int> released;
  for (Descriptor& one : from) {
    released.push_back(one.Release());
  }
  from.clear();
  return released;
}

}  // namespace

std::vector<int> Process::TakeUdpSockets() { return ReleaseAll(impl_->udp); }
std::vector<int> Process::TakeTcpSockets() { return ReleaseAll(impl_->tcp); }

void Process::CloseStdin() { impl_->standard[0].Close(); }

bool Process::WaitFor(milliseconds patience) { return impl_->Wait(patience); }

std::string Process::HowItEnded() const {
  if (!impl_->Wait(milliseconds(0))) {
    return "";
  }
  return Describe(*impl_->status);
}

void Process::Kill() { impl_->Kill(); }

}  // namespace dkimspec::runners
