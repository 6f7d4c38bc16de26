#include "reference/base/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace dkimspec {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::int8_t kNone = -1;

using Values = std::array<std::int8_t, 256>;

constexpr Values ValuesOf(std::string_view digits) {
  Values values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr Values kBase64Values = ValuesOf(kAlphabet);

constexpr Values kHexValues = [] {
  Values values = ValuesOf(kHexDigits);
  for (std::size_t i = 0; i < 6; ++i) {
    values['A' + i] = static_cast<std::int8_t>(10 + i);
  }
  return values;
}();

int ValueIn(const Values& values, char c) {
  return values[static_cast<unsigned char>(c)];
}

// The 24 bits of up to four digits, absent ones taken as zeros; negative if one
// is no digit.
int QuantumOf(std::string_view digits) {
  int quantum = 0;
  int all = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int value = i < digits.size() ? ValueIn(kBase64Values, digits[i]) : 0;
    quantum = quantum * 64 + value;
    all |= value;
  }
  return all < 0 ? all : quantum;
}

std::size_t PaddingOf(std::string_view text) {
  if (text.ends_with("==")) {
    return 2;
  }
  return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::string Base64Encode(std::string_view octets) {
  std::string text;
  text.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, octets.size() - i);
    std::uint32_t quantum = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      const auto octet =
          j < count ? static_cast<unsigned char>(octets[i + j]) : 0u;
      quantum = quantum << 8 | octet;
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const std::uint32_t digit = quantum >> (18 - 6 * j) & 63;
      text += j <= count ? kAlphabet[digit] : '=';
    }
  }
  return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(0, text.size() - PaddingOf(text));
  std::string octets(digits.size() * 3 / 4, '\0');
  std::size_t size = 0;
  for (std::size_t i = 0; i < digits.size(); i += 4) {
    const std::string_view some = digits.substr(i, 4);
    const int quantum = QuantumOf(some);
    if (quantum < 0) {
      return std::nullopt;
    }
    for (std::size_t j = 1; j < some.size(); ++j) {
      octets[size++] = static_cast<char>(quantum >> (24 - 8 * j) & 0xFF);
    }
  }
  return octets;
}

std::string HexEncode(std::string_view octets) {
  std::string text;
  text.reserve(octets.size() * 2);
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    text += kHexDigits[octet >> 4];
    text += kHexDigits[octet & 15];
  }
  return text;
}

std::optional<std::string> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  std::string octets;
  octets.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = ValueIn(kHexValues, text[i]);
    const int low = ValueIn(kHexValues, text[i + 1]);
    if (high == kNone || low == kNone) {
      return std::nullopt;
    }
    octets += static_cast<char>(high << 4 | low);
  }
  return octets;
}

}  // namespace dkimspec
