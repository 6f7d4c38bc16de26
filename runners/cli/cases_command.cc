#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "reference/base/file.h"
#include "reference/json/zone_json.h"
#include "runners/case_json.h"
#include "runners/cli/command.h"
#include "runners/run.h"

namespace dkimspec::cli {
namespace {

using fixtures::Case;
using Json = nlohmann::ordered_json;

struct Options {
  std::string suite;
  std::string now;
  std::string salt;
  std::vector<std::string> globs;
  std::string id;
  std::string folder;
  std::string jsonl;
  bool json = false;
  bool write = false;
  bool check = false;  // What is done without --write.
};

Expected<std::vector<Case>> BuildCases(const Options& options) {
  Expected<std::int64_t> now = options.now.empty()
                                   ? Expected<std::int64_t>(fixtures::kLockTime)
                                   : ParseTime(options.now, "--now");
  if (!now) {
    return tl::unexpected(now.error());
  }
  Expected<fixtures::Suite> suite = OpenSuite(options.suite);
  if (!suite) {
    return tl::unexpected(suite.error());
  }
  auto cases = fixtures::Build(*suite, *now, options.salt);
  return cases ? runners::SelectCases(std::move(*cases), options.globs) : cases;
}

std::string Expectations(const Case& test) {
  std::string text;
  for (const fixtures::Subject& subject : test.subjects) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", subject.label,
                        fixtures::ToString(subject.expected));
  }
  return text;
}

int List(const Options& options) {
  Expected<std::vector<Case>> cases = BuildCases(options);
  if (!cases) {
    return Complain(cases.error());
  }
  std::erase_if(*cases, [](const Case& test) { return test.is_control; });
  if (options.json) {
    Json all = Json::array();
    for (const Case& test : *cases) {
      all.push_back(runners::CaseToJson(test));
    }
    return PrintJson(all);
  }
  std::size_t width = 0;
  for (const Case& test : *cases) {
    width = std::max(width, test.id.size());
  }
  std::string text;
  for (const Case& test : *cases) {
    text += fmt::format("{:<{}}  {:<8}  {}\n", test.id, width,
                        fixtures::ToString(test.level), Expectations(test));
  }
  return Print(text);
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

std::string ShowSubject(const fixtures::Subject& subject) {
  std::string text = fmt::format("expect   {}: {}\n", subject.label,
                                 fixtures::ToString(subject.expected));
  for (const fixtures::Tolerance& tolerance : subject.tolerate) {
    text += fmt::format(
        "         {} {}{} ({}: {})\n",
        tolerance.policy.empty() ? "tolerated:" : "owed instead:",
        fixtures::ToString(tolerance.verdict),
        tolerance.policy.empty() ? "" : " under " + tolerance.policy,
        tolerance.citation, tolerance.because);
  }
  return text;
}

std::string ShowRange(const fixtures::QueryRange& range) {
  return fmt::format("queries  {}: {} {} to {} ({}: {})\n", range.label,
                     fixtures::ToString(range.count), range.least,
                     range.most ? std::to_string(*range.most) : "any number",
                     range.citation, range.because);
}

std::string Show(const Case& test) {
  std::string text =
      fmt::format("{}\n\nwhy      {}\ncovers   {} ({})\n", test.id, test.why,
                  Join(test.covers), fixtures::ToString(test.level));
  for (const fixtures::Subject& subject : test.subjects) {
    text += ShowSubject(subject);
  }
  for (const fixtures::QueryRange& range : test.queries) {
    text += ShowRange(range);
  }
  if (!test.means_permanent.empty()) {
    text += fmt::format("means    a wrong refusal: {}\n", test.means_permanent);
  }
  if (!test.means_pass.empty() || test.forgery) {
    text += fmt::format("means    a wrong pass: {}{}\n", test.means_pass,
                        test.forgery ? " (lets a forger through)" : "");
  }
  if (!test.features.empty()) {
    text += fmt::format("needs    {}\n", Join(test.features));
  }
  if (test.control) {
    text += fmt::format("control  {}\n", *test.control);
  }
  const std::string zone = ZoneToJson(test.zone).dump(
      2, ' ', false, nlohmann::json::error_handler_t::replace);
  return text + fmt::format("now      {}\nzone     {}\nmessage\n{}\n", test.now,
                            zone, ShowOctets(test.message));
}

int ShowOne(Options options) {
  Expected<std::vector<Case>> cases = BuildCases(options);
  if (!cases) {
    return Complain(cases.error());
  }
  const auto found =
      std::find_if(cases->begin(), cases->end(),
                   [&](const Case& test) { return test.id == options.id; });
  if (found == cases->end()) {
    return Complain(
        {options.id, "is no case; `dkimspec cases list` shows all ids"},
        kUsage);
  }
  if (options.json) {
    Json json = runners::CaseToJson(*found);
    json["message"] = ShowOctets(found->message);
    return PrintJson(json);
  }
  return Print(Show(*found));
}

int Export(const Options& options) {
  if (options.folder.empty() && options.jsonl.empty()) {
    return Complain({"cases export", "name a folder, or --jsonl FILE"}, kUsage);
  }
  Expected<std::vector<Case>> cases = BuildCases(options);
  if (!cases) {
    return Complain(cases.error());
  }
  Expected<void> done;
  if (!options.folder.empty()) {
    done = runners::ExportCases(*cases, options.folder);
  }
  if (done && !options.jsonl.empty()) {
    const std::string lines = runners::CasesAsJsonLines(*cases);
    if (options.jsonl == "-") {
      return Print(lines);
    }
    done = WriteFileAtomically(options.jsonl, lines);
  }
  return done ? kFine : Complain(done.error());
}

// "id  expectations  hash", by id.
std::map<std::string, std::string> LockLines(const std::string& text) {
  std::map<std::string, std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines[line.substr(0, line.find(' '))] = line;
  }
  return lines;
}

