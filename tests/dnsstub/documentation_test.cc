// docs/dns-faults.md and the table say the same.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "dnsstub/fault.h"

namespace dkimspec::dnsstub {
namespace {

std::string_view Word(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswer:
      return "answer";
    case Outcome::kNoRecord:
      return "no record";
    case Outcome::kTemporary:
      break;
  }
  return "temporary";
}

std::string Row(const Fault& fault) {
  std::ostringstream row;
  row << "| `" << fault.name << "` | "
      << (fault.survives_recursor ? "core" : "wire") << " | "
      << Word(fault.outcome) << " | " << (fault.needs_txt ? "yes" : "") << " | "
      << (fault.slow ? "yes" : "") << " | " << fault.wire << " |";
  return row.str();
}

TEST(DocumentationTest, TheFaultPageListsTheTable) {
  std::ifstream page(DKIMSPEC_FAULTS_PAGE);
  ASSERT_TRUE(page) << DKIMSPEC_FAULTS_PAGE;
  std::multiset<std::string> rows;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| `")) {
      rows.insert(line);
    }
  }
  for (const Fault& fault : AllFaults()) {
    EXPECT_EQ(rows.count(Row(fault)), 1u)
        << "docs/dns-faults.md lacks this line:\n"
        << Row(fault);
    rows.erase(Row(fault));
  }
  EXPECT_TRUE(rows.empty()) << "not in the table: " << *rows.begin();
}

}  // namespace
}  // namespace dkimspec::dnsstub
