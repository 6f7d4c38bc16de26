// The outcomes and the words of RFC 8601: their names, classes and ranks.
#include <array>
#include <utility>

#include "runners/judge.h"

namespace dkimspec::runners {
namespace {

using fixtures::Verdict;

constexpr std::array kAll = {
    Outcome::kFalseAccept, Outcome::kCrash,        Outcome::kHang,
    Outcome::kFalseReject, Outcome::kWrongClass,   Outcome::kConformant,
    Outcome::kTolerated,   Outcome::kUnproven,     Outcome::kUnsupported,
    Outcome::kNotAsked,    Outcome::kAdapterError, Outcome::kSlowResolver,
    Outcome::kFlaky,       Outcome::kGivenUp,
};

}  // namespace

std::string_view ToString(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFalseAccept:
      return "false-accept";
    case Outcome::kCrash:
      return "crash";
    case Outcome::kHang:
      return "hang";
    case Outcome::kFalseReject:
      return "false-reject";
    case Outcome::kWrongClass:
      return "wrong-class";
    case Outcome::kConformant:
      return "conformant";
    case Outcome::kTolerated:
      return "tolerated";
    case Outcome::kUnproven:
      return "unproven";
    case Outcome::kUnsupported:
      return "unsupported";
    case Outcome::kNotAsked:
      return "not-asked";
    case Outcome::kAdapterError:
      return "adapter-error";
    case Outcome::kSlowResolver:
      return "slow-resolver";
    case Outcome::kFlaky:
      return "flaky";
    case Outcome::kGivenUp:
      return "given-up";
  }
  return "";
}

std::span<const Outcome> AllOutcomes() { return kAll; }

std::optional<Outcome> OutcomeFromString(std::string_view text) {
  for (Outcome outcome : kAll) {
    if (ToString(outcome) == text) {
      return outcome;
    }
  }
  return std::nullopt;
}

bool IsWrong(Outcome outcome) { return outcome <= Outcome::kWrongClass; }

bool IsRight(Outcome outcome) {
  return outcome == Outcome::kConformant || outcome == Outcome::kTolerated;
}

Outcome Worse(Outcome a, Outcome b) {
  const auto rank = [](Outcome outcome) {
    if (IsWrong(outcome)) {
      return static_cast<int>(outcome);
    }
    const int last = static_cast<int>(kAll.size());
    return outcome == Outcome::kConformant  ? last + 2
           : outcome == Outcome::kTolerated ? last + 1
                                            : static_cast<int>(outcome);
  };
  return rank(a) <= rank(b) ? a : b;
}

std::optional<Verdict> ClassOf(std::string_view result) {
  static constexpr std::pair<std::string_view, Verdict> kWords[] = {
      {"pass", Verdict::kPass},           {"fail", Verdict::kPermanent},
      {"permerror", Verdict::kPermanent}, {"neutral", Verdict::kPermanent},
      {"policy", Verdict::kPermanent},    {"temperror", Verdict::kTemporary},
      {"none", Verdict::kNone},
  };
  for (const auto& [word, verdict] : kWords) {
    if (word == result) {
      return verdict;
    }
  }
  return std::nullopt;
}

}  // namespace dkimspec::runners
