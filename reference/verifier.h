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
// before (section 6.1.1). With several key records each is tried: one that
// verifies is enough, else the record is told that came furthest (section
// 6.1.2 step 4; section 3.6.2.2 leaves the outcome undefined).
#ifndef DKIMSPEC_REFERENCE_VERIFIER_H_
#define DKIMSPEC_REFERENCE_VERIFIER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/key_source.h"
#include "reference/reason.h"
#include "reference/signature.h"

namespace dkimspec {

struct VerifierPolicy {
  std::int64_t now = 0;             // Seconds since 1970; no clock is read.
  int min_rsa_bits = 1024;          // RFC 8301 section 3.2.
  int max_rsa_bits = 8192;          // At least 4096, RFC 8301 section 3.2.
  bool accept_rsa_sha1 = false;     // RFC 8301 section 3.1.
  bool accept_expired = false;      // RFC 6376 section 3.5, x=: MAY.
  bool accept_future = true;        // RFC 6376 section 3.5, t=: MAY.
  bool accept_partial_body = true;  // l= below the body, section 8.2.
  bool accept_single_label_sdid = true;  // d=com, section 6.1.1: MAY.
  std::int64_t clock_skew = 0;           // Seconds, for x= and t=.
  std::size_t max_signatures = 64;       // Section 6.1: MAY limit.
};

enum class Check { kUnchecked, kMatch, kMismatch };

std::string_view ToString(Check check);  // "unchecked", "match", "mismatch".

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
};

// The RFC 8601 word for one signature: that of its reason, but a hash mismatch
// under a testing key is "neutral" (section 3.6.1, t=y).
Result ResultOf(const Verification& verification);

// Octets as received, CRLF line ends; a bare CR or LF is data. They may come
// in any pieces. Memory is bounded by the header: signatures that share body
// canonicalization, hash and l= share one pass over the body.
class Verifier {
 public:
  Verifier(KeySource& keys, const VerifierPolicy& policy);
  ~Verifier();
  void Push(std::string_view octets);
  std::vector<Verification> Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A whole message at once.
std::vector<Verification> Verify(std::string_view message, KeySource& keys,
                                 const VerifierPolicy& policy);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_VERIFIER_H_
