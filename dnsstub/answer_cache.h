// Answers over UDP that come out the same each time, ready to be sent.
//
// The key is the query itself, all of its octets but the ID, so that a hit
// needs no parsing and cannot differ from what the responder would say. Clients
// that vary the case of names or send cookies never hit, and are no worse off.
// Not thread-safe; the responder guards it.
#ifndef DKIMSPEC_DNSSTUB_ANSWER_CACHE_H_
#define DKIMSPEC_DNSSTUB_ANSWER_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dnsstub/log_ring.h"
#include "dnsstub/query_log.h"

namespace dkimspec::dnsstub {

// Answers that are longer are not kept.
inline constexpr std::size_t kMaxReadyAnswer = 1232;

struct ReadyAnswer {
  std::string query;          // The ID's place is taken by the personality.
  std::string octets;         // With the ID of some earlier query.
  std::size_t name_size = 0;  // Of QNAME, which follows the header.
  LogRow row;                 // What they have in common in the log.
  QueryCounter* counter = nullptr;
};

class AnswerCache {
 public:
  // What one query is kept under.
  struct Place {
    std::size_t hash = 0;
    bool authoritative = false;  // Of the endpoint asked.
    std::string_view packet;
  };
  static Place PlaceOf(std::string_view packet, bool authoritative);

  // nullptr if there is none.
  const ReadyAnswer* Find(const Place& place) const;

  // Whether to Store an answer for it: from the second time on, lest queries
  // that never come again push out those that do.
  bool Welcomes(const Place& place);
  void Store(const Place& place, ReadyAnswer answer);

  // Forgets everything, at no cost.
  void Clear() { ++generation_; }

 private:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kSets = 8192;  // So at most 32,768 answers.

  // Hashes, of the present generation, together in one line of the processor's
  // cache.
  using Tags = std::array<std::size_t, kWays>;

  std::size_t TagOf(const Place& place) const {
    return place.hash + generation_ * 0x9e3779b97f4a7c15u;
  }

  struct Turn {
    Tags tags{};
    std::size_t next = 0;
  };

  std::vector<Tags> tags_ = std::vector<Tags>(kSets);
  std::vector<std::uint8_t> next_ = std::vector<std::uint8_t>(kSets);
  std::vector<ReadyAnswer> answers_ = std::vector<ReadyAnswer>(kSets * kWays);
  std::vector<Turn> seen_ = std::vector<Turn>(kSets);  // And not welcomed.
  std::size_t generation_ = 1;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_ANSWER_CACHE_H_
