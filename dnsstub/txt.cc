#include "dnsstub/txt.h"

#include <algorithm>

namespace dkimspec::dnsstub {

std::string EncodeTxt(const TxtRecord& record) {
  std::string rdata;
  for (const std::string& text : record) {
    for (const std::string& part : SplitAt255(text)) {
      rdata += static_cast<char>(part.size());
      rdata += part;
    }
  }
  return rdata.empty() ? std::string(1, '\0') : rdata;
}

TxtRecord DecodeTxt(std::string_view rdata) {
  TxtRecord record;
  while (!rdata.empty()) {
    const std::size_t size = static_cast<unsigned char>(rdata[0]);
    record.emplace_back(rdata.substr(1, size));
    rdata.remove_prefix(std::min(rdata.size(), size + 1));
  }
  return record;
}

}  // namespace dkimspec::dnsstub
