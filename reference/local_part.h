// The local-part of an address, as i= may hold it (RFC 6376 section 3.5).
#ifndef DKIMSPEC_REFERENCE_LOCAL_PART_H_
#define DKIMSPEC_REFERENCE_LOCAL_PART_H_

#include <string_view>

namespace dkimspec {

// Dot-string or Quoted-string of RFC 5321 section 4.1.2, with UTF-8 as in RFC
// 6531 section 3.3. Not empty; no control characters.
bool IsLocalPart(std::string_view text);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_LOCAL_PART_H_
