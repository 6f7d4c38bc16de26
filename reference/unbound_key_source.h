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
// cached failure from one case into the next. Nothing of the machine's own
// configuration is read: no resolv.conf, hosts file, root hints or trust
// anchors.
//
// Names under .test, .invalid, .onion and .localhost never leave libunbound;
// use .example. Lookup may be called from several threads.
//
// How answers are told apart (RFC 6376 section 6.1.2): NXDOMAIN, NODATA and
// names that DNS cannot hold are kNoRecord; a bogus answer, any other RCODE, a
// record whose strings leave it (RFC 1035 section 3.3.14), silence and the
// deadline are kTemporary. libunbound reports silence as SERVFAIL; only our
// own deadline is "timeout".
class UnboundKeySource : public KeySource {
 public:
  // `nameserver` is "127.0.0.1:5353" or "[::1]:5353". The deadline is that of
  // one lookup.
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