std::string Difference(const std::string& before, const std::string& after) {
  const auto old_lines = LockLines(before);
  const auto new_lines = LockLines(after);
  std::string text;
  for (const auto& [id, line] : old_lines) {
    const auto found = new_lines.find(id);
    if (found == new_lines.end() || found->second != line) {
      text += "- " + line + "\n";
    }
  }
  for (const auto& [id, line] : new_lines) {
    const auto found = old_lines.find(id);
    if (found == old_lines.end() || found->second != line) {
      text += "+ " + line + "\n";
    }
  }
  return text;
}

int CheckLock(const std::string& path, const std::string& fresh) {
  Expected<std::string> committed = ReadFile(path);
  if (!committed) {
    return Complain({committed.error().place,
                     committed.error().message +
                         "; `dkimspec cases lock --write` makes it"});
  }
  if (*committed == fresh) {
    return kFine;
  }
  Print(Difference(*committed, fresh));
  return Complain({path,
                   "is stale; look at the changed expectations, then "
                   "`dkimspec cases lock --write`"},
                  kFindings);
}

// The lock is always made with kLockTime and no salt.
int Lock(const Options& options) {
  Expected<fixtures::Suite> suite = OpenSuite(options.suite);
  if (!suite) {
    return Complain(suite.error());
  }
  auto cases = fixtures::Build(*suite, fixtures::kLockTime, "");
  if (!cases) {
    return Complain(cases.error());
  }
  const std::string fresh = fixtures::WriteLock(*cases);
  const std::string path =
      (std::filesystem::path(suite->folder) / "suite.lock").string();
  if (!options.write) {
    return CheckLock(path, fresh);
  }
  Expected<void> done = WriteFileAtomically(path, fresh);
  return done ? kFine : Complain(done.error());
}

using SharedOptions = std::shared_ptr<Options>;

void AddSuiteOption(CLI::App* sub, const SharedOptions& options) {
  sub->add_option("--suite", options->suite, "The folder of the suite")
      ->type_name("DIR");
}

void AddBuildOptions(CLI::App* sub, const SharedOptions& options) {
  AddSuiteOption(sub, options);
  sub->add_option("--now", options->now,
                  "Time of verifying; default 2026-01-01T00:00:00Z")
      ->type_name("TIME");
  sub->add_option("--salt", options->salt, "As for run")->type_name("TEXT");
}

void AddList(CLI::App* cases, const SharedOptions& options, int& status) {
  CLI::App* sub = cases->add_subcommand("list", "Ids, levels, expectations.");
  sub->add_option("glob", options->globs, "Globs on case ids: body/**");
  sub->add_flag("--json", options->json, "Everything but the messages");
  AddBuildOptions(sub, options);
  sub->callback([options, &status] { status = List(*options); });
}

void AddShow(CLI::App* cases, const SharedOptions& options, int& status) {
  CLI::App* sub = cases->add_subcommand("show", "Everything about one case.");
  sub->add_option("id", options->id, "Its id, or <id>@control")->required();
  sub->add_flag("--json", options->json, "The message is shown escaped");
  AddBuildOptions(sub, options);
  sub->callback([options, &status] { status = ShowOne(*options); });
}

void AddExport(CLI::App* cases, const SharedOptions& options, int& status) {
  CLI::App* sub = cases->add_subcommand(
      "export", "Plain files: octets, zone, time, expectation, citations.");
  sub->add_option("folder", options->folder, "A folder that is not there yet");
  sub->add_option("--jsonl", options->jsonl, "JSON Lines; - is stdout")
      ->type_name("FILE");
  sub->add_option("--cases", options->globs, "Globs on case ids")
      ->type_name("GLOB");
  AddBuildOptions(sub, options);
  sub->callback([options, &status] { status = Export(*options); });
}

void AddLock(CLI::App* cases, const SharedOptions& options, int& status) {
  CLI::App* sub = cases->add_subcommand(
      "lock", "Holds suite.lock against the recipes, or writes it.");
  CLI::Option* write =
      sub->add_flag("--write", options->write, "Writes suite.lock");
  sub->add_flag("--check", options->check,
                "Exit status 1 if it is stale; the default")
      ->excludes(write);
  AddSuiteOption(sub, options);
  sub->callback([options, &status] { status = Lock(*options); });
}

}  // namespace

void AddCases(CLI::App& app, int& status) {
  CLI::App* cases = app.add_subcommand(
      "cases", "List, show, export and lock the cases; what they cover.");
  cases->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  AddList(cases, options, status);
  AddShow(cases, options, status);
  AddExport(cases, options, status);
  AddLock(cases, options, status);
  AddCoverage(*cases, status);
}

}  // namespace dkimspec::cli
