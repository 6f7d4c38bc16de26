// Domain names as they go to the DNS: U-labels become A-labels.
#ifndef DKIMSPEC_REFERENCE_PUNYCODE_H_
#define DKIMSPEC_REFERENCE_PUNYCODE_H_

#include <optional>
#include <string>
#include <string_view>

namespace dkimspec {

// `domain` with each label that is not ASCII written as "xn--" and Punycode
// (RFC 3492; RFC 8616 section 3). Nothing is mapped first: a U-label is lower
// case and in normal form by definition (RFC 5890 section 2.3.2.1), and what is
// not one simply does not exist in the DNS. nullopt: `domain` is not UTF-8, or
// has a label too long for the DNS.
std::optional<std::string> ToAscii(std::string_view domain);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_PUNYCODE_H_
