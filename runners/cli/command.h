// What the subcommands share. Each lives in a file of its own and adds itself
// to the command line.
#ifndef DKIMSPEC_RUNNERS_CLI_COMMAND_H_
#define DKIMSPEC_RUNNERS_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/case.h"
#include "fixtures/suite.h"
#include "reference/base/expected.h"

namespace dkimspec::cli {

enum ExitStatus : int {
  kFine = 0,
  kFindings = 1,  // Wrong answers, a stale lock, a signature that fails.
  kUsage = 2,
  kFault = 3,  // Something could not be read, written or started.
};

// Each adds a subcommand; it sets `status` when it has run.
void AddCases(CLI::App& app, int& status);
void AddCoverage(CLI::App& cases, int& status);  // Under "cases".
void AddDns(CLI::App& app, int& status);
void AddImplementations(CLI::App& app, int& status);
void AddKeygen(CLI::App& app, int& status);
void AddLint(CLI::App& app, int& status);
void AddMutate(CLI::App& app, int& status);
void AddReport(CLI::App& app, int& status);
// `command` is what stood after "--".
void AddRun(CLI::App& app, const std::vector<std::string>& command,
            int& status);
void AddSign(CLI::App& app, int& status);
void AddVerify(CLI::App& app, int& status);
void AddWorker(CLI::App& app, int& status);

// Tells people on stderr; returns `status`.
int Complain(const Error& error, int status = kFault);

// Writes data to stdout: all of it, or the error.
int Print(std::string_view data);
int PrintJson(const nlohmann::ordered_json& json);

// A file, or stdin for "-".
Expected<std::string> ReadInput(const std::string& path);

// The same for a message: one with LF line ends and not a single CRLF, as
// files on disk often are, is converted, and stderr says so; not if `raw`.
Expected<std::string> ReadMessage(const std::string& path, bool raw);

// "1767225600" or "2026-01-01T00:00:00Z", in seconds since 1970.
Expected<std::int64_t> ParseTime(const std::string& text,
                                 const std::string& option);
std::int64_t ClockTime();

// Control characters, backslashes and octets that are not ASCII as
// escapes: "\t", "\x1b". A CRLF ends a line; a bare CR or LF is "\r" or "\n".
std::string ShowOctets(std::string_view octets);

// The suite of a folder; the default one if it is empty.
Expected<fixtures::Suite> OpenSuite(const std::string& folder);

}  // namespace dkimspec::cli

#endif  // DKIMSPEC_RUNNERS_CLI_COMMAND_H_
