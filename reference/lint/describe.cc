#include "reference/lint/describe.h"

#include <array>
#include <utility>

#include "fmt/format.h"
#include "reference/lint/rules.h"

namespace dkimspec::lint {
namespace {

constexpr char kIntroduction[] = R"page(# Lint

<!-- Written by reference/lint/describe.cc from the table in
     reference/lint/rules.cc. Do not edit: run the lint tests with
     DKIMSPEC_REBASE=1 instead. -->

`dkimspec lint` looks for errors and risky practice in key records, in
DKIM-Signature fields and in whole messages:

    dkimspec lint message.eml
    dkimspec lint --nameserver 127.0.0.1:53 --key private.pem message.eml
    dkimspec lint --record 'v=DKIM1; p=...' --key private.pem
    dkimspec lint --signature "$(cat field.txt)"

With `--zone` or `--nameserver` it also reads the key records that a message's
signatures name, and finds by tree walk (RFC 9989 section 4.10) whether they are
aligned with From; without, alignment is told by the Public Suffix List alone.
With `--key` it says whether a record belongs to the private key. A verifier
stops at the first reason to refuse; lint goes on and judges each tag as if the
others were right.

Each finding names its place (line and column of the text, both from 1), what
stands there, the section that says so, and the remedy. The exit status is 1 if
there is an error or a warning, 0 if there is none; advice leaves it at 0. With
`--json` there is one element for each text looked at, with its `findings`, and
for messages `authors` and `alignment`.
)page";

constexpr std::array<std::pair<Severity, std::string_view>, 3> kChapters = {{
    {Severity::kError,
     "Errors: a verifier that follows the text refuses this."},
    {Severity::kWarning,
     "Warnings: valid, and it harms or will be refused by some."},
    {Severity::kAdvice, "Advice: valid; something else would serve better."},
}};

}  // namespace

std::string DescribeRules() {
  std::string page = kIntroduction;
  for (const auto& [severity, title] : kChapters) {
    page += fmt::format("\n## {}\n", title);
    for (const RuleInfo& rule : AllRules()) {
      if (rule.severity == severity) {
        page += fmt::format("\n### {}\n\n{} ({})\n\n{}\n", rule.id,
                            rule.summary, rule.section, rule.remedy);
      }
    }
  }
  return page;
}

}  // namespace dkimspec::lint
