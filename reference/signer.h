// Signs messages as RFC 6376 section 5 asks: the clean and strict signer.
// Cases that need a signer to misbehave use fixtures/crafting_signer.h.
#ifndef DKIMSPEC_REFERENCE_SIGNER_H_
#define DKIMSPEC_REFERENCE_SIGNER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/base/expected.h"
#include "reference/crypto.h"

namespace dkimspec {

struct SignerOptions {
  std::string sdid;                 // d=
  std::string selector;             // s=
  std::optional<std::string> auid;  // i=. Must lie within d= (section 3.5).
  Canonicalization header_canonicalization = Canonicalization::kRelaxed;
  Canonicalization body_canonicalization = Canonicalization::kRelaxed;
  // h=. Empty: the fields of section 5.4.1, Sender and MIME fields that the
  // message has, each as often as it occurs, and From, Subject, Date, To, Cc
  // once more (over-signing, section 8.15).
  std::vector<std::string> signed_header_fields;
  std::optional<std::int64_t> timestamp;   // t=
  std::optional<std::int64_t> expiration;  // x=. Must exceed t=.
};

// The DKIM-Signature header field, ending in CRLF, to be put on top. Lines are
// at most 78 octets where tokens allow. Fails on: no From field, options that
// RFC 6376 forbids, an RSA key below 1024 bits (RFC 8301 section 3.2).
Expected<std::string> Sign(std::string_view message, const PrivateKey& key,
                           const SignerOptions& options);

// The key record that belongs to a key, "v=DKIM1; k=rsa; p=...".
std::string KeyRecordFor(const PrivateKey& key);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_SIGNER_H_
