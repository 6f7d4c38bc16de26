// The ways to find a relaxed run are equal, wherever in memory and in the text
// the octets stand; and what the canonicalizer makes of long bodies, where the
// wide one is at work, is what the oracle makes of them.
#include "reference/relaxed_run.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "reference/canonicalization.h"
#include "tests/oracle/oracle.h"

namespace dkimspec {
namespace {

constexpr std::string_view kOctets = "x \t\r\n";

// The rule of relaxed_run.h octet by octet, for a text that begins with text.
std::size_t RunLength(std::string_view text, LineEnds line_ends) {
  const auto is_text = [](char c) {
    return c != ' ' && c != '\t' && c != '\r';
  };
  std::size_t length = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_text(text[i])) {
      length = ++i;
    } else if (text[i] == ' ' && i + 1 < text.size() && is_text(text[i + 1])) {
      ++i;
    } else if (line_ends == LineEnds::kStay &&
               text.substr(i).starts_with("\r\n")) {
      // Taken as one: its LF is text only after some other octet.
      i += 2;
    } else {
      break;
    }
  }
  return length;
}

void ExpectSame(std::string_view text, RelaxedRunFinder finder) {
  for (const LineEnds line_ends : {LineEnds::kStay, LineEnds::kStop}) {
    const char* const end = text.data() + text.size();
    const char* const found = finder(text.data(), end, line_ends);
    ASSERT_EQ(static_cast<std::size_t>(found - text.data()),
              RunLength(text, line_ends))
        << testing::PrintToString(std::string(text));
  }
}

class RelaxedRun : public testing::TestWithParam<RelaxedRunFinder> {
 protected:
  void SetUp() override {
    if (GetParam() == nullptr) {
      GTEST_SKIP() << "this processor has no AVX2";
    }
  }
};

// Every five octets in every place around the borders of 32 and 64, before ends
// of every distance.
TEST_P(RelaxedRun, SeesEveryShortPatternEverywhere) {
  constexpr std::size_t kPatterns = 5 * 5 * 5 * 5 * 5;
  constexpr std::size_t kLength = 5;
  std::string text(140, 'x');
  for (std::size_t pattern = 0; pattern < kPatterns; ++pattern) {
    for (std::size_t at = 1; at + kLength < text.size(); at += 3) {
      std::size_t rest = pattern;
      for (std::size_t i = 0; i < kLength; ++i, rest /= kOctets.size()) {
        text[at + i] = kOctets[rest % kOctets.size()];
      }
      ExpectSame(text, GetParam());
      ExpectSame(std::string_view(text).substr(0, at + kLength), GetParam());
      text.replace(at, kLength, kLength, 'x');
    }
  }
}

// Of all octets, mostly text so that runs are long, at every alignment.
std::string RandomText(std::mt19937& random, std::size_t length) {
  std::string text(length, 'x');
  for (char& c : text) {
    const auto draw = random();
    if (draw % 16 == 0) {
      c = kOctets[(draw >> 8) % kOctets.size()];
    } else if (draw % 16 < 4) {
      c = static_cast<char>(draw >> 8);
    }
  }
  return text;
}

TEST_P(RelaxedRun, SeesRandomTextsAtEveryAlignment) {
  std::mt19937 random(6376);
  for (int i = 0; i < 50'000; ++i) {
    std::string text = RandomText(random, random() % 300 + 65);
    const std::size_t offset = random() % 64;
    text[offset] = 'x';
    ExpectSame(std::string_view(text).substr(offset), GetParam());
  }
}

std::string NameOf(const testing::TestParamInfo<RelaxedRunFinder>& instance) {
  constexpr const char* kNames[] = {"Portable", "Avx2", "Chosen"};
  return kNames[instance.index];
}

INSTANTIATE_TEST_SUITE_P(Finders, RelaxedRun,
                         testing::Values(EndOfRelaxedRunPortable,
                                         EndOfRelaxedRunAvx2(),
                                         EndOfRelaxedRun),
                         NameOf);

// Long lines, short lines and ends of every kind, in pieces of any size.
TEST(LongBodies, AreWhatTheOracleMakesOfThem) {
  std::mt19937 random(5839);
  for (int i = 0; i < 5'000; ++i) {
    std::string body;
    while (random() % 12 != 0) {
      body += RandomText(random, random() % 120);
      body += random() % 4 == 0 ? " \t" : "";
      body += random() % 8 == 0 ? "" : "\r\n";
    }
    std::string canonical;
    BodyCanonicalizer canonicalizer(
        Canonicalization::kRelaxed,
        [&](std::string_view piece) { canonical += piece; });
    for (std::size_t at = 0, size = 0; at < body.size(); at += size) {
      size = random() % 200;
      canonicalizer.Push(std::string_view(body).substr(at, size));
    }
    canonicalizer.Finish();
    ASSERT_EQ(canonical, oracle::CanonicalBody(true, body))
        << testing::PrintToString(body);
  }
}

}  // namespace
}  // namespace dkimspec
