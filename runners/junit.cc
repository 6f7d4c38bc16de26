#include "runners/junit.h"

#include <fmt/format.h>

#include "reference/base/utf8.h"

namespace dkimspec::runners {
namespace {

// Everything XML 1.0 section 2.2 excludes: C0 controls but three, U+FFFE and
// U+FFFF.
bool FitsXml(std::string_view character) {
  if (character.size() == 1) {
    const char c = character[0];
    return static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' ||
           c == '\r';
  }
  return character != "\xEF\xBF\xBE" && character != "\xEF\xBF\xBF";
}

std::string EscapeCharacter(std::string_view character) {
  switch (character[0]) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return std::string(character);
  }
}

std::string Explain(const SubjectJudgement& subject) {
  std::string text =
      fmt::format("{}: expected {}, said {}", subject.label,
                  fixtures::ToString(subject.expected),
                  subject.said.empty() ? "nothing" : subject.said);
  if (!subject.says.empty()) {
    text += fmt::format(" ({})", subject.says);
  }
  if (!subject.reason.empty()) {
    text += fmt::format("; {}", subject.reason);
  }
  return text;
}

std::string ExplainAll(const Judgement& judgement) {
  std::string text;
  for (const SubjectJudgement& subject : judgement.subjects) {
    text += text.empty() ? "" : "\n";
    text += Explain(subject);
  }
  return text;
}

std::string CaseElement(const CaseResult& result) {
  const Outcome outcome = result.judgement.outcome;
  const double seconds = static_cast<double>(result.elapsed.count()) / 1000.0;
  std::string text = fmt::format(
      "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
      EscapeXml(result.implementation), EscapeXml(result.case_id), seconds);
  if (IsRight(outcome)) {
    return text + "/>\n";
  }
  const std::string why = EscapeXml(ExplainAll(result.judgement));
  if (!IsWrong(outcome)) {
    return text + fmt::format(
                      ">\n      <skipped message=\"{}: {}\"/>\n"
                      "    </testcase>\n",
                      ToString(outcome), why);
  }
  return text + fmt::format(
                    ">\n      <failure type=\"{}\" message=\"{}\">{}"
                    "</failure>\n    </testcase>\n",
                    ToString(outcome), ToString(outcome), why);
}

struct SuiteCount {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t skipped = 0;
};

std::string SuiteElement(const std::string& name, const SuiteCount& count,
                         const std::string& cases) {
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" "
      "skipped=\"{}\">\n{}  </testsuite>\n",
      EscapeXml(name), count.tests, count.failures, count.skipped, cases);
}

std::string SuiteOf(const Results& results, const std::string& name) {
  SuiteCount count;
  std::string cases;
  for (const CaseResult& result : results.cases) {
    if (result.implementation != name) {
      continue;
    }
    const Outcome outcome = result.judgement.outcome;
    ++count.tests;
    count.failures += IsWrong(outcome) ? 1 : 0;
    count.skipped += IsWrong(outcome) || IsRight(outcome) ? 0 : 1;
    cases += CaseElement(result);
  }
  return SuiteElement(name, count, cases);
}

std::string NotRunSuite(const Contestant& contestant) {
  const std::string& name = contestant.description.name;
  return SuiteElement(
      name, {1, 0, 1},
      fmt::format("    <testcase classname=\"{}\" name=\"start\">\n      "
                  "<skipped message=\"not run: {}\"/>\n    </testcase>\n",
                  EscapeXml(name), EscapeXml(contestant.why)));
}

}  // namespace

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    escaped += length != 0 && FitsXml(character) ? EscapeCharacter(character)
                                                 : std::string("?");
    text.remove_prefix(character.size());
  }
  return escaped;
}

std::string WriteJUnit(const Results& results) {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"dkimspec\">\n";
  for (const Contestant& contestant : results.implementations) {
    text += contestant.ran ? SuiteOf(results, contestant.description.name)
                           : NotRunSuite(contestant);
  }
  return text + "</testsuites>\n";
}

}  // namespace dkimspec::runners
