// Looks keys up through libunbound.
#ifndef DKIMSPEC_REFERENCE_UNBOUND_KEY_SOURCE_H_
#define DKIMSPEC_REFERENCE_UNBOUND_KEY_SOURCE_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/base/expected.h"
#include "reference/key_source.h"

namespace dkimspec {

// There are two settings, for tests and for the field. Their limits are process
// globals inside libunbound, so a process uses one of them.
//
// A fresh context serves each lookup: a shared one carries a dead server or a
// cached failure from one case into the next. No hosts file or root hints are
// read, and no trust anchors but those given.
//
// Names under .test, .invalid, .onion and .localhost never leave libunbound;
// use .example. Lookup may be called from several threads.
//
// How answers are told apart (RFC 6376 section 6.1.2): NXDOMAIN, NODATA and
// names that DNS cannot hold are kNoRecord; a bogus answer, any other RCODE, a
// record whose strings leave it (RFC 1035 section 3.3.14), silence and the
// deadline are kTemporary. An empty answer without SOA is NODATA too (RFC 2308
// section 2.2, type 3) but told apart: libunbound makes the same of BADVERS and
// of a referral, and keeps nothing that tells these from it. libunbound reports
// silence as SERVFAIL; only our own deadline is "timeout". What validates
// DNSSEC is the forwarder, which says SERVFAIL of bogus data; below a trust
// anchor it is libunbound, and the detail is "bogus".
class UnboundKeySource : public KeySource {
 public:
  // What each context is made from.
  struct Setting {
    std::vector<std::string> forwards;  // "127.0.0.1@5353", libunbound's way.
    std::vector<std::string> trust_anchors;
    bool is_field = false;
  };

  // Bounded for the stub server: every fault ends within a second. Nothing of
  // the machine's own configuration is read. `nameserver` is "127.0.0.1:5353"
  // or
  // "[::1]:5353". The deadline is that of one lookup. Answers below the names
  // of `trust_anchors`, DS or DNSKEY records as in a zone file, are validated;
  // with one that cannot be read, every lookup is kTemporary.
  static Expected<std::unique_ptr<UnboundKeySource>> ForTests(
      const std::string& nameserver,
      std::chrono::milliseconds deadline = std::chrono::seconds(5),
      std::vector<std::string> trust_anchors = {});

  // For mail as it comes: asks the name servers of `resolv_conf` (if it names
  // none, the one on this machine, as resolv.conf(5) says) with the patience of
  // libunbound, up to the deadline of one lookup.
  static Expected<std::unique_ptr<UnboundKeySource>> ForField(
      std::chrono::milliseconds deadline = std::chrono::seconds(10),
      const std::string& resolv_conf = "/etc/resolv.conf");

  KeyAnswer Lookup(std::string_view name) override;

 private:
  UnboundKeySource(Setting setting, std::chrono::milliseconds deadline);
  static Expected<std::unique_ptr<UnboundKeySource>> Make(
      Setting setting, std::chrono::milliseconds deadline);

  Setting setting_;
  std::chrono::milliseconds deadline_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_UNBOUND_KEY_SOURCE_H_
