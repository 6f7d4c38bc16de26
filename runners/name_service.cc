#include "runners/name_service.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace dkimspec::runners {
namespace {

Expected<void> AddResolver(const std::vector<fixtures::Case>& cases, DnsWay way,
                           const UnboundProgram& program, NameService& names) {
  MidboxOptions options{program, names.server->port(), {}, {}};
  for (const fixtures::Case& test : cases) {
    options.zone.insert(test.zone.begin(), test.zone.end());
  }
  auto midbox = Midbox::Start(options);
  if (!midbox) {
    return tl::unexpected(midbox.error());
  }
  names.midbox = std::move(*midbox);
  if (way == DnsWay::kSandbox) {
    auto relay = DnsRelay::Start(names.midbox->port());
    if (!relay) {
      return tl::unexpected(relay.error());
    }
    names.relay = std::move(*relay);
  }
  return {};
}

}  // namespace

std::string NameService::Address() const {
  if (midbox != nullptr) {
    return midbox->address();
  }
  return server != nullptr ? fmt::format("127.0.0.1:{}", server->port()) : "";
}

Expected<std::unique_ptr<dnsstub::Server>> ServeZones(
    const std::vector<fixtures::Case>& cases, bool authoritative) {
  dnsstub::ServerOptions options;
  // Some resolver libraries read from TCP without any limit. We end that,
  // before their verifiers run out of time for a fault that is not theirs.
  options.hang_limit = std::chrono::seconds(5);
  if (authoritative) {
    options.endpoints.emplace_back();
    options.endpoints.back().authoritative = true;
  }
  auto server = dnsstub::Server::Start(options);
  if (server) {
    for (const fixtures::Case& test : cases) {
      (*server)->AddZone(test.zone);
    }
  }
  return server;
}

Expected<NameService> StartNameService(
    const std::vector<fixtures::Case>& cases, DnsWay way,
    const std::optional<UnboundProgram>& resolver) {
  NameService names;
  auto server = ServeZones(cases, resolver.has_value());
  if (!server) {
    return tl::unexpected(server.error());
  }
  names.server = std::move(*server);
  if (resolver) {
    Expected<void> done = AddResolver(cases, way, *resolver, names);
    if (!done) {
      return tl::unexpected(done.error());
    }
  }
  return names;
}

}  // namespace dkimspec::runners
