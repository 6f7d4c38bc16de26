#include "runners/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/runners/make_results.h"

namespace dkimspec::runners {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const Expected<Results> results = ReadResults(text, "results.jsonl");
  return results ? "no error" : results.error().ToString();
}

TEST(ResultsTest, WhatIsWrittenIsReadBack) {
  const std::string text = WriteResults(MakeResults());
  const Expected<Results> read = ReadResults(text, "results.jsonl");
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(WriteResults(*read), text);
  EXPECT_EQ(read->cases.size(), 4u);
  EXPECT_EQ(read->cases[1].queries, 2u);
  EXPECT_EQ(read->cases[1].elapsed, std::chrono::milliseconds(1250));
  EXPECT_EQ(read->cases[1].judgement.subjects[0].said, "BADSIG");
  EXPECT_EQ(read->implementations[2].why, "needs go");
  EXPECT_EQ(read->requirements.at("6376-1-c"), fixtures::Level::kShould);
}

TEST(ResultsTest, WhatOurDnsSawIsReadBack) {
  Results results = MakeResults();
  using Count = fixtures::QueryRange::Count;
  results.cases[0].query_findings = {
      {"author", Count::kTcp, 0, 1, std::nullopt, "RFC 7766: over TCP"},
      {"author", Count::kSpanMs, 5, 0, 9, "RFC 1034: bounded"}};
  const std::string text = WriteResults(results);
  EXPECT_THAT(text, HasSubstr(R"("holds":false)"));
  const Expected<Results> read = ReadResults(text, "r.jsonl");
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(WriteResults(*read), text);
  ASSERT_EQ(read->cases[0].query_findings.size(), 2u);
  EXPECT_FALSE(read->cases[0].query_findings[0].Holds());
  EXPECT_TRUE(read->cases[0].query_findings[1].Holds());
}

TEST(ResultsTest, WhateverAProgramSaysTheLinesAreJson) {
  Results results = MakeResults();
  results.cases[0].judgement.subjects[0].says = "\xff\n\x01\"";
  results.cases[0].log = "\xc3";
  const Expected<Results> read = ReadResults(WriteResults(results), "r");
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(read->cases[0].judgement.subjects[0].says, "\xEF\xBF\xBD\n\x01\"");
}

TEST(ResultsTest, EveryTruncationIsFound) {
  const std::string text = WriteResults(MakeResults());
  for (std::size_t length = 0; length < text.size(); ++length) {
    ASSERT_FALSE(ReadResults(text.substr(0, length), "r")) << length;
  }
  const std::size_t last = text.rfind("{\"end\"");
  EXPECT_THAT(ErrorOf(text.substr(0, last)),
              HasSubstr("results.jsonl: has no end line, so it was cut short"));
}

TEST(ResultsTest, FilesMergeByConcatenation) {
  Results other = MakeResults();
  other.implementations = {MakeContestant("four")};
  other.cases = {MakeResult("a/b/c", "four", Outcome::kCrash, {"6376-1-a"})};
  const Expected<Results> read =
      ReadResults(WriteResults(MakeResults()) + WriteResults(other), "r");
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(read->implementations.size(), 4u);
  ASSERT_EQ(read->cases.size(), 5u);
  EXPECT_EQ(read->cases[2].implementation, "four");  // Sorted by case.
}

TEST(ResultsTest, WhatDoesNotBelongTogetherDoesNotMerge) {
  const std::string text = WriteResults(MakeResults());
  EXPECT_THAT(ErrorOf(text + text), HasSubstr("for a second time"));
  Results other = MakeResults();
  other.implementations.clear();
  other.cases.clear();
  other.salt = "another";
  EXPECT_THAT(ErrorOf(text + WriteResults(other)),
              HasSubstr("results.jsonl line 7: comes from another suite"));
}

// Runs with and without a resolver, beside each other.
TEST(ResultsTest, RunsWithDifferentResolversMerge) {
  Results direct = MakeResults();
  direct.implementations[0].description.dns = DnsWay::kRequest;
  Results other = direct;
  other.resolver = "unbound 1.17.1";
  other.implementations.pop_back();
  other.implementations[1].description.name = "two+unbound";
  other.implementations[1].resolver = other.resolver;
  for (CaseResult& result : other.cases) {
    result.implementation += result.implementation == "two" ? "+unbound" : "";
  }
  const Expected<Results> read =
      ReadResults(WriteResults(direct) + WriteResults(other), "r");
  ASSERT_TRUE(read) << read.error().ToString();
  ASSERT_EQ(read->implementations.size(), 4u);
  EXPECT_EQ(read->implementations[1].resolver, "direct");
  EXPECT_EQ(read->implementations[3].description.name, "two+unbound");
  EXPECT_EQ(read->implementations[3].resolver, "unbound 1.17.1");
  // "one" gets its keys with the request: it was asked the same twice.
  EXPECT_EQ(read->cases.size(), 6u);
  direct.resolver = other.resolver;
  EXPECT_THAT(ErrorOf(WriteResults(direct) + WriteResults(other)),
              HasSubstr("has results of one for a second time"));
}

TEST(ResultsTest, ErrorsNameTheLine) {
  const std::string text = WriteResults(MakeResults());
  const std::string header = text.substr(0, text.find('\n') + 1);
  struct Row {
    std::string text;
    const char* error;
  };
  const Row rows[] = {
      {"", "is empty"},
      {"{}\n", "line 1: is not the header of a results file"},
      {"{\"format\": \"dkimspec-results/1\"}\n", "does not know"},
      {"nonsense\n", "results.jsonl line 1"},
      {header + "{\"case\": \"a\"}\n{\"end\": true}\n", "line 2"},
      {header + header, "line 2: a header, but the results before it"},
      {text + "{\"case\": \"a\"}\n", "is not the header"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(ErrorOf(row.text), HasSubstr(row.error)) << row.text;
  }
}

TEST(ResultsTest, WordsThatNobodyKnowsAreRefused) {
  std::string text = WriteResults(MakeResults());
  text.replace(text.find("\"unsupported\""), 13, "\"excellent\"");
  EXPECT_THAT(ErrorOf(text), HasSubstr("does not know the word \"excellent\""));
}

TEST(ResultsTest, ResultsOfSomeoneNobodyNamedAreRefused) {
  Results results = MakeResults();
  results.cases[0].implementation = "nobody";
  EXPECT_THAT(ErrorOf(WriteResults(results)),
              HasSubstr("is nobody, which no header names"));
}

}  // namespace
}  // namespace dkimspec::runners
