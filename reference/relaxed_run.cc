#include "reference/relaxed_run.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "reference/base/ascii.h"

namespace dkimspec {
namespace internal {
namespace {

constexpr bool IsText(char c) { return !IsWsp(c) && c != '\r'; }

// How many of eight octets, from the first, are above SP and so neither WSP nor
// CR. Borrows go from the lowest octet up, so the first mark is never wrong.
std::size_t CountAboveSpace(const char* octets) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t word = 0;
  std::memcpy(&word, octets, sizeof word);
  const std::uint64_t marks = (word - kOnes * 0x21) & ~word & (kOnes * 0x80);
  if constexpr (std::endian::native == std::endian::little) {
    return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  }
  return marks == 0 ? 8 : 0;
}

const char* SkipText(const char* p, const char* end) {
  while (end - p >= 8) {
    const std::size_t count = CountAboveSpace(p);
    p += count;
    if (count < 8) {
      if (!IsText(*p)) {
        return p;
      }
      ++p;
    }
  }
  while (p != end && IsText(*p)) {
    ++p;
  }
  return p;
}

bool Stops(const char* p, const char* end, LineEnds line_ends) {
  if (end - p < 2 || *p == '\t') {
    return true;
  }
  return *p == ' ' ? !IsText(p[1])
                   : line_ends == LineEnds::kStop || p[1] != '\n';
}

}  // namespace

const char* FindStopPortable(const char* p, const char* end,
                             LineEnds line_ends) {
  p = SkipText(p, end);
  while (p != end && !Stops(p, end, line_ends)) {
    p = SkipText(p + 1, end);
  }
  return p;
}

const char* BackToText(const char* begin, const char* stop) {
  while (stop - begin >= 2 && stop[-2] == '\r' && stop[-1] == '\n') {
    stop -= 2;
  }
  return stop;
}

}  // namespace internal

const char* EndOfRelaxedRunPortable(const char* p, const char* end,
                                    LineEnds line_ends) {
  return internal::BackToText(p, internal::FindStopPortable(p, end, line_ends));
}

const char* EndOfRelaxedRun(const char* p, const char* end,
                            LineEnds line_ends) {
  static const RelaxedRunFinder finder = [] {
    const RelaxedRunFinder avx2 = EndOfRelaxedRunAvx2();
    return avx2 == nullptr ? EndOfRelaxedRunPortable : avx2;
  }();
  return finder(p, end, line_ends);
}

}  // namespace dkimspec
