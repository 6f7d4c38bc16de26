#include "runners/terminal_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

std::string WrongLine(const CaseResult& result, const TableOptions& options) {
  const Outcome outcome = result.judgement.outcome;
  std::string line = fmt::format(
      "  {}{:<12}{}  {}  {}", options.colour ? kRed : "", ToString(outcome),
      options.colour ? kReset : "", result.implementation, result.case_id);
  if (outcome == Outcome::kFalseAccept && result.forgery) {
    line += "  (forgery)";
  }
  for (const SubjectJudgement& subject : result.judgement.subjects) {
    if (IsWrong(subject.outcome)) {
      const std::string said =
          subject.said.empty() ? "" : "said " + subject.said + "; ";
      line += fmt::format("\n      {}: {}", OneLine(subject.label),
                          OneLine(said + subject.reason));
    }
  }
  return line + "\n";
}

std::string WrongOnes(const Results& results, const TableOptions& options) {
  std::vector<const CaseResult*> wrong;
  for (const CaseResult& result : results.cases) {
    if (IsWrong(result.judgement.outcome)) {
      wrong.push_back(&result);
    }
  }
  // Forgeries first: they are the worst of the worst.
  const auto rank = [](const CaseResult* result) {
    const Outcome outcome = result->judgement.outcome;
    return std::make_pair(
        outcome, !(outcome == Outcome::kFalseAccept && result->forgery));
  };
  std::stable_sort(wrong.begin(), wrong.end(),
                   [&](auto* a, auto* b) { return rank(a) < rank(b); });
  std::string text = wrong.empty() ? "" : "\nWrong, worst first:\n";
  for (std::size_t i = 0; i < std::min(wrong.size(), options.wrong_shown);
       ++i) {
    text += WrongLine(*wrong[i], options);
  }
  if (wrong.size() > options.wrong_shown) {
    text += fmt::format("  and {} more (--all lists them)\n",
                        wrong.size() - options.wrong_shown);
  }
  return text;
}

}  // namespace

std::string WriteTable(const Results& results, const TableOptions& options) {
  return Scores(results) + NotRun(results) + WrongOnes(results, options);
}

}  // namespace dkimspec::runners
