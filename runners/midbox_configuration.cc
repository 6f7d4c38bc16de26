// What unbound is told. docs/resolver.md says why.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "dnsstub/fault.h"
#include "runners/midbox.h"

namespace dkimspec::runners {
namespace {

using Kind = ZoneEntry::Kind;

// Patience: a query without an answer is sent again after 1.5 s and given up
// after 3 s, so that clients with usual settings hear of the failure, while a
// busy machine does not make one. A silent TCP server costs 2 s.
constexpr std::string_view kServer = R"(server:
  directory: ""
  chroot: ""
  username: ""
  pidfile: ""
  logfile: ""
  use-syslog: no
  do-daemonize: no
  verbosity: 0
  num-threads: 1
  module-config: "validator iterator"
  do-ip6: no
  outgoing-interface: 127.0.0.1
  do-not-query-localhost: no
  outgoing-range: 512
  num-queries-per-thread: 512
  outgoing-num-tcp: 64
  incoming-num-tcp: 128
  max-reuse-tcp-queries: 1
  qname-minimisation: no
  target-fetch-policy: "0 0 0 0 0"
  edns-buffer-size: 1232
  max-udp-size: 1232
  minimal-responses: yes
  rrset-roundrobin: no
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
  unknown-server-time-limit: 376
  outbound-msg-retry: 2
  tcp-auth-query-timeout: 2000
  discard-timeout: 0
)";

// Whether a configuration file can hold the name as it is.
bool IsPlain(std::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
         });
}

// A name whose server may fail. Presets of several names are left out: some
// of those lie beside this one.
bool MayFail(const ZoneEntry& entry) {
  if (entry.kind == Kind::kServFail || entry.kind == Kind::kTimeout) {
    return true;
  }
  const dnsstub::Fault* fault =
      entry.kind == Kind::kFault ? dnsstub::FindFault(entry.fault) : nullptr;
  return fault != nullptr && fault->zone == nullptr;
}

// The zones that unbound is told of: the top-level domains, and names whose
// server may fail, for what unbound remembers of a server it remembers by zone.
std::set<std::string> ZonesOf(const Zone& zone) {
  std::set<std::string> zones;
  for (const auto& [name, entry] : zone) {
    if (!IsPlain(name)) {
      continue;
    }
    zones.insert(name.substr(name.rfind('.') + 1));
    if (MayFail(entry)) {
      zones.insert(name);
    }
  }
  zones.erase("");
  return zones;
}

}  // namespace

std::string MidboxConfiguration(const MidboxOptions& options,
                                std::uint16_t port,
                                const std::string& ready_name) {
  std::string text(kServer);
  text += fmt::format("  interface: 127.0.0.1@{}\n", port);
  text += fmt::format("  local-data: '{}. TXT \"ready\"'\n", ready_name);
  for (const std::string& anchor : options.trust_anchors) {
    text += fmt::format("  trust-anchor: '{}'\n", anchor);
  }
  for (const std::string& zone : ZonesOf(options.zone)) {
    text += fmt::format(
        "stub-zone:\n  name: \"{}.\"\n  stub-addr: 127.0.0.1@{}\n"
        "  stub-no-cache: yes\n",
        zone, options.stub_port);
  }
  // Whatever else is asked for must not leave the machine either.
  text += fmt::format(
      "forward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@{}\n"
      "  forward-no-cache: yes\n",
      options.stub_port);
  return text;
}

}  // namespace dkimspec::runners
