#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "dnsstub/config.h"
#include "dnsstub/fault.h"
#include "dnsstub/log_json.h"
#include "reference/base/file.h"
#include "runners/cli/command.h"
#include "runners/cli/dns_control.h"

namespace dkimspec::cli {
namespace {

struct Options {
  std::string config;
  std::string zone;
  std::string control;
  std::string log;
  std::uint16_t port = 0;
  bool faults = false;
  bool json = false;
};

// Blocked before the server's thread starts, so that it inherits the mask and
// the signal can only arrive here.
int CatchEndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

int ListFaults(bool as_json) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  std::string lines;
  for (const dnsstub::Fault& fault : dnsstub::AllFaults()) {
    lines += fmt::format("{:<26} {}  {:<9}  {}\n", fault.name,
                         fault.survives_recursor ? "core" : "wire",
                         ToString(fault.outcome), fault.summary);
    rows.push_back({{"name", fault.name},
                    {"topic", fault.topic},
                    {"summary", fault.summary},
                    {"wire", fault.wire},
                    {"kind", fault.survives_recursor ? "core" : "wire"},
                    {"outcome", ToString(fault.outcome)},
                    {"needs_txt", fault.needs_txt},
                    {"slow", fault.slow}});
  }
  return as_json ? PrintJson(rows) : Print(lines);
}

// A line for each address: "127.0.0.1:5353", with the endpoint's id in front if
// there are several.
int PrintAddresses(const dnsstub::Server& server, bool configured) {
  std::string lines;
  for (const dnsstub::Endpoint& endpoint : server.endpoints()) {
    for (const std::string& address : endpoint.addresses) {
      const bool ipv6 = address.find(':') != std::string::npos;
      lines +=
          fmt::format("{}{}{}{}:{}\n", configured ? endpoint.id + " " : "",
                      ipv6 ? "[" : "", address, ipv6 ? "]" : "", endpoint.port);
      if (!configured) {
        return Print(lines);
      }
    }
  }
  return Print(lines);
}

// Until a signal comes, or "stop" over the control socket.
void ServeUntilTheEnd(dnsstub::Server& server, DnsControl& control, int signals,
                      const std::vector<std::string>& epochs) {
  for (;;) {
    pollfd wait[] = {{signals, POLLIN, 0}, {control.fd(), POLLIN, 0}};
    if (poll(wait, 2, -1) < 0) {
      continue;
    }
    if (wait[0].revents != 0 ||
        (wait[1].revents != 0 && !control.Serve(server, epochs))) {
      return;
    }
  }
}

// Without a file: the fault zone alone.
Expected<dnsstub::Config> ReadConfig(const Options& options) {
  const std::string& path =
      options.config.empty() ? options.zone : options.config;
  return path.empty() ? dnsstub::ConfigFromJson({{"format", "dkimspec-dns/1"}},
                                                "the fault zone")
                      : dnsstub::ReadConfigFile(path);
}

int Serve(const Options& options) {
  Expected<dnsstub::Config> config = ReadConfig(options);
  if (!config) {
    return Complain(config.error());
  }
  const int signals = CatchEndingSignals();
  auto control = DnsControl::Open(options.control);
  if (!control) {
    return Complain(control.error());
  }
  config->server.port = options.port;
  auto server = dnsstub::Server::Start(config->server);
  if (!server) {
    return Complain(server.error());
  }
  (*server)->Load(*config);
  const int printed =
      PrintAddresses(**server, !config->server.endpoints.empty());
  if (printed != kFine) {
    return printed;
  }
  ServeUntilTheEnd(**server, *control, signals, config->epochs);
  close(signals);
  if (options.log.empty()) {
    return kFine;
  }
  auto written =
      WriteFileAtomically(options.log, dnsstub::ToJsonLines((*server)->Log()));
  return written ? kFine : Complain(written.error());
}

int Run(const Options& options) {
  if (options.faults) {
    return ListFaults(options.json);
  }
  if (!options.config.empty() && !options.zone.empty()) {
    return Complain({"--zone",
                     "a configuration is given, too; its member "
                     "\"zone\" takes what a zone file holds"},
                    kUsage);
  }
  return Serve(options);
}

}  // namespace

void AddDns(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "dns",
      "Serve a configuration or a zone, faults and all, on loopback until "
      "SIGINT or SIGTERM. Prints its addresses when it is ready. With a file "
      "or "
      "without, the name SELECTOR._domainkey.FAULT.f.example meets each "
      "fault.");
  sub->add_option("config", options->config,
                  "A configuration (JSON, docs/dns-config.schema.json)")
      ->type_name("CONFIG");
  sub->add_option("--zone", options->zone, "A zone file (JSON)")
      ->type_name("FILE");
  sub->add_option("--port", options->port, "Default: any that is free")
      ->type_name("PORT");
  sub->add_option("--control", options->control,
                  "A Unix socket for commands: epoch NAME, reset, log [NAME], "
                  "queries NAME, wait NAME N MS, unexpected, stop")
      ->type_name("PATH");
  sub->add_option("--log", options->log,
                  "Where the log is written in the end (JSON Lines)")
      ->type_name("FILE");
  sub->add_flag("--faults", options->faults, "List the fault presets and end");
  sub->add_flag("--json", options->json, "With --faults: as JSON");
  sub->callback([options, &status] { status = Run(*options); });
}

}  // namespace dkimspec::cli
