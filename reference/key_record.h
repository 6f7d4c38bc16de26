// Key records: RFC 6376 section 3.6.1, RFC 8463 section 4.
#ifndef DKIMSPEC_REFERENCE_KEY_RECORD_H_
#define DKIMSPEC_REFERENCE_KEY_RECORD_H_

#include <string>
#include <string_view>
#include <vector>

#include "reference/signature.h"
#include "tl/expected.hpp"

namespace dkimspec {

struct KeyRecord {
  std::vector<std::string> hash_algorithms;  // h=. Empty: all allowed.
  std::string key_type = "rsa";              // k=, in lower case.
  std::string notes;                         // n=
  std::string public_key;                    // p=, decoded. Empty: revoked.
  std::vector<std::string> service_types;    // s=. Empty: all ("*").
  std::vector<std::string> flags;            // t=

  bool IsTesting() const;          // t=y
  bool ForbidsSubdomains() const;  // t=s: i= and d= domains must be equal.
  bool IsForEmail() const;         // s= has "email" or "*", or is absent.
  bool AllowsHash(std::string_view hash) const;  // "sha256" is among h=.
};

// Reads one joined TXT record. Fails with kKeySyntaxError or kKeyRevoked.
tl::expected<KeyRecord, Finding> ParseKeyRecord(std::string_view text);

// The same, but a revoked key is a record with an empty key: whether it is
// revoked is asked after its h= (RFC 6376 section 6.1.2 steps 6 and 7). Fails
// with kKeySyntaxError.
tl::expected<KeyRecord, Finding> ReadKeyRecord(std::string_view text);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_KEY_RECORD_H_
