// Every short body and header field there is, canonicalized by the reference
// and by the oracle, which share no code: RFC 6376 section 3.4.
#include "reference/canonicalization.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/oracle/oracle.h"

namespace dkimspec {
namespace {

constexpr std::size_t kMaxLength = 8;

// Calls `visit` with every concatenation of at most kMaxLength of the pieces
// and returns how many there were.
std::size_t ForEach(const std::vector<std::string>& pieces,
                    const std::function<void(const std::string&)>& visit,
                    const std::string& prefix = "", std::size_t depth = 0) {
  visit(prefix);
  std::size_t count = 1;
  if (depth < kMaxLength) {
    for (const std::string& piece : pieces) {
      count += ForEach(pieces, visit, prefix + piece, depth + 1);
    }
  }
  return count;
}

constexpr std::size_t kAll = 488281;  // 5^0 + 5^1 + ... + 5^8.

std::string InTwoPieces(Canonicalization canonicalization,
                        std::string_view body, std::size_t cut) {
  std::string canonical;
  BodyCanonicalizer canonicalizer(
      canonicalization, [&](std::string_view piece) { canonical += piece; });
  canonicalizer.Push(body.substr(0, cut));
  canonicalizer.Push(body.substr(cut));
  canonicalizer.Finish();
  return canonical;
}

std::string OctetByOctet(Canonicalization canonicalization,
                         std::string_view body) {
  std::string canonical;
  BodyCanonicalizer canonicalizer(
      canonicalization, [&](std::string_view piece) { canonical += piece; });
  for (const char& octet : body) {
    canonicalizer.Push(std::string_view(&octet, 1));
  }
  canonicalizer.Finish();
  return canonical;
}

class Exhaustive : public testing::TestWithParam<Canonicalization> {
 protected:
  bool relaxed() const { return GetParam() == Canonicalization::kRelaxed; }
};

TEST_P(Exhaustive, EveryShortBodyHowEverItIsCut) {
  const std::vector<std::string> octets = {"x", " ", "\t", "\r", "\n"};
  std::size_t wrong = 0;
  const std::size_t count = ForEach(octets, [&](const std::string& body) {
    const std::string expected = oracle::CanonicalBody(relaxed(), body);
    bool right = OctetByOctet(GetParam(), body) == expected;
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
      right = right && InTwoPieces(GetParam(), body, cut) == expected;
    }
    if (!right && ++wrong <= 5) {
      ADD_FAILURE() << testing::PrintToString(body) << " became "
                    << testing::PrintToString(
                           CanonicalizeBody(GetParam(), body))
                    << ", expected " << testing::PrintToString(expected);
    }
  });
  EXPECT_EQ(count, kAll);
  EXPECT_EQ(wrong, 0u);
}

TEST_P(Exhaustive, EveryShortHeaderField) {
  const std::vector<std::string> pieces = {"x", ":", " ", "\t", "\r\n"};
  std::size_t wrong = 0;
  const std::size_t count = ForEach(pieces, [&](const std::string& text) {
    const std::string field = "N:" + text;
    const std::string expected = oracle::CanonicalField(relaxed(), field);
    const std::string canonical = CanonicalizeHeaderField(GetParam(), field);
    if (canonical != expected && ++wrong <= 5) {
      ADD_FAILURE() << testing::PrintToString(field) << " became "
                    << testing::PrintToString(canonical) << ", expected "
                    << testing::PrintToString(expected);
    }
  });
  EXPECT_EQ(count, kAll);
  EXPECT_EQ(wrong, 0u);
}

INSTANTIATE_TEST_SUITE_P(Canonicalizations, Exhaustive,
                         testing::Values(Canonicalization::kSimple,
                                         Canonicalization::kRelaxed),
                         [](const auto& instance) {
                           return std::string(ToString(instance.param));
                         });

}  // namespace
}  // namespace dkimspec
