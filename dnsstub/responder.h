// What is said to a query: a function of the packet, the zone and how often
// the name was asked for. Knows no sockets and no clock but the log's.
#ifndef DKIMSPEC_DNSSTUB_RESPONDER_H_
#define DKIMSPEC_DNSSTUB_RESPONDER_H_

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "dnsstub/plan.h"
#include "dnsstub/query_log.h"
#include "dnsstub/zone_index.h"

namespace dkimspec::dnsstub {

// One packet to send, or the end of a connection.
struct Delivery {
  std::chrono::milliseconds delay{0};
  bool send = true;
  std::string octets;  // Over TCP with their length in front.
  After after = After::kKeep;
};

// Thread-safe: the server's thread reacts while others change the zone and
// read the log.
class Responder {
 public:
  explicit Responder(std::size_t log_capacity) : log_(log_capacity) {}

  // Accepts any octets. No delivery: silence.
  std::vector<Delivery> React(std::string_view packet, bool tcp, int network);

  void SetZone(const Zone& zone);
  void AddZone(const Zone& zone);

  int AddNetwork(const std::string& name);
  std::vector<LogEntry> Log() const;
  std::vector<LogEntry> LogFor(std::string_view name) const;
  std::size_t QueriesFor(std::string_view name) const;
  std::uint64_t unexpected() const;
  void Reset();

 private:
  Resolution Ask(const Query& query, int network);

  mutable std::mutex mutex_;
  ZoneIndex zone_;
  QueryLog log_;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_RESPONDER_H_
