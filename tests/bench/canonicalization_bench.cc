// Octets a second of body canonicalization, the result thrown away: the finder
// of relaxed runs by itself, and the canonicalizer around it.
#include <benchmark/benchmark.h>

#include <string>

#include "reference/canonicalization.h"
#include "reference/relaxed_run.h"
#include "tests/bench/messages.h"

namespace dkimspec::bench {
namespace {

constexpr std::size_t kSize = 100'000;

void CountOctets(benchmark::State& state, std::size_t octets) {
  state.SetBytesProcessed(static_cast<std::int64_t>(
      state.iterations() * static_cast<benchmark::IterationCount>(octets)));
}

void CanonicalizeBody(benchmark::State& state,
                      Canonicalization canonicalization, Style style) {
  const std::string body = Body(style, kSize);
  for (auto _ : state) {
    std::size_t length = 0;
    BodyCanonicalizer canonicalizer(
        canonicalization,
        [&](std::string_view octets) { length += octets.size(); });
    canonicalizer.Push(body);
    canonicalizer.Finish();
    benchmark::DoNotOptimize(length);
  }
  CountOctets(state, body.size());
}

void FindRuns(benchmark::State& state, RelaxedRunFinder finder, Style style) {
  if (finder == nullptr) {
    state.SkipWithError("this processor has no AVX2");
    return;
  }
  const std::string body = Body(style, kSize);
  const char* const end = body.data() + body.size();
  for (auto _ : state) {
    for (const char* p = body.data(); p < end; ++p) {
      p = finder(p, end, LineEnds::kStay);
    }
    benchmark::ClobberMemory();
  }
  CountOctets(state, body.size());
}

BENCHMARK_CAPTURE(CanonicalizeBody, relaxed_prose, Canonicalization::kRelaxed,
                  Style::kProse);
BENCHMARK_CAPTURE(CanonicalizeBody, relaxed_indented,
                  Canonicalization::kRelaxed, Style::kIndented);
BENCHMARK_CAPTURE(CanonicalizeBody, simple_prose, Canonicalization::kSimple,
                  Style::kProse);
BENCHMARK_CAPTURE(FindRuns, avx2_prose, EndOfRelaxedRunAvx2(), Style::kProse);
BENCHMARK_CAPTURE(FindRuns, avx2_indented, EndOfRelaxedRunAvx2(),
                  Style::kIndented);
BENCHMARK_CAPTURE(FindRuns, portable_prose, EndOfRelaxedRunPortable,
                  Style::kProse);
BENCHMARK_CAPTURE(FindRuns, portable_indented, EndOfRelaxedRunPortable,
                  Style::kIndented);

}  // namespace
}  // namespace dkimspec::bench
