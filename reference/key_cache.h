// Key records that were read and keys that were set up, by the text of the
// record. Whoever verifies many messages meets the same keys again and again,
// and to read a record and set up its key costs about as much as one RSA
// operation does.
//
// Nothing here says how long a record is valid: the key source decides that on
// each lookup, and only the record that it returns is looked for.
#ifndef DKIMSPEC_REFERENCE_KEY_CACHE_H_
#define DKIMSPEC_REFERENCE_KEY_CACHE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "reference/crypto.h"
#include "reference/key_record.h"
#include "tl/expected.hpp"

namespace dkimspec {

// All that one record says by itself, whichever signature asks.
struct ReadKey {
  tl::expected<KeyRecord, Finding> record;
  // Of a record that could be read: the key in p=, as k= says. Meaningless
  // where p= is empty or k= is neither rsa nor ed25519.
  tl::expected<PublicKey, Finding> key;
};

ReadKey ReadKeyOf(std::string_view record);

// Safe for use by several threads at once. Not for static storage: OpenSSL
// cleans up when the program exits, and keys must be gone by then.
class KeyCache {
 public:
  static constexpr std::size_t kDefaultCapacity = 1024;

  // Holds at most about twice `capacity` records, none above 4096 octets:
  // longer ones are read each time.
  explicit KeyCache(std::size_t capacity = kDefaultCapacity);

  std::shared_ptr<const ReadKey> Get(std::string_view record);

  std::size_t size() const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Records =
      std::unordered_map<std::string, std::shared_ptr<const ReadKey>, TextHash,
                         std::equal_to<>>;

  std::shared_ptr<const ReadKey> Find(std::string_view record);
  void Add(std::string_view record, std::shared_ptr<const ReadKey> key);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  // Two generations: when the young one is full it becomes the old one, and
  // what was old and not asked for since is forgotten.
  Records young_;
  Records old_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_KEY_CACHE_H_
