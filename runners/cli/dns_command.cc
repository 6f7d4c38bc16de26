#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <utility>

#include "dnsstub/server.h"
#include "reference/json/strict_reader.h"
#include "reference/json/zone_json.h"
#include "runners/cli/command.h"

namespace dkimspec::cli {
namespace {

struct Options {
  std::string zone;
  std::uint16_t port = 0;
};

// Blocked before the server's thread starts, so that it inherits the mask and
// the signal can only arrive here.
sigset_t BlockEndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Serve(const Options& options) {
  Expected<Json> json = ReadJsonFile(options.zone);
  if (!json) {
    return Complain(json.error());
  }
  Expected<Zone> zone = ZoneFromJson(*json, options.zone);
  if (!zone) {
    return Complain(zone.error());
  }
  const sigset_t signals = BlockEndingSignals();
  dnsstub::ServerOptions server_options;
  server_options.port = options.port;
  auto server = dnsstub::Server::Start(server_options);
  if (!server) {
    return Complain(server.error());
  }
  (*server)->SetZone(std::move(*zone));
  const int printed = Print(fmt::format("127.0.0.1:{}\n", (*server)->port()));
  if (printed != kFine) {
    return printed;
  }
  int received = 0;
  sigwait(&signals, &received);
  return kFine;
}

}  // namespace

void AddDns(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "dns",
      "Serve a zone, faults and all, on loopback until SIGINT or "
      "SIGTERM. Prints its address when it is ready.");
  sub->add_option("--zone", options->zone, "A zone file (JSON)")
      ->required()
      ->type_name("FILE");
  sub->add_option("--port", options->port, "Default: any that is free")
      ->type_name("PORT");
  sub->callback([options, &status] { status = Serve(*options); });
}

}  // namespace dkimspec::cli
