#include "runners/matching.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "reference/base/ascii.h"
#include "reference/message.h"

namespace dkimspec::runners {
namespace {

using fixtures::Case;
using fixtures::Subject;
using fixtures::Verdict;

std::size_t CountSignatureFields(const Case& test) {
  return ParseMessage(test.message).Find("DKIM-Signature").size();
}

bool NamesSomething(const SignatureAnswer& answer) {
  return !answer.sdid.empty() || !answer.selector.empty() ||
         !answer.signature_start.empty();
}

// One may be cut shorter than the other.
bool SameStart(std::string_view a, std::string_view b) {
  const std::size_t length = std::min(a.size(), b.size());
  return a.substr(0, length) == b.substr(0, length);
}

// True unless something that is told differs.
bool Agrees(const SignatureAnswer& answer, const Subject& subject) {
  return (answer.sdid.empty() ||
          EqualsIgnoringCase(answer.sdid, subject.sdid)) &&
         (answer.selector.empty() ||
          EqualsIgnoringCase(answer.selector, subject.selector)) &&
         (answer.signature_start.empty() || subject.signature_start.empty() ||
          SameStart(answer.signature_start, subject.signature_start));
}

bool Names(const SignatureAnswer& answer, const Subject& subject) {
  return NamesSomething(answer) && Agrees(answer, subject);
}

// "none" that names no signature speaks of the message: nothing was said.
bool IsNothing(const SignatureAnswer& answer) {
  return answer.result == "none" && !NamesSomething(answer);
}

class EachMatcher {
 public:
  EachMatcher(const Case& test, const std::vector<SignatureAnswer>& answers)
      : test_(test),
        answers_(answers),
        used_(answers.size(), false),
        fields_(CountSignatureFields(test)),
        ordered_(answers.size() == fields_) {}

  std::vector<Match> Run() {
    std::vector<Match> matches;
    for (const Subject& subject : test_.subjects) {
      matches.push_back({&subject, nullptr, ""});
    }
    // What fits in order and by name is settled before what only fits by name,
    // and that before what only fits in order.
    Pass(matches, [this](const Subject& s) { return InOrder(s, true); });
    Pass(matches, [this](const Subject& s) { return ByName(s); });
    Pass(matches, [this](const Subject& s) { return InOrder(s, false); });
    NoteLeftOvers(matches);
    return matches;
  }

 private:
  template <typename Find>
  void Pass(std::vector<Match>& matches, Find find) {
    for (Match& match : matches) {
      if (match.answer != nullptr) {
        continue;
      }
      if (std::optional<std::size_t> index = find(*match.subject)) {
        used_[*index] = true;
        match.answer = &answers_[*index];
      }
    }
  }

  std::optional<std::size_t> InOrder(const Subject& subject,
                                     bool must_agree) const {
    if (!ordered_ || !subject.position || *subject.position >= used_.size() ||
        used_[*subject.position] ||
        (must_agree && !Agrees(answers_[*subject.position], subject))) {
      return std::nullopt;
    }
    return subject.position;
  }

  std::optional<std::size_t> ByName(const Subject& subject) const {
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      if (!used_[i] && Names(answers_[i], subject)) {
        return i;
      }
    }
    return std::nullopt;
  }

  // An answer that belongs to nobody must not turn into silence: it may be the
  // wrong pass that the case is about.
  void NoteLeftOvers(std::vector<Match>& matches) const {
    std::size_t left = 0;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      left += !used_[i] && !IsNothing(answers_[i]) ? 1 : 0;
    }
    if (left == 0 || ordered_) {
      return;
    }
    // With more answers than signatures, even those that fit are in doubt.
    const bool surplus = answers_.size() > fields_;
    for (Match& match : matches) {
      if (match.answer == nullptr || surplus) {
        match.problem =
            fmt::format("{} of {} answers cannot be matched to a signature",
                        left, answers_.size());
      }
    }
  }

  const Case& test_;
  const std::vector<SignatureAnswer>& answers_;
  std::vector<bool> used_;
  std::size_t fields_;
  bool ordered_;
};

// The message as a whole: whatever is said, is said of it, and the word that
// is worst for a message without signatures counts.
Match MatchMessage(const Subject& subject,
                   const std::vector<SignatureAnswer>& answers) {
  const auto rank = [](const SignatureAnswer& answer) {
    return answer.result == "pass" ? 0 : answer.result == "none" ? 2 : 1;
  };
  const auto worst = std::min_element(
      answers.begin(), answers.end(),
      [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return {&subject, worst == answers.end() ? nullptr : &*worst, ""};
}

const Subject* Topmost(const Case& test) {
  for (const Subject& subject : test.subjects) {
    if (subject.position == 0u) {
      return &subject;
    }
  }
  return nullptr;
}

const Subject* FirstReported(const Case& test,
                             const std::vector<SignatureAnswer>& answers) {
  if (!answers.empty()) {
    for (const Subject& subject : test.subjects) {
      if (Names(answers.front(), subject)) {
        return &subject;
      }
    }
  }
  return Topmost(test);
}

// A verifier that has one word for a message gives the best one it found.
const Subject* BestExpected(const Case& test,
                            const std::vector<Verdict>& owed) {
  const auto rank = [](Verdict verdict) {
    switch (verdict) {
      case Verdict::kPass:
        return 0;
      case Verdict::kTemporary:
        return 1;
      case Verdict::kPermanent:
        return 2;
      case Verdict::kNone:
        break;
    }
    return 3;
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < owed.size(); ++i) {
    if (rank(owed[i]) < rank(owed[best])) {
      best = i;
    }
  }
  return test.subjects.empty() ? nullptr : &test.subjects[best];
}

std::vector<Match> MatchOne(const Subject* subject,
                            const std::vector<SignatureAnswer>& answers) {
  if (subject == nullptr) {
    return {};
  }
  Match match{subject, answers.empty() ? nullptr : &answers.front(), ""};
  if (answers.size() > 1) {
    match.problem = fmt::format(
        "{} answers from an implementation that declares it gives one",
        answers.size());
  }
  return {match};
}

}  // namespace

std::vector<Match> MatchAnswers(const Case& test,
                                const std::vector<Verdict>& owed,
                                Reports reports,
                                const std::vector<SignatureAnswer>& answers) {
  if (test.subjects.size() == 1 && !test.subjects[0].position) {
    return {MatchMessage(test.subjects[0], answers)};
  }
  switch (reports) {
    case Reports::kEach:
      return EachMatcher(test, answers).Run();
    case Reports::kFirst:
      return MatchOne(FirstReported(test, answers), answers);
    case Reports::kOneForAll:
      return MatchOne(BestExpected(test, owed), answers);
  }
  return {};
}

}  // namespace dkimspec::runners
