// The verifier against OpenSSL alone, and a cold key against a warm one.
// Counters are ratios of processor time; see pair_timer.h.
#include <benchmark/benchmark.h>

#include <string>

#include "reference/key_cache.h"
#include "reference/key_source.h"
#include "reference/verifier.h"
#include "tests/bench/messages.h"
#include "tests/bench/openssl_floor.h"
#include "tests/bench/pair_timer.h"

namespace dkimspec::bench {
namespace {

constexpr double kMicroseconds = 1e6;

bool Passes(const std::string& message, KeySource& keys, KeyCache* cache) {
  return Verify(message, keys, {}, cache)[0].state == State::kSuccess;
}

// Part of OpenSSL's speed that a whole verification keeps; and of the speed of
// its own hashing and RSA operation.
void VerifyAgainstOpenSsl(benchmark::State& state, Style style) {
  const PrivateKey key = BenchKey();
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::string message = SignedMessage(style, size, key);
  OpenSslFloor floor(message, key);
  const Zone zone = ZoneOf(key);
  ZoneKeySource keys(zone);
  KeyCache cache;
  if (!floor.Run() || !floor.RunWithOurOperation() ||
      !Passes(message, keys, &cache)) {
    state.SkipWithError("the message does not verify");
    return;
  }
  const auto verify = [&] {
    benchmark::DoNotOptimize(Passes(message, keys, &cache));
  };
  PairTimer timer;
  PairTimer own;
  for (auto _ : state) {
    timer.Turn([&] { benchmark::DoNotOptimize(floor.Run()); }, verify);
    own.Turn([&] { benchmark::DoNotOptimize(floor.RunWithOurOperation()); },
             verify);
  }
  state.counters["openssl_us"] = timer.first() * kMicroseconds;
  state.counters["verify_us"] = timer.second() * kMicroseconds;
  state.counters["of_openssl"] = timer.ratio();
  state.counters["of_own_arithmetic"] = own.ratio();
}

BENCHMARK_CAPTURE(VerifyAgainstOpenSsl, prose, Style::kProse)
    ->Arg(5'000)
    ->Arg(100'000);
BENCHMARK_CAPTURE(VerifyAgainstOpenSsl, indented, Style::kIndented)
    ->Arg(5'000)
    ->Arg(100'000);

// What a key costs that was never met before.
void VerifyWithColdKey(benchmark::State& state) {
  const PrivateKey key = BenchKey();
  const std::string message = SignedMessage(
      Style::kProse, static_cast<std::size_t>(state.range(0)), key);
  const Zone zone = ZoneOf(key);
  ZoneKeySource keys(zone);
  KeyCache cache;
  PairTimer timer;
  for (auto _ : state) {
    timer.Turn(
        [&] { benchmark::DoNotOptimize(Passes(message, keys, nullptr)); },
        [&] { benchmark::DoNotOptimize(Passes(message, keys, &cache)); });
  }
  state.counters["cold_us"] = timer.first() * kMicroseconds;
  state.counters["warm_us"] = timer.second() * kMicroseconds;
  state.counters["cold_to_warm"] = timer.ratio();
}

BENCHMARK(VerifyWithColdKey)->Arg(5'000)->Arg(100'000);

}  // namespace
}  // namespace dkimspec::bench
