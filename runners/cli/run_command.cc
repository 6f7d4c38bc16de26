#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

#include "reference/base/file.h"
#include "runners/cli/command.h"
#include "runners/junit.h"
#include "runners/registry.h"
#include "runners/report/html.h"
#include "runners/run.h"
#include "runners/tally.h"
#include "runners/terminal_table.h"
#include "runners/worker_candidate.h"

namespace dkimspec::cli {
namespace {

using runners::Candidate;
using runners::Results;

struct Options {
  std::vector<std::string> cases;
  std::vector<std::string> implementations;
  std::string suite;
  std::string peers;
  std::string now;
  std::string salt;
  std::string out;
  std::string junit;
  std::string dns;
  std::string resolver = "direct";
  double timeout = 20;
  std::size_t at_once = 2;
  bool json = false;
  bool all = false;
  bool fail_on_wrong = false;
  std::vector<std::string> command;
};

// One line on stderr that is written over and over; only for a terminal.
class Progress {
 public:
  void operator()(const std::string& name, std::size_t done,
                  std::size_t total) {
    if (done % 10 == 0 || done == total) {
      const std::string line = fmt::format("{} {}/{}", name, done, total);
      width_ = std::max(width_, line.size());
      fmt::print(stderr, "\r{:<{}}", line, width_);
    }
  }

  ~Progress() {
    if (width_ > 0) {
      fmt::print(stderr, "\r{:<{}}\r", "", width_);
    }
  }

 private:
  std::size_t width_ = 0;
};

runners::RegistryFolders FoldersFor(const Options& options) {
  runners::RegistryFolders folders = runners::DefaultFolders();
  if (!options.peers.empty()) {
    folders.peers = options.peers;
  }
  return folders;
}

Expected<std::vector<Candidate>> Candidates(const Options& options) {
  if (!options.command.empty()) {
    if (!options.implementations.empty()) {
      return Fail("--implementations",
                  "chooses among those that are known, and a command of your "
                  "own is asked alone: leave out one of the two");
    }
    return runners::UnknownWorkerCandidate(options.command, options.dns)
        .map([](Candidate own) { return std::vector<Candidate>{own}; });
  }
  auto all = AllCandidates(FoldersFor(options));
  return all ? ChooseCandidates(std::move(*all), options.implementations) : all;
}

Expected<runners::RunOptions> RunOptionsFrom(const Options& options) {
  runners::RunOptions run;
  if (!options.now.empty()) {
    Expected<std::int64_t> now = ParseTime(options.now, "--now");
    if (!now) {
      return tl::unexpected(now.error());
    }
    run.now = *now;
  }
  run.salt = options.salt;
  run.globs = options.cases;
  run.timeout =
      std::chrono::milliseconds(static_cast<int>(options.timeout * 1000));
  run.at_once = options.at_once;
  if (options.resolver == "unbound") {
    auto program = runners::FindUnbound(FoldersFor(options).peers);
    if (!program) {
      return tl::unexpected(program.error());
    }
    run.resolver = std::move(*program);
  }
  return run;
}

// In DIR: what a run leaves behind for people and programs.
Expected<void> WriteFolder(const std::string& folder, const Results& results,
                           const fixtures::Suite& suite) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) {
    return Fail(folder, fmt::format("cannot be made: {}", problem.message()));
  }
  Expected<void> done =
      WriteFileAtomically(folder + "/results.jsonl", WriteResults(results));
  if (done) {
    auto cases = fixtures::Build(suite, results.now, results.salt);
    done = cases ? WriteFileAtomically(folder + "/report.html",
                                       WriteHtml(results, *cases))
                 : tl::unexpected(cases.error());
  }
  return done;
}

Expected<void> WriteFiles(const Options& options, const Results& results,
                          const fixtures::Suite& suite) {
  Expected<void> done;
  if (!options.out.empty()) {
    done = WriteFolder(options.out, results, suite);
    if (done) {
      fmt::print(stderr, "Report: {}/report.html\n", options.out);
    }
  }
  if (done && !options.junit.empty()) {
    done = WriteFileAtomically(options.junit, WriteJUnit(results));
  }
  return done;
}

int PrintResults(const Options& options, const Results& results) {
  if (options.json) {
    return Print(WriteResults(results));
  }
  runners::TableOptions table;
  const char* no_colour = std::getenv("NO_COLOR");
  table.colour = isatty(STDOUT_FILENO) != 0 &&
                 (no_colour == nullptr || *no_colour == '\0');
  if (options.all) {
    table.listed = std::numeric_limits<std::size_t>::max();
  }
  return Print(WriteTable(results, table));
}

