// Sixty-four octets at a time and without a branch that depends on them: masks
// say which go, and a table says how to shift the rest together.
#include "reference/relaxed_block.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#include <array>
#include <bit>
#include <cstdint>

#include "reference/base/ascii.h"

namespace dkimspec {
namespace {

#define DKIMSPEC_AVX2 \
  __attribute__((target("avx2,popcnt"), always_inline)) inline

// For each set of octets kept out of eight, where each is taken from. What
// follows them is written over.
constexpr auto kShifts = [] {
  std::array<std::array<std::uint8_t, 8>, 256> shifts{};
  for (unsigned kept = 0; kept < shifts.size(); ++kept) {
    std::size_t count = 0;
    for (std::uint8_t i = 0; i < 8; ++i) {
      if ((kept >> i & 1U) != 0) {
        shifts[kept][count++] = i;
      }
    }
  }
  return shifts;
}();

DKIMSPEC_AVX2 __m256i Load(const char* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}

// Thirty-two octets and which of them are what.
struct Half {
  __m256i octets;
  __m256i tab;
  __m256i wsp;
  __m256i cr;
  __m256i lf;
};

DKIMSPEC_AVX2 __m256i Equal(__m256i octets, char c) {
  return _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(c));
}

DKIMSPEC_AVX2 Half Look(const char* p) {
  const __m256i octets = Load(p);
  const __m256i tab = Equal(octets, '\t');
  return {octets, tab, _mm256_or_si256(tab, Equal(octets, ' ')),
          Equal(octets, '\r'), Equal(octets, '\n')};
}

DKIMSPEC_AVX2 std::uint64_t Bits(__m256i octets) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(octets));
}

DKIMSPEC_AVX2 std::uint64_t Mask(__m256i low, __m256i high) {
  return Bits(low) | Bits(high) << 32;
}

// `mask` as seen from one octet before; `last` is for the octet after it.
DKIMSPEC_AVX2 std::uint64_t Next(std::uint64_t mask, bool last) {
  return mask >> 1 | static_cast<std::uint64_t>(last) << 63;
}

// WSP goes before WSP and before CRLF.
DKIMSPEC_AVX2 std::uint64_t Kept(const Half& low, const Half& high,
                                 const char* after) {
  const std::uint64_t wsp = Mask(low.wsp, high.wsp);
  const std::uint64_t crlf =
      Mask(low.cr, high.cr) & Next(Mask(low.lf, high.lf), after[0] == '\n');
  return ~(wsp & (Next(wsp, IsWsp(after[0])) |
                  Next(crlf, after[0] == '\r' && after[1] == '\n')));
}

DKIMSPEC_AVX2 char* CopyEight(__m128i octets, std::uint64_t kept, char* out) {
  const auto set = static_cast<std::uint8_t>(kept);
  const __m128i shift =
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kShifts[set].data()));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out),
                   _mm_shuffle_epi8(octets, shift));
  return out + std::popcount(set);
}

DKIMSPEC_AVX2 char* CopyHalf(const Half& half, std::uint64_t kept, char* out) {
  const __m256i text =
      _mm256_blendv_epi8(half.octets, _mm256_set1_epi8(' '), half.tab);
  const __m128i low = _mm256_castsi256_si128(text);
  const __m128i high = _mm256_extracti128_si256(text, 1);
  out = CopyEight(low, kept, out);
  out = CopyEight(_mm_srli_si128(low, 8), kept >> 8, out);
  out = CopyEight(high, kept >> 16, out);
  return CopyEight(_mm_srli_si128(high, 8), kept >> 24, out);
}

__attribute__((target("avx2,popcnt"))) char* Reduce(const char* text,
                                                    std::size_t size,
                                                    char* out) {
  for (const char* const end = text + size; text != end; text += kRelaxedStep) {
    const Half low = Look(text);
    const Half high = Look(text + kRelaxedStep / 2);
    const std::uint64_t kept = Kept(low, high, text + kRelaxedStep);
    out = CopyHalf(low, kept, out);
    out = CopyHalf(high, kept >> 32, out);
  }
  return out;
}

#undef DKIMSPEC_AVX2

}  // namespace

RelaxedReducer ReduceRelaxedAvx2() {
  return __builtin_cpu_supports("avx2") != 0 &&
                 __builtin_cpu_supports("popcnt") != 0
             ? Reduce
             : nullptr;
}

}  // namespace dkimspec

#else

namespace dkimspec {

RelaxedReducer ReduceRelaxedAvx2() { return nullptr; }

}  // namespace dkimspec

#endif
