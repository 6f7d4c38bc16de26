#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fixtures/coverage.h"
#include "runners/cli/command.h"

namespace dkimspec::cli {
namespace {

using fixtures::Coverage;
using Json = nlohmann::ordered_json;

struct Options {
  std::string suite;
  std::string of;
  bool json = false;
};

Expected<std::vector<Coverage>> Read(const std::string& folder) {
  Expected<fixtures::Suite> suite = OpenSuite(folder);
  if (!suite) {
    return tl::unexpected(suite.error());
  }
  const auto cases = fixtures::Build(*suite, fixtures::kLockTime, "");
  return cases ? fixtures::ReadCoverage(*suite, *cases)
               : tl::unexpected(cases.error());
}

// With `of` it is the reference that has to be covered, which also signs and
// writes results; otherwise a verifier, by cases.
bool IsShown(const Coverage& row, bool of_reference) {
  return of_reference || row.ConcernsVerifiers();
}

std::string TestsOf(const Coverage& row) {
  return row.reason.empty() ? fmt::format("{}", fmt::join(row.tests, " "))
                            : row.reason;
}

std::string Show(const Coverage& row, bool of_reference) {
  std::string text = fmt::format(
      "{:<26} {:<8} {}", row.row.id, fixtures::ToString(row.row.level),
      row.cases.empty() ? "-" : fmt::format("{}", fmt::join(row.cases, " ")));
  if (of_reference && row.cases.empty()) {
    text += "  " + TestsOf(row);
  }
  return text + "\n";
}

Json ToJson(const Coverage& row) {
  Json json = {{"id", row.row.id},
               {"level", fixtures::ToString(row.row.level)},
               {"role", row.row.role},
               {"cases", row.cases},
               {"tests", row.tests}};
  if (!row.reason.empty()) {
    json["reason"] = row.reason;
  }
  return json;
}

int Run(const Options& options) {
  const auto coverage = Read(options.suite);
  if (!coverage) {
    return Complain(coverage.error());
  }
  const bool of_reference = options.of == "reference";
  Json all = Json::array();
  std::string text;
  for (const Coverage& row : *coverage) {
    if (IsShown(row, of_reference)) {
      all.push_back(ToJson(row));
      text += Show(row, of_reference);
    }
  }
  return options.json ? PrintJson(all) : Print(text);
}

}  // namespace

void AddCoverage(CLI::App& cases, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = cases.add_subcommand(
      "coverage", "Each requirement with the cases that cover it.");
  sub->add_option("--of", options->of,
                  "reference: also rows for signers, and the tests of the "
                  "reference where there is no case")
      ->check(CLI::IsMember({"reference"}));
  sub->add_option("--suite", options->suite, "The folder of the suite")
      ->type_name("DIR");
  sub->add_flag("--json", options->json, "As JSON");
  sub->callback([options, &status] { status = Run(*options); });
}

}  // namespace dkimspec::cli
