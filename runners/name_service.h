// What answers the DNS queries of one implementation in a run.
#ifndef DKIMSPEC_RUNNERS_NAME_SERVICE_H_
#define DKIMSPEC_RUNNERS_NAME_SERVICE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dnsstub/server.h"
#include "fixtures/case.h"
#include "reference/base/expected.h"
#include "runners/dns_relay.h"
#include "runners/implementation.h"
#include "runners/midbox.h"

namespace dkimspec::runners {

// The chain from our server to the implementation; it ends in reverse order.
struct NameService {
  std::unique_ptr<dnsstub::Server> server;  // Absent: one that is shared.
  std::unique_ptr<Midbox> midbox;           // Asks `server`.
  std::unique_ptr<DnsRelay> relay;          // From a sandbox to `midbox`.

  // Where to ask, "127.0.0.1:5353"; "" if there is no server.
  std::string Address() const;
};

// Serves the zones of all `cases`.
Expected<std::unique_ptr<dnsstub::Server>> ServeZones(
    const std::vector<fixtures::Case>& cases, bool authoritative = false);

// A server of its own, and before it a resolver if there is one. `way` is not
// kRequest.
Expected<NameService> StartNameService(
    const std::vector<fixtures::Case>& cases, DnsWay way,
    const std::optional<UnboundProgram>& resolver);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_NAME_SERVICE_H_
