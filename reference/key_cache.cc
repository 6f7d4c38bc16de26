#include "reference/key_cache.h"

#include <utility>

namespace dkimspec {
namespace {

constexpr std::size_t kLongestRecord = 4096;

tl::expected<PublicKey, Finding> SetUp(const KeyRecord& record) {
  return record.key_type == "ed25519"
             ? PublicKey::FromEd25519(record.public_key)
             : PublicKey::FromRsa(record.public_key);
}

}  // namespace

ReadKey ReadKeyOf(std::string_view record) {
  auto read = ReadKeyRecord(record);
  if (!read) {
    const Finding finding = read.error();
    return {std::move(read), tl::unexpected(finding)};
  }
  auto key = SetUp(*read);
  return {std::move(read), std::move(key)};
}

KeyCache::KeyCache(std::size_t capacity) : capacity_(capacity) {}

// Two threads that miss at once both read the record; the result is the same.
std::shared_ptr<const ReadKey> KeyCache::Get(std::string_view record) {
  if (auto known = Find(record)) {
    return known;
  }
  auto read = std::make_shared<const ReadKey>(ReadKeyOf(record));
  if (record.size() <= kLongestRecord && capacity_ > 0) {
    Add(record, read);
  }
  return read;
}

std::size_t KeyCache::size() const {
  const std::lock_guard lock(mutex_);
  return young_.size() + old_.size();
}

std::shared_ptr<const ReadKey> KeyCache::Find(std::string_view record) {
  std::shared_ptr<const ReadKey> found;
  {
    const std::lock_guard lock(mutex_);
    const auto young = young_.find(record);
    if (young != young_.end()) {
      return young->second;
    }
    const auto old = old_.find(record);
    if (old == old_.end()) {
      return nullptr;
    }
    found = old->second;
    old_.erase(old);
  }
  Add(record, found);
  return found;
}

void KeyCache::Add(std::string_view record,
                   std::shared_ptr<const ReadKey> key) {
  const std::lock_guard lock(mutex_);
  if (young_.size() >= capacity_) {
    old_ = std::exchange(young_, {});
  }
  young_.emplace(record, std::move(key));
}

}  // namespace dkimspec
