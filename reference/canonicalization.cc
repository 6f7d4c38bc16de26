#include "reference/canonicalization.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "reference/base/ascii.h"
#include "reference/base/cursor.h"
#include "reference/relaxed_block.h"
#include "reference/relaxed_run.h"

namespace dkimspec {
namespace {

constexpr std::string_view kCrlf = "\r\n";

// Shorter runs of a body are not worth the finding.
constexpr std::ptrdiff_t kShortRun = 256;

void AppendInLowerCase(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  out += text;
  for (std::size_t i = begin; i < out.size(); ++i) {
    out[i] = ToLower(out[i]);
  }
}

// Unfolds, reduces runs of WSP to one SP, and removes them at both ends: the
// steps of RFC 6376 section 3.4.2 (with erratum 5839) for one value.
void AppendRelaxedValue(std::string_view value, std::string& out) {
  const char* p = value.data();
  const char* const end = p + value.size();
  bool is_first = true;
  while (true) {
    const std::size_t fws = FwsLength({p, end});
    p += fws;
    if (p == end) {
      return;
    }
    out += fws > 0 && !is_first ? " " : "";
    is_first = false;
    const char* const run = p;
    p = *p == '\r' ? p + 1 : EndOfRelaxedRun(p, end, LineEnds::kStop);
    out.append(run, p);
  }
}

void AppendRelaxedHeaderField(std::string_view text, std::string& out) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    std::string line;
    AppendRelaxedValue(text, line);
    AppendInLowerCase(line, out);
    return;
  }
  AppendInLowerCase(TrimFwsAtEnd(text.substr(0, colon)), out);
  out += ':';
  AppendRelaxedValue(text.substr(colon + 1), out);
}

}  // namespace

std::string_view ToString(Canonicalization canonicalization) {
  return canonicalization == Canonicalization::kSimple ? "simple" : "relaxed";
}

void AppendCanonicalHeaderField(Canonicalization canonicalization,
                                std::string_view octets, std::string& out) {
  if (octets.ends_with(kCrlf)) {
    octets.remove_suffix(kCrlf.size());
  }
  if (canonicalization == Canonicalization::kSimple) {
    out += octets;
  } else {
    AppendRelaxedHeaderField(octets, out);
  }
  out += kCrlf;
}

std::string CanonicalizeHeaderField(Canonicalization canonicalization,
                                    std::string_view octets) {
  std::string field;
  field.reserve(octets.size() + kCrlf.size());
  AppendCanonicalHeaderField(canonicalization, octets, field);
  return field;
}

BodyCanonicalizer::BodyCanonicalizer(Canonicalization canonicalization,
                                     Sink sink)
    : canonicalization_(canonicalization), sink_(std::move(sink)) {}

void BodyCanonicalizer::Push(std::string_view octets) {
  if (canonicalization_ == Canonicalization::kSimple) {
    PushSimple(octets);
  } else {
    PushRelaxed(octets);
  }
}

// All that simple changes is at the end: what precedes the line ends at the end
// of a piece is passed on whole.
void BodyCanonicalizer::PushSimple(std::string_view octets) {
  if (octets.empty()) {
    return;
  }
  if (SettleCr(octets.front())) {
    octets.remove_prefix(1);
  }
  if (octets.ends_with('\r')) {
    held_cr_ = true;
    octets.remove_suffix(1);
  }
  EmitLines(octets);
}

void BodyCanonicalizer::PushRelaxed(std::string_view octets) {
  const char* p = octets.data();
  const char* const end = p + octets.size();
  while (p != end) {
    if (SettleCr(*p)) {
      ++p;
    } else if (IsWsp(*p)) {
      held_wsp_ = true;
      ++p;
    } else if (*p == '\r') {
      held_cr_ = true;
      ++p;
    } else {
      const char* const run = p;
      p = EndOfRelaxedRun(p, end, LineEnds::kStay);
      EmitText({run, static_cast<std::size_t>(p - run)});
      p += p - run < kShortRun ? PushReduced({p, end}) : 0;
    }
  }
}

// Where one run was short others will be. Takes as much as can be done at once
// and says how much that was; nothing is held but perhaps line ends.
std::size_t BodyCanonicalizer::PushReduced(std::string_view octets) {
  static const RelaxedReducer reduce = ReduceRelaxedAvx2();
  constexpr std::size_t kLookahead = 2;
  constexpr std::size_t kMost = 64 * kRelaxedStep;
  if (reduce == nullptr || octets.size() < kRelaxedStep + kLookahead) {
    return 0;
  }
  const std::size_t size = std::min(
      (octets.size() - kLookahead) / kRelaxedStep * kRelaxedStep, kMost);
  std::array<char, kMost + 8> buffer;
  const char* const end = reduce(octets.data(), size, buffer.data());
  std::string_view reduced(buffer.data(), end);
  held_cr_ = reduced.ends_with('\r');
  reduced.remove_suffix(held_cr_ ? 1 : 0);
  EmitLines(reduced);
  return size;
}

// Holds back the line ends at the end.
void BodyCanonicalizer::EmitLines(std::string_view octets) {
  std::uint64_t line_ends = 0;
  while (octets.ends_with(kCrlf)) {
    octets.remove_suffix(kCrlf.size());
    ++line_ends;
  }
  if (!octets.empty()) {
    EmitText(octets);
  }
  held_line_ends_ += line_ends;
}

// A held CR either ends the line with the LF that follows, which is then taken
// (true), or turns out to be text.
bool BodyCanonicalizer::SettleCr(char next) {
  if (!held_cr_) {
    return false;
  }
  held_cr_ = false;
  if (next != '\n') {
    EmitText("\r");
    return false;
  }
  held_wsp_ = false;  // WSP at the end of a line goes.
  ++held_line_ends_;
  return true;
}

void BodyCanonicalizer::EmitText(std::string_view text) {
  EmitLineEnds(held_line_ends_);
  held_line_ends_ = 0;
  if (held_wsp_) {
    sink_(" ");
    held_wsp_ = false;
  }
  sink_(text);
  any_text_ = true;
}

void BodyCanonicalizer::EmitLineEnds(std::uint64_t count) {
  static constexpr auto kLineEnds = [] {
    std::array<char, 512> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
      octets[i] = i % 2 == 0 ? '\r' : '\n';
    }
    return octets;
  }();
  constexpr std::uint64_t kMost = kLineEnds.size() / 2;
  while (count > 0) {
    const std::uint64_t some = std::min(count, kMost);
    sink_({kLineEnds.data(), static_cast<std::size_t>(some * 2)});
    count -= some;
  }
}

void BodyCanonicalizer::Finish() {
  if (held_cr_) {
    held_cr_ = false;
    EmitText("\r");
  }
  if (any_text_ || canonicalization_ == Canonicalization::kSimple) {
    EmitLineEnds(1);
  }
}

std::string CanonicalizeBody(Canonicalization canonicalization,
                             std::string_view body) {
  std::string canonical;
  canonical.reserve(body.size() + kCrlf.size());
  BodyCanonicalizer canonicalizer(
      canonicalization, [&](std::string_view octets) { canonical += octets; });
  canonicalizer.Push(body);
  canonicalizer.Finish();
  return canonical;
}

}  // namespace dkimspec
