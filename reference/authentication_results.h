// Writes Authentication-Results header fields: RFC 8601 with RFC 6008.
#ifndef DKIMSPEC_REFERENCE_AUTHENTICATION_RESULTS_H_
#define DKIMSPEC_REFERENCE_AUTHENTICATION_RESULTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "reference/verifier.h"

namespace dkimspec {

// One field, ending in CRLF, with a resinfo for each signature: result, reason,
// header.d, header.i, header.s, header.a, header.b (at least eight characters,
// more where needed to tell signatures apart, RFC 6008 section 4). Without
// signatures: "dkim=none". Values that are not tokens are quoted; octets that
// cannot stand in a quoted string are replaced by "?", so that nothing in a
// message can add a result (RFC 8601 section 7.9). A value too long for a line
// is left out, and of header.b what is too much.
std::string WriteAuthenticationResults(
    std::string_view authserv_id,
    const std::vector<Verification>& verifications);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_AUTHENTICATION_RESULTS_H_
