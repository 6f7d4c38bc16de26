#include "runners/midbox.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "dnsstub/wire.h"
#include "runners/sandbox.h"
#include "runners/worker_io.h"
#include "runners/worker_protocol.h"

namespace dkimspec::runners {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kStartPatience{30000};
constexpr milliseconds kAskAgain{20};
constexpr int kTries = 5;  // A free port may be taken before unbound has it.
constexpr std::size_t kSaidKept = 2000;  // Octets, the end of it.

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A socket of 127.0.0.1, closed with its owner.
class Socket {
 public:
  explicit Socket(int type) : fd_(socket(AF_INET, type | SOCK_CLOEXEC, 0)) {}
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }
  bool Bind(std::uint16_t port) const {
    const sockaddr_in address = Loopback(port);
    return bind(fd_, reinterpret_cast<const sockaddr*>(&address),
                sizeof address) == 0;
  }
  std::uint16_t Port() const {
    sockaddr_in address = {};
    socklen_t length = sizeof address;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin_port);
  }

 private:
  int fd_;
};

// Free for UDP and TCP a moment ago; 0 if there is none.
std::uint16_t FreePort() {
  for (int i = 0; i < 100; ++i) {
    const Socket tcp(SOCK_STREAM);
    const Socket udp(SOCK_DGRAM);
    if (tcp.Bind(0) && udp.Bind(tcp.Port())) {
      return udp.Port();
    }
  }
  return 0;
}

// A query for TXT (RFC 1035 section 4.1).
std::string ReadyQuery(const std::string& name) {
  using namespace std::string_literals;
  return "\x2a\x2a\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"s +
         dnsstub::ToWireName(name).value_or("\0"s) + "\x00\x10\x00\x01"s;
}

// The answer's text, a character-string of five octets (RFC 1035 section
// 3.3.14). The question has no such octets: its label is longer.
constexpr std::string_view kReadyText = "\x05ready";

// Whether `port` answers the query. The name is known to our unbound alone, so
// a stranger on that port, whose reply repeats only the question, cannot be
// taken for it.
bool Answers(const Socket& socket, std::uint16_t port,
             const std::string& query) {
  const sockaddr_in address = Loopback(port);
  sendto(socket.fd(), query.data(), query.size(), MSG_NOSIGNAL,
         reinterpret_cast<const sockaddr*>(&address), sizeof address);
  pollfd wait = {socket.fd(), POLLIN, 0};
  if (poll(&wait, 1, static_cast<int>(kAskAgain.count())) <= 0) {
    return false;
  }
  char answer[512];
  const ssize_t got =
      recv(socket.fd(), answer, sizeof answer, MSG_DONTWAIT | MSG_NOSIGNAL);
  return got > 0 && std::string_view(answer, static_cast<std::size_t>(got))
                            .find(kReadyText) != std::string_view::npos;
}

bool WriteAll(int fd, std::string_view text, Clock::time_point until) {
  while (!text.empty()) {
    const ssize_t written = WriteQuietly(fd, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EAGAIN && errno != EINTR) {
      return false;
    } else if (Clock::now() >= until) {
      return false;
    } else {
      pollfd wait = {fd, POLLOUT, 0};
      poll(&wait, 1, static_cast<int>(kAskAgain.count()));
    }
  }
  return true;
}

ProcessOptions CommandOf(const UnboundProgram& program) {
  ProcessOptions options;
  options.argv = {program.path, "-d", "-p", "-c", "/dev/stdin"};
  options.environment = CleanEnvironment();
  if (!program.libraries.empty()) {
    options.environment.emplace_back("LD_LIBRARY_PATH", program.libraries);
  }
  options.isolated = false;
  return options;
}

}  // namespace

struct Midbox::Impl {
  std::uint16_t port = 0;
  std::unique_ptr<Process> process;
  std::thread listener;
  mutable std::mutex mutex;
  std::string log;  // The end of its stderr.

  ~Impl();
  Expected<void> TryStart(const MidboxOptions& options);
  Expected<void> AwaitReady(const std::string& name, Clock::time_point until);
  void Listen();
  std::string Log() const;
};

Midbox::Impl::~Impl() {
  if (process != nullptr) {
    process->Kill();
  }
  if (listener.joinable()) {
    listener.join();  // Its pipe ends with the process.
  }
}

// A pipe that nobody reads would stop unbound once it is full.
void Midbox::Impl::Listen() {
  pollfd wait = {process->stderr_fd(), POLLIN, 0};
  char piece[4096];
  while (true) {
    poll(&wait, 1, -1);
    const ssize_t got = read(wait.fd, piece, sizeof piece);
    if (got > 0) {
      const std::lock_guard lock(mutex);
      log.append(piece, static_cast<std::size_t>(got));
      log.erase(0, log.size() - std::min(log.size(), kSaidKept));
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      return;
    }
  }
}

std::string Midbox::Impl::Log() const {
  const std::lock_guard lock(mutex);
  std::string text = log;
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text.empty() ? "nothing" : text;
}

Expected<void> Midbox::Impl::AwaitReady(const std::string& name,
                                        Clock::time_point until) {
  const Socket socket(SOCK_DGRAM);
  const std::string query = ReadyQuery(name);
  while (true) {
    const bool answers = Answers(socket, port, query);
    if (process->WaitFor(milliseconds(0))) {
      process->Kill();
      listener.join();
      return Fail("unbound", fmt::format("does not start ({}); it said: {}",
                                         process->HowItEnded(), Log()));
    }
    if (answers) {
      return {};
    }
    if (Clock::now() >= until) {
      return Fail("unbound",
                  fmt::format("gives no answer within {} seconds; it said: {}",
                              kStartPatience.count() / 1000, Log()));
    }
  }
}

Expected<void> Midbox::Impl::TryStart(const MidboxOptions& options) {
  port = FreePort();
  if (port == 0) {
    return Fail("unbound", "there is no free port on 127.0.0.1");
  }
  auto started = Process::Start(CommandOf(options.program));
  if (!started) {
    return tl::unexpected(started.error());
  }
  process = std::move(*started);
  listener = std::thread([this] { Listen(); });
  const auto until = Clock::now() + kStartPatience;
  const std::string name =
      fmt::format("ready-{:x}.dkimspec.example", RandomRequestId());
  // If that fails, it has ended, and says why.
  WriteAll(process->stdin_fd(), MidboxConfiguration(options, port, name),
           until);
  process->CloseStdin();
  return AwaitReady(name, until);
}

Midbox::Midbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Midbox::~Midbox() = default;

Expected<std::unique_ptr<Midbox>> Midbox::Start(const MidboxOptions& options) {
  for (int tried = 1;; ++tried) {
    auto impl = std::make_unique<Impl>();
    Expected<void> ready = impl->TryStart(options);
    if (ready) {
      return std::unique_ptr<Midbox>(new Midbox(std::move(impl)));
    }
    const bool taken =
        ready.error().message.find("already in use") != std::string::npos;
    if (!taken || tried == kTries) {
      return tl::unexpected(std::move(ready.error()));
    }
  }
}

std::uint16_t Midbox::port() const { return impl_->port; }

std::string Midbox::address() const {
  return fmt::format("127.0.0.1:{}", impl_->port);
}

int Midbox::pid() const { return impl_->process->pid(); }

std::string Midbox::WhyEnded() const {
  if (!impl_->process->WaitFor(milliseconds(0))) {
    return "";
  }
  return fmt::format("unbound ended: {}; it said: {}",
                     impl_->process->HowItEnded(), impl_->Log());
}

}  // namespace dkimspec::runners
