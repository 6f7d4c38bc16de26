#include <memory>

#include "reference/base/file.h"
#include "runners/cli/command.h"
#include "runners/junit.h"
#include "runners/report/html.h"
#include "runners/results.h"
#include "runners/terminal_table.h"

namespace dkimspec::cli {
namespace {

struct Options {
  std::string results;
  std::string html;
  std::string junit;
  std::string suite;
};

// The page shows messages and zones, which the results do not hold.
Expected<void> WritePage(const Options& options,
                         const runners::Results& results) {
  Expected<fixtures::Suite> suite = OpenSuite(options.suite);
  if (!suite) {
    return tl::unexpected(suite.error());
  }
  auto cases = fixtures::Build(*suite, results.now, results.salt);
  return cases ? WriteFileAtomically(options.html, WriteHtml(results, *cases))
               : tl::unexpected(cases.error());
}

int Report(const Options& options) {
  Expected<std::string> text = ReadInput(options.results);
  if (!text) {
    return Complain(text.error());
  }
  auto results = runners::ReadResults(*text, options.results);
  if (!results) {
    return Complain(results.error());
  }
  Expected<void> done;
  if (!options.html.empty()) {
    done = WritePage(options, *results);
  }
  if (done && !options.junit.empty()) {
    done = WriteFileAtomically(options.junit, WriteJUnit(*results));
  }
  if (!done) {
    return Complain(done.error());
  }
  return options.html.empty() && options.junit.empty()
             ? Print(WriteTable(*results, {}))
             : static_cast<int>(kFine);
}

}  // namespace

void AddReport(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "report", "Shows results.jsonl: as a table, or written to files.");
  sub->add_option("results", options->results, "results.jsonl; - is stdin")
      ->required();
  sub->add_option("--html", options->html, "Writes one page")
      ->type_name("FILE");
  sub->add_option("--junit", options->junit, "Writes JUnit XML")
      ->type_name("FILE");
  sub->add_option("--suite", options->suite,
                  "The folder of the suite that was run")
      ->type_name("DIR");
  sub->callback([options, &status] { status = Report(*options); });
}

}  // namespace dkimspec::cli
