// What is left of a block does not depend on how fast it is found; and bodies
// with something to change in every line become what the oracle makes of them,
// however they are cut.
#include "reference/relaxed_block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "reference/canonicalization.h"
#include "tests/oracle/oracle.h"

namespace dkimspec {
namespace {

constexpr std::string_view kOctets = "x \t\r\n";

bool IsWspAt(std::string_view text, std::size_t i) {
  return text[i] == ' ' || text[i] == '\t';
}

// The rule of relaxed_block.h octet by octet, for all but the last two.
std::string Reduced(std::string_view text) {
  std::string reduced;
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (!IsWspAt(text, i)) {
      reduced += text[i];
    } else if (!IsWspAt(text, i + 1) && text.substr(i + 1, 2) != "\r\n") {
      reduced += ' ';
    }
  }
  return reduced;
}

// `text` is whole steps and two octets. Held in memory of exactly that size,
// and written to no more than is promised, so that sanitizers see what is
// touched beyond.
void ExpectReduced(const std::string& text) {
  const std::string input(text);
  const std::size_t size = input.size() - 2;
  std::string output(size + 8, '?');
  const char* const end =
      ReduceRelaxedAvx2()(input.data(), size, output.data());
  output.resize(static_cast<std::size_t>(end - output.data()));
  ASSERT_EQ(output, Reduced(input)) << testing::PrintToString(text);
}

class RelaxedBlock : public testing::Test {
 protected:
  void SetUp() override {
    if (ReduceRelaxedAvx2() == nullptr) {
      GTEST_SKIP() << "this processor has no AVX2";
    }
  }
};

// Every four octets in every place of a step and over its end: one more than
// decide over any.
TEST_F(RelaxedBlock, SeesEveryShortPatternEverywhere) {
  constexpr std::size_t kPatterns = 5 * 5 * 5 * 5;
  constexpr std::size_t kLength = 4;
  std::string text(2 * kRelaxedStep + 2, 'x');
  for (std::size_t pattern = 0; pattern < kPatterns; ++pattern) {
    for (std::size_t at = 0; at + kLength <= text.size(); ++at) {
      std::size_t rest = pattern;
      for (std::size_t i = 0; i < kLength; ++i, rest /= kOctets.size()) {
        text[at + i] = kOctets[rest % kOctets.size()];
      }
      ExpectReduced(text);
      text.replace(at, kLength, kLength, 'x');
    }
  }
}

// One octet in `rarity` may be of those that matter; the others are any.
std::string RandomText(std::mt19937& random, std::size_t length,
                       std::size_t rarity) {
  std::string text(length, 'x');
  for (char& c : text) {
    const auto draw = random();
    c = draw % rarity == 0 ? kOctets[(draw >> 8) % kOctets.size()]
                           : static_cast<char>(draw >> 8);
  }
  return text;
}

TEST_F(RelaxedBlock, SeesRandomTexts) {
  std::mt19937 random(3463);
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t steps = random() % 5 + 1;
    ExpectReduced(
        RandomText(random, steps * kRelaxedStep + 2, random() % 6 + 1));
  }
}

std::string Canonical(std::mt19937& random, std::string_view body) {
  std::string canonical;
  BodyCanonicalizer canonicalizer(
      Canonicalization::kRelaxed,
      [&](std::string_view piece) { canonical += piece; });
  while (!body.empty()) {
    const std::size_t size = std::min(body.size(), random() % 12'000 + 1);
    canonicalizer.Push(body.substr(0, size));
    body.remove_prefix(size);
  }
  canonicalizer.Finish();
  return canonical;
}

// Long enough for several blocks in a row, with long runs between, and line
// ends, white space and halves of a CRLF wherever a block may end.
TEST(DenseBodies, AreWhatTheOracleMakesOfThem) {
  std::mt19937 random(6376);
  for (int i = 0; i < 300; ++i) {
    std::string body;
    while (body.size() < 20'000) {
      const auto draw = random();
      if (draw % 64 == 0) {
        body.append(random() % 2'000, 'y');
      } else if (draw % 64 == 1) {
        body.append(random() % 300, kOctets[random() % kOctets.size()]);
      } else {
        body += RandomText(random, random() % 80, 7);
        body += draw % 4 == 0 ? " \t" : "";
        body += draw % 8 == 0 ? "" : "\r\n";
      }
    }
    ASSERT_EQ(Canonical(random, body), oracle::CanonicalBody(true, body))
        << "body " << i;
  }
}

// Only line ends and white space, more than a block of them, after text.
TEST(DenseBodies, EndWithTheirLastText) {
  std::mt19937 random(5839);
  for (const std::string_view unit : {"\r\n", " \r\n", "\t", "\r\n \t\r\n"}) {
    std::string body = "Is  dinner\tready? \r\n";
    while (body.size() < 30'000) {
      body += unit;
    }
    EXPECT_EQ(Canonical(random, body), "Is dinner ready?\r\n");
    EXPECT_EQ(Canonical(random, body + "x"),
              oracle::CanonicalBody(true, body + "x"));
  }
}

}  // namespace
}  // namespace dkimspec
