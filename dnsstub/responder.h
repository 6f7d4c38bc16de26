// What is said to a query: a function of the packet, the zone and how often
// the name was asked for. Knows no sockets and no clock but the log's.
#ifndef DKIMSPEC_DNSSTUB_RESPONDER_H_
#define DKIMSPEC_DNSSTUB_RESPONDER_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dnsstub/answer_cache.h"
#include "dnsstub/perform.h"
#include "dnsstub/plan.h"
#include "dnsstub/query_log.h"
#include "dnsstub/rule.h"
#include "dnsstub/zone_index.h"

namespace dkimspec::dnsstub {

// How the right answer is made.
struct Manners {
  std::uint64_t seed = 0;           // Of loss and shuffled orders.
  std::size_t udp_max = kEdnsSize;  // Octets in a datagram at most.
};

// Thread-safe: the server's thread reacts while others change the zone and
// read the log.
class Responder {
 public:
  explicit Responder(std::size_t log_capacity) : log_(log_capacity) {}

  // Accepts any octets. No delivery: silence. `client` is its address, as
  // octets.
  std::vector<Delivery> React(std::string_view packet, bool tcp, int network,
                              std::uint16_t port = 0,
                              std::string_view client = {});

  // The same for a query over UDP whose answer is ready: writes it to `to`,
  // which has room for kMaxReadyAnswer octets, and returns its size. 0: ask
  // React.
  std::size_t ReactAtOnce(std::string_view packet, int network,
                          std::uint16_t port, char* to);

  // Replaces zone and rules.
  void Load(ZoneIndex zone, RuleSet rules, const Manners& manners);
  void SetZone(const Zone& zone);
  void AddZone(const Zone& zone);
  void SetEpoch(const std::string& epoch);

  int AddNetwork(Network network);
  void Retire(int network);  // No more queries come from there.
  std::vector<LogEntry> Log() const;
  std::vector<LogEntry> LogFor(std::string_view name) const;
  std::size_t QueriesFor(std::string_view name) const;
  bool WaitFor(std::string_view name, std::size_t queries,
               std::chrono::milliseconds timeout) const;
  std::uint64_t total() const;
  std::uint64_t unexpected() const;
  void Reset();

 private:
  // What is to happen, and what to.
  struct Case {
    Resolution resolution;
    const Plan* plan = nullptr;  // Never null once asked.
    std::string_view label;
    std::size_t nth = 0;
    std::string lower;
    QueryCounter* counter = nullptr;
    // Whether the same query will always be answered in the same way.
    bool steady = false;
  };

  Case Ask(const Query& query, const Source& source);
  void Decide(const Query& query, const RuleSet::Found& met, Case& found);
  std::size_t CountFor(const Rule& rule, const Query& query,
                       const Source& source, const Case& found);
  void Keep(std::string_view packet, const Query& query, const LogRow& row,
            const Case& found, const std::string& octets);
  Message AnswerFor(const Query& query, const Source& source,
                    const std::string& other, const Case& found);
  Message MakeAnswer(const Query& query, const Source& source,
                     Resolution& resolution, std::size_t nth) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  ZoneIndex zone_;
  RuleSet rules_;
  Manners manners_;
  std::string epoch_;
  // Of rules that count in their own way: by rule and what is alike.
  std::unordered_map<std::string, std::size_t> rule_counts_;
  mutable int waiting_ = 0;
  QueryLog log_;
  AnswerCache cache_;  // Cleared when anything above changes.
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_RESPONDER_H_
