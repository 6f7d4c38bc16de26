#include "reference/base/utf8.h"

namespace dkimspec {
namespace {

bool InRange(unsigned octet, unsigned low, unsigned high) {
  return octet >= low && octet <= high;
}

// The second octet is where overlong forms (E0, F0), surrogates (ED) and code
// points above U+10FFFF (F4) show: RFC 3629 section 4.
bool IsSecondOctet(unsigned first, unsigned second) {
  switch (first) {
    case 0xE0:
      return InRange(second, 0xA0, 0xBF);
    case 0xED:
      return InRange(second, 0x80, 0x9F);
    case 0xF0:
      return InRange(second, 0x90, 0xBF);
    case 0xF4:
      return InRange(second, 0x80, 0x8F);
    default:
      return InRange(second, 0x80, 0xBF);
  }
}

std::size_t LengthFromFirstOctet(unsigned first) {
  if (first < 0x80) {
    return 1;
  }
  if (InRange(first, 0xC2, 0xDF)) {
    return 2;
  }
  if (InRange(first, 0xE0, 0xEF)) {
    return 3;
  }
  return InRange(first, 0xF0, 0xF4) ? 4 : 0;
}

}  // namespace

std::size_t Utf8Length(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const auto octet = [&](std::size_t i) -> unsigned {
    return static_cast<unsigned char>(text[i]);
  };
  const std::size_t length = LengthFromFirstOctet(octet(0));
  if (length <= 1) {
    return length;
  }
  if (text.size() < length || !IsSecondOctet(octet(0), octet(1))) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if (!InRange(octet(i), 0x80, 0xBF)) {
      return 0;
    }
  }
  return length;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace dkimspec
