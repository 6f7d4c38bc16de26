// base64 (RFC 4648 section 4) and hexadecimal, strict.
#ifndef DKIMSPEC_REFERENCE_BASE_BASE64_H_
#define DKIMSPEC_REFERENCE_BASE_BASE64_H_

#include <optional>
#include <string>
#include <string_view>

namespace dkimspec {

// Padded, without line breaks.
std::string Base64Encode(std::string_view octets);

// The octets, or nullopt if `text` has a character outside the alphabet, a "="
// anywhere but at the end, or is not a whole number of padded quanta. Spare
// bits that are not zero are ignored. White space is the caller's to remove:
// where FWS may stand is DKIM's business (RFC 6376 section 2.10).
std::optional<std::string> Base64Decode(std::string_view text);

// Lower-case digits.
std::string HexEncode(std::string_view octets);

// Accepts both cases; nullopt for an odd length or another character.
std::optional<std::string> HexDecode(std::string_view text);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BASE_BASE64_H_
