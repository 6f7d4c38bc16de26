#include "reference/lint/describe.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "reference/base/file.h"
#include "reference/lint/rules.h"

namespace dkimspec::lint {
namespace {

constexpr char kPage[] = DKIMSPEC_SOURCE_DIR "/docs/lint.md";

// With DKIMSPEC_REBASE=1 the page is written instead.
TEST(Describe, ThePageIsUpToDate) {
  const char* rebase = std::getenv("DKIMSPEC_REBASE");
  if (rebase != nullptr && std::string(rebase) == "1") {
    ASSERT_TRUE(WriteFileAtomically(kPage, DescribeRules()));
  }
  const Expected<std::string> page = ReadFile(kPage);
  ASSERT_TRUE(page) << page.error().ToString();
  EXPECT_TRUE(*page == DescribeRules())
      << "docs/lint.md differs from the table in reference/lint/rules.cc; to "
         "write it again, run this test with DKIMSPEC_REBASE=1";
}

TEST(Rules, IdsAreUniqueAndEachRuleSaysWhereItStandsAndWhatToDo) {
  std::set<std::string_view> ids;
  for (const RuleInfo& rule : AllRules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_TRUE(rule.section.starts_with("RFC ")) << rule.id;
    EXPECT_TRUE(rule.summary.ends_with(".")) << rule.id;
    EXPECT_TRUE(rule.remedy.ends_with(".")) << rule.id;
  }
}

}  // namespace
}  // namespace dkimspec::lint
