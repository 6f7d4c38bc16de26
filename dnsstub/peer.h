// The address of a client.
#ifndef DKIMSPEC_DNSSTUB_PEER_H_
#define DKIMSPEC_DNSSTUB_PEER_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace dkimspec::dnsstub {

inline std::uint16_t PortOf(const sockaddr_storage& address) {
  // At the same place in both families.
  static_assert(offsetof(sockaddr_in, sin_port) ==
                offsetof(sockaddr_in6, sin6_port));
  in_port_t port = 0;
  std::memcpy(
      &port,
      reinterpret_cast<const char*>(&address) + offsetof(sockaddr_in, sin_port),
      sizeof port);
  return ntohs(port);
}

struct Peer {
  sockaddr_storage address{};
  socklen_t size = 0;

  bool ipv4() const { return address.ss_family == AF_INET; }

  std::uint16_t port() const { return PortOf(address); }

  // 4 octets, or 16.
  std::string_view host() const {
    return ipv4()
               ? std::string_view(octets() + offsetof(sockaddr_in, sin_addr),
                                  sizeof(in_addr))
               : std::string_view(octets() + offsetof(sockaddr_in6, sin6_addr),
                                  sizeof(in6_addr));
  }

 private:
  const char* octets() const { return reinterpret_cast<const char*>(&address); }
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_PEER_H_
