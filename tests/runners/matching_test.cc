// Which answer speaks of which signature, judged from the outside.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runners/judge.h"
#include "tests/runners/judge_support.h"

namespace dkimspec::runners {
namespace {

std::vector<std::string> OutcomesOf(const Judgement& judgement) {
  std::vector<std::string> all;
  for (const SubjectJudgement& subject : judgement.subjects) {
    all.push_back(subject.label + " " + std::string(ToString(subject.outcome)));
  }
  return all;
}

using Strings = std::vector<std::string>;

TEST(JudgeReportsTest, EachByOrderIfTheCountsAreEqual) {
  const Case test = CaseOf({Verdict::kPass, Verdict::kPermanent});
  const Judgement judgement =
      Judge(test, Who(), Said({Word("pass"), Word("fail")}));
  EXPECT_EQ(OutcomesOf(judgement), (Strings{"a conformant", "b conformant"}));
}

TEST(JudgeReportsTest, NamesGoBeforeOrder) {
  const Case test = CaseOf({Verdict::kPass, Verdict::kPermanent});
  const Judgement judgement =
      Judge(test, Who(), Said({Named("b", "fail"), Named("a", "pass")}));
  EXPECT_EQ(OutcomesOf(judgement), (Strings{"a conformant", "b conformant"}));
}

TEST(JudgeReportsTest, OrderGoesBeforeAGarbledName) {
  const Case test = CaseOf({Verdict::kPermanent});
  SignatureAnswer odd = Word("pass");
  odd.sdid = "another.example";
  EXPECT_EQ(Judge(test, Who(), Said({odd})).outcome, Outcome::kFalseAccept);
}

TEST(JudgeReportsTest, FewerAnswersAreMatchedByNameAndTheRestWasSilent) {
  const Case test =
      CaseOf({Verdict::kPermanent, Verdict::kPass, Verdict::kPass});
  const Judgement judgement =
      Judge(test, Who(), Said({Named("c", "pass"), Named("b", "fail")}));
  EXPECT_EQ(OutcomesOf(judgement),
            (Strings{"a tolerated", "b false-reject", "c conformant"}));
}

TEST(JudgeReportsTest, TheStartOfTheSignatureTellsTwinsApart) {
  Case test = CaseOf({Verdict::kPermanent, Verdict::kPass, Verdict::kNone});
  test.subjects[1].sdid = test.subjects[0].sdid;
  test.subjects[1].selector = test.subjects[0].selector;
  SignatureAnswer answer = Named("a", "pass");
  answer.signature_start = "bSig";
  const Judgement judgement = Judge(test, Who(), Said({answer}));
  EXPECT_EQ(OutcomesOf(judgement),
            (Strings{"a tolerated", "b conformant", "c conformant"}));
}

TEST(JudgeReportsTest, AnAnswerThatBelongsToNobodyIsNotSilence) {
  const Case test = CaseOf({Verdict::kPermanent, Verdict::kPermanent});
  EXPECT_EQ(Judge(test, Who(), Said("pass")).outcome, Outcome::kAdapterError);
  EXPECT_EQ(Judge(test, Who(), Said("none")).outcome, Outcome::kTolerated);
  EXPECT_EQ(Judge(test, Who(), Said(std::vector<SignatureAnswer>{})).outcome,
            Outcome::kTolerated);
}

TEST(JudgeReportsTest, MoreAnswersThanSignaturesAreInDoubt) {
  const Case test = CaseOf({Verdict::kPermanent});
  EXPECT_EQ(
      Judge(test, Who(), Said({Named("a", "fail"), Word("pass")})).outcome,
      Outcome::kAdapterError);
  EXPECT_EQ(Judge(test, Who(), Said({Named("a", "fail"), Named("a", "pass")}))
                .outcome,
            Outcome::kAdapterError);
  EXPECT_EQ(
      Judge(test, Who(), Said({Named("a", "fail"), Word("none")})).outcome,
      Outcome::kConformant);
}

TEST(JudgeReportsTest, FirstJudgesTheTopmostOnly) {
  const Case test = CaseOf({Verdict::kPermanent, Verdict::kPass});
  const Judgement judgement = Judge(test, Who(Reports::kFirst), Said("fail"));
  EXPECT_EQ(OutcomesOf(judgement), (Strings{"a conformant"}));
}

TEST(JudgeReportsTest, FirstJudgesTheOneItNames) {
  const Case test = CaseOf({Verdict::kPermanent, Verdict::kPass});
  const Judgement judgement =
      Judge(test, Who(Reports::kFirst), Said({Named("b", "pass")}));
  EXPECT_EQ(OutcomesOf(judgement), (Strings{"b conformant"}));
}

TEST(JudgeReportsTest, FirstCannotSpeakOfOthers) {
  Case test = CaseOf({Verdict::kPass, Verdict::kPass});
  test.subjects.erase(test.subjects.begin());
  EXPECT_EQ(Judge(test, Who(Reports::kFirst), Said("pass")).outcome,
            Outcome::kUnsupported);
}

TEST(JudgeReportsTest, OneForAllIsHeldAgainstTheBestExpectation) {
  struct Row {
    std::vector<Verdict> expected;
    const char* word;
    const char* outcome;
  };
  const Row rows[] = {
      {{Verdict::kPermanent, Verdict::kPass}, "pass", "b conformant"},
      {{Verdict::kPermanent, Verdict::kPass}, "fail", "b false-reject"},
      {{Verdict::kPermanent, Verdict::kTemporary}, "temperror", "b conformant"},
      {{Verdict::kPermanent, Verdict::kTemporary}, "fail", "b tolerated"},
      {{Verdict::kPermanent, Verdict::kTemporary}, "pass", "b false-accept"},
      {{Verdict::kNone, Verdict::kPermanent}, "fail", "b conformant"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(OutcomesOf(Judge(CaseOf(row.expected), Who(Reports::kOneForAll),
                               Said(row.word))),
              (Strings{row.outcome}));
  }
}

TEST(JudgeReportsTest, OneMeansOne) {
  const Case test = CaseOf({Verdict::kPass, Verdict::kPass});
  for (Reports reports : {Reports::kFirst, Reports::kOneForAll}) {
    EXPECT_EQ(
        Judge(test, Who(reports), Said({Word("pass"), Word("pass")})).outcome,
        Outcome::kAdapterError);
  }
}

TEST(JudgeReportsTest, WithoutSignaturesTheWorstWordCounts) {
  const Case test = UnsignedCase();
  for (Reports reports :
       {Reports::kEach, Reports::kFirst, Reports::kOneForAll}) {
    EXPECT_EQ(Judge(test, Who(reports), Said("none")).outcome,
              Outcome::kConformant);
    EXPECT_EQ(
        Judge(test, Who(reports), WithStatus(Answer::Status::kSilent)).outcome,
        Outcome::kConformant);
    EXPECT_EQ(
        Judge(test, Who(reports), Said({Word("none"), Word("pass")})).outcome,
        Outcome::kFalseAccept);
    EXPECT_EQ(Judge(test, Who(reports), Said("permerror")).outcome,
              Outcome::kWrongClass);
  }
}

}  // namespace
}  // namespace dkimspec::runners
