// Every short tag-list there is, read by the reference and by the oracle: RFC
// 6376 section 3.2.
#include "reference/tag_list.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "reference/canonicalization.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/text.h"

namespace dkimspec {
namespace {

using Visit = std::function<void(const std::string&)>;

// Calls `visit` with every concatenation of at most `left` of the pieces and
// returns how many there were.
std::size_t ForEach(const std::vector<std::string>& pieces, std::size_t left,
                    const Visit& visit, const std::string& prefix = "") {
  visit(prefix);
  std::size_t count = 1;
  if (left > 0) {
    for (const std::string& piece : pieces) {
      count += ForEach(pieces, left - 1, visit, prefix + piece);
    }
  }
  return count;
}

// "name=value;" for each tag, sorted by name; "refused" if there is an error.
// The values of the reference keep the folds that the oracle takes out first.
std::string AsReferenceReads(const std::string& text) {
  const auto list = ParseTagList(text);
  if (!list) {
    return "refused";
  }
  std::map<std::string, std::string> tags;
  for (const Tag& tag : list->tags) {
    tags[std::string(tag.name)] = oracle::Unfold(std::string(tag.value));
  }
  std::string read;
  for (const auto& [name, value] : tags) {
    read += name + "=" + value + ";";
  }
  return read;
}

std::string AsOracleReads(const std::string& text) {
  try {
    std::string read;
    for (const auto& [name, value] : oracle::ParseTags(text)) {
      read += name + "=" + value + ";";
    }
    return read;
  } catch (const oracle::Failure&) {
    return "refused";
  }
}

TEST(ExhaustiveTagList, EveryShortOne) {
  std::size_t wrong = 0;
  std::size_t valid = 0;
  const std::size_t count = ForEach(
      {"a", "b", "=", ";", " ", "\r\n "}, 7, [&](const std::string& text) {
        const std::string read = AsReferenceReads(text);
        valid += read != "refused" ? 1 : 0;
        if (read != AsOracleReads(text) && ++wrong <= 5) {
          ADD_FAILURE() << testing::PrintToString(text) << " is read as "
                        << read << ", by the oracle as " << AsOracleReads(text);
        }
      });
  EXPECT_EQ(count, 335923U);  // 6^0 + 6^1 + ... + 6^7.
  EXPECT_GT(valid, count / 50);
  EXPECT_EQ(wrong, 0U);
}

// Octets that are wrong alone, or in the wrong place.
TEST(ExhaustiveTagList, WithOddOctets) {
  std::size_t wrong = 0;
  const std::size_t count = ForEach(
      {"a", "1", "_", "=", ";", "\t", "\r", "\n", "\xC3\xA4", "\xE4"}, 5,
      [&](const std::string& text) {
        const std::string list = "x=" + text;
        if (AsReferenceReads(list) != AsOracleReads(list) && ++wrong <= 5) {
          ADD_FAILURE() << testing::PrintToString(list) << " is read as "
                        << AsReferenceReads(list) << ", by the oracle as "
                        << AsOracleReads(list);
        }
      });
  EXPECT_EQ(count, 111111U);
  EXPECT_EQ(wrong, 0U);
}

// White space between name and colon is obsolete, and canonicalized all the
// same (section 3.4.2).
TEST(ExhaustiveHeaderField, RunsBeforeTheColon) {
  const std::size_t count =
      ForEach({" ", "\t", "\r\n "}, 6, [](const std::string& run) {
        const std::string field = "Na" + run + ": v";
        for (const auto canonicalization :
             {Canonicalization::kSimple, Canonicalization::kRelaxed}) {
          EXPECT_EQ(CanonicalizeHeaderField(canonicalization, field),
                    oracle::CanonicalField(
                        canonicalization == Canonicalization::kRelaxed, field))
              << testing::PrintToString(field);
        }
      });
  EXPECT_EQ(count, 1093U);
}

}  // namespace
}  // namespace dkimspec
