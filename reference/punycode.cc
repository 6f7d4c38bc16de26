#include "reference/punycode.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "reference/base/utf8.h"

namespace dkimspec {
namespace {

// RFC 3492 section 5.
constexpr std::uint64_t kBase = 36;
constexpr std::uint64_t kTMin = 1;
constexpr std::uint64_t kTMax = 26;
constexpr std::uint64_t kSkew = 38;
constexpr std::uint64_t kDamp = 700;
constexpr std::uint64_t kInitialBias = 72;
constexpr char32_t kFirstNonBasic = 0x80;

char32_t DecodeCharacter(std::string_view octets) {
  const auto octet = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(octets[i]));
  };
  if (octets.size() == 1) {
    return octet(0);
  }
  // The first octet holds 5, 4 or 3 bits of the character (RFC 3629, 3).
  char32_t character = octet(0) & (0xFFU >> (octets.size() + 1));
  for (std::size_t i = 1; i < octets.size(); ++i) {
    character = (character << 6) | (octet(i) & 0x3FU);
  }
  return character;
}

std::optional<std::u32string> DecodeUtf8(std::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 0) {
      return std::nullopt;
    }
    characters.push_back(DecodeCharacter(text.substr(0, length)));
    text.remove_prefix(length);
  }
  return characters;
}

char Digit(std::uint64_t value) {
  return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26));
}

// RFC 3492 section 6.1.
std::uint64_t Adapt(std::uint64_t delta, std::uint64_t points, bool first) {
  delta /= first ? kDamp : 2;
  delta += delta / points;
  std::uint64_t k = 0;
  while (delta > ((kBase - kTMin) * kTMax) / 2) {
    delta /= kBase - kTMin;
    k += kBase;
  }
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

void AppendVariableLength(std::uint64_t value, std::uint64_t bias,
                          std::string& out) {
  for (std::uint64_t k = kBase;; k += kBase) {
    const std::uint64_t threshold =
        k <= bias ? kTMin : std::min(k - bias, kTMax);
    if (value < threshold) {
      break;
    }
    out += Digit(threshold + (value - threshold) % (kBase - threshold));
    value = (value - threshold) / (kBase - threshold);
  }
  out += Digit(value);
}

// RFC 3492 section 6.3. 64 bits cannot overflow: labels are limited by the
// header they stand in, code points by Unicode.
std::string Encode(const std::u32string& label) {
  std::string out;
  for (const char32_t c : label) {
    if (c < kFirstNonBasic) {
      out += static_cast<char>(c);
    }
  }
  const std::size_t basic = out.size();
  if (basic > 0) {
    out += '-';
  }
  std::uint64_t n = kFirstNonBasic;
  std::uint64_t delta = 0;
  std::uint64_t bias = kInitialBias;
  std::size_t handled = basic;
  while (handled < label.size()) {
    char32_t next = 0x110000;
    for (const char32_t c : label) {
      if (c >= n && c < next) {
        next = c;
      }
    }
    delta += (next - n) * (handled + 1);
    n = next;
    for (const char32_t c : label) {
      if (c < n) {
        ++delta;
      } else if (c == n) {
        AppendVariableLength(delta, bias, out);
        bias = Adapt(delta, handled + 1, handled == basic);
        delta = 0;
        ++handled;
      }
    }
    ++delta;
    ++n;
  }
  return out;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < kFirstNonBasic;
  });
}

// A DNS label has at most 63 octets (RFC 1035 section 3.1), so no label that
// needs more than this many octets of UTF-8 can be one: its Punycode is longer
// still. Keeps the quadratic encoder off long ones.
constexpr std::size_t kLongestUtf8Label = 252;

}  // namespace

std::optional<std::string> ToAscii(std::string_view domain) {
  if (IsAscii(domain)) {
    return std::string(domain);
  }
  std::string ascii;
  while (true) {
    const std::size_t dot = domain.find('.');
    const std::string_view label = domain.substr(0, dot);
    if (IsAscii(label)) {
      ascii += label;
    } else {
      const auto characters = DecodeUtf8(label);
      if (!characters || label.size() > kLongestUtf8Label) {
        return std::nullopt;
      }
      ascii += "xn--" + Encode(*characters);
    }
    if (dot == std::string_view::npos) {
      return ascii;
    }
    ascii += '.';
    domain.remove_prefix(dot + 1);
  }
}

}  // namespace dkimspec
