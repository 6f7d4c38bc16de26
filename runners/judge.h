// Turns what an implementation said into an outcome, by the table of
// docs/judging.md and nothing else.
#ifndef DKIMSPEC_RUNNERS_JUDGE_H_
#define DKIMSPEC_RUNNERS_JUDGE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/case.h"
#include "runners/implementation.h"

namespace dkimspec::runners {

// Worst first within each group.
enum class Outcome {
  // Wrong.
  kFalseAccept,
  kCrash,
  kHang,
  kFalseReject,
  kWrongClass,
  // Right.
  kConformant,
  kTolerated,
  // No verdict.
  kUnproven,
  kUnsupported,
  kNotAsked,
  kAdapterError,
  kSlowResolver,
  kFlaky,
  kGivenUp,
};

std::string_view ToString(Outcome outcome);  // "false-accept"
bool IsWrong(Outcome outcome);
bool IsRight(Outcome outcome);

struct SubjectJudgement {
  std::string label;
  Outcome outcome = Outcome::kAdapterError;
  std::string said;    // The word judged, or "silent".
  std::string says;    // In its own words.
  std::string reason;  // Why this outcome, one sentence; empty if conformant.
};

struct Judgement {
  Outcome outcome = Outcome::kAdapterError;  // The worst of the subjects'.
  std::vector<SubjectJudgement> subjects;
};

// One answer, without regard to the control.
Judgement Judge(const fixtures::Case& test, const Description& who,
                const Answer& answer);

// A right refusal proves nothing if the control, which differs by one
// operation, was refused too: such outcomes become kUnproven.
void ApplyControl(Judgement& judgement, const fixtures::Case& test,
                  const Judgement& control);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_JUDGE_H_
