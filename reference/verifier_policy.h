// What RFC 6376 leaves to a verifier, as named knobs.
#ifndef DKIMSPEC_REFERENCE_VERIFIER_POLICY_H_
#define DKIMSPEC_REFERENCE_VERIFIER_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "reference/base/expected.h"

namespace dkimspec {

// Each member but `now` is a knob of PolicyKnobs(), which says more.
struct VerifierPolicy {
  std::int64_t now = 0;             // Seconds since 1970; no clock is read.
  int min_rsa_bits = 1024;          // RFC 8301 section 3.2.
  int max_rsa_bits = 8192;          // At least 4096, RFC 8301 section 3.2.
  bool accept_rsa_sha1 = false;     // RFC 8301 section 3.1.
  bool accept_expired = false;      // RFC 6376 section 3.5, x=: MAY.
  bool accept_future = true;        // RFC 6376 section 3.5, t=: MAY.
  bool accept_partial_body = true;  // l= below the body, section 8.2.
  bool accept_length_count = true;  // Any l= at all, section 8.2.
  bool accept_single_label_sdid = true;    // d=com, section 6.1.1: MAY.
  bool accept_several_key_records = true;  // Section 3.6.2.2: undefined.
  bool accept_several_from_fields = true;  // Sections 3.8 and 8.15.
  bool accept_pkcs1_keys = true;           // Section 3.6.1, erratum 3017.
  std::int64_t clock_skew = 0;             // Seconds, for x= and t=.
  std::size_t max_signatures = 64;         // Section 6.1: MAY limit.
};

struct PolicyKnob {
  std::string_view name;      // "rsa-sha1"
  std::string_view values;    // "refuse | accept", or what numbers mean.
  std::string initial;        // The value of a VerifierPolicy nobody changed.
  std::string_view meaning;   // One sentence.
  std::string_view citation;  // "RFC 8301 section 3.1"
};

// In the order of docs/policies.md.
std::span<const PolicyKnob> PolicyKnobs();

// Sets one knob: "rsa-sha1=accept". Errors name the knob and what it takes.
Expected<void> SetPolicy(std::string_view assignment, VerifierPolicy& policy);

// The value of a knob as SetPolicy takes it; empty if there is no such knob.
std::string PolicyValue(std::string_view name, const VerifierPolicy& policy);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_VERIFIER_POLICY_H_
