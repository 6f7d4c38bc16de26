#include "reference/base/zone.h"

#include <algorithm>

#include "reference/base/ascii.h"

namespace dkimspec {

std::string JoinStrings(const TxtRecord& record) {
  std::string text;
  for (const std::string& part : record) {
    text += part;
  }
  return text;
}

TxtRecord SplitAt255(std::string_view text) {
  constexpr std::size_t kMax = 255;  // One length octet: RFC 1035, 3.3.14.
  TxtRecord record;
  do {
    record.emplace_back(text.substr(0, kMax));
    text.remove_prefix(record.back().size());
  } while (!text.empty());
  return record;
}

bool DnsNameLess::operator()(std::string_view a, std::string_view b) const {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return static_cast<unsigned char>(ToLower(x)) <
               static_cast<unsigned char>(ToLower(y));
      });
}

}  // namespace dkimspec
