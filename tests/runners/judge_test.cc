#include "runners/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/runners/judge_support.h"

namespace dkimspec::runners {
namespace {

using ::testing::HasSubstr;

constexpr Verdict kVerdicts[] = {Verdict::kPass, Verdict::kPermanent,
                                 Verdict::kTemporary, Verdict::kNone};

// Every cell of the table in docs/judging.md, with every word.
struct CellRow {
  Verdict expected;
  const char* word;
  Outcome outcome;
};

constexpr CellRow kCells[] = {
    {Verdict::kPass, "pass", Outcome::kConformant},
    {Verdict::kPass, "fail", Outcome::kFalseReject},
    {Verdict::kPass, "permerror", Outcome::kFalseReject},
    {Verdict::kPass, "neutral", Outcome::kFalseReject},
    {Verdict::kPass, "policy", Outcome::kFalseReject},
    {Verdict::kPass, "temperror", Outcome::kWrongClass},
    {Verdict::kPass, "none", Outcome::kFalseReject},
    {Verdict::kPass, "silent", Outcome::kFalseReject},
    {Verdict::kPass, "", Outcome::kAdapterError},
    {Verdict::kPermanent, "pass", Outcome::kFalseAccept},
    {Verdict::kPermanent, "fail", Outcome::kConformant},
    {Verdict::kPermanent, "permerror", Outcome::kConformant},
    {Verdict::kPermanent, "neutral", Outcome::kConformant},
    {Verdict::kPermanent, "policy", Outcome::kConformant},
    {Verdict::kPermanent, "temperror", Outcome::kWrongClass},
    {Verdict::kPermanent, "none", Outcome::kTolerated},
    {Verdict::kPermanent, "silent", Outcome::kTolerated},
    {Verdict::kPermanent, "", Outcome::kAdapterError},
    {Verdict::kTemporary, "pass", Outcome::kFalseAccept},
    {Verdict::kTemporary, "fail", Outcome::kTolerated},
    {Verdict::kTemporary, "permerror", Outcome::kTolerated},
    {Verdict::kTemporary, "neutral", Outcome::kTolerated},
    {Verdict::kTemporary, "policy", Outcome::kTolerated},
    {Verdict::kTemporary, "temperror", Outcome::kConformant},
    {Verdict::kTemporary, "none", Outcome::kTolerated},
    {Verdict::kTemporary, "silent", Outcome::kTolerated},
    {Verdict::kTemporary, "", Outcome::kAdapterError},
    {Verdict::kNone, "pass", Outcome::kFalseAccept},
    {Verdict::kNone, "fail", Outcome::kWrongClass},
    {Verdict::kNone, "permerror", Outcome::kWrongClass},
    {Verdict::kNone, "neutral", Outcome::kWrongClass},
    {Verdict::kNone, "policy", Outcome::kWrongClass},
    {Verdict::kNone, "temperror", Outcome::kWrongClass},
    {Verdict::kNone, "none", Outcome::kConformant},
    {Verdict::kNone, "silent", Outcome::kConformant},
    {Verdict::kNone, "", Outcome::kAdapterError},
};

Answer AnswerOf(const CellRow& row) {
  return row.word == std::string("silent") ? WithStatus(Answer::Status::kSilent)
                                           : Said(row.word);
}

TEST(JudgeTest, EveryCellOfTheTable) {
  ASSERT_EQ(std::size(kCells), 4u * 9u);
  for (const CellRow& row : kCells) {
    const Case test = CaseOf({row.expected});
    const Judgement judgement = Judge(test, Who(), AnswerOf(row));
    const std::string place = std::string(fixtures::ToString(row.expected)) +
                              " / \"" + row.word + "\"";
    ASSERT_EQ(judgement.subjects.size(), 1u) << place;
    EXPECT_EQ(judgement.outcome, row.outcome) << place;
    EXPECT_EQ(judgement.subjects[0].outcome, row.outcome) << place;
    EXPECT_EQ(judgement.subjects[0].reason.empty(),
              row.outcome == Outcome::kConformant)
        << place;
  }
}

// A tolerance may turn its own cell to tolerated, and no other.
TEST(JudgeTest, EveryToleranceOnEveryCell) {
  for (const CellRow& row : kCells) {
    for (Verdict tolerated : kVerdicts) {
      Case test = CaseOf({row.expected});
      test.subjects[0].tolerate.push_back(
          {tolerated, "RFC 6376 section 6.1.1", "it may", ""});
      const std::string word = row.word;
      const auto said = word == "silent" ? Verdict::kNone : ClassOf(word);
      const bool helped =
          said == tolerated && row.outcome != Outcome::kConformant;
      const Judgement judgement = Judge(test, Who(), AnswerOf(row));
      EXPECT_EQ(judgement.outcome, helped ? Outcome::kTolerated : row.outcome)
          << fixtures::ToString(row.expected) << " / " << word << " / "
          << fixtures::ToString(tolerated);
      if (helped) {
        EXPECT_EQ(judgement.subjects[0].reason,
                  "RFC 6376 section 6.1.1: it may");
      }
    }
  }
}

// A declared policy replaces the expectation; without it, it changes nothing.
TEST(JudgeTest, EveryPolicyOnEveryCell) {
  for (const CellRow& row : kCells) {
    for (Verdict owed : kVerdicts) {
      Case test = CaseOf({row.expected});
      test.subjects[0].tolerate.push_back(
          {owed, "RFC 6376 section 8.2", "it may refuse l=", "rejects-l"});
      EXPECT_EQ(Judge(test, Who(), AnswerOf(row)).outcome, row.outcome);

      Description strict = Who();
      strict.policies = {"rejects-expired", "rejects-l"};
      const Judgement with = Judge(test, strict, AnswerOf(row));
      const Judgement plain = Judge(CaseOf({owed}), Who(), AnswerOf(row));
      EXPECT_EQ(with.outcome, plain.outcome)
          << fixtures::ToString(owed) << " / " << row.word;
      EXPECT_EQ(with.subjects[0].expected, owed);
    }
  }
}

TEST(JudgeTest, WithTwoPoliciesTheFirstIsOwedAndTheOtherTolerated) {
  Case test = CaseOf({Verdict::kPass});
  test.subjects[0].tolerate = {{Verdict::kPermanent, "A", "a", "one"},
                               {Verdict::kNone, "B", "b", "two"}};
  Description who = Who();
  who.policies = {"two", "one"};
  EXPECT_EQ(Judge(test, who, Said("fail")).outcome, Outcome::kConformant);
  EXPECT_EQ(Judge(test, who, Said("none")).outcome, Outcome::kTolerated);
  EXPECT_EQ(Judge(test, who, Said("pass")).outcome, Outcome::kFalseAccept);
}

TEST(JudgeTest, TheReasonSaysWhatAWrongAnswerMeans) {
  Case test = CaseOf({Verdict::kPass});
  test.means_permanent = "trailing WSP was kept";
  const Judgement judgement = Judge(test, Who(), Said("fail"));
  EXPECT_EQ(judgement.subjects[0].reason,
            "pass is owed: trailing WSP was kept");
  EXPECT_EQ(Judge(test, Who(), Said("temperror")).subjects[0].reason,
            "pass is owed");
}

TEST(JudgeTest, AnUnmappedWordIsNeverGuessed) {
  SignatureAnswer answer;
  answer.word = "softfail";
  const Judgement judgement =
      Judge(CaseOf({Verdict::kPermanent}), Who(), Said({answer}));
  EXPECT_EQ(judgement.outcome, Outcome::kAdapterError);
  EXPECT_THAT(judgement.subjects[0].reason, HasSubstr("softfail"));
}

struct StatusRow {
  Answer::Status status;
  Outcome outcome;
};

TEST(JudgeTest, WhatHappenedInsteadOfAnAnswer) {
  constexpr StatusRow kRows[] = {
      {Answer::Status::kUnsupported, Outcome::kUnsupported},
      {Answer::Status::kError, Outcome::kAdapterError},
      {Answer::Status::kTimedOut, Outcome::kHang},
      {Answer::Status::kDied, Outcome::kCrash},
      {Answer::Status::kGivenUp, Outcome::kGivenUp},
  };
  for (Verdict expected : kVerdicts) {
    for (const StatusRow& row : kRows) {
      const Judgement judgement =
          Judge(CaseOf({expected}), Who(), WithStatus(row.status, "so"));
      EXPECT_EQ(judgement.outcome, row.outcome);
      EXPECT_EQ(judgement.subjects.at(0).reason, "so");
    }
  }
}

TEST(JudgeTest, UnsupportedMustBeDeclaredBeforehand) {
  Description who = Who();
  who.features = {"ed25519-sha256"};
  const Answer answer =
      WithStatus(Answer::Status::kUnsupported, "ed25519-sha256");
  EXPECT_EQ(Judge(CaseOf({Verdict::kPass}), who, answer).outcome,
            Outcome::kAdapterError);
}

TEST(JudgeTest, WaitingOnADnsFaultIsNoHang) {
  const Answer late = WithStatus(Answer::Status::kTimedOut);
  Case slow = CaseOf({Verdict::kTemporary});
  slow.slow = true;
  EXPECT_EQ(Judge(slow, Who(), late).outcome, Outcome::kSlowResolver);

  using Kind = ZoneEntry::Kind;
  constexpr std::pair<Kind, Outcome> kRows[] = {
      {Kind::kTxt, Outcome::kHang},
      {Kind::kNxDomain, Outcome::kHang},
      {Kind::kNoData, Outcome::kHang},
      {Kind::kCname, Outcome::kHang},
      {Kind::kServFail, Outcome::kSlowResolver},
      {Kind::kTimeout, Outcome::kSlowResolver},
  };
  for (const auto& [kind, outcome] : kRows) {
    Case test = CaseOf({Verdict::kTemporary});
    test.zone["s._domainkey.a.example"].kind = kind;
    EXPECT_EQ(Judge(test, Who(), late).outcome, outcome);
  }
}

TEST(JudgeTest, OnlyAFaultThatMakesAResolverWaitExcusesAHang) {
  constexpr std::pair<const char*, Outcome> kRows[] = {
      {"delay-20ms", Outcome::kHang},
      {"nxdomain", Outcome::kHang},
      {"tc-tcp", Outcome::kHang},
      {"cname-chain-3", Outcome::kHang},
      {"pointer-loop", Outcome::kSlowResolver},
      {"answer-missing", Outcome::kSlowResolver},
      {"drop", Outcome::kSlowResolver},
      {"delay-6s", Outcome::kSlowResolver},
      {"refused", Outcome::kSlowResolver},
      {"tc-reset", Outcome::kSlowResolver},
      {"garbage", Outcome::kSlowResolver},
  };
  for (const auto& [fault, outcome] : kRows) {
    Case test = CaseOf({Verdict::kTemporary});
    ZoneEntry& entry = test.zone["s._domainkey.a.example"];
    entry.kind = ZoneEntry::Kind::kFault;
    entry.fault = fault;
    EXPECT_EQ(Judge(test, Who(), WithStatus(Answer::Status::kTimedOut)).outcome,
              outcome)
        << fault;
  }
}

// docs/judging.md, "not asked": said x expected x whether its DNS is ours.
TEST(JudgeTest, AVerdictThatNeedsTheKeyNeedsAQuery) {
  struct Row {
    Verdict expected;
    const char* word;
    Outcome unknown;  // Its DNS never asked us at all.
    Outcome known;    // It asked for other cases.
  };
  constexpr Outcome kNot = Outcome::kNotAsked;
  constexpr Row kRows[] = {
      {Verdict::kPass, "pass", kNot, kNot},
      {Verdict::kPass, "fail", kNot, Outcome::kFalseReject},
      {Verdict::kPass, "temperror", kNot, kNot},
      {Verdict::kPass, "none", kNot, Outcome::kFalseReject},
      {Verdict::kPermanent, "pass", Outcome::kFalseAccept,
       Outcome::kFalseAccept},
      {Verdict::kPermanent, "fail", Outcome::kConformant, Outcome::kConformant},
      {Verdict::kPermanent, "temperror", kNot, kNot},
      {Verdict::kPermanent, "none", Outcome::kTolerated, Outcome::kTolerated},
      {Verdict::kTemporary, "pass", Outcome::kFalseAccept,
       Outcome::kFalseAccept},
      {Verdict::kTemporary, "fail", kNot, kNot},
      {Verdict::kTemporary, "temperror", kNot, kNot},
      {Verdict::kTemporary, "none", kNot, kNot},
      {Verdict::kNone, "pass", Outcome::kFalseAccept, Outcome::kFalseAccept},
      {Verdict::kNone, "fail", Outcome::kWrongClass, Outcome::kWrongClass},
      {Verdict::kNone, "temperror", Outcome::kWrongClass, Outcome::kWrongClass},
      {Verdict::kNone, "none", Outcome::kConformant, Outcome::kConformant},
  };
  for (const Row& row : kRows) {
    const Case test = CaseOf({row.expected});
    Answer answer = Said(row.word);
    answer.queries = 0;
    const std::string place =
        std::string(fixtures::ToString(row.expected)) + " / " + row.word;
    EXPECT_EQ(Judge(test, Who(), answer).outcome, row.unknown) << place;
    EXPECT_EQ(Judge(test, Who(), answer, {true}).outcome, row.known) << place;
    answer.queries = 1;
    const Outcome asked = Judge(test, Who(), answer).outcome;
    answer.queries.reset();
    EXPECT_EQ(asked, Judge(test, Who(), answer).outcome) << place;
    EXPECT_NE(asked, kNot) << place;
  }
}

// RFC 6376 section 6.1: a verifier may stop after the first that verifies.
TEST(JudgeTest, SilenceAboutAGoodSignatureIsLegalBesideAPass) {
  Case test = CaseOf({Verdict::kPass, Verdict::kPass, Verdict::kPermanent});
  for (Subject& subject : test.subjects) {
    subject.tolerate.push_back({Verdict::kNone, "A", "it may stop", ""});
  }
  struct Row {
    std::vector<std::string> words;
    Outcome outcome;
  };
  const Row rows[] = {
      {{"pass", "none", "none"}, Outcome::kTolerated},
      {{"none", "pass", "fail"}, Outcome::kTolerated},
      {{"none", "none", "none"}, Outcome::kFalseReject},
      {{"none", "none", "fail"}, Outcome::kFalseReject},
      {{"none", "none", "pass"}, Outcome::kFalseAccept},
      {{"none", "fail", "none"}, Outcome::kFalseReject},
  };
  for (const Row& row : rows) {
    std::vector<SignatureAnswer> answers;
    for (const std::string& word : row.words) {
      answers.push_back(Word(word));
    }
    const Judgement judgement = Judge(test, Who(), Said(answers));
    EXPECT_EQ(judgement.outcome, row.outcome) << row.words[0] << row.words[1];
  }
  EXPECT_EQ(Judge(test, Who(), Said(std::vector<SignatureAnswer>{})).outcome,
            Outcome::kFalseReject);
  Description first = Who();
  first.reports = Reports::kFirst;
  EXPECT_EQ(Judge(test, first, Said("none")).outcome, Outcome::kFalseReject);
  EXPECT_EQ(Judge(test, first, Said("pass")).outcome, Outcome::kConformant);
}

// RFC 6376 section 6.1: after a TEMPFAIL a verifier may defer the message, and
// then it says nothing of the good signature, or that it will come to it later.
TEST(JudgeTest, ADeferredMessageNeedsNoPassWhereTheCaseSaysSo) {
  Case test = CaseOf({Verdict::kPass, Verdict::kTemporary});
  test.subjects[0].tolerate = {{Verdict::kNone, "A", "it may defer", ""},
                               {Verdict::kTemporary, "A", "it may defer", ""}};
  struct Row {
    std::string good;
    std::string unlucky;
    Outcome outcome;
  };
  const Row rows[] = {
      {"pass", "temperror", Outcome::kConformant},
      {"none", "temperror", Outcome::kTolerated},
      {"temperror", "temperror", Outcome::kTolerated},
      {"fail", "temperror", Outcome::kFalseReject},
      {"none", "pass", Outcome::kFalseAccept},
  };
  for (const Row& row : rows) {
    const Answer answer = Said({Word(row.good), Word(row.unlucky)});
    EXPECT_EQ(Judge(test, Who(), answer).outcome, row.outcome)
        << row.good << " " << row.unlucky;
    Case strict = test;
    strict.subjects[0].tolerate.clear();
    EXPECT_EQ(IsRight(Judge(strict, Who(), answer).outcome),
              row.outcome == Outcome::kConformant)
        << row.good << " " << row.unlucky;
  }
  const Description one = Who(Reports::kOneForAll);
  EXPECT_EQ(Judge(test, one, Said("temperror")).outcome, Outcome::kTolerated);
  EXPECT_EQ(Judge(test, one, Said("fail")).outcome, Outcome::kFalseReject);
}

// What counts is what is owed, and a declared policy can change that.
TEST(JudgeTest, OnlySignaturesThatAreOwedAPassAreCounted) {
  Case test = CaseOf({Verdict::kPass, Verdict::kPass});
  for (Subject& subject : test.subjects) {
    subject.tolerate = {{Verdict::kNone, "A", "it may", ""}};
  }
  test.subjects[1].tolerate.push_back(
      {Verdict::kPermanent, "B", "it may refuse l=", "rejects-l"});
  const Answer answer = Said({Word("none"), Word("fail")});
  Description strict = Who();
  strict.policies = {"rejects-l"};
  EXPECT_EQ(Judge(test, strict, answer).outcome, Outcome::kTolerated);
  EXPECT_EQ(Judge(test, Who(), answer).outcome, Outcome::kFalseReject);
  test.subjects[1].tolerate.pop_back();
  EXPECT_EQ(Judge(test, Who(), Said({Word("none"), Word("none")})).outcome,
            Outcome::kFalseReject);
}

TEST(JudgeTest, WithoutAnAnswerPoliciesCountAsWell) {
  Case test = CaseOf({Verdict::kPass});
  test.subjects[0].tolerate.push_back(
      {Verdict::kPermanent, "A", "it may", "rejects-l"});
  Description strict = Who();
  strict.policies = {"rejects-l"};
  EXPECT_EQ(
      WithoutAnswer(test, Who(), Outcome::kCrash, "").subjects[0].expected,
      Verdict::kPass);
  EXPECT_EQ(
      WithoutAnswer(test, strict, Outcome::kCrash, "").subjects[0].expected,
      Verdict::kPermanent);
}

TEST(JudgeTest, TheWorstSubjectDecides) {
  const std::vector<Outcome> from_worst = {
      Outcome::kFalseAccept,  Outcome::kCrash,      Outcome::kHang,
      Outcome::kFalseReject,  Outcome::kWrongClass, Outcome::kUnproven,
      Outcome::kUnsupported,  Outcome::kNotAsked,   Outcome::kAdapterError,
      Outcome::kSlowResolver, Outcome::kFlaky,      Outcome::kGivenUp,
      Outcome::kTolerated,    Outcome::kConformant};
  ASSERT_EQ(from_worst.size(), AllOutcomes().size());
  for (std::size_t i = 0; i < from_worst.size(); ++i) {
    for (std::size_t j = i; j < from_worst.size(); ++j) {
      EXPECT_EQ(Worse(from_worst[i], from_worst[j]), from_worst[i]);
      EXPECT_EQ(Worse(from_worst[j], from_worst[i]), from_worst[i]);
    }
  }
}

TEST(JudgeTest, OutcomesHaveNamesAndAreReadBack) {
  for (Outcome outcome : AllOutcomes()) {
    EXPECT_EQ(OutcomeFromString(ToString(outcome)), outcome);
    EXPECT_FALSE(IsWrong(outcome) && IsRight(outcome));
  }
  EXPECT_EQ(OutcomeFromString("excellent"), std::nullopt);
}

// The control.

Judgement Control(const std::string& word) {
  return Judge(CaseOf({Verdict::kPass}), Who(), Said(word));
}

TEST(ControlTest, ARightRefusalNeedsAnAcceptedControl) {
  for (const CellRow& row : kCells) {
    if (row.expected == Verdict::kPass) {
      continue;
    }
    const Case test = CaseOf({row.expected});
    for (const std::string control : {"pass", "fail", "temperror", "none"}) {
      Judgement judgement = Judge(test, Who(), AnswerOf(row));
      ApplyControl(judgement, test, Control(control));
      const Outcome expected = IsRight(row.outcome) && control != "pass"
                                   ? Outcome::kUnproven
                                   : row.outcome;
      EXPECT_EQ(judgement.outcome, expected) << row.word << " / " << control;
    }
  }
}

TEST(ControlTest, ACrashedControlProvesNothing) {
  const Case test = CaseOf({Verdict::kPermanent});
  Judgement judgement = Judge(test, Who(), Said("fail"));
  ApplyControl(
      judgement, test,
      WithoutAnswer(test, Who(), Outcome::kCrash, "killed by signal 11"));
  EXPECT_EQ(judgement.outcome, Outcome::kUnproven);
  EXPECT_THAT(judgement.subjects[0].reason, HasSubstr("crash"));
}

// A tolerated refusal of the control is legal, and still no acceptance.
TEST(ControlTest, AToleratedControlIsNotAccepted) {
  Case control = CaseOf({Verdict::kPass});
  control.subjects[0].tolerate.push_back(
      {Verdict::kPermanent, "RFC 6376 section 8.2", "it may", ""});
  const Judgement refused = Judge(control, Who(), Said("fail"));
  ASSERT_EQ(refused.outcome, Outcome::kTolerated);
  EXPECT_FALSE(Accepted(refused));
}

TEST(ControlTest, AlwaysFailHasNothingRight) {
  for (Verdict expected : kVerdicts) {
    const Case test = CaseOf({expected});
    Judgement judgement = Judge(test, Who(), Said("fail"));
    ApplyControl(judgement, test, Control("fail"));
    EXPECT_FALSE(IsRight(judgement.outcome)) << fixtures::ToString(expected);
  }
}

}  // namespace
}  // namespace dkimspec::runners
