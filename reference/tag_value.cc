#include "reference/tag_value.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "reference/base/ascii.h"
#include "reference/base/base64.h"
#include "reference/base/cursor.h"

namespace dkimspec {
namespace {

bool IsFwsOctet(char c) { return IsWsp(c) || c == '\r' || c == '\n'; }

bool IsNonAscii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// dkim-safe-char, section 2.11.
bool IsSafe(char c) { return IsVisible(c) && c != ';' && c != '='; }

// Values come from ParseTagList: every CR and LF in them is part of FWS.
std::string WithoutFws(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = VisibleLength(text);
    kept += text.substr(0, length);
    text.remove_prefix(length);
    if (!text.empty()) {
      kept += IsFwsOctet(text[0]) ? std::string_view() : text.substr(0, 1);
      text.remove_prefix(1);
    }
  }
  return kept;
}

// Section 2.11: "no lowercase characters permitted".
bool IsUpperHex(char c) { return IsDigit(c) || (c >= 'A' && c <= 'F'); }

}  // namespace

std::optional<std::vector<std::string_view>> SplitColonList(
    std::string_view value) {
  std::vector<std::string_view> elements;
  elements.reserve(
      static_cast<std::size_t>(std::count(value.begin(), value.end(), ':')) +
      1);
  while (true) {
    const std::size_t colon = value.find(':');
    const std::string_view element = TrimFws(value.substr(0, colon));
    if (element.empty()) {
      return std::nullopt;
    }
    elements.push_back(element);
    if (colon == std::string_view::npos) {
      return elements;
    }
    value.remove_prefix(colon + 1);
  }
}

bool IsHyphenatedWord(std::string_view text) {
  return !text.empty() && IsAlpha(text.front()) && IsAlnum(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlnum(c) || c == '-'; });
}

std::optional<std::string> DecodeBase64String(std::string_view value) {
  const std::string text = WithoutFws(value);
  if (text.empty()) {
    return std::nullopt;
  }
  return Base64Decode(text);
}

std::optional<std::string> DecodeQuotedPrintable(std::string_view value) {
  const std::string text = WithoutFws(value);
  std::string octets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      if (!IsSafe(text[i]) && !IsNonAscii(text[i])) {
        return std::nullopt;
      }
      octets += text[i];
      continue;
    }
    if (text.size() - i < 3 || !IsUpperHex(text[i + 1]) ||
        !IsUpperHex(text[i + 2])) {
      return std::nullopt;
    }
    octets += *HexDecode(std::string_view(text).substr(i + 1, 2));
    i += 2;
  }
  return octets;
}

std::string EncodeQuotedPrintable(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : octets) {
    if (IsSafe(c)) {
      text += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    text += '=';
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 0xFU];
  }
  return text;
}

std::optional<std::uint64_t> ParseCount(std::string_view value) {
  constexpr std::size_t kMostDigits = 76;
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
  if (value.empty() || value.size() > kMostDigits ||
      !std::all_of(value.begin(), value.end(), IsDigit)) {
    return std::nullopt;
  }
  std::uint64_t count = 0;
  for (const char c : value) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (count > (kLargest - digit) / 10) {
      return kLargest;
    }
    count = count * 10 + digit;
  }
  return count;
}

bool IsFieldName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsVisible(c) && c != ':' && c != ';';
  });
}

}  // namespace dkimspec
