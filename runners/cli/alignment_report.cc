#include "runners/cli/alignment_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "runners/cli/command.h"

namespace dkimspec::cli {
namespace {

std::string_view YesOrNo(std::optional<bool> value) {
  return !value ? "unknown" : *value ? "yes" : "no";
}

// The first thing that is wrong with them.
std::string Problem(const Authors& authors) {
  if (authors.from_fields != 1) {
    return authors.from_fields == 0
               ? "there is no From field"
               : fmt::format("there are {} From fields", authors.from_fields);
  }
  return authors.problem.empty()
             ? fmt::format("From names {} domains: {}", authors.domains.size(),
                           fmt::join(authors.domains, ", "))
             : fmt::format("From cannot be used ({})", authors.problem);
}

}  // namespace

nlohmann::ordered_json AuthorsJson(const Authors& authors) {
  nlohmann::ordered_json json = {{"from_fields", authors.from_fields},
                                 {"addresses", authors.addresses},
                                 {"domains", authors.domains}};
  if (!authors.problem.empty()) {
    json["problem"] = authors.problem;
  }
  return json;
}

nlohmann::ordered_json AlignmentJson(const Alignment& alignment) {
  nlohmann::ordered_json json = {
      {"d", alignment.sdid},
      {"strict", alignment.strict},
      {"relaxed_by_tree_walk", nullptr},
      {"relaxed_by_public_suffix_list", alignment.relaxed_by_list}};
  if (alignment.relaxed_by_tree_walk) {
    json["relaxed_by_tree_walk"] = *alignment.relaxed_by_tree_walk;
  }
  if (!alignment.problem.empty()) {
    json["problem"] = alignment.problem;
  }
  return json;
}

std::string AlignmentText(const std::string& source,
                          const Alignment& alignment) {
  return fmt::format(
      "{}: alignment of d={}: strict {}, relaxed by tree walk {}, by Public "
      "Suffix List {}{}\n",
      source, ShowOctets(alignment.sdid), YesOrNo(alignment.strict),
      YesOrNo(alignment.relaxed_by_tree_walk),
      YesOrNo(alignment.relaxed_by_list),
      alignment.problem.empty()
          ? ""
          : fmt::format(" ({})", ShowOctets(alignment.problem)));
}

std::string AuthorsText(const std::string& source, const Authors& authors) {
  return authors.OnlyDomain() != nullptr
             ? ""
             : fmt::format("{}: alignment unknown: {}\n", source,
                           ShowOctets(Problem(authors)));
}

}  // namespace dkimspec::cli
