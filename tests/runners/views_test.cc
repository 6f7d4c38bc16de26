// The views of results: counts, the table, JUnit XML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "runners/junit.h"
#include "runners/tally.h"
#include "runners/terminal_table.h"
#include "tests/runners/make_results.h"

namespace dkimspec::runners {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TallyTest, CountsCasesAndRequirements) {
  const std::vector<Tally> tallies = TallyUp(MakeResults());
  ASSERT_EQ(tallies.size(), 2u);  // The third did not run.
  EXPECT_EQ(tallies[0].implementation, "one");
  EXPECT_EQ(tallies[0].Count(Outcome::kConformant), 1u);
  EXPECT_EQ(tallies[0].NoVerdict(), 1u);
  EXPECT_EQ(tallies[0].Wrong(), 0u);
  EXPECT_EQ(Headline(tallies[0]), "MUST 1 met, 0 broken, 1 not shown");
  EXPECT_EQ(tallies[1].Wrong(), 1u);
  // Tolerated earns nothing: the second requirement is not shown.
  EXPECT_EQ(Headline(tallies[1]), "MUST 0 met, 1 broken, 1 not shown");
}

TEST(TallyTest, OneWrongCaseBreaksARequirement) {
  Results results = MakeResults();
  results.cases.push_back(
      MakeResult("a/b/e", "one", Outcome::kCrash, {"6376-1-a"}));
  EXPECT_EQ(Headline(TallyUp(results)[0]), "MUST 0 met, 1 broken, 1 not shown");
}

TEST(TallyTest, MoreOfTheSameEarnsNothing) {
  Results results = MakeResults();
  for (int i = 0; i < 9; ++i) {
    results.cases.push_back(
        MakeResult("a/b/e", "one", Outcome::kConformant, {"6376-1-a"}));
  }
  EXPECT_EQ(Headline(TallyUp(results)[0]), "MUST 1 met, 0 broken, 1 not shown");
}

TEST(TableTest, IsExactlyThis) {
  EXPECT_EQ(WriteTable(MakeResults(), {}),
            "implementation  right  tolerated  false-accept  crash  hang  "
            "false-reject  wrong-class  no verdict  requirements\n"
            "one                 1          0             0      0     0  "
            "           0            0           1  "
            "MUST 1 met, 0 broken, 1 not shown\n"
            "two                 0          1             1      0     0  "
            "           0            0           0  "
            "MUST 0 met, 1 broken, 1 not shown\n"
            "\nNot run:\n"
            "  three: needs go\n"
            "\nWrong, worst first:\n"
            "  false-accept  a/b/c  (forgery)\n"
            "      by two\n"
            "      author: permanent is owed: anyone may sign\n"
            "\nNo verdict:\n"
            "  one: 1 unsupported: needs eai\n");
}

TEST(TableTest, ColourOnlyWhereAsked) {
  EXPECT_THAT(WriteTable(MakeResults(), {}), Not(HasSubstr("\033")));
  EXPECT_THAT(WriteTable(MakeResults(), {true}),
              HasSubstr("\033[31mfalse-accept\033[0m"));
}

TEST(TableTest, ALongListIsCutAndSaysSo) {
  Results results = MakeResults();
  for (int i = 0; i < 25; ++i) {
    results.cases.push_back(MakeResult("x/y/z" + std::to_string(i), "one",
                                       Outcome::kFalseReject, {}));
  }
  EXPECT_THAT(WriteTable(results, {}),
              HasSubstr("and 6 more (--all lists them)"));
  EXPECT_THAT(WriteTable(results, {false, 100}), Not(HasSubstr(" more ")));
}

TEST(TableTest, WideNamesStayAligned) {
  Results results = MakeResults();
  results.implementations[0].description.name = "m\xC3\xBCller";
  results.implementations[1].description.name = "muller";
  results.cases.clear();
  const std::string table = WriteTable(results, {});
  EXPECT_THAT(table, HasSubstr("\nm\xC3\xBCller              0  "));
  EXPECT_THAT(table, HasSubstr("\nmuller              0  "));
}

// A program's own words must not move the cursor or fake a line.
TEST(TableTest, ControlCharactersAreReplaced) {
  Results results = MakeResults();
  results.cases[1].judgement.subjects[0].reason =
      "\033[2J\rMUST\xC2\x9B\x7F\xFF"
      "gr\xC3\xBC"
      "n";
  const std::string table = WriteTable(results, {});
  EXPECT_THAT(table, HasSubstr("author: ?[2J?MUST???gr\xC3\xBC"
                               "n\n"));
}

TEST(TableTest, OfATraceTheLastLineIsShown) {
  Results results = MakeResults();
  results.cases[2].judgement.subjects[0].reason =
      "Traceback\n  line 1\nAttributeError: no\n";
  EXPECT_THAT(WriteTable(results, {}),
              HasSubstr("one: 1 unsupported: AttributeError: no\n"));
}

TEST(JUnitTest, IsExactlyThis) {
  EXPECT_EQ(WriteJUnit(MakeResults()),
            R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="dkimspec">
  <testsuite name="one" tests="2" failures="0" errors="0" skipped="1">
    <testcase classname="one" name="a/b/c" time="0.000"/>
    <testcase classname="one" name="a/b/d" time="0.000">
      <skipped message="unsupported: author: expected pass, said BADSIG (bad signature); needs eai"/>
    </testcase>
  </testsuite>
  <testsuite name="two" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="two" name="a/b/c" time="1.250">
      <failure type="false-accept" message="false-accept">author: expected pass, said BADSIG (bad signature); permanent is owed: anyone may sign</failure>
    </testcase>
    <testcase classname="two" name="a/b/d" time="0.000"/>
  </testsuite>
  <testsuite name="three" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="three" name="start">
      <skipped message="not run: needs go"/>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST(JUnitTest, EscapesWhatXmlCannotHold) {
  struct Row {
    std::string text;
    const char* escaped;
  };
  const Row rows[] = {
      {"a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;"},
      {"\t\r\n", "&#9;&#13;&#10;"},
      {std::string("\0\x01\x1f", 3), "???"},
      {"gr\xC3\xBCn", "gr\xC3\xBCn"},
      {"\xC3", "?"},
      {"\xEF\xBF\xBE\xEF\xBF\xBF", "??"},
      {"]]>", "]]&gt;"},
      {"", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(EscapeXml(row.text), row.escaped);
  }
}

}  // namespace
}  // namespace dkimspec::runners