bool HasWrong(const Results& results) {
  for (const runners::Tally& tally : TallyUp(results)) {
    if (tally.Wrong() > 0) {
      return true;
    }
  }
  return false;
}

// A worker of one's own that fails, or that shows nothing, is a finding too:
// silence must not look like success.
bool ShowsNothing(const Results& results) {
  const auto outcome_is = [&](runners::Outcome outcome) {
    return std::any_of(results.cases.begin(), results.cases.end(),
                       [&](const runners::CaseResult& result) {
                         return result.judgement.outcome == outcome;
                       });
  };
  return outcome_is(runners::Outcome::kAdapterError) ||
         !outcome_is(runners::Outcome::kConformant);
}

int StatusOf(const Options& options, const Results& results) {
  // One's own worker must run; others may be missing on this machine.
  for (const runners::Contestant& contestant : results.implementations) {
    if (!options.command.empty() && !contestant.ran) {
      return kFault;
    }
  }
  if (!options.command.empty() && ShowsNothing(results)) {
    return kFindings;
  }
  const bool strict = options.fail_on_wrong || !options.command.empty();
  return strict && HasWrong(results) ? kFindings : kFine;
}

// What is wrong with an option is a matter of usage.
int ComplainOf(const Error& error) {
  return Complain(error, error.place.starts_with("--") ? kUsage : kFault);
}

int Run(const Options& options) {
  Expected<runners::RunOptions> run = RunOptionsFrom(options);
  if (!run) {
    return Complain(run.error(), kUsage);
  }
  Progress progress;
  if (isatty(STDERR_FILENO) != 0) {
    run->progress = std::ref(progress);
  }
  Expected<std::vector<Candidate>> candidates = Candidates(options);
  if (!candidates) {
    return ComplainOf(candidates.error());
  }
  Expected<fixtures::Suite> suite = OpenSuite(options.suite);
  if (!suite) {
    return Complain(suite.error());
  }
  Expected<Results> results = RunSuite(*suite, *run, std::move(*candidates));
  if (!results) {
    return ComplainOf(results.error());
  }
  if (Expected<void> done = WriteFiles(options, *results, *suite); !done) {
    return Complain(done.error());
  }
  const int printed = PrintResults(options, *results);
  return printed == kFine ? StatusOf(options, *results) : printed;
}

}  // namespace

void AddRun(CLI::App& app, const std::vector<std::string>& command,
            int& status) {
  auto options = std::make_shared<Options>();
  options->command = command;
  CLI::App* sub = app.add_subcommand(
      "run",
      "Ask implementations about every case and judge what they say. "
      "After \"--\": the command of a worker of your own.");
  sub->add_option("--cases", options->cases,
                  "Globs on case ids: body/**, key/*/k-*")
      ->type_name("GLOB");
  sub->add_option("--implementations", options->implementations,
                  "Names, comma separated, or all")
      ->delimiter(',')
      ->type_name("NAMES");
  sub->add_option("--suite", options->suite, "The folder of the suite")
      ->type_name("DIR");
  sub->add_option("--peers", options->peers, "Where fetch.py put the programs")
      ->type_name("DIR");
  sub->add_option("--now", options->now,
                  "Time of verifying, for programs that can be told; default: "
                  "the current time")
      ->type_name("TIME");
  sub->add_option("--salt", options->salt,
                  "Changes every selector, domain and Message-ID")
      ->type_name("TEXT");
  sub->add_option("--out", options->out,
                  "Writes results.jsonl and report.html there")
      ->type_name("DIR");
  sub->add_option("--junit", options->junit, "Writes JUnit XML")
      ->type_name("FILE");
  sub->add_option("--timeout", options->timeout, "For one message, in seconds")
      ->check(CLI::Range(0.1, 600.0))
      ->type_name("SECONDS");
  sub->add_option("--jobs", options->at_once,
                  "Implementations asked at the same time")
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  sub->add_option("--dns", options->dns,
                  "How your worker gets keys, if it does not say so itself")
      ->check(CLI::IsMember({"request", "nameserver", "sandbox"}));
  sub->add_option("--resolver", options->resolver,
                  "What implementations that use sockets ask: our DNS server "
                  "(direct), or an unbound daemon that asks it")
      ->check(CLI::IsMember({"direct", "unbound"}))
      ->capture_default_str();
  sub->add_flag("--json", options->json, "Prints results.jsonl");
  sub->add_flag("--all", options->all, "Lists everything, however long");
  sub->add_flag("--fail-on-wrong", options->fail_on_wrong,
                "Exit status 1 if anyone is wrong; set for a worker of yours");
  sub->callback([options, &status] { status = Run(*options); });
}

}  // namespace dkimspec::cli
