// The DKIM-Signature header field as data: RFC 6376 section 3.5.
#ifndef DKIMSPEC_REFERENCE_SIGNATURE_H_
#define DKIMSPEC_REFERENCE_SIGNATURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/canonicalization.h"
#include "reference/reason.h"
#include "tl/expected.hpp"

namespace dkimspec {

enum class Algorithm { kRsaSha1, kRsaSha256, kEd25519Sha256 };

std::string_view ToString(Algorithm algorithm);

// A number of at most 76 digits (section 3.5, l=); what does not fit into 64
// bits is clamped to the largest value, which is larger than any message and
// later than any clock.
using Count = std::uint64_t;

struct Signature {
  std::string sdid;         // d=
  std::string auid;         // i=, decoded (section 2.11). Absent: "@" + d=.
  std::string auid_domain;  // What stands after the last "@" of i=.
  std::string selector;     // s=
  Algorithm algorithm = Algorithm::kRsaSha256;                           // a=
  Canonicalization header_canonicalization = Canonicalization::kSimple;  // c=
  Canonicalization body_canonicalization = Canonicalization::kSimple;    // c=
  std::vector<std::string> signed_header_fields;  // h=, as written, in order.
  std::string body_hash;                          // bh=, decoded.
  std::string signature_data;                     // b=, decoded.
  std::optional<Count> body_length_count;         // l=. Absent: the whole body.
  std::optional<Count> timestamp;                 // t=
  std::optional<Count> expiration;                // x=

  // "selector._domainkey.sdid" (section 3.6.2.1), in A-labels (RFC 8616
  // section 3).
  std::string KeyName() const;
};

// What is wrong with a DKIM-Signature field, or with a key record.
struct Finding {
  Reason reason = Reason::kNone;
  std::string detail;  // For people: the tag and what is wrong with it.
};

// Reads the value of a DKIM-Signature header field (what follows the colon) as
// section 6.1.1 asks: version, required tags, their syntax, i= within d=, From
// among h=. Times are only read here; VerifierPolicy decides about them.
//
// Where the text allows two readings: words such as "RSA-SHA256" match in any
// case (RFC 5234 section 2.3 against section 3.2); "_" may stand in d= and s=,
// U-labels too; d= may be one label; base64 must be padded; t= and x= may have
// up to 76 digits; i= may spell its "@" as "=40"; the inside of z= is not read.
tl::expected<Signature, Finding> ParseSignature(std::string_view value);

// The d= and s= of a field whose tag-list may be malformed, for reports and for
// matching answers to signatures. Empty where they cannot be told.
struct SignatureIdentity {
  std::string sdid;
  std::string selector;
};
SignatureIdentity IdentifySignature(std::string_view value);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_SIGNATURE_H_
