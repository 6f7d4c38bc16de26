#include "reference/canonicalization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>
#include <string_view>
#include <vector>

#include "reference/base/base64.h"

namespace dkimspec {
namespace {

using std::string_view_literals::operator""sv;

std::string Sha256InBase64(std::string_view octets) {
  unsigned char digest[32];
  unsigned int size = 0;
  EVP_Digest(octets.data(), octets.size(), digest, &size, EVP_sha256(),
             nullptr);
  return Base64Encode({reinterpret_cast<const char*>(digest), size});
}

// RFC 6376 sections 3.4.3 and 3.4.4: each body in both algorithms, with the
// value of bh= that belongs to it.
struct BodyRow {
  std::string_view body;
  std::string_view simple;
  std::string_view simple_sha256;
  std::string_view relaxed;
  std::string_view relaxed_sha256;
};

// clang-format off
constexpr BodyRow kBodies[] = {
    {"", "\r\n", "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=", "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {"\r\n", "\r\n", "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=", "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {"\r\n\r\n\r\n", "\r\n", "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=", "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {" \r\n", " \r\n", "a99mtb8qROZYvqLuhmlasVCgbmAL9nzVzOJFrVSWLGE=", "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {" \t\r\n\t\r\n", " \t\r\n\t\r\n", "U65BhcCnChkMycXzlEtiQqgfcL79bvuPuML3G0cpoqw=", "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {"  ", "  \r\n", "kiExZrYGcSsjjbKRQOqqyHvid7aTsCAia9W8eEeIONU=", "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
    {"a", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0=", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="},
    {"a\r\n", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0=", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="},
    {"a\r\n\r\n\r\n", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0=", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="},
    {"a \r\n", "a \r\n", "iF+lxctfgP20FPGz4LlMSxNm2xzoPoI1jEy2faKrc+Q=", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="},
    {"a\t\r\n \r\n", "a\t\r\n \r\n", "b2pf/t+OcQt0rLDF6bH6PaEnwzx9s2a4jZSCWyQT3+w=", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="},
    {"a \t b\r\n", "a \t b\r\n", "OV1/b8lRC7eCp1Wp317UXbcPeiFcLSogGo8PpNm3HlY=", "a b\r\n", "SuEZjyiTjUp1XHpGpmLw9XKayjy3FMrk431guExO6cw="},
    {" a\r\n", " a\r\n", "+XtPzaPbbZ5SxJybKNm0w8KWahR3VLbbOmDeeofaSbk=", " a\r\n", "+XtPzaPbbZ5SxJybKNm0w8KWahR3VLbbOmDeeofaSbk="},
    {"\ta\r\n", "\ta\r\n", "8vgV/pay+tyckWAT/oy9pUSGVzefr12RgMNKG7OR7L0=", " a\r\n", "+XtPzaPbbZ5SxJybKNm0w8KWahR3VLbbOmDeeofaSbk="},
    {"   a\r\n", "   a\r\n", "8XZU/pBjxHGJTmUXfCpDLwPXlfj+GJpi9NSIECYYwhk=", " a\r\n", "+XtPzaPbbZ5SxJybKNm0w8KWahR3VLbbOmDeeofaSbk="},
    {"a ", "a \r\n", "iF+lxctfgP20FPGz4LlMSxNm2xzoPoI1jEy2faKrc+Q=", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="},
    {"a\r\n ", "a\r\n \r\n", "ZO3D7rdoCJvvsca7ByQ7rWtdZIR/wo1wyF+eBMjazgQ=", "a\r\n", "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="},
    {"a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n", "zCIZgM59A4jZIcXrGIzhpoD2WhSv0BLiYnkKxFCegn8=", "a\r\n\r\nb\r\n", "zCIZgM59A4jZIcXrGIzhpoD2WhSv0BLiYnkKxFCegn8="},
    {"\r\na\r\n", "\r\na\r\n", "rtvXwfsWayOyDkkGziU2PZl7Kvy9Vio9qMCoQxoGcYc=", "\r\na\r\n", "rtvXwfsWayOyDkkGziU2PZl7Kvy9Vio9qMCoQxoGcYc="},
    {" \r\na\r\n", " \r\na\r\n", "qqAuWjr/QuUZSa34vLasr9lPYWPbOlHrDFzfkX/Gi4w=", "\r\na\r\n", "rtvXwfsWayOyDkkGziU2PZl7Kvy9Vio9qMCoQxoGcYc="},
    {"a\n", "a\n\r\n", "ERJrDJg6VINPbFH2LSZQUOSBsU8oMSyMh5uZRUm6lVo=", "a\n\r\n", "ERJrDJg6VINPbFH2LSZQUOSBsU8oMSyMh5uZRUm6lVo="},
    {"a\nb\r\n", "a\nb\r\n", "CZCOWXbvVqHUlpngJvaSXBQ16goH5zAC0PHlq+eOhjQ=", "a\nb\r\n", "CZCOWXbvVqHUlpngJvaSXBQ16goH5zAC0PHlq+eOhjQ="},
    {"a \nb\r\n", "a \nb\r\n", "8PO8rrsw26LPThBUg/Viy1SSdMSxIJ41nV+HuOLmt4M=", "a \nb\r\n", "8PO8rrsw26LPThBUg/Viy1SSdMSxIJ41nV+HuOLmt4M="},
    {"a\rb\r\n", "a\rb\r\n", "LyKRrVaOri6zT8fJNyWWbX0dJvvNQVCly5aCYrYNasE=", "a\rb\r\n", "LyKRrVaOri6zT8fJNyWWbX0dJvvNQVCly5aCYrYNasE="},
    {"a \rb\r\n", "a \rb\r\n", "J8+Sl5OmW+swo0JmpzXquyUWwvboSqyXtt6LiX89sSs=", "a \rb\r\n", "J8+Sl5OmW+swo0JmpzXquyUWwvboSqyXtt6LiX89sSs="},
    {"a\r\r\n", "a\r\r\n", "mwPeYrgux0+KQmbIfBf9AZEK0RF5OSvfLSvZgGdx73g=", "a\r\r\n", "mwPeYrgux0+KQmbIfBf9AZEK0RF5OSvfLSvZgGdx73g="},
    {"a\r", "a\r\r\n", "mwPeYrgux0+KQmbIfBf9AZEK0RF5OSvfLSvZgGdx73g=", "a\r\r\n", "mwPeYrgux0+KQmbIfBf9AZEK0RF5OSvfLSvZgGdx73g="},
    {"a\x0b\r\n", "a\x0b\r\n", "CKrQG3t+GnOVci6mbHVdrrY6feLYVEFF9bTj0xjoqiI=", "a\x0b\r\n", "CKrQG3t+GnOVci6mbHVdrrY6feLYVEFF9bTj0xjoqiI="},
    {"a\xa0\r\n", "a\xa0\r\n", "xBdXyWqLVW5qnX8mfhCz7TnOP9Gv/0U/13ePS/hw5sQ=", "a\xa0\r\n", "xBdXyWqLVW5qnX8mfhCz7TnOP9Gv/0U/13ePS/hw5sQ="},
    {"a\x00 \r\n"sv, "a\x00 \r\n"sv, "eE7txNqsw8EUFLVvrYa3rD7Aim7v7KP46J42aLhqudU=", "a\x00\r\n"sv, "ywHB9RaNLhGzYa+nxJu1CFC5QD+QeXAC+Q2Rldowcbw="},
    {".\r\n..\r\n", ".\r\n..\r\n", "Zfnjjww6CrHRbAX/Zg+EOrnnHjDZlYodI6qa+BSEzWQ=", ".\r\n..\r\n", "Zfnjjww6CrHRbAX/Zg+EOrnnHjDZlYodI6qa+BSEzWQ="},
    {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", "NOeivbQlDH9TmNKJUw7D53wZfsk8YMZ/hTuVVwTgi8s=", " C\r\nD E\r\n", "unak6JHq0wL+Q1HP7dW1tjBx9FLA6DffoZ0qrLwbbpo="},
};
// clang-format on

class BodyTable : public ::testing::TestWithParam<BodyRow> {};

TEST_P(BodyTable, CanonicalOctetsAndTheirHash) {
  const BodyRow& row = GetParam();
  const std::string simple =
      CanonicalizeBody(Canonicalization::kSimple, row.body);
  EXPECT_EQ(simple, row.simple);
  EXPECT_EQ(Sha256InBase64(simple), row.simple_sha256);
  const std::string relaxed =
      CanonicalizeBody(Canonicalization::kRelaxed, row.body);
  EXPECT_EQ(relaxed, row.relaxed);
  EXPECT_EQ(Sha256InBase64(relaxed), row.relaxed_sha256);
}

INSTANTIATE_TEST_SUITE_P(Rows, BodyTable, ::testing::ValuesIn(kBodies));

TEST(BodyTable, HasAllRows) { EXPECT_EQ(std::size(kBodies), 32u); }

// RFC 6376 sections 3.4.1 and 3.4.2: simple changes nothing.
struct FieldRow {
  std::string_view field;
  std::string_view relaxed;
};

// clang-format off
constexpr FieldRow kFields[] = {
    {"Subject: AbC\r\n", "subject:AbC\r\n"},
    {"SUBJect: AbC\r\n", "subject:AbC\r\n"},
    {"SUBJect:AbC\r\n", "subject:AbC\r\n"},
    {"Subject \t:  AbC\r\n", "subject:AbC\r\n"},
    {"Subject: AbC \t\r\n", "subject:AbC\r\n"},
    {"Subject: A\r\n bC\r\n", "subject:A bC\r\n"},
    {"Subject: A \t\r\n\t bC\r\n", "subject:A bC\r\n"},
    {"Subject:\r\n AbC\r\n", "subject:AbC\r\n"},
    {"Subject: AbC\r\n \t\r\n", "subject:AbC\r\n"},
    {"Subject:\r\n", "subject:\r\n"},
    {"Subject: \t \r\n", "subject:\r\n"},
    {"Subject: a : b\r\n", "subject:a : b\r\n"},
    {"Subject: a\t\tb  c\r\n", "subject:a b c\r\n"},
    {"Subject: a\x0b\r\n", "subject:a\x0b\r\n"},
    {"Subject: a\xa0 \r\n", "subject:a\xa0\r\n"},
    {"Subject: h\xc3\xa9 \r\n", "subject:h\xc3\xa9\r\n"},
    {"B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
    {"Subject\r\n : AbC\r\n", "subject:AbC\r\n"},
    {"Subject: a\r\n \r\n\tb\r\n", "subject:a b\r\n"},
    {"Subject: a \r b \n c\r\n", "subject:a \r b \n c\r\n"},
    {"no colon  here\r\n", "no colon here\r\n"},
    {"\xc3\x89-X: y\r\n", "\xc3\x89-x:y\r\n"},
};
// clang-format on

TEST(CanonicalizeHeaderField, Table) {
  for (const FieldRow& row : kFields) {
    SCOPED_TRACE(row.field);
    EXPECT_EQ(CanonicalizeHeaderField(Canonicalization::kSimple, row.field),
              row.field);
    EXPECT_EQ(CanonicalizeHeaderField(Canonicalization::kRelaxed, row.field),
              row.relaxed);
  }
}

TEST(CanonicalizeHeaderField, AddsAMissingFinalCrlf) {
  EXPECT_EQ(CanonicalizeHeaderField(Canonicalization::kSimple, "A: b "),
            "A: b \r\n");
  EXPECT_EQ(CanonicalizeHeaderField(Canonicalization::kRelaxed, "A: b "),
            "a:b\r\n");
}

std::string CanonicalizeInPieces(Canonicalization canonicalization,
                                 const std::vector<std::string_view>& pieces) {
  std::string canonical;
  BodyCanonicalizer canonicalizer(
      canonicalization, [&](std::string_view octets) { canonical += octets; });
  for (const std::string_view piece : pieces) {
    // A copy that ends where the piece ends shows reads beyond it.
    const std::vector<char> copy(piece.begin(), piece.end());
    canonicalizer.Push({copy.data(), copy.size()});
  }
  canonicalizer.Finish();
  return canonical;
}

// Written from the text of RFC 6376 sections 3.4.3 and 3.4.4, line by line, as
// slowly as it reads there.
std::string Plain(Canonicalization canonicalization, std::string body) {
  std::vector<std::string> lines;
  for (std::size_t end = 0; (end = body.find("\r\n")) != std::string::npos;) {
    lines.push_back(body.substr(0, end));
    body.erase(0, end + 2);
  }
  if (!body.empty()) {
    lines.push_back(body);
  }
  const bool relaxed = canonicalization == Canonicalization::kRelaxed;
  for (std::string& line : lines) {
    std::string reduced;
    for (const char c : line) {
      const bool wsp = relaxed && (c == ' ' || c == '\t');
      if (!wsp || !reduced.ends_with(' ')) {
        reduced += wsp ? ' ' : c;
      }
    }
    if (relaxed && reduced.ends_with(' ')) {
      reduced.pop_back();
    }
    line = reduced;
  }
  while (!lines.empty() && lines.back().empty()) {
    lines.pop_back();
  }
  std::string canonical;
  for (const std::string& line : lines) {
    canonical += line + "\r\n";
  }
  return canonical.empty() && !relaxed ? "\r\n" : canonical;
}

// Calls `visit` with every text of `length` letters of `alphabet`.
template <typename Visit>
void ForEachText(std::string_view alphabet, std::size_t length, Visit visit) {
  std::vector<std::size_t> digits(length, 0);
  while (true) {
    std::string text;
    for (const std::size_t digit : digits) {
      text += alphabet[digit];
    }
    visit(text);
    std::size_t i = 0;
    while (i < length && ++digits[i] == alphabet.size()) {
      digits[i++] = 0;
    }
    if (i == length) {
      return;
    }
  }
}

// Cuts `body` after octet i wherever bit i of `cuts` is set.
std::vector<std::string_view> Cut(std::string_view body, unsigned cuts) {
  std::vector<std::string_view> pieces = {""};
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= body.size(); ++i) {
    if (i == body.size() || (cuts >> (i - 1) & 1) != 0) {
      pieces.push_back(body.substr(begin, i - begin));
      begin = i;
    }
  }
  return pieces;
}

class EveryShortBody : public ::testing::TestWithParam<Canonicalization> {};

TEST_P(EveryShortBody, InAllPiecesIsAsThePlainReadingSays) {
  std::size_t count = 0;
  for (std::size_t length = 0; length <= 5; ++length) {
    ForEachText("x \t\r\n", length, [&](const std::string& body) {
      const std::string expected = Plain(GetParam(), body);
      const unsigned cuttings = length == 0 ? 1 : 1u << (length - 1);
      for (unsigned cuts = 0; cuts < cuttings; ++cuts) {
        ASSERT_EQ(CanonicalizeInPieces(GetParam(), Cut(body, cuts)), expected)
            << ::testing::PrintToString(body) << " cut at bits " << cuts;
        ++count;
      }
    });
  }
  EXPECT_EQ(count, 1u + 5 + 25 * 2 + 125 * 4 + 625 * 8 + 3125 * 16);
}

INSTANTIATE_TEST_SUITE_P(Both, EveryShortBody,
                         ::testing::Values(Canonicalization::kSimple,
                                           Canonicalization::kRelaxed));

// Long runs of text are taken several octets at a time: what is special must be
// seen at every distance from where such a run begins.
TEST_P(EveryShortBody, InLongTextIsSeenAtEveryOffset) {
  for (std::size_t offset = 0; offset < 40; ++offset) {
    ForEachText("x \t\r\n", 3, [&](const std::string& middle) {
      const std::string body =
          std::string(offset, 'y') + middle + std::string(20, '\xE9');
      ASSERT_EQ(CanonicalizeBody(GetParam(), body), Plain(GetParam(), body))
          << ::testing::PrintToString(body);
    });
  }
}

TEST_P(EveryShortBody, ManyEmptyLinesAreCountedNotKept) {
  std::string canonical;
  BodyCanonicalizer canonicalizer(
      GetParam(), [&](std::string_view octets) { canonical += octets; });
  std::string crlfs;
  for (int i = 0; i < 1000; ++i) {
    crlfs += "\r\n";
  }
  for (int i = 0; i < 1000; ++i) {
    canonicalizer.Push(crlfs);
  }
  EXPECT_EQ(canonical, "");
  canonicalizer.Push("x");
  EXPECT_EQ(canonical.size(), 2'000'001u);
  EXPECT_TRUE(canonical.ends_with("\r\n\r\nx"));
  canonicalizer.Push(crlfs);
  canonicalizer.Finish();
  EXPECT_EQ(canonical.size(), 2'000'003u);
}

// The sink is a call for each run, not for each word or line.
TEST_P(EveryShortBody, CleanTextIsPassedOnWhole) {
  std::string body;
  for (int i = 0; i < 100; ++i) {
    body += "Clean lines, with single spaces.\r\n";
  }
  int calls = 0;
  BodyCanonicalizer canonicalizer(GetParam(),
                                  [&](std::string_view) { ++calls; });
  canonicalizer.Push(body);
  canonicalizer.Finish();
  EXPECT_EQ(calls, 2);
}

TEST(Canonicalization, Names) {
  EXPECT_EQ(ToString(Canonicalization::kSimple), "simple");
  EXPECT_EQ(ToString(Canonicalization::kRelaxed), "relaxed");
}

}  // namespace
}  // namespace dkimspec
