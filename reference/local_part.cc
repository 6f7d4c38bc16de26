#include "reference/local_part.h"

#include <cstddef>

#include "reference/base/ascii.h"
#include "reference/base/utf8.h"

namespace dkimspec {
namespace {

bool IsAtomOctet(char c) {
  constexpr std::string_view kSpecials = "!#$%&'*+-/=?^_`{|}~";
  return IsAlnum(c) || kSpecials.find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsDotString(std::string_view text) {
  bool in_atom = false;
  for (const char c : text) {
    if (c == '.' ? !in_atom : !IsAtomOctet(c)) {
      return false;
    }
    in_atom = c != '.';
  }
  return in_atom;
}

bool IsQuotedString(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    return false;
  }
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\';
    i += escaped ? 1 : 0;
    if (i == text.size() || (text[i] == '"' && !escaped)) {
      return false;
    }
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet < 0x20 || octet == 0x7F) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool IsLocalPart(std::string_view text) {
  return IsUtf8(text) && (IsDotString(text) || IsQuotedString(text));
}

}  // namespace dkimspec
