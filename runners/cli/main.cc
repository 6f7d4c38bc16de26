// The command: dkimspec SUBCOMMAND. stdout is data, stderr is for people.
#include <algorithm>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "runners/cli/command.h"

namespace dkimspec::cli {
namespace {

// `dkimspec run ... -- COMMAND...`: what follows "--" is the command of a
// worker, whose options are not ours.
std::vector<std::string> TakeWorkerCommand(
    std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front() != "run") {
    return {};
  }
  const auto mark = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> command(mark == arguments.end() ? mark : mark + 1,
                                   arguments.end());
  if (mark != arguments.end()) {
    arguments.erase(mark, arguments.end());
  }
  return command;
}

int Main(std::vector<std::string> arguments) {
  const std::vector<std::string> command = TakeWorkerCommand(arguments);
  CLI::App app("Conformance suite and test harness for DKIM implementations.",
               "dkimspec");
  app.set_version_flag("--version", DKIMSPEC_VERSION);
  app.require_subcommand(1);
  int status = kFine;
  AddRun(app, command, status);
  AddCases(app, status);
  AddImplementations(app, status);
  AddReport(app, status);
  AddVerify(app, status);
  AddSign(app, status);
  AddKeygen(app, status);
  AddLint(app, status);
  AddMutate(app, status);
  AddDns(app, status);
  AddWorker(app, status);
  std::reverse(arguments.begin(), arguments.end());  // As CLI11 wants them.
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kFine : kUsage;
  }
  return status;
}

}  // namespace
}  // namespace dkimspec::cli

int main(int argc, char** argv) {
  // A worker that ends must not end us; writing then fails with EPIPE.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);  // Only std::cin reads stdin.
  return dkimspec::cli::Main({argv + 1, argv + argc});
}
