#include "mutators/describe.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "reference/base/file.h"

namespace dkimspec::mutators {
namespace {

constexpr char kPage[] = DKIMSPEC_SOURCE_DIR "/docs/mutators.md";

// With DKIMSPEC_REBASE=1 the page is written instead.
TEST(Describe, ThePageIsUpToDate) {
  const char* rebase = std::getenv("DKIMSPEC_REBASE");
  if (rebase != nullptr && std::string(rebase) == "1") {
    ASSERT_TRUE(WriteFileAtomically(kPage, DescribeMutators()));
  }
  const Expected<std::string> page = ReadFile(kPage);
  ASSERT_TRUE(page) << page.error().ToString();
  EXPECT_TRUE(*page == DescribeMutators())
      << "docs/mutators.md differs from the table in mutators/registry.cc; to "
         "write it again, run this test with DKIMSPEC_REBASE=1";
}

}  // namespace
}  // namespace dkimspec::mutators
