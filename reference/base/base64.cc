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

// The three octets of four digits; negative if one is no digit.
int DecodeQuantum(const char* digits, char* out) {
  const int quantum = ValueIn(kBase64Values, digits[0]) * (1 << 18) |
                      ValueIn(kBase64Values, digits[1]) * (1 << 12) |
                      ValueIn(kBase64Values, digits[2]) * (1 << 6) |
                      ValueIn(kBase64Values, digits[3]);
  out[0] = static_cast<char>(quantum >> 16 & 0xFF);
  out[1] = static_cast<char>(quantum >> 8 & 0xFF);
  out[2] = static_cast<char>(quantum & 0xFF);
  return quantum;
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
  const std::size_t padding = PaddingOf(text);
  std::string octets(text.size() / 4 * 3, '\0');
  char* out = octets.data();
  const std::size_t unpadded = text.size() - (padding > 0 ? 4 : 0);
  int all = 0;  // Negative once any was.
  for (std::size_t i = 0; i < unpadded; i += 4, out += 3) {
    all |= DecodeQuantum(text.data() + i, out);
  }
  if (padding > 0) {  // It stands for zeros.
    char digits[4] = {kAlphabet[0], kAlphabet[0], kAlphabet[0], kAlphabet[0]};
    text.copy(digits, 4 - padding, unpadded);
    all |= DecodeQuantum(digits, out);
  }
  if (all < 0) {
    return std::nullopt;
  }
  octets.resize(octets.size() - padding);
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
