// TXT records as octets: character-strings, each behind its length (RFC 1035
// section 3.3.14).
#ifndef DKIMSPEC_DNSSTUB_TXT_H_
#define DKIMSPEC_DNSSTUB_TXT_H_

#include <string>
#include <string_view>

#include "reference/base/zone.h"

namespace dkimspec::dnsstub {

// A string above 255 octets is cut; no string at all becomes an empty one.
std::string EncodeTxt(const TxtRecord& record);

// Strings that leave the record end with it.
TxtRecord DecodeTxt(std::string_view rdata);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_TXT_H_
