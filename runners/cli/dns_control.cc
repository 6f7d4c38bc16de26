#include "runners/cli/dns_control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sstream>
#include <utility>

#include "dnsstub/log_json.h"

namespace dkimspec::cli {
namespace {

constexpr std::size_t kMaxLine = 1024;
constexpr int kPatience = 5;  // Seconds for a client to say or take something.
constexpr long kMaxWait = 60000;

std::string ReadLine(int fd) {
  std::string line;
  char c = 0;
  while (line.size() < kMaxLine && recv(fd, &c, 1, 0) == 1 && c != '\n') {
    line += c;
  }
  return line;
}

void WriteAll(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t sent =
        send(fd, text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (sent <= 0) {
      return;  // The client is gone, or does not read.
    }
    at += static_cast<std::size_t>(sent);
  }
}

std::string Wait(dnsstub::Server& server, std::istringstream& words) {
  std::string name;
  std::size_t queries = 0;
  long ms = 0;
  if (!(words >> name >> queries >> ms) || ms < 0) {
    return "error: write \"wait NAME N MS\"\n";
  }
  const bool enough = server.WaitFor(
      name, queries, std::chrono::milliseconds(std::min(ms, kMaxWait)));
  return enough ? "yes\n" : "no\n";
}

std::string Epoch(dnsstub::Server& server, const std::string& name,
                  const std::vector<std::string>& epochs) {
  if (std::find(epochs.begin(), epochs.end(), name) == epochs.end()) {
    return "error: there is no epoch \"" + name + "\"\n";
  }
  server.SetEpoch(name);
  return "ok\n";
}

std::string Obey(dnsstub::Server& server, const std::string& line,
                 const std::vector<std::string>& epochs) {
  std::istringstream words(line);
  std::string command;
  words >> command;
  if (command == "wait") {
    return Wait(server, words);
  }
  std::string name;
  words >> name;
  if (command == "epoch") {
    return Epoch(server, name, epochs);
  }
  if (command == "reset") {
    server.Reset();
    return "ok\n";
  }
  if (command == "log") {
    return dnsstub::ToJsonLines(name.empty() ? server.Log()
                                             : server.LogFor(name));
  }
  if (command == "queries") {
    return std::to_string(server.QueriesFor(name)) + "\n";
  }
  if (command == "unexpected") {
    return std::to_string(server.unexpected()) + "\n";
  }
  return command == "stop" ? "ok\n"
                           : "error: epoch, reset, log, queries, wait, "
                             "unexpected or stop\n";
}

}  // namespace

Expected<DnsControl> DnsControl::Open(const std::string& path) {
  if (path.empty()) {
    return DnsControl(-1, "");
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Fail(path, "is too long for a socket; choose a shorter path");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const mode_t mask = umask(0077);
  const bool bound =
      bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  const int error = errno;
  umask(mask);
  if (!bound || listen(fd, 8) != 0) {
    close(fd);
    return Fail(path, std::string("cannot be bound: ") +
                          std::strerror(bound ? errno : error) +
                          "; remove it, or choose another path");
  }
  return DnsControl(fd, path);
}

DnsControl::DnsControl(DnsControl&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

DnsControl::~DnsControl() {
  if (fd_ >= 0) {
    close(fd_);
    unlink(path_.c_str());
  }
}

bool DnsControl::Serve(dnsstub::Server& server,
                       const std::vector<std::string>& epochs) {
  const int client = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) {
    return true;
  }
  const timeval patience{kPatience, 0};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const std::string line = ReadLine(client);
  WriteAll(client, Obey(server, line, epochs));
  close(client);
  return line != "stop";
}

}  // namespace dkimspec::cli
