#include "dnsstub/log_ring.h"

#include <type_traits>
#include <utility>

namespace dkimspec::dnsstub {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10;

}  // namespace

static_assert(std::is_trivially_copyable_v<LogRow>);

void LogRing::AddBlock() {
  Block block = std::exchange(spare_, Block());
  if (block.octets == nullptr) {
    block.octets = std::make_unique_for_overwrite<char[]>(kBlock);
  }
  block.used = 0;
  blocks_.push_back(std::move(block));
}

void LogRing::DropOldest() {
  LogRow row;
  first_ += Space(Read(blocks_.front(), first_, row).size());
  --rows_;
  if (first_ == blocks_.front().used) {
    spare_ = std::move(blocks_.front());
    blocks_.pop_front();
    first_ = 0;
  }
}

void LogRing::Add(const LogRow& row, std::string_view name) {
  if (capacity_ == 0) {
    return;
  }
  if (rows_ == capacity_) {
    DropOldest();
  }
  if (blocks_.empty() || blocks_.back().used + Space(name.size()) > kBlock) {
    AddBlock();
  }
  Block& block = blocks_.back();
  char* to = block.octets.get() + block.used;
  std::memcpy(to, &row, sizeof row);
  to[sizeof row] = static_cast<char>(name.size());
  name.copy(to + sizeof row + 1, name.size());
  block.used += Space(name.size());
  ++rows_;
}

void LogRing::Clear() {
  blocks_.clear();
  spare_ = Block();
  first_ = 0;
  rows_ = 0;
}

}  // namespace dkimspec::dnsstub
