// Domain names as d=, s= and i= hold them.
#ifndef DKIMSPEC_REFERENCE_DOMAIN_H_
#define DKIMSPEC_REFERENCE_DOMAIN_H_

#include <string_view>

namespace dkimspec {

// Labels of letters, digits and hyphens (no hyphen at either end), separated by
// single dots, without final dot: sub-domain *("." sub-domain), RFC 6376
// sections 3.1 and 3.5. UTF-8 is accepted (RFC 8616 section 4), and so is "_",
// which the grammar lacks and selectors in use have. One label is enough:
// whether d=com may sign is policy (section 6.1.1), not syntax. A label has at
// most 63 octets and the name 253, both as A-labels (RFC 1035 section 2.3.4):
// d= must be a name that can be queried.
bool IsDomainName(std::string_view text);

// Is `domain` the same as `parent` or below it? Whole labels, ASCII case
// ignored, U-labels and A-labels of the same name alike.
bool IsWithinDomain(std::string_view domain, std::string_view parent);

// The same name, compared in the same way.
bool IsSameDomain(std::string_view a, std::string_view b);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_DOMAIN_H_
