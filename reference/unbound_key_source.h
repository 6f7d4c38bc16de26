// Looks keys up through libunbound.
#ifndef DKIMSPEC_REFERENCE_UNBOUND_KEY_SOURCE_H_
#define DKIMSPEC_REFERENCE_UNBOUND_KEY_SOURCE_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "reference/base/expected.h"
#include "reference/key_source.h"

namespace dkimspec {

// Bounded for the stub server: every fault ends within a second. The limits
// are process globals inside libunbound, so a process uses one setting.
//
// A fresh context serves each lookup: a shared one carries a dead server or a
// cached failure from one case into the next.
class UnboundKeySource : public KeySource {
 public:
  // `nameserver` is "127.0.0.1:5353" or "[::1]:5353".
  static Expected<std::unique_ptr<UnboundKeySource>> ForTests(
      const std::string& nameserver,
      std::chrono::milliseconds deadline = std::chrono::seconds(5));

  KeyAnswer Lookup(std::string_view name) override;

 private:
  UnboundKeySource(std::string forward, std::chrono::milliseconds deadline);

  std::string forward_;  // "127.0.0.1@5353", as libunbound writes it.
  std::chrono::milliseconds deadline_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_UNBOUND_KEY_SOURCE_H_
