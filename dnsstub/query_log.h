// The log of queries: a ring with the newest entries, and counters that forget
// nothing. Not thread-safe; the responder guards it.
#ifndef DKIMSPEC_DNSSTUB_QUERY_LOG_H_
#define DKIMSPEC_DNSSTUB_QUERY_LOG_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

struct LogEntry;

// What was sent, kept small: it becomes text only when somebody reads it.
struct Sent {
  std::string_view fault;  // Static text; empty if none.
  int rcode = -1;          // -1: nothing was sent.
  std::size_t answers = 0;
  std::uint16_t type = 0;  // Of the answers.
  bool truncated = false;
  std::size_t octets = 0;
  std::size_t packets = 0;
  std::chrono::milliseconds delay{0};

  std::string ToString() const;  // "NOERROR 1 TXT 465 octets"
};

class QueryLog {
 public:
  explicit QueryLog(std::size_t capacity);

  int AddNetwork(const std::string& name);  // The same name twice: two numbers.

  // Counts a query for TXT; the number of queries from this network for this
  // name, this one included.
  std::size_t Count(const std::string& lower_name, int network);
  void CountUnexpected() { ++unexpected_; }

  void Add(int network, bool tcp, const Query& query, const Sent& sent);

  std::vector<LogEntry> All() const;
  std::vector<LogEntry> For(const std::string& lower_name) const;
  std::size_t CountFor(const std::string& lower_name) const;
  std::uint64_t unexpected() const { return unexpected_; }
  void Clear();

 private:
  struct Row {
    std::chrono::microseconds at{0};
    int network = 0;
    bool tcp = false;
    std::string name;  // On the wire; empty if the query had none.
    std::uint16_t type = 0;
    std::uint16_t edns_size = 0;
    Sent sent;
  };
  LogEntry Describe(const Row& row) const;

  std::size_t capacity_;
  std::chrono::steady_clock::time_point start_;
  std::vector<std::string> networks_;
  std::deque<Row> rows_;
  std::uint64_t first_row_ = 0;  // Number of the row at the front.
  std::unordered_map<std::string, std::map<int, std::size_t>> counts_;
  std::unordered_map<std::string, std::deque<std::uint64_t>> rows_for_;
  std::uint64_t unexpected_ = 0;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_QUERY_LOG_H_
