// A DNS server for tests: it serves zones, with faults, to real resolvers.
//
// One thread and one epoll loop serve UDP and TCP, IPv4 and IPv6. It listens on
// loopback; on other addresses only in a network namespace of its own in which
// no interface leads outside. Personality: recursive (RA set, CNAME chains
// followed in one answer), because stub resolvers expect that; or
// authoritative, for each endpoint.
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

struct Config;

// What becomes of TCP connections.
enum class TcpMode {
  kServe,
  kClosed,  // Nobody listens: refused.
  kReset,   // Accepted and reset before anything is read.
  kHole,    // No SYN is answered.
};

// One nameserver as clients see it.
struct EndpointOptions {
  std::string id = "main";
  // 127.0.0.0/8 and ::1; others, "0.0.0.0" and "::" among them, only in a
  // private network namespace (private_network.h). An IPv6 address is left out
  // where the machine has none, if there is another.
  std::vector<std::string> addresses = {"127.0.0.1", "::1"};
  std::uint16_t port = 0;  // 0: one free port, the same for all endpoints.
  bool udp = true;
  TcpMode tcp = TcpMode::kServe;
  // AA=1 and RA=0, one CNAME an answer; for a real resolver in between.
  bool authoritative = false;
};

struct Endpoint {
  std::string id;
  std::vector<std::string> addresses;  // Those bound.
  std::uint16_t port = 0;
};

struct ServerOptions {
  std::uint16_t port = 0;  // 0: any free port, the same for UDP and TCP.
  bool ipv4 = true;        // 127.0.0.1
  bool ipv6 = true;        // [::1], left out where the machine has none.
  bool tcp = true;         // False: TCP connections are refused.
  // If not empty, the four above do not count.
  std::vector<EndpointOptions> endpoints;
  // "f.example": "<any>.<fault>.f.example" meets that preset without a zone
  // (docs/dns-faults.md). "": nothing does.
  std::string fault_zone;
  // Ends a TCP connection, by RST, that long after its last complete message.
  std::chrono::milliseconds hang_limit{30000};
  std::size_t max_connections = 1100;   // Further clients wait to be accepted.
  std::size_t log_capacity = 1u << 20;  // Oldest entries are dropped.
};

struct LogEntry {
  std::chrono::microseconds at{0};  // Since Start.
  std::string network;   // As given to Adopt; "" for our own sockets.
  std::string endpoint;  // "main" unless configured; "" for adopted sockets.
  bool tcp = false;
  std::string name;        // As asked, case kept.
  std::uint16_t type = 0;  // 16 is TXT.
  std::uint16_t id = 0;
  std::uint16_t port = 0;  // The client's.
  int edns_size = 0;       // 0: the query had no OPT record.
  bool recursion_desired = false;
  bool checking_disabled = false;
  bool dnssec_ok = false;
  std::size_t nth = 0;  // Query for this name and type from this network.
  std::string fault;    // The preset or rule that was met; "" if none.
  int rcode = -1;       // -1: nothing was sent.
  bool truncated = false;
  std::size_t answers = 0;
  std::size_t octets = 0;   // Of the last packet.
  std::size_t packets = 0;  // Sent or to be sent.
  std::string sent;  // "NOERROR 1 TXT 465 octets", "drop", "SERVFAIL", ...
};

class Server {
 public:
  // Binds and starts the thread; ready to answer on return. Fails if a port is
  // taken or no address can be bound, naming the address.
  static Expected<std::unique_ptr<Server>> Start(const ServerOptions& options);
  ~Server();  // Ends the thread and closes everything.

  std::uint16_t port() const;  // Of the first endpoint.
  const std::vector<Endpoint>& endpoints() const;

  // Replaces records, rules and epoch by those of a configuration (config.h).
  // Its endpoints and limits count only at the start: give them to Start.
  void Load(const Config& config);
  void SetEpoch(const std::string& epoch);  // "": none.

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
  // Whether `queries` or more TXT queries for `name` came before the timeout.
  bool WaitFor(std::string_view name, std::size_t queries,
               std::chrono::milliseconds timeout) const;
  std::uint64_t total() const;       // Packets since the start or Reset.
  std::uint64_t unexpected() const;  // Queries for names not in the zone.
  void Reset();                      // Empties the log and the counters.

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_SERVER_H_
