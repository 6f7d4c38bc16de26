// Thirty-two octets at a time. Compiled wherever the processor may have AVX2,
// whatever the build asks for elsewhere.
#include "reference/relaxed_run.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace dkimspec {
namespace {

#define DKIMSPEC_AVX2 __attribute__((target("avx2"), always_inline)) inline

constexpr std::ptrdiff_t kWidth = 32;

DKIMSPEC_AVX2 __m256i Load(const char* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}

DKIMSPEC_AVX2 __m256i Equal(__m256i octets, char c) {
  return _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(c));
}

DKIMSPEC_AVX2 __m256i Or(__m256i a, __m256i b) { return _mm256_or_si256(a, b); }

DKIMSPEC_AVX2 __m256i NotText(__m256i octets) {
  return Or(Equal(octets, '\r'), Or(Equal(octets, ' '), Equal(octets, '\t')));
}

// The octets at `p` that stop a run, seen with the octet after each: that makes
// the rule local, so all are decided at once.
DKIMSPEC_AVX2 __m256i StopsAt(const char* p, LineEnds line_ends) {
  const __m256i here = Load(p);
  const __m256i next = Load(p + 1);
  const __m256i cr = Equal(here, '\r');
  const __m256i cr_stops = line_ends == LineEnds::kStop
                               ? cr
                               : _mm256_andnot_si256(Equal(next, '\n'), cr);
  const __m256i sp_stops = _mm256_and_si256(Equal(here, ' '), NotText(next));
  return Or(Or(Equal(here, '\t'), cr_stops), sp_stops);
}

DKIMSPEC_AVX2 std::uint32_t Mask(__m256i octets) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(octets));
}

DKIMSPEC_AVX2 const char* FindStop(const char* p, const char* end,
                                   LineEnds line_ends) {
  while (end - p > 2 * kWidth) {
    const __m256i low = StopsAt(p, line_ends);
    const __m256i high = StopsAt(p + kWidth, line_ends);
    if (_mm256_testz_si256(Or(low, high), Or(low, high)) == 0) {
      const std::uint64_t mask =
          Mask(low) | static_cast<std::uint64_t>(Mask(high)) << kWidth;
      return p + std::countr_zero(mask);
    }
    p += 2 * kWidth;
  }
  if (end - p > kWidth) {
    const std::uint32_t mask = Mask(StopsAt(p, line_ends));
    if (mask != 0) {
      return p + std::countr_zero(mask);
    }
    p += kWidth;
  }
  return internal::FindStopPortable(p, end, line_ends);
}

__attribute__((target("avx2"))) const char* Find(const char* p, const char* end,
                                                 LineEnds line_ends) {
  const char* const stop = line_ends == LineEnds::kStop
                               ? FindStop(p, end, LineEnds::kStop)
                               : FindStop(p, end, LineEnds::kStay);
  return internal::BackToText(p, stop);
}

#undef DKIMSPEC_AVX2

}  // namespace

RelaxedRunFinder EndOfRelaxedRunAvx2() {
  return __builtin_cpu_supports("avx2") != 0 ? Find : nullptr;
}

}  // namespace dkimspec

#else

namespace dkimspec {

RelaxedRunFinder EndOfRelaxedRunAvx2() { return nullptr; }

}  // namespace dkimspec

#endif
