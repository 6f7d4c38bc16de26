// What asking once more does to a wrong answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runners/judge.h"
#include "tests/runners/judge_support.h"

namespace dkimspec::runners {
namespace {

using ::testing::HasSubstr;

Description Who() {
  Description who;
  who.name = "w";
  return who;
}

Judgement Heard(const std::vector<std::string>& words) {
  std::vector<SignatureAnswer> answers;
  for (const std::string& word : words) {
    answers.push_back(Word(word));
  }
  return Judge(CaseOf({Verdict::kPass, Verdict::kPass}), Who(), Said(answers));
}

TEST(CompareTest, EachSignatureIsComparedWithItself) {
  constexpr Outcome kFlaky = Outcome::kFlaky;
  constexpr Outcome kFine = Outcome::kConformant;
  constexpr Outcome kReject = Outcome::kFalseReject;
  struct Row {
    std::vector<std::string> first;
    std::vector<std::string> second;
    std::vector<Outcome> subjects;
    Outcome outcome;
  };
  const Row rows[] = {
      {{"fail", "pass"}, {"pass", "pass"}, {kFlaky, kFine}, kFlaky},
      {{"fail", "pass"}, {"fail", "pass"}, {kReject, kFine}, kReject},
      {{"fail", "pass"}, {"pass", "fail"}, {kFlaky, kFine}, kFlaky},
      {{"fail", "fail"}, {"pass", "fail"}, {kFlaky, kReject}, kReject},
      {{"fail", "pass"}, {"temperror", "pass"}, {kReject, kFine}, kReject},
  };
  for (const Row& row : rows) {
    Judgement judgement = Heard(row.first);
    Compare(judgement, Heard(row.second));
    const std::string place = row.first[0] + row.second[0];
    EXPECT_EQ(judgement.outcome, row.outcome) << place;
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(judgement.subjects[i].outcome, row.subjects[i]) << place << i;
    }
  }
}

TEST(CompareTest, TheReasonTellsWhatDiffered) {
  Judgement judgement = Heard({"fail", "pass"});
  Compare(judgement, Heard({"temperror", "pass"}));
  EXPECT_THAT(
      judgement.subjects[0].reason,
      HasSubstr("false-reject first, wrong-class when asked once more"));
}

TEST(CompareTest, GivenUpIsNoSecondAnswer) {
  const Case test = CaseOf({Verdict::kPass, Verdict::kPass});
  Judgement judgement = Heard({"fail", "pass"});
  Compare(judgement, WithoutAnswer(test, Who(), Outcome::kGivenUp, "enough"));
  EXPECT_EQ(judgement.outcome, Outcome::kFalseReject);
}

TEST(CompareTest, WhoReportsOneSignatureMayReportAnother) {
  const Case test = CaseOf({Verdict::kPass, Verdict::kPass});
  Description first = Who();
  first.reports = Reports::kFirst;
  Judgement judgement = Judge(test, first, Said({Named("a", "fail")}));
  Compare(judgement, Judge(test, first, Said({Named("b", "pass")})));
  EXPECT_EQ(judgement.outcome, Outcome::kFlaky);
}

}  // namespace
}  // namespace dkimspec::runners
