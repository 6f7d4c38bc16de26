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
  std::string key_type = "rsa";              // k=
  std::string notes;                         // n=
  std::string public_key;                    // p=, decoded. Never empty.
  std::vector<std::string> service_types;    // s=. Empty: all ("*").
  std::vector<std::string> flags;            // t=

  bool IsTesting() const;           // t=y
  bool ForbidsSubdomains() const;   // t=s: i= and d= domains must be equal.
};

// Reads one joined TXT record. Fails with kKeySyntaxError or kKeyRevoked.
tl::expected<KeyRecord, Finding> ParseKeyRecord(std::string_view text);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_KEY_RECORD_H_
