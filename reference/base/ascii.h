// Character classes and case folding as RFC 6376 and RFC 5322 mean them: ASCII
// only, whatever the locale. VT, FF and NBSP are never white space.
#ifndef DKIMSPEC_REFERENCE_BASE_ASCII_H_
#define DKIMSPEC_REFERENCE_BASE_ASCII_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace dkimspec {

// WSP: RFC 6376 section 2.8 (from RFC 5234). SP and HTAB, nothing else.
constexpr bool IsWsp(char c) { return c == ' ' || c == '\t'; }

constexpr bool IsAlpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr bool IsAlnum(char c) { return IsAlpha(c) || IsDigit(c); }

constexpr bool IsVisible(char c) { return c >= '!' && c <= '~'; }

// How many octets at the front of `text` are VCHAR (RFC 5234 appendix B.1),
// found eight at a time.
inline std::size_t VisibleLength(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::size_t length = 0;
  while (text.size() - length >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + length, 8);
    // The high bit of an octet below "!", above "~", or beyond ASCII. Borrows
    // and carries go up, so the lowest mark is never wrong.
    const std::uint64_t marks =
        ((word - kOnes * '!') | word | (word + kOnes)) & (kOnes * 0x80);
    if (marks != 0) {
      if constexpr (std::endian::native == std::endian::little) {
        return length + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
      }
      break;
    }
    length += 8;
  }
  while (length < text.size() && IsVisible(text[length])) {
    ++length;
  }
  return length;
}

constexpr char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = ToLower(c);
  }
  return lower;
}

inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BASE_ASCII_H_
