// The newest entries of a log, packed: a fixed part of 48 octets and the name
// behind it, in blocks of memory that are used again and again.
#ifndef DKIMSPEC_DNSSTUB_LOG_RING_H_
#define DKIMSPEC_DNSSTUB_LOG_RING_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>

namespace dkimspec::dnsstub {

struct LogRow {
  std::int64_t at_us = 0;  // Since the log began.
  std::uint32_t octets = 0;
  std::uint32_t delay_ms = 0;
  std::uint32_t nth = 0;
  std::uint32_t network = 0;
  std::uint32_t label = 0;  // A preset or rule, as a number; 0: none.
  std::uint16_t port = 0;
  std::uint16_t id = 0;
  std::uint16_t type = 0;
  std::uint16_t edns_size = 0;
  std::uint16_t answers = 0;
  std::uint16_t answer_type = 0;
  std::int16_t rcode = -1;
  std::uint8_t packets = 0;
  bool truncated : 1 = false;
  bool tcp : 1 = false;
  bool recursion_desired : 1 = false;
  bool checking_disabled : 1 = false;
  bool dnssec_ok : 1 = false;
};
static_assert(sizeof(LogRow) <= 48);

class LogRing {
 public:
  // Never holds more than `capacity` rows.
  explicit LogRing(std::size_t capacity) : capacity_(capacity) {}

  // `name` has at most 255 octets.
  void Add(const LogRow& row, std::string_view name);
  void Clear();

  // From the oldest to the newest: visit(const LogRow&, std::string_view).
  template <typename Visit>
  void Each(Visit visit) const {
    std::size_t at = first_;
    for (const Block& block : blocks_) {
      while (at < block.used) {
        LogRow row;
        const std::string_view name = Read(block, at, row);
        visit(row, name);
        at += Space(name.size());
      }
      at = 0;
    }
  }

 private:
  struct Block {
    std::unique_ptr<char[]> octets;
    std::size_t used = 0;
  };

  // A row, the length of its name, and the name.
  static std::size_t Space(std::size_t name_size) {
    return sizeof(LogRow) + 1 + name_size;
  }
  static std::string_view Read(const Block& block, std::size_t at,
                               LogRow& row) {
    const char* from = block.octets.get() + at;
    std::memcpy(&row, from, sizeof row);
    const auto size = static_cast<unsigned char>(from[sizeof row]);
    return {from + sizeof row + 1, size};
  }
  void AddBlock();
  void DropOldest();

  std::size_t capacity_;
  std::deque<Block> blocks_;
  Block spare_;
  std::size_t first_ = 0;  // Where the oldest row begins in the first block.
  std::size_t rows_ = 0;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_LOG_RING_H_
