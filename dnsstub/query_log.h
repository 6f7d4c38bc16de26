// The log of queries: a ring with the newest entries, and counters that forget
// nothing. Not thread-safe; the responder guards it.
#ifndef DKIMSPEC_DNSSTUB_QUERY_LOG_H_
#define DKIMSPEC_DNSSTUB_QUERY_LOG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dnsstub/log_ring.h"
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
  // The client's address, its octets; empty if unknown.
  std::string_view client = {};
};

// What was sent, kept small: it becomes text only when somebody reads it.
struct Sent {
  std::string_view fault;   // Preset or rule. Empty if none.
  std::int16_t rcode = -1;  // -1: nothing was sent.
  std::uint16_t answers = 0;
  std::uint16_t type = 0;  // Of the answers.
  bool truncated = false;
  std::uint8_t packets = 0;
  std::uint32_t octets = 0;
  std::uint32_t delay_ms = 0;

  std::string ToString() const;  // "NOERROR 1 TXT 465 octets"
};

// How often one name was asked for one type: from each network that is there
// still, and from those that are gone. Its address never changes.
struct QueryCounter {
  struct Part {
    int network = 0;
    std::size_t queries = 0;
  };
  std::vector<Part> parts;
  std::size_t earlier = 0;
};

class QueryLog {
 public:
  // A client can make up any number of names. Beyond this many that the zone
  // does not hold, and types other than TXT, nothing new is counted but total()
  // and unexpected(): each such query is then the first of its kind.
  static constexpr std::size_t kMaxForeignNames = 100000;

  explicit QueryLog(std::size_t capacity);

  int AddNetwork(Network network);  // The same name twice: two numbers.
  const Network& network(int number) const {
    return networks_[static_cast<std::size_t>(number)].network;
  }
  // No more queries come from this network: its counts are joined with those
  // of others that are gone, so that counters stay small.
  void Retire(int network) {
    networks_[static_cast<std::size_t>(network)].retired = true;
  }

  // nullptr: too many names. `stored` says whether the name is the zone's; it
  // is asked for new names only. Valid until Clear.
  QueryCounter* CounterFor(const std::string& lower_name, std::uint16_t type,
                           const std::function<bool()>& stored);
  // Counts a query; the number of queries from this network for this name and
  // type, this one included.
  std::size_t Count(QueryCounter* counter, int network);
  void CountUnexpected() { ++unexpected_; }

  // What the log says of a query, but for when and which it was: see Add.
  LogRow MakeRow(const Source& source, const Query& query, const Sent& sent);
  // `name` is on the wire, as asked; empty if the query had none.
  void Add(LogRow row, std::string_view name, std::size_t nth);

  std::vector<LogEntry> All() const;
  std::vector<LogEntry> For(const std::string& lower_name) const;
  std::size_t CountFor(const std::string& lower_name) const;  // Type TXT.
  std::uint64_t unexpected() const { return unexpected_; }
  std::uint64_t total() const { return total_; }
  void Clear();

 private:
  struct KnownNetwork {
    Network network;
    bool retired = false;
  };
  std::uint32_t LabelNumber(std::string_view label);
  void JoinRetired(QueryCounter& counter) const;
  LogEntry Describe(const LogRow& row, std::string_view name) const;

  std::size_t capacity_;
  std::chrono::steady_clock::time_point start_;
  std::deque<KnownNetwork> networks_;
  LogRing ring_;
  std::vector<std::string> labels_;  // By number; 0 is "".
  std::unordered_map<std::string, std::uint32_t> label_numbers_;
  // By name and type.
  std::unordered_map<std::string, QueryCounter> counters_;
  std::size_t foreign_names_ = 0;
  std::uint64_t unexpected_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_QUERY_LOG_H_
