// Verifies DKIM-Signature header fields: RFC 6376 section 6.1, with RFC 8301
// (algorithms, key sizes) and RFC 8463 (Ed25519).
//
// Verifying cannot fail. Whatever the message and the DNS hold, there is one
// Verification for each DKIM-Signature field, in message order, and it says
// how far that signature got and why it got no further.
//
// What RFC 6376 leaves open is in VerifierPolicy. Left to the caller: what a
// verified SDID is worth (alignment, reputation).
//
// Keys are looked up in Finish(), and only for signatures that are not refused
// before (section 6.1.1). With several key records each is tried, unless the
// policy says otherwise: one that verifies is enough, else the record is told
// that came furthest (section 6.1.2 step 4; section 3.6.2.2 leaves the outcome
// undefined).
#ifndef DKIMSPEC_REFERENCE_VERIFIER_H_
#define DKIMSPEC_REFERENCE_VERIFIER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/key_source.h"
#include "reference/reason.h"
#include "reference/signature.h"
#include "reference/verifier_policy.h"

namespace dkimspec {

class KeyCache;  // key_cache.h

enum class Check { kUnchecked, kMatch, kMismatch };

std::string_view ToString(Check check);  // "unchecked", "match", "mismatch".

// What the RSA signature opens to under the key, whatever the message says.
enum class Padding {
  kUnchecked,  // No RSA operation was made.
  kValid,      // EMSA-PKCS1-v1_5 (RFC 8017 section 9.2) of some digest: the key
               // is right, so a mismatch means that a signed field changed.
  kGarbage,    // Anything else: the key is wrong, or b= was damaged.
};

std::string_view ToString(Padding padding);  // "unchecked", "valid", "garbage".

struct Verification {
  std::size_t field = 0;                // Index among all header fields.
  State state = State::kPermFail;       // RFC 6376 section 3.9.
  Reason reason = Reason::kNone;        // kNone if and only if kSuccess.
  std::string detail;                   // For people: the tag, octet or limit.
  SignatureIdentity identity;           // d= and s=, even of a malformed field.
  std::optional<Signature> signature;   // Absent if its tag-list is malformed.
  bool key_is_testing = false;          // Key record t=y (section 3.6.1).
  int key_bits = 0;                     // RSA modulus; 256 for Ed25519.
  Check body_hash = Check::kUnchecked;  // Judged apart, both reported:
  Check header_signature = Check::kUnchecked;  // operators ask which one broke.
  Padding padding = Padding::kUnchecked;       // RSA only.
};

// The RFC 8601 word for one signature: that of its reason, but a hash mismatch
// under a testing key is "neutral" (section 3.6.1, t=y).
Result ResultOf(const Verification& verification);

// Octets as received, CRLF line ends; a bare CR or LF is data. They may come
// in any pieces. Memory is bounded by the header: signatures that share body
// canonicalization, hash and l= share one pass over the body.
//
// With a KeyCache, which may be shared by verifiers in several threads and must
// outlive them, the records that `keys` returns are read once; without, each
// time. The verdicts are the same.
class Verifier {
 public:
  Verifier(KeySource& keys, const VerifierPolicy& policy,
           KeyCache* cache = nullptr);
  ~Verifier();
  void Push(std::string_view octets);
  std::vector<Verification> Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A whole message at once.
std::vector<Verification> Verify(std::string_view message, KeySource& keys,
                                 const VerifierPolicy& policy,
                                 KeyCache* cache = nullptr);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_VERIFIER_H_
