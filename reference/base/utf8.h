// UTF-8 as RFC 3629 defines it.
#ifndef DKIMSPEC_REFERENCE_BASE_UTF8_H_
#define DKIMSPEC_REFERENCE_BASE_UTF8_H_

#include <cstddef>
#include <string_view>

namespace dkimspec {

// Octets of the character that `text` begins with, 1 to 4; 0 if `text` is empty
// or does not begin with well-formed UTF-8. Overlong forms, surrogates and what
// lies above U+10FFFF are not well-formed (RFC 3629 section 3).
std::size_t Utf8Length(std::string_view text);

bool IsUtf8(std::string_view text);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BASE_UTF8_H_
