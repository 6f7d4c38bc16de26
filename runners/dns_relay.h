// Carries DNS between sockets that were bound inside a network namespace and a
// name server outside. It looks at nothing: datagrams are passed on as they
// are, connections octet by octet.
#ifndef DKIMSPEC_RUNNERS_DNS_RELAY_H_
#define DKIMSPEC_RUNNERS_DNS_RELAY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reference/base/expected.h"

namespace dkimspec::runners {

class DnsRelay {
 public:
  // To `port` on 127.0.0.1. Fails only where there are no descriptors left.
  static Expected<std::unique_ptr<DnsRelay>> Start(std::uint16_t port);
  ~DnsRelay();  // Closes everything.

  // Takes over sockets, UDP bound and TCP listening, under a name that is not
  // in use. Release returns once all of them and their connections are closed.
  void Adopt(const std::string& network, std::vector<int> udp_fds,
             std::vector<int> tcp_fds);
  void Release(const std::string& network);

 private:
  struct Impl;
  explicit DnsRelay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_DNS_RELAY_H_
