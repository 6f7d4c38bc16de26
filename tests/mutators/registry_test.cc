#include <gtest/gtest.h>

#include <algorithm>

#include "mutators/mutator.h"
#include "tests/mutators/mutate.h"

namespace dkimspec::mutators {
namespace {

TEST(Registry, IsSortedAndFull) {
  const auto all = AllMutators();
  EXPECT_GE(all.size(), 14u);
  EXPECT_TRUE(std::is_sorted(
      all.begin(), all.end(), [](const Mutator& a, const Mutator& b) {
        return a.name <= b.name;  // <= finds equal names as well.
      }));
  EXPECT_EQ(FindMutator("no-such-mutator"), nullptr);
}

TEST(Registry, RowsAreComplete) {
  for (const Mutator& mutator : AllMutators()) {
    SCOPED_TRACE(mutator.name);
    EXPECT_EQ(FindMutator(mutator.name), &mutator);
    EXPECT_TRUE(mutator.summary.ends_with('.'));
    EXPECT_FALSE(mutator.seen_in.empty());
    EXPECT_NE(mutator.apply, nullptr);
    EXPECT_TRUE(CheckParams(mutator, {}, "fallbacks"));
  }
}

TEST(Registry, NothingIsDamagedInNothing) {
  for (const Mutator& mutator : AllMutators()) {
    EXPECT_FALSE(Mutate(mutator.name, {}, "")) << mutator.name;
  }
}

}  // namespace
}  // namespace dkimspec::mutators
