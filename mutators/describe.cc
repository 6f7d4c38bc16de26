#include "mutators/describe.h"

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "mutators/mutator.h"

namespace dkimspec::mutators {
namespace {

constexpr char kIntroduction[] = R"(# Mutators

<!-- Written by mutators/describe.cc from the table in mutators/registry.cc.
     Do not edit: run the mutators tests with DKIMSPEC_REBASE=1 instead. -->

A mutator damages a message as real programs do between signer and verifier. In
a recipe it is a step, such as `{"append-wsp": {"lines": "one"}}`; on the command
line `--append-wsp lines=one`, where `\r`, `\n`, `\t` and `\\` may be used in
texts. "Run" means that the program was run and its octets compared, "read" that
its source was. Where `lines` is `one`, the seed chooses. A mutator that finds nothing to
damage says so.

The table says what a signature survives if the touched fields are signed and l=
is not used. "yes" is a promise for every message, held against the reference
verifier by a test; "no" means that there are messages whose signature breaks.

| mutator | header simple | header relaxed | body simple | body relaxed |
|---|---|---|---|---|
)";

std::string_view YesOrNo(bool value) { return value ? "yes" : "no"; }

std::string SurvivalRow(const Mutator& mutator) {
  const Survives& survives = mutator.survives;
  return fmt::format(
      "| [{0}](#{0}) | {1} | {2} | {3} | {4} |\n", mutator.name,
      YesOrNo(survives.header_simple), YesOrNo(survives.header_relaxed),
      YesOrNo(survives.body_simple), YesOrNo(survives.body_relaxed));
}

// CR, LF and HTAB are written as on the command line.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '\r' || c == '\n' || c == '\t') {
      escaped += c == '\r' ? "\\r" : c == '\n' ? "\\n" : "\\t";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Literal(const ParamValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return fmt::format("`{}`", *number);
  }
  if (const auto* flag = std::get_if<bool>(&value)) {
    return *flag ? "`true`" : "`false`";
  }
  return fmt::format("`\"{}\"`", Escaped(std::get<std::string>(value)));
}

std::string Allowed(const Param& param) {
  if (!param.words.empty()) {
    return fmt::format("`{}`", fmt::join(param.words, "`, `"));
  }
  if (param.rule != nullptr) {
    return std::string(param.rule->text);
  }
  return std::holds_alternative<bool>(param.fallback) ? "`true`, `false`"
                                                      : "any";
}

std::string ParamTable(const Mutator& mutator) {
  if (mutator.params.empty()) {
    return "";
  }
  std::string table =
      "\n| parameter | meaning | allowed | default |\n|---|---|---|---|\n";
  for (const Param& param : mutator.params) {
    table += fmt::format("| `{}` | {} | {} | {} |\n", param.name, param.summary,
                         Allowed(param), Literal(param.fallback));
  }
  return table;
}

std::string Section(const Mutator& mutator) {
  std::string section =
      fmt::format("\n## {}\n\n{}\n\nSeen in: {}.\n", mutator.name,
                  mutator.summary, mutator.seen_in);
  if (mutator.needs_raw_octets) {
    section +=
        "\nThe result reaches a verifier only where octets are handed over "
        "raw: SMTP would repair it.\n";
  }
  return section + ParamTable(mutator);
}

}  // namespace

std::string DescribeMutators() {
  std::string text = kIntroduction;
  for (const Mutator& mutator : AllMutators()) {
    text += SurvivalRow(mutator);
  }
  for (const Mutator& mutator : AllMutators()) {
    text += Section(mutator);
  }
  return text;
}

}  // namespace dkimspec::mutators
