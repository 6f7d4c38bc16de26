#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "runners/consensus.h"
#include "runners/report/html.h"
#include "tests/runners/make_results.h"

namespace dkimspec::runners {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// One case, and what each family of the list said: "name" or "family/name".
Results ResultsOf(std::vector<std::pair<std::string, Outcome>> said) {
  Results results;
  for (const auto& [name, outcome] : said) {
    Contestant who = MakeContestant(name);
    who.description.family = name.substr(0, name.find('/'));
    results.implementations.push_back(who);
    results.cases.push_back(MakeResult("a/b/c", name, outcome, {}));
  }
  return results;
}

struct ConsensusRow {
  std::vector<std::pair<std::string, Outcome>> said;
  Status status;
};

TEST(Consensus, StatusFollowsFromTheFamilies) {
  const auto right = Outcome::kConformant;
  const auto wrong = Outcome::kFalseReject;
  const ConsensusRow rows[] = {
      {{{"a", right}, {"b", right}}, Status::kAgreed},
      {{{"a", right}}, Status::kUntested},
      {{{"a/one", right}, {"a/two", right}}, Status::kUntested},
      {{{"a", right}, {"b", wrong}}, Status::kSplit},
      {{{"a", wrong}}, Status::kTextOnly},
      {{{"a/one", right}, {"a/two", wrong}}, Status::kTextOnly},
      {{{"dkimspec", right}, {"a", right}}, Status::kUntested},
      {{{"dkimspec", right}, {"a", wrong}}, Status::kTextOnly},
      {{{"a", right}, {"b", Outcome::kTolerated}}, Status::kUntested},
      {{{"a", right}, {"b", right}, {"c", Outcome::kUnsupported}},
       Status::kAgreed},
      {{{"a", Outcome::kUnproven}}, Status::kUntested},
  };
  for (const ConsensusRow& row : rows) {
    EXPECT_EQ(FindConsensus(ResultsOf(row.said)).at("a/b/c").status, row.status)
        << testing::PrintToString(row.said);
  }
}

TEST(Consensus, NamesTheFamilies) {
  const auto consensus = FindConsensus(ResultsOf({{"b", Outcome::kConformant},
                                                  {"a", Outcome::kConformant},
                                                  {"c", Outcome::kCrash}}))
                             .at("a/b/c");
  EXPECT_THAT(consensus.conforming, ElementsAre("a", "b"));
  EXPECT_THAT(consensus.against, ElementsAre("c"));
}

// What a declared policy makes right says nothing of the case's expectation.
TEST(Consensus, PoliciesSpeakForThemselves) {
  Results results = ResultsOf({{"dkimspec", Outcome::kConformant},
                               {"a", Outcome::kConformant},
                               {"b", Outcome::kConformant}});
  results.cases[2].judgement.subjects[0].expected =
      fixtures::Verdict::kPermanent;
  const auto consensus = FindConsensus(results).at("a/b/c");
  EXPECT_THAT(consensus.conforming, ElementsAre("a"));
  EXPECT_EQ(consensus.status, Status::kUntested);
}

// The JSON that the page carries, parsed.
nlohmann::json DataOf(const std::string& page) {
  const std::string open = R"(<script id="data" type="application/json">)";
  const std::size_t begin = page.find(open) + open.size();
  return nlohmann::json::parse(
      page.substr(begin, page.find("</script>", begin) - begin));
}

TEST(Html, CarriesAnswersAndCases) {
  fixtures::Case test;
  test.id = "a/b/c";
  test.why = "because";
  test.message = std::string("x\r\n\xff\0", 5);
  const auto data = DataOf(WriteHtml(MakeResults(), {test}));
  EXPECT_EQ(data["cases"].size(), 2u);
  EXPECT_EQ(data["cases"][0]["why"], "because");
  EXPECT_EQ(data["cases"][0]["status"], "text-only");
  EXPECT_EQ(data["cases"][0]["message"], std::string("x\r\n\xc3\xbf\0", 6));
  EXPECT_EQ(data["cases"][1]["message"], "");
  EXPECT_EQ(data["answers"]["two"]["a/b/c"]["outcome"], "false-accept");
  EXPECT_EQ(data["answers"]["two"]["a/b/c"]["queries"], 2);
  EXPECT_TRUE(data["answers"]["one"]["a/b/c"]["queries"].is_null());
  EXPECT_EQ(data["implementations"][2]["state"], "not-run");
}

// What a program or a message says cannot end the script element.
TEST(Html, NothingBecomesMarkup) {
  Results results = MakeResults();
  results.cases[0].judgement.subjects[0].says = "</script><b>\xff";
  fixtures::Case test;
  test.id = "a/b/c";
  test.message = "</script><script>alert(1)</script><!--";
  const std::string page = WriteHtml(results, {test});
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(page, Not(HasSubstr("</script><b>")));
  EXPECT_EQ(DataOf(page)["cases"][0]["message"], test.message);
}

TEST(Html, NeedsNothingElse) {
  const std::string page = WriteHtml(MakeResults(), {});
  for (const char* reference : {"http:", "https:", "src=", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(reference)));
  }
}

TEST(Html, SaysWhatResolved) {
  Results results = MakeResults();
  results.implementations[0].description.dns = DnsWay::kRequest;
  results.implementations[1].resolver = "unbound 1.17.1";
  const std::string page = WriteHtml(results, {});
  EXPECT_THAT(page, HasSubstr("\"resolver\":\"direct (request)\""));
  EXPECT_THAT(page, HasSubstr("\"resolver\":\"unbound 1.17.1\""));
  EXPECT_THAT(page, HasSubstr("\"resolver\":\"direct\""));
}

}  // namespace
}  // namespace dkimspec::runners
