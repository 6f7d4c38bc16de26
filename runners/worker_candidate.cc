#include "runners/worker_candidate.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "runners/results.h"
#include "runners/sandbox.h"
#include "runners/worker.h"

namespace dkimspec::runners {
namespace {

// Hands the DNS sockets of each process to the stub, under a name of its own:
// the next process is started before anyone knows that the last one is gone.
class SocketBroker {
 public:
  explicit SocketBroker(const StartContext& context) : context_(context) {}

  void Started(Process& process) {
    network_ = context_.network + std::to_string(++count_);
    if (context_.relay != nullptr) {
      context_.relay->Adopt(network_, process.TakeUdpSockets(),
                            process.TakeTcpSockets());
    } else {
      context_.dns->Adopt(network_, process.TakeUdpSockets(),
                          process.TakeTcpSockets());
    }
  }

  void Ended() {
    if (context_.relay != nullptr) {
      context_.relay->Release(network_);
    } else {
      context_.dns->Release(network_);
    }
  }

 private:
  StartContext context_;
  std::string network_;
  std::size_t count_ = 0;
};

void AddEnvironment(
    const std::vector<std::pair<std::string, std::string>>& added,
    ProcessOptions& process) {
  for (const auto& variable : added) {
    std::erase_if(process.environment, [&](const auto& existing) {
      return existing.first == variable.first;
    });
    process.environment.push_back(variable);
  }
}

WorkerOptions OptionsFor(const WorkerCommand& command) {
  WorkerOptions options;
  options.process.argv = command.argv;
  options.process.environment = CleanEnvironment();
  AddEnvironment(command.environment, options.process);
  options.process.working_folder = command.working_folder;
  options.process.visible = command.visible;
  options.name = command.declared.name;
  options.family = command.declared.family;
  if (!command.declared.features.empty()) {
    options.features = command.declared.features;
  }
  options.policies = command.declared.policies;
  options.words = command.declared.words;
  options.dns = command.declared.dns;
  options.reports = command.declared.reports;
  return options;
}

// The address of a name server means nothing inside a network namespace.
bool Isolated(const WorkerCommand& command) {
  switch (command.declared.dns) {
    case DnsWay::kSandbox:
      return true;
    case DnsWay::kNameserver:
      return false;
    case DnsWay::kRequest:
      break;
  }
  return command.isolate_if_possible && WhyNoIsolation().empty();
}

Expected<std::unique_ptr<Implementation>> StartWorker(
    const WorkerCommand& command, const StartContext& context) {
  WorkerOptions options = OptionsFor(command);
  options.timeout = context.timeout;
  options.process.isolated = Isolated(command);
  if (command.declared.dns == DnsWay::kSandbox) {
    auto broker = std::make_shared<SocketBroker>(context);
    options.on_process_started = [broker](Process& process) {
      broker->Started(process);
    };
    options.on_process_ended = [broker](Process&) { broker->Ended(); };
  }
  auto worker = Worker::Start(std::move(options));
  if (!worker) {
    return tl::unexpected(worker.error());
  }
  return std::unique_ptr<Implementation>(std::move(*worker));
}

std::vector<std::pair<std::string, std::string>> OurEnvironment() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos && equals > 0) {
      variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return variables;
}

// Inside a sandbox, because some refuse to start without.
Expected<Description> Probe(const WorkerCommand& command,
                            const std::string& dns) {
  WorkerOptions options = OptionsFor(command);
  options.process.isolated = dns == "sandbox" && WhyNoIsolation().empty();
  options.dns = DnsWayFrom(dns);
  options.reports = std::nullopt;
  return Worker::Start(std::move(options))
      .map([](const std::unique_ptr<Worker>& worker) {
        return worker->description();
      });
}

}  // namespace

Candidate WorkerCandidate(WorkerCommand command) {
  Candidate candidate;
  candidate.description = command.declared;
  if (command.declared.dns == DnsWay::kSandbox) {
    candidate.why_not = WhyNoIsolation();
  }
  candidate.start = [command =
                         std::move(command)](const StartContext& context) {
    return StartWorker(command, context);
  };
  return candidate;
}

Expected<Candidate> UnknownWorkerCandidate(std::vector<std::string> argv,
                                           const std::string& dns) {
  WorkerCommand command;
  command.argv = std::move(argv);
  command.environment = OurEnvironment();
  std::error_code problem;
  command.working_folder = std::filesystem::current_path(problem).string();
  auto described = Probe(command, dns);
  if (!described && dns.empty() && WhyNoIsolation().empty()) {
    described = Probe(command, "sandbox");
  }
  if (!described) {
    return tl::unexpected(described.error());
  }
  command.declared = std::move(*described);
  return WorkerCandidate(std::move(command));
}

}  // namespace dkimspec::runners
