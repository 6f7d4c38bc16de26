// The log of queries: a ring with the newest entries, and counters that forget
// nothing. Not thread-safe; the responder guards it.
#ifndef DKIMSPEC_DNSSTUB_QUERY_LOG_H_
#define DKIMSPEC_DNSSTUB_QUERY_LOG_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

struct LogEntry;

// Where a query came in.
struct Network {
  std::string name;      // As given to Adopt; "" for our own sockets.
  std::string endpoint;  // "" for adopted ones.
  bool authoritative = false;
};

struct Source {
  int network = 0;  // A number from AddNetwork.
  bool tcp = false;
  std::uint16_t port = 0;  // The client's; 0 if unknown.
};

// What was sent, kept small: it becomes text only when somebody reads it.
struct Sent {
  std::string_view fault;   // Preset or rule; outlives the log. Empty if none.
  std::int16_t rcode = -1;  // -1: nothing was sent.
  std::uint16_t answers = 0;
  std::uint16_t type = 0;  // Of the answers.
  bool truncated = false;
  std::uint8_t packets = 0;
  std::uint32_t octets = 0;
  std::uint32_t delay_ms = 0;

  std::string ToString() const;  // "NOERROR 1 TXT 465 octets"
};

class QueryLog {
 public:
  // Counters for names that the zone does not hold are bounded: a client can
  // make up any number of names. Beyond this many only unexpected() grows.
  static constexpr std::size_t kMaxForeignNames = 100000;

  explicit QueryLog(std::size_t capacity);

  int AddNetwork(Network network);  // The same name twice: two numbers.
  const Network& network(int number) const {
    return networks_[static_cast<std::size_t>(number)];
  }

  // Counts a query; the number of queries from this network for this name and
  // type, this one included. `stored`: the name is the zone's.
  std::size_t Count(const std::string& lower_name, std::uint16_t type,
                    int network, bool stored);
  void CountUnexpected() { ++unexpected_; }

  void Add(const Source& source, const Query& query, const Sent& sent,
           std::size_t nth);

  std::vector<LogEntry> All() const;
  std::vector<LogEntry> For(const std::string& lower_name) const;
  std::size_t CountFor(const std::string& lower_name) const;  // Type TXT.
  std::uint64_t unexpected() const { return unexpected_; }
  std::uint64_t total() const { return total_; }
  void Clear();

 private:
  struct Row {
    std::chrono::microseconds at{0};
    std::string name;  // On the wire; empty if the query had none.
    Sent sent;
    std::uint32_t nth = 0;
    std::uint16_t network = 0;
    std::uint16_t port = 0;
    std::uint16_t id = 0;
    std::uint16_t type = 0;
    std::uint16_t edns_size = 0;
    bool tcp : 1 = false;
    bool rd : 1 = false;
    bool cd : 1 = false;
    bool dnssec_ok : 1 = false;
  };
  LogEntry Describe(const Row& row) const;
  template <typename Visit>
  void EachRow(Visit visit) const;

  std::size_t capacity_;
  std::chrono::steady_clock::time_point start_;
  std::vector<Network> networks_;
  std::vector<Row> rows_;   // A ring once it is full.
  std::size_t oldest_ = 0;  // In `rows_`.
  // By name and type; then by network.
  std::unordered_map<std::string, std::map<int, std::size_t>> counts_;
  std::size_t foreign_names_ = 0;
  std::uint64_t unexpected_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_QUERY_LOG_H_
