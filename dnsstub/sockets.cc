#include "dnsstub/sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>

#include "dnsstub/peer.h"
#include "dnsstub/private_network.h"

namespace dkimspec::dnsstub {
namespace {

constexpr int kTries = 64;
constexpr int kReceiveBuffer = 4 << 20;  // A burst of every case's query.

struct Address {
  sockaddr_storage octets{};
  socklen_t size = 0;
  int family = AF_UNSPEC;
};

template <typename Octets>
Address Make(const Octets& octets, int family) {
  Address address;
  std::memcpy(&address.octets, &octets, sizeof octets);
  address.size = sizeof octets;
  address.family = family;
  return address;
}

// nullopt unless `text` is an address.
std::optional<Address> Parse(const std::string& text, std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    return Make(v4, AF_INET);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    return Make(v6, AF_INET6);
  }
  return std::nullopt;
}

bool IsLoopback(const Address& address) {
  if (address.family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.octets, sizeof v4);
    return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address.octets, sizeof v6);
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

std::uint16_t BoundPort(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  return PortOf(bound);
}

void Prepare(int fd, int type, int family) {
  int on = 1;
  if (family == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (type == SOCK_STREAM) {
    // A restart on the same port must not wait for old connections.
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  } else {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer,
               sizeof kReceiveBuffer);
  }
}

// An invalid descriptor on failure, with errno as the kernel left it.
Descriptor Bind(int type, const Address& address, int backlog) {
  Descriptor bound(
      socket(address.family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!bound.valid()) {
    return bound;
  }
  Prepare(bound.get(), type, address.family);
  if (bind(bound.get(), reinterpret_cast<const sockaddr*>(&address.octets),
           address.size) != 0 ||
      (type == SOCK_STREAM && listen(bound.get(), backlog) != 0)) {
    int error = errno;
    bound = Descriptor();
    errno = error;
  }
  return bound;
}

// A connection that nobody accepts fills the queue of a listener with backlog
// 0; the kernel then drops further SYNs.
Descriptor Park(const Address& address) {
  Descriptor parked(socket(address.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (parked.valid() &&
      connect(parked.get(), reinterpret_cast<const sockaddr*>(&address.octets),
              address.size) != 0) {
    return Descriptor();
  }
  return parked;
}

// One attempt to bind everything; returns errno, 0 on success. `where` names
// what failed.
class Binder {
 public:
  int Run(const std::vector<EndpointOptions>& endpoints) {
    for (const EndpointOptions& options : endpoints) {
      bound_.emplace_back();
      bound_.back().options = options;
      bound_.back().endpoint.id = options.id;
      if (int error = AddEndpoint(bound_.back())) {
        return error;
      }
    }
    return 0;
  }

  std::vector<BoundEndpoint>& bound() { return bound_; }
  const std::string& where() const { return where_; }

 private:
  int AddEndpoint(BoundEndpoint& bound) {
    const EndpointOptions& options = bound.options;
    std::uint16_t& port = options.port == 0 ? shared_ : bound.endpoint.port;
    port = options.port == 0 ? port : options.port;
    int absent = 0;
    for (const std::string& address : options.addresses) {
      int error = AddAddress(address, port, bound);
      if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT) {
        absent = error;  // Fine, as long as another one is there.
      } else if (error != 0) {
        return error;
      } else {
        bound.endpoint.addresses.push_back(address);
      }
    }
    bound.endpoint.port = port;
    return bound.endpoint.addresses.empty() ? absent : 0;
  }

  // TCP first: its ports are the scarcer ones.
  int AddAddress(const std::string& text, std::uint16_t& port,
                 BoundEndpoint& bound) {
    if (bound.options.tcp != TcpMode::kClosed) {
      const bool hole = bound.options.tcp == TcpMode::kHole;
      if (int error = AddOne(SOCK_STREAM, text, port, hole ? 0 : SOMAXCONN,
                             hole ? bound.hold : bound.tcp)) {
        return error;
      }
      if (hole) {
        bound.hold.push_back(Park(*Parse(text, port)));
      }
    }
    return bound.options.udp ? AddOne(SOCK_DGRAM, text, port, 0, bound.udp) : 0;
  }

  int AddOne(int type, const std::string& text, std::uint16_t& port,
             int backlog, std::vector<Descriptor>& into) {
    where_ = fmt::format(
        "{}:{} {}",
        text.find(':') == std::string::npos ? text : "[" + text + "]", port,
        type == SOCK_STREAM ? "TCP" : "UDP");
    Descriptor bound = Bind(type, *Parse(text, port), backlog);
    if (!bound.valid()) {
      return errno;
    }
    port = BoundPort(bound.get());
    into.push_back(std::move(bound));
    return 0;
  }

  std::vector<BoundEndpoint> bound_;
  std::uint16_t shared_ = 0;
  std::string where_;
};

std::vector<EndpointOptions> Wanted(const ServerOptions& options) {
  if (!options.endpoints.empty()) {
    return options.endpoints;
  }
  EndpointOptions main;
  main.addresses.clear();
  if (options.ipv4) {
    main.addresses.emplace_back("127.0.0.1");
  }
  if (options.ipv6) {
    main.addresses.emplace_back("::1");
  }
  main.port = options.port;
  main.tcp = options.tcp ? TcpMode::kServe : TcpMode::kClosed;
  return {main};
}

Expected<void> CheckAddress(const std::string& text) {
  const std::optional<Address> address = Parse(text, 0);
  if (!address) {
    return Fail(text, "is no address; give one such as 127.0.0.1 or ::1");
  }
  if (IsLoopback(*address)) {
    return {};
  }
  const std::string why_not = WhyNotPrivate(LookAtNetwork());
  if (!why_not.empty()) {
    return Fail(text,
                "is not a loopback address, and " + why_not +
                    "; use 127.0.0.0/8 or ::1, or a network namespace "
                    "without interfaces to the outside (unshare -Urn), or "
                    "adopt sockets of such a namespace");
  }
  return {};
}

Expected<void> CheckAddresses(const std::vector<EndpointOptions>& endpoints) {
  for (const EndpointOptions& endpoint : endpoints) {
    if (endpoint.addresses.empty()) {
      return Fail("dnsstub endpoint " + endpoint.id,
                  "has no address, neither IPv4 nor IPv6; give one");
    }
    for (const std::string& address : endpoint.addresses) {
      if (auto checked = CheckAddress(address); !checked) {
        return checked;
      }
    }
  }
  return {};
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

Expected<std::vector<BoundEndpoint>> BindSockets(const ServerOptions& options) {
  const std::vector<EndpointOptions> wanted = Wanted(options);
  if (auto checked = CheckAddresses(wanted); !checked) {
    return tl::unexpected(checked.error());
  }
  for (int attempt = 1;; ++attempt) {
    Binder binder;
    int error = binder.Run(wanted);
    if (error == 0) {
      return std::move(binder.bound());
    }
    // A free TCP port may be taken over UDP; then another one is tried.
    if (error != EADDRINUSE || wanted[0].port != 0 || attempt == kTries) {
      return Fail(binder.where(),
                  fmt::format("cannot be bound: {}; choose another port, or 0 "
                              "for any free one",
                              std::strerror(error)));
    }
  }
}

namespace {

// Which network namespace a socket lives in; nullopt: the kernel is too old to
// tell (SO_NETNS_COOKIE is of Linux 5.14).
std::optional<std::uint64_t> NetworkOf(int fd) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0
             ? std::optional(cookie)
             : std::nullopt;
}

}  // namespace

void SendFromOtherPort(int fd, const Peer& peer, const std::string& octets) {
  Address own;
  own.size = sizeof own.octets;
  getsockname(fd, reinterpret_cast<sockaddr*>(&own.octets), &own.size);
  own.family = own.octets.ss_family;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &own.octets, sizeof v6);
  v6.sin6_port = 0;
  std::memcpy(&own.octets, &v6, sizeof v6);
  const Descriptor other = Bind(SOCK_DGRAM, own, 0);
  // In another namespace the same address and port are somebody else's.
  if (own.family == AF_INET6 && other.valid() && NetworkOf(fd) &&
      NetworkOf(fd) == NetworkOf(other.get())) {
    sendto(other.get(), octets.data(), octets.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&peer.address), peer.size);
  }
}

}  // namespace dkimspec::dnsstub
