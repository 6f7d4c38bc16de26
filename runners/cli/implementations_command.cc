#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "runners/cli/command.h"
#include "runners/registry.h"
#include "runners/results.h"

namespace dkimspec::cli {
namespace {

using Json = nlohmann::ordered_json;
using runners::Candidate;

struct Options {
  std::string peers;
  bool json = false;
};

Json ToJson(const Candidate& candidate) {
  const runners::Description& who = candidate.description;
  Json json = {{"name", who.name},
               {"family", who.family},
               {"version", who.version},
               {"language", who.language},
               {"dns", runners::ToString(who.dns)},
               {"reports", runners::ToString(who.reports)},
               {"features", who.features},
               {"policies", who.policies},
               {"ready", candidate.why_not.empty()}};
  if (!candidate.why_not.empty()) {
    json["why"] = candidate.why_not;
  }
  return json;
}

std::string Line(const Candidate& candidate, std::size_t width) {
  const runners::Description& who = candidate.description;
  return fmt::format(
      "{:<{}}  {:<10}  {:<10}  {:<10}  {}\n", who.name, width, who.version,
      who.language, runners::ToString(who.dns),
      candidate.why_not.empty() ? "ready" : "not run: " + candidate.why_not);
}

int List(const Options& options) {
  runners::RegistryFolders folders = runners::DefaultFolders();
  if (!options.peers.empty()) {
    folders.peers = options.peers;
  }
  auto candidates = AllCandidates(folders);
  if (!candidates) {
    return Complain(candidates.error());
  }
  Json all = Json::array();
  std::size_t width = 0;
  for (const Candidate& candidate : *candidates) {
    all.push_back(ToJson(candidate));
    width = std::max(width, candidate.description.name.size());
  }
  if (options.json) {
    return PrintJson(all);
  }
  std::string text;
  for (const Candidate& candidate : *candidates) {
    text += Line(candidate, width);
  }
  return Print(text);
}

}  // namespace

void AddImplementations(CLI::App& app, int& status) {
  CLI::App* parent = app.add_subcommand(
      "implementations", "The implementations that a run can ask.");
  parent->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  CLI::App* sub =
      parent->add_subcommand("list", "Who there is, and who is ready to run.");
  sub->add_option("--peers", options->peers, "Where fetch.py put the programs")
      ->type_name("DIR");
  sub->add_flag("--json", options->json, "As JSON");
  sub->callback([options, &status] { status = List(*options); });
}

}  // namespace dkimspec::cli
