// The server's own sockets: on loopback, or within a private network; one port
// for all.
#ifndef DKIMSPEC_DNSSTUB_SOCKETS_H_
#define DKIMSPEC_DNSSTUB_SOCKETS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "dnsstub/peer.h"
#include "dnsstub/server.h"
#include "reference/base/expected.h"

namespace dkimspec::dnsstub {

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct BoundEndpoint {
  EndpointOptions options;
  Endpoint endpoint;
  std::vector<Descriptor> udp;
  std::vector<Descriptor> tcp;   // Listening.
  std::vector<Descriptor> hold;  // Kept open, never used: see TcpMode::kHole.
};

// Binds what the options ask for. With port 0, a free port is looked for that
// serves all of them.
Expected<std::vector<BoundEndpoint>> BindSockets(const ServerOptions& options);

// Sends one datagram over IPv6 as if from the server, but from another port
// than that of `fd`. Sends nothing where `fd` is of another network namespace.
void SendFromOtherPort(int fd, const Peer& peer, const std::string& octets);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_SOCKETS_H_
