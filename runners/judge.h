// Turns what an implementation said into an outcome, by the table of
// docs/judging.md and nothing else.
#ifndef DKIMSPEC_RUNNERS_JUDGE_H_
#define DKIMSPEC_RUNNERS_JUDGE_H_

#include <optional>
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
std::optional<Outcome> OutcomeFromString(std::string_view text);
bool IsWrong(Outcome outcome);
bool IsRight(Outcome outcome);

// All of them, in the order of the enumerators.
std::span<const Outcome> AllOutcomes();

// The more serious of two: wrong before no verdict before right; within a
// group the order of the enumerators, tolerated before conformant.
Outcome Worse(Outcome a, Outcome b);

// The class of an RFC 8601 word; nullopt if it is none (section 2.7.1).
std::optional<fixtures::Verdict> ClassOf(std::string_view result);

struct SubjectJudgement {
  std::string label;
  fixtures::Verdict expected = fixtures::Verdict::kPass;  // With its policies.
  Outcome outcome = Outcome::kAdapterError;
  std::string said;    // The word judged, or "silent"; empty without a word.
  std::string result;  // The RFC 8601 word for it; empty if it has none.
  std::string says;    // In its own words.
  std::string reason;  // Why this outcome, one sentence; empty if conformant.
};

struct Judgement {
  Outcome outcome = Outcome::kAdapterError;  // The worst of the subjects'.
  std::vector<SubjectJudgement> subjects;
};

// What the run has learnt about an implementation besides the answer judged.
struct Evidence {
  // It asked our DNS for some other case, so the way there is open, and a
  // refusal without a query is its own decision.
  bool asks_our_dns = false;
};

// A resolver may spend seconds on this case, because its DNS is silent, slow,
// failing or sends nonsense. Then no answer in time is no hang.
bool MayWaitForDns(const fixtures::Case& test);

// One answer, without regard to the control. Subjects of which nothing can be
// known, because only the first signature is reported or one word speaks for
// all, are left out of the judgement.
Judgement Judge(const fixtures::Case& test, const Description& who,
                const Answer& answer, const Evidence& evidence = {});

// The same outcome for every subject, for cases that were not asked.
Judgement WithoutAnswer(const fixtures::Case& test, const Description& who,
                        Outcome outcome, std::string_view reason);

// What a wrong answer is worth after asking once more: a signature that was
// wrong and then not is flaky, whatever became of the others; one that was
// wrong twice stays as it was first, and the reason tells both.
void Compare(Judgement& first, const Judgement& second);

// True if every judged signature was said to pass, as expected.
bool Accepted(const Judgement& judgement);

// A right refusal proves nothing if the control, which differs by one
// operation, was refused too: such outcomes become kUnproven.
void ApplyControl(Judgement& judgement, const fixtures::Case& test,
                  const Judgement& control);

// Turns right refusals into kUnproven, for the reason given.
void MarkUnproven(Judgement& judgement, std::string_view reason);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_JUDGE_H_
