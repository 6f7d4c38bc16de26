// A DNS server for tests: it serves zones, with faults, to real resolvers.
//
// One thread and one epoll loop serve UDP and TCP, IPv4 and IPv6. It listens on
// loopback only. Personality: recursive (RA set, CNAME chains followed in one
// answer), because stub resolvers expect that.
#ifndef DKIMSPEC_DNSSTUB_SERVER_H_
#define DKIMSPEC_DNSSTUB_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/base/expected.h"
#include "reference/base/zone.h"

namespace dkimspec::dnsstub {

struct ServerOptions {
  std::uint16_t port = 0;  // 0: any free port, the same for UDP and TCP.
  bool ipv4 = true;        // 127.0.0.1
  bool ipv6 = true;        // [::1], left out where the machine has none.
  bool tcp = true;         // False: TCP connections are refused.
  // Ends a TCP connection, by RST, that long after its last complete message.
  std::chrono::milliseconds hang_limit{30000};
  std::size_t max_connections = 1100;   // Further clients wait to be accepted.
  std::size_t log_capacity = 1u << 20;  // Oldest entries are dropped.
};

struct LogEntry {
  std::chrono::microseconds at{0};  // Since Start.
  std::string network;  // As given to Adopt; "" for our own sockets.
  bool tcp = false;
  std::string name;        // As asked, case kept.
  std::uint16_t type = 0;  // 16 is TXT.
  int edns_size = 0;       // 0: the query had no OPT record.
  std::string sent;  // "NOERROR 1 TXT 465 octets", "drop", "SERVFAIL", ...
};

class Server {
 public:
  // Binds and starts the thread; ready to answer on return. Fails if a port is
  // taken or no address can be bound, naming the address.
  static Expected<std::unique_ptr<Server>> Start(const ServerOptions& options);
  ~Server();  // Ends the thread and closes everything.

  std::uint16_t port() const;

  // Replaces all records. Names are matched without regard to case; a name
  // that is not in the zone does not exist, and counts as unexpected unless it
  // is an empty non-terminal (those answer NODATA) or what a CNAME points to.
  // A name that cannot be asked for, such as one with a label above 63 octets,
  // is left out; an unknown fault preset answers SERVFAIL.
  void SetZone(Zone zone);
  void AddZone(const Zone& zone);  // Adds or replaces the names in `zone`.

  // Takes over sockets bound inside a network namespace: UDP bound, TCP
  // listening. They are closed by Release or with the server. Presets that
  // count, such as drop-once, count afresh for each call. Release returns once
  // all is closed; "" names nothing that could be released.
  void Adopt(const std::string& network, std::vector<int> udp_fds,
             std::vector<int> tcp_fds);
  void Release(const std::string& network);

  std::vector<LogEntry> Log() const;
  // Queries of type TXT for `name` since the start or Reset, over both
  // transports and all networks; exact even where the log has dropped entries.
  std::size_t QueriesFor(std::string_view name) const;
  std::vector<LogEntry> LogFor(std::string_view name) const;
  std::uint64_t unexpected() const;  // Queries for names not in the zone.
  void Reset();                      // Empties the log and the counters.

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_SERVER_H_
