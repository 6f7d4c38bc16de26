#include "dnsstub/sockets.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dkimspec::dnsstub {
namespace {

constexpr int kTries = 64;
constexpr int kReceiveBuffer = 4 << 20;  // A burst of every case's query.

struct Address {
  sockaddr_storage octets{};
  socklen_t size = 0;
  int family = AF_INET;
};

Address Loopback(int family, std::uint16_t port) {
  Address address;
  address.family = family;
  if (family == AF_INET) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::memcpy(&address.octets, &v4, sizeof v4);
    address.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    std::memcpy(&address.octets, &v6, sizeof v6);
    address.size = sizeof v6;
  }
  return address;
}

std::uint16_t PortOf(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  in_port_t port = 0;
  if (bound.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &bound, sizeof v4);
    port = v4.sin_port;
  } else {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &bound, sizeof v6);
    port = v6.sin6_port;
  }
  return ntohs(port);
}

// An invalid descriptor on failure, with errno as the kernel left it.
Descriptor Bind(int type, int family, std::uint16_t port) {
  Descriptor socket_fd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_fd.valid()) {
    return socket_fd;
  }
  int on = 1;
  if (family == AF_INET6) {
    setsockopt(socket_fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (type == SOCK_STREAM) {
    // A restart on the same port must not wait for old connections.
    setsockopt(socket_fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  } else {
    setsockopt(socket_fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer,
               sizeof kReceiveBuffer);
  }
  Address address = Loopback(family, port);
  if (bind(socket_fd.get(), reinterpret_cast<sockaddr*>(&address.octets),
           address.size) != 0 ||
      (type == SOCK_STREAM && listen(socket_fd.get(), SOMAXCONN) != 0)) {
    int error = errno;
    socket_fd = Descriptor();
    errno = error;
  }
  return socket_fd;
}

// One attempt; returns errno, 0 on success. `where` names what failed.
class Binder {
 public:
  explicit Binder(const ServerOptions& options) : options_(options) {}

  int Run() {
    sockets_.port = options_.port;
    if (options_.ipv4) {
      if (int error = Add(AF_INET)) {
        return error;
      }
    }
    if (options_.ipv6) {
      int error = Add(AF_INET6);
      bool absent = error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
      if (error != 0 && !(absent && options_.ipv4)) {
        return error;
      }
    }
    return sockets_.udp.empty() ? EINVAL : 0;
  }

  BoundSockets& sockets() { return sockets_; }
  const std::string& where() const { return where_; }

 private:
  // TCP first: its ports are the scarcer ones.
  int Add(int family) {
    if (options_.tcp) {
      if (int error = AddOne(SOCK_STREAM, family, sockets_.tcp)) {
        return error;
      }
    }
    return AddOne(SOCK_DGRAM, family, sockets_.udp);
  }

  int AddOne(int type, int family, std::vector<Descriptor>& into) {
    where_ = fmt::format("{}:{} {}", family == AF_INET ? "127.0.0.1" : "[::1]",
                         sockets_.port, type == SOCK_STREAM ? "TCP" : "UDP");
    Descriptor bound = Bind(type, family, sockets_.port);
    if (!bound.valid()) {
      return errno;
    }
    sockets_.port = PortOf(bound.get());
    into.push_back(std::move(bound));
    return 0;
  }

  const ServerOptions& options_;
  BoundSockets sockets_;
  std::string where_;
};

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

Expected<BoundSockets> BindLoopback(const ServerOptions& options) {
  if (!options.ipv4 && !options.ipv6) {
    return Fail("dnsstub", "neither IPv4 nor IPv6 is asked for; choose one");
  }
  for (int attempt = 1;; ++attempt) {
    Binder binder(options);
    int error = binder.Run();
    if (error == 0) {
      return std::move(binder.sockets());
    }
    // A free TCP port may be taken over UDP; then another one is tried.
    if (error != EADDRINUSE || options.port != 0 || attempt == kTries) {
      return Fail(binder.where(),
                  fmt::format("cannot be bound: {}; choose another port, or 0 "
                              "for any free one",
                              std::strerror(error)));
    }
  }
}

}  // namespace dkimspec::dnsstub
