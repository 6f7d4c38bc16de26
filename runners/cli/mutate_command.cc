#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "mutators/mutator.h"
#include "reference/message.h"
#include "runners/cli/command.h"

namespace dkimspec::cli {
namespace {

using mutators::Mutator;
using mutators::Params;
using mutators::ParamValue;

struct Options {
  std::string name;
  std::vector<std::string> params;
  std::uint64_t seed = 1;
  bool list = false;
  bool json = false;
  bool raw = false;
};

nlohmann::ordered_json ToJson(const ParamValue& value) {
  return std::visit([](const auto& v) { return nlohmann::ordered_json(v); },
                    value);
}

nlohmann::ordered_json ToJson(const Mutator& mutator) {
  nlohmann::ordered_json params = nlohmann::ordered_json::array();
  for (const mutators::Param& param : mutator.params) {
    params.push_back({{"name", param.name},
                      {"summary", param.summary},
                      {"default", ToJson(param.fallback)}});
  }
  return {{"name", mutator.name},
          {"summary", mutator.summary},
          {"seen_in", mutator.seen_in},
          {"params", std::move(params)}};
}

int List(bool json) {
  auto all = nlohmann::ordered_json::array();
  std::string text;
  for (const Mutator& mutator : mutators::AllMutators()) {
    all.push_back(ToJson(mutator));
    text += fmt::format("{}: {}\n", mutator.name, mutator.summary);
    for (const mutators::Param& param : mutator.params) {
      text += fmt::format("    {}={}  {}\n", param.name,
                          ToJson(param.fallback).dump(), param.summary);
    }
  }
  return json ? PrintJson(all) : Print(text);
}

Expected<Params> ParseParams(const Mutator& mutator,
                             const std::vector<std::string>& given) {
  const std::string place = "mutate";
  Params params;
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return Fail(text, "is no parameter; write name=value");
    }
    const std::string name = text.substr(0, equals);
    Expected<ParamValue> value =
        mutators::ParamFromText(mutator, name, text.substr(equals + 1), place);
    if (!value) {
      return tl::unexpected(value.error());
    }
    params[name] = *std::move(value);
  }
  return CheckParams(mutator, params, place);
}

int Mutate(const Options& options) {
  const Mutator* mutator = mutators::FindMutator(options.name);
  if (mutator == nullptr) {
    return Complain({options.name.empty() ? "mutate" : options.name,
                     "names no mutator; `dkimspec mutate --list` shows them"},
                    kUsage);
  }
  Expected<Params> params = ParseParams(*mutator, options.params);
  if (!params) {
    return Complain(params.error(), kUsage);
  }
  Expected<std::string> message = ReadMessage("-", options.raw);
  if (!message) {
    return Complain(message.error());
  }
  mutators::Rng rng(options.seed);
  const auto damage = mutator->apply(ParseMessage(*message), *params, rng);
  if (!damage) {
    return Complain(
        {std::string(mutator->name), "finds nothing to damage in this message"},
        kFindings);
  }
  return Print(damage->message);
}

}  // namespace

void AddMutate(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "mutate",
      "Damage a message as a relay or a list does, from stdin to "
      "stdout.");
  sub->add_option("name", options->name, "The mutator");
  sub->add_option("params", options->params, "name=value");
  sub->add_option("--seed", options->seed, "For what is random")
      ->type_name("N");
  sub->add_flag("--list", options->list, "Shows all mutators");
  sub->add_flag("--json", options->json, "With --list: as JSON");
  sub->add_flag("--raw", options->raw, "Never convert LF line ends");
  sub->callback([options, &status] {
    status = options->list ? List(options->json) : Mutate(*options);
  });
}

}  // namespace dkimspec::cli
