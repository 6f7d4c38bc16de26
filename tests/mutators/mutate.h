// Applies mutators by name in tests.
#ifndef DKIMSPEC_TESTS_MUTATORS_MUTATE_H_
#define DKIMSPEC_TESTS_MUTATORS_MUTATE_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "mutators/mutator.h"

namespace dkimspec::mutators {

// Fails the test and returns nullopt if there is no such mutator or the
// parameters are refused.
std::optional<Damage> Mutate(std::string_view name, const Params& params,
                             std::string_view message, std::uint64_t seed = 1);

// A row of a table of exact octets. `after` absent: nothing to damage.
struct BytesCase {
  std::string_view says;
  std::string_view mutator;
  Params params;
  std::string before;
  std::optional<std::string> after;
};

inline void PrintTo(const BytesCase& row, std::ostream* out) {
  *out << row.mutator << ": " << row.says;
}

// Applies the row and holds the result against it.
void ExpectBytes(const BytesCase& row);

}  // namespace dkimspec::mutators

#endif  // DKIMSPEC_TESTS_MUTATORS_MUTATE_H_
