#include "tests/mutators/mutate.h"

#include <gtest/gtest.h>

namespace dkimspec::mutators {

std::optional<Damage> Mutate(std::string_view name, const Params& params,
                             std::string_view message, std::uint64_t seed) {
  const Mutator* mutator = FindMutator(name);
  if (mutator == nullptr) {
    ADD_FAILURE() << "no mutator " << name;
    return std::nullopt;
  }
  const Expected<Params> checked = CheckParams(*mutator, params, "test");
  if (!checked) {
    ADD_FAILURE() << checked.error().ToString();
    return std::nullopt;
  }
  Rng rng(seed);
  return mutator->apply(ParseMessage(message), *checked, rng);
}

void ExpectBytes(const BytesCase& row) {
  SCOPED_TRACE(testing::PrintToString(row));
  const std::optional<Damage> damage =
      Mutate(row.mutator, row.params, row.before);
  ASSERT_EQ(damage.has_value(), row.after.has_value());
  if (!damage) {
    return;
  }
  EXPECT_EQ(damage->message, *row.after);
  const MessageView before = ParseMessage(row.before);
  const MessageView after = ParseMessage(damage->message);
  EXPECT_EQ(damage->touched_body, before.body != after.body);
  EXPECT_EQ(!damage->touched_fields.empty(), before.header != after.header);
}

}  // namespace dkimspec::mutators
