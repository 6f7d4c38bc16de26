#include "runners/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dnsstub/fault.h"
#include "runners/matching.h"

namespace dkimspec::runners {
namespace {

using fixtures::Case;
using fixtures::Subject;
using fixtures::Tolerance;
using fixtures::Verdict;

// A cell of the table: the outcome, and what a tolerated one rests on.
struct Cell {
  Outcome outcome;
  std::string_view because = "";
};

constexpr std::string_view kLikeUnsigned =
    "RFC 6376 section 6.1 lets a verifier treat it like an unsigned message";
constexpr std::string_view kMayRefuse =
    "RFC 6376 section 6.1.2 step 2 is a MAY, so a refusal is legal";
// Section 6.1.2 step 3 is a MUST: no key means PERMFAIL.
constexpr Cell kTable[4][4] = {
    // Said: pass, permanent, temporary, none or silent.
    // Owed: pass.
    {{Outcome::kConformant},
     {Outcome::kFalseReject},
     {Outcome::kWrongClass},
     {Outcome::kFalseReject}},
    // Owed: permanent.
    {{Outcome::kFalseAccept},
     {Outcome::kConformant},
     {Outcome::kWrongClass},
     {Outcome::kTolerated, kLikeUnsigned}},
    // Owed: temporary.
    {{Outcome::kFalseAccept},
     {Outcome::kTolerated, kMayRefuse},
     {Outcome::kConformant},
     {Outcome::kTolerated, kLikeUnsigned}},
    // Owed: none.
    {{Outcome::kFalseAccept},
     {Outcome::kWrongClass},
     {Outcome::kWrongClass},
     {Outcome::kConformant}},
};

bool Contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// The first policy that the implementation declares decides what is owed.
const Tolerance* DeclaredPolicy(const Subject& subject,
                                const Description& who) {
  for (const Tolerance& tolerance : subject.tolerate) {
    if (!tolerance.policy.empty() && Contains(who.policies, tolerance.policy)) {
      return &tolerance;
    }
  }
  return nullptr;
}

Verdict OwedBy(const Subject& subject, const Description& who) {
  const Tolerance* policy = DeclaredPolicy(subject, who);
  return policy == nullptr ? subject.expected : policy->verdict;
}

// What makes `said` legal beyond what is owed; nullptr if nothing does.
const Tolerance* ToleranceFor(const Subject& subject, const Description& who,
                              Verdict said) {
  for (const Tolerance& tolerance : subject.tolerate) {
    if (tolerance.verdict == said &&
        (tolerance.policy.empty() ||
         Contains(who.policies, tolerance.policy))) {
      return &tolerance;
    }
  }
  return nullptr;
}

// What the case says of wrong words speaks of accepting and of refusing; a
// temporary failure is neither.
std::string Complaint(const Case& test, Verdict owed, Verdict said) {
  std::string text = fmt::format("{} is owed", fixtures::ToString(owed));
  const std::string& means =
      said == Verdict::kPass ? test.means_pass : test.means_permanent;
  return means.empty() || said == owed || said == Verdict::kTemporary
             ? text
             : fmt::format("{}: {}", text, means);
}

// Did a verdict that needs the key come about without asking for it?
// `owed` pass and temporary hang on the DNS; so do the words pass and
// temporary. A refusal may well come before the key is needed: it stands once
// we know that the way to our DNS is open. A temporary word without a query
// never stands: it is about the way to the DNS, not about the message, as from
// a resolver that keeps away from a server which was silent a while ago. A
// wrong pass stands always.
bool WasNotAsked(Verdict owed, Verdict said, const Answer& answer,
                 const Evidence& evidence) {
  if (!answer.queries || *answer.queries > 0 || owed == Verdict::kNone) {
    return false;
  }
  if (said == Verdict::kPass) {
    return owed == Verdict::kPass;
  }
  if (said == Verdict::kTemporary) {
    return true;
  }
  return owed == Verdict::kTemporary ||
         (owed == Verdict::kPass && !evidence.asks_our_dns);
}

void Weigh(const Case& test, const Subject& subject, const Description& who,
           Verdict said, SubjectJudgement& judged) {
  const Cell& cell = kTable[static_cast<std::size_t>(judged.expected)]
                           [static_cast<std::size_t>(said)];
  judged.outcome = cell.outcome;
  if (cell.outcome == Outcome::kConformant) {
    return;
  }
  if (const Tolerance* tolerance = ToleranceFor(subject, who, said)) {
    judged.outcome = Outcome::kTolerated;
    judged.reason =
        fmt::format("{}: {}", tolerance->citation, tolerance->because);
  } else if (cell.outcome == Outcome::kTolerated) {
    judged.reason = cell.because;
  } else {
    judged.reason = Complaint(test, judged.expected, said);
  }
}

SubjectJudgement JudgeMatch(const Case& test, const Description& who,
                            const Match& match, const Answer& answer,
                            const Evidence& evidence) {
  SubjectJudgement judged;
  judged.label = match.subject->label;
  judged.expected = OwedBy(*match.subject, who);
  judged.said = "silent";
  std::optional<Verdict> said = Verdict::kNone;
  if (match.answer != nullptr) {
    judged.result = match.answer->result;
    judged.said =
        match.answer->word.empty() ? judged.result : match.answer->word;
    judged.says = match.answer->says;
    said = ClassOf(judged.result);
  }
  if (!match.problem.empty()) {
    judged.reason = match.problem;
  } else if (!said) {
    judged.reason = fmt::format(
        "its word \"{}\" is not mapped to a result of RFC 8601", judged.said);
  } else if (WasNotAsked(judged.expected, *said, answer, evidence)) {
    judged.outcome = Outcome::kNotAsked;
    judged.reason = "our DNS never saw a query for the key";
  } else {
    Weigh(test, *match.subject, who, *said, judged);
  }
  return judged;
}

Outcome WorstOf(const std::vector<SubjectJudgement>& subjects) {
  Outcome worst = Outcome::kConformant;
  for (const SubjectJudgement& subject : subjects) {
    worst = Worse(worst, subject.outcome);
  }
  return worst;
}

// Section 6.1 lets a verifier stop once a signature has verified. So where
// several are owed a pass, silence is legal only beside a pass: who says
// nothing of all of them has not stopped, but failed. Where one is owed a pass,
// there is none to stop at, and the case tolerates silence for another reason,
// as when the message is deferred.
void RequireOnePass(std::vector<SubjectJudgement>& subjects) {
  const auto owed_pass = [](const SubjectJudgement& judged) {
    return judged.expected == Verdict::kPass;
  };
  const bool passed = std::any_of(
      subjects.begin(), subjects.end(), [&](const SubjectJudgement& judged) {
        return owed_pass(judged) && ClassOf(judged.result) == Verdict::kPass;
      });
  for (SubjectJudgement& judged : subjects) {
    const bool silent =
        judged.said == "silent" || ClassOf(judged.result) == Verdict::kNone;
    if (!passed && owed_pass(judged) && silent &&
        judged.outcome == Outcome::kTolerated) {
      judged.outcome = Outcome::kFalseReject;
      judged.reason =
          "pass is owed: silence is legal beside a signature that passed, and "
          "none did";
    }
  }
}

Judgement JudgeWords(const Case& test, const Description& who,
                     const Answer& answer, const Evidence& evidence) {
  std::vector<Verdict> owed;
  for (const Subject& subject : test.subjects) {
    owed.push_back(OwedBy(subject, who));
  }
  const std::vector<SignatureAnswer> silence;
  Judgement judgement;
  for (const Match& match : MatchAnswers(
           test, owed, who.reports,
           answer.status == Answer::Status::kSilent ? silence
                                                    : answer.signatures)) {
    judgement.subjects.push_back(
        JudgeMatch(test, who, match, answer, evidence));
  }
  if (judgement.subjects.empty()) {
    return WithoutAnswer(test, who, Outcome::kUnsupported,
                         "it reports the first signature only, and this case "
                         "is about others");
  }
  if (std::count(owed.begin(), owed.end(), Verdict::kPass) > 1) {
    RequireOnePass(judgement.subjects);
  }
  judgement.outcome = WorstOf(judgement.subjects);
  return judgement;
}

// Unsupported is what was declared beforehand; otherwise a verifier could
// choose its cases as they come.
Judgement JudgeUnsupported(const Case& test, const Description& who,
                           const Answer& answer) {
  if (Contains(who.features, answer.detail)) {
    return WithoutAnswer(
        test, who, Outcome::kAdapterError,
        fmt::format("it declares the feature {} and calls it unsupported",
                    answer.detail));
  }
  return WithoutAnswer(test, who, Outcome::kUnsupported, answer.detail);
}

// A resolver may go on asking a server that is silent or fails, and wait for a
// right answer behind one that is malformed or forged (`wire`). It has nothing
// to wait for where the answer, or its absence, is told.
bool MayBeWaitedFor(const ZoneEntry& entry) {
  if (entry.kind != ZoneEntry::Kind::kFault) {
    return entry.kind == ZoneEntry::Kind::kServFail ||
           entry.kind == ZoneEntry::Kind::kTimeout;
  }
  const dnsstub::Fault* fault = dnsstub::FindFault(entry.fault);
  return fault == nullptr || fault->slow || !fault->survives_recursor ||
         fault->outcome == dnsstub::Outcome::kTemporary;
}

Judgement JudgeTimeout(const Case& test, const Description& who,
                       const Answer& answer) {
  return MayWaitForDns(test)
             ? WithoutAnswer(test, who, Outcome::kSlowResolver,
                             "it was still waiting on a DNS fault")
             : WithoutAnswer(test, who, Outcome::kHang,
                             answer.detail.empty()
                                 ? "no answer, with healthy DNS"
                                 : answer.detail);
}

}  // namespace

bool MayWaitForDns(const Case& test) {
  return test.slow ||
         std::any_of(test.zone.begin(), test.zone.end(), [](const auto& item) {
           return MayBeWaitedFor(item.second);
         });
}

Judgement WithoutAnswer(const Case& test, const Description& who,
                        Outcome outcome, std::string_view reason) {
  Judgement judgement{outcome, {}};
  for (const Subject& subject : test.subjects) {
    judgement.subjects.push_back({subject.label, OwedBy(subject, who), outcome,
                                  "", "", "", std::string(reason)});
  }
  return judgement;
}

Judgement Judge(const Case& test, const Description& who, const Answer& answer,
                const Evidence& evidence) {
  switch (answer.status) {
    case Answer::Status::kSaid:
    case Answer::Status::kSilent:
      return JudgeWords(test, who, answer, evidence);
    case Answer::Status::kUnsupported:
      return JudgeUnsupported(test, who, answer);
    case Answer::Status::kTimedOut:
      return JudgeTimeout(test, who, answer);
    case Answer::Status::kDied:
      return WithoutAnswer(test, who, Outcome::kCrash, answer.detail);
    case Answer::Status::kGivenUp:
      return WithoutAnswer(test, who, Outcome::kGivenUp, answer.detail);
    case Answer::Status::kError:
      break;
  }
  return WithoutAnswer(test, who, Outcome::kAdapterError, answer.detail);
}

void Compare(Judgement& first, const Judgement& second) {
  if (!IsWrong(first.outcome) || second.outcome == Outcome::kGivenUp) {
    return;
  }
  for (SubjectJudgement& judged : first.subjects) {
    const auto again = std::find_if(
        second.subjects.begin(), second.subjects.end(),
        [&](const auto& other) { return other.label == judged.label; });
    // Who reports one signature may have reported another one this time.
    const Outcome later =
        again == second.subjects.end() ? second.outcome : again->outcome;
    if (!IsWrong(judged.outcome) || later == judged.outcome) {
      continue;
    }
    const std::string both =
        fmt::format("{} first, {} when asked once more",
                    ToString(judged.outcome), ToString(later));
    if (IsWrong(later)) {
      judged.reason = fmt::format("{} ({})", judged.reason, both);
    } else {
      judged.outcome = Outcome::kFlaky;
      judged.reason = both;
    }
  }
  first.outcome = WorstOf(first.subjects);
}

bool Accepted(const Judgement& judgement) {
  return !judgement.subjects.empty() &&
         std::all_of(judgement.subjects.begin(), judgement.subjects.end(),
                     [](const SubjectJudgement& subject) {
                       return subject.outcome == Outcome::kConformant &&
                              subject.result == "pass";
                     });
}

void ApplyControl(Judgement& judgement, const Case& test,
                  const Judgement& control) {
  if (!Accepted(control)) {
    MarkUnproven(
        judgement,
        fmt::format("{}, which differs by one operation, was not accepted ({})",
                    test.control.value_or("the control"),
                    ToString(control.outcome)));
  }
}

void MarkUnproven(Judgement& judgement, std::string_view reason) {
  bool changed = false;
  for (SubjectJudgement& subject : judgement.subjects) {
    if (IsRight(subject.outcome) && subject.result != "pass") {
      subject.outcome = Outcome::kUnproven;
      subject.reason = reason;
      changed = true;
    }
  }
  if (changed) {
    judgement.outcome = WorstOf(judgement.subjects);
  }
}

}  // namespace dkimspec::runners
