#include "reference/domain.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "reference/base/ascii.h"
#include "reference/punycode.h"

namespace dkimspec {
namespace {

constexpr std::size_t kLongestLabel = 63;
// 255 octets on the wire: a length octet before each label, and the root.
constexpr std::size_t kLongestName = 253;

bool IsLabelOctet(char c) { return IsAlnum(c) || c == '-' || c == '_'; }

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel &&
         label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), IsLabelOctet);
}

bool IsAsciiDomainName(std::string_view text) {
  if (text.size() > kLongestName) {
    return false;
  }
  while (true) {
    const std::size_t dot = text.find('.');
    if (!IsLabel(text.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(dot + 1);
  }
}

std::string Comparable(std::string_view domain) {
  return ToLower(ToAscii(domain).value_or(std::string(domain)));
}

}  // namespace

bool IsDomainName(std::string_view text) {
  if (IsAsciiDomainName(text)) {
    return true;
  }
  const std::optional<std::string> ascii = ToAscii(text);
  return ascii && IsAsciiDomainName(*ascii);
}

bool IsWithinDomain(std::string_view domain, std::string_view parent) {
  if (domain == parent) {
    return true;
  }
  const std::string child = Comparable(domain);
  const std::string above = Comparable(parent);
  return child == above ||
         (child.size() > above.size() && child.ends_with(above) &&
          child[child.size() - above.size() - 1] == '.');
}

bool IsSameDomain(std::string_view a, std::string_view b) {
  return a == b || Comparable(a) == Comparable(b);
}

}  // namespace dkimspec
