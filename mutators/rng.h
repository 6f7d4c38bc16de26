// A small seeded generator whose numbers are the same on every machine.
#ifndef DKIMSPEC_MUTATORS_RNG_H_
#define DKIMSPEC_MUTATORS_RNG_H_

#include <cstdint>

namespace dkimspec::mutators {

// SplitMix64. Standard distributions differ between libraries, so there are
// none here.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // Below `bound`, which is not 0. The bias is below 2^-32 for small bounds.
  std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }

 private:
  std::uint64_t state_;
};

}  // namespace dkimspec::mutators

#endif  // DKIMSPEC_MUTATORS_RNG_H_
