#include "runners/terminal_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <vector>

#include "reference/base/utf8.h"
#include "runners/tally.h"

namespace dkimspec::runners {
namespace {

constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kReset = "\033[0m";

constexpr std::array kWrong = {Outcome::kFalseAccept, Outcome::kCrash,
                               Outcome::kHang, Outcome::kFalseReject,
                               Outcome::kWrongClass};

using Row = std::vector<std::string>;

// Characters, not octets: what people said in UTF-8 takes that many columns,
// but for wide and combining ones.
std::size_t Columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Spaces(std::size_t count) { return std::string(count, ' '); }

// The first and the last column are text, the others numbers.
std::string AlignRow(const Row& row, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string fill = Spaces(widths[i] - Columns(row[i]));
    const bool last = i + 1 == row.size();
    line += i == 0 ? row[i] + fill : last ? row[i] : fill + row[i];
    line += last ? "" : "  ";
  }
  return line + "\n";
}

std::string Align(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], Columns(row[i]));
    }
  }
  std::string text;
  for (const Row& row : rows) {
    text += AlignRow(row, widths);
  }
  return text;
}

Row RowOf(const Tally& tally) {
  Row row = {tally.implementation,
             std::to_string(tally.Count(Outcome::kConformant)),
             std::to_string(tally.Count(Outcome::kTolerated))};
  for (Outcome outcome : kWrong) {
    row.push_back(std::to_string(tally.Count(outcome)));
  }
  row.push_back(std::to_string(tally.NoVerdict()));
  row.push_back(Headline(tally));
  return row;
}

std::string Scores(const Results& results) {
  std::vector<Row> rows = {{"implementation", "right", "tolerated"}};
  for (Outcome outcome : kWrong) {
    rows[0].emplace_back(ToString(outcome));
  }
  rows[0].emplace_back("no verdict");
  rows[0].emplace_back("requirements");
  for (const Tally& tally : TallyUp(results)) {
    rows.push_back(RowOf(tally));
  }
  return rows.size() == 1 ? "" : Align(rows);
}

std::string NotRun(const Results& results) {
  std::string text;
  for (const Contestant& contestant : results.implementations) {
    if (!contestant.ran) {
      text += fmt::format("  {}: {}\n", contestant.description.name,
                          contestant.why);
    }
  }
  return text.empty() ? "" : "\nNot run:\n" + text;
}

// One line, whatever a program said: it must not move the cursor either.
std::string OneLine(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    const bool plain =
        length > 1 ? character[0] != '\xC2' || character[1] > '\x9F'
                   : length == 1 && character[0] >= 0x20 && character[0] < 0x7F;
    line += plain ? character : std::string_view("?");
    text.remove_prefix(character.size());
  }
  return line;
}

std::string AndMore(std::size_t count, const TableOptions& options) {
  return count <= options.listed
             ? ""
             : fmt::format("  and {} more (--all lists them)\n",
                           count - options.listed);
}

// Wrong in the same way about the same case.
struct WrongGroup {
  const CaseResult* first = nullptr;
  std::vector<std::string> implementations;
};

// Worst first; forgeries are the worst of the worst.
using WrongKey = std::tuple<Outcome, bool, std::string>;

std::map<WrongKey, WrongGroup> GroupWrong(const Results& results) {
  std::map<WrongKey, WrongGroup> groups;
  for (const CaseResult& result : results.cases) {
    const Outcome outcome = result.judgement.outcome;
    if (!IsWrong(outcome)) {
      continue;
    }
    const bool forgery = outcome == Outcome::kFalseAccept && result.forgery;
    WrongGroup& group = groups[{outcome, !forgery, result.case_id}];
    group.first = group.first == nullptr ? &result : group.first;
    group.implementations.push_back(result.implementation);
  }
  return groups;
}

std::string DescribeWrong(const WrongGroup& group,
                          const TableOptions& options) {
  const CaseResult& result = *group.first;
  const Outcome outcome = result.judgement.outcome;
  std::string text = fmt::format(
      "  {}{:<12}{}  {}{}\n      by {}\n", options.colour ? kRed : "",
      ToString(outcome), options.colour ? kReset : "", OneLine(result.case_id),
      outcome == Outcome::kFalseAccept && result.forgery ? "  (forgery)" : "",
      fmt::join(group.implementations, ", "));
  for (const SubjectJudgement& subject : result.judgement.subjects) {
    if (IsWrong(subject.outcome)) {
      text += fmt::format("      {}: {}\n", OneLine(subject.label),
                          OneLine(subject.reason));
    }
  }
  return text;
}

std::string WrongOnes(const Results& results, const TableOptions& options) {
  const auto groups = GroupWrong(results);
  std::string text = groups.empty() ? "" : "\nWrong, worst first:\n";
  std::size_t shown = 0;
  for (const auto& item : groups) {
    if (++shown <= options.listed) {
      text += DescribeWrong(item.second, options);
    }
  }
  return text + AndMore(groups.size(), options);
}

// What a trace of many lines comes to stands at its end.
std::string_view LastLine(std::string_view text) {
  while (!text.empty() && text.back() == '\n') {
    text.remove_suffix(1);
  }
  const std::size_t end = text.rfind('\n');
  return end == std::string_view::npos ? text : text.substr(end + 1);
}

// Why there is no verdict, and how often for that reason.
std::string NoVerdicts(const Results& results, const TableOptions& options) {
  std::map<std::tuple<std::string, Outcome, std::string>, std::size_t> counts;
  for (const CaseResult& result : results.cases) {
    for (const SubjectJudgement& subject : result.judgement.subjects) {
      const Outcome outcome = subject.outcome;
      if (outcome == result.judgement.outcome && !IsWrong(outcome) &&
          !IsRight(outcome)) {
        ++counts[{result.implementation, outcome, subject.reason}];
      }
    }
  }
  std::string text = counts.empty() ? "" : "\nNo verdict:\n";
  std::size_t shown = 0;
  for (const auto& [key, count] : counts) {
    if (++shown <= options.listed) {
      text += fmt::format("  {}: {} {}: {}\n", std::get<0>(key), count,
                          ToString(std::get<1>(key)),
                          OneLine(LastLine(std::get<2>(key))));
    }
  }
  return text + AndMore(counts.size(), options);
}

}  // namespace

std::string WriteTable(const Results& results, const TableOptions& options) {
  return Scores(results) + NotRun(results) + WrongOnes(results, options) +
         NoVerdicts(results, options);
}

}  // namespace dkimspec::runners
