// Whether a key record may verify a signature: RFC 6376 section 6.1.2, steps 5
// to 8, with the tags of section 3.6.1 and the limits of RFC 8301 section 3.2.
#ifndef DKIMSPEC_REFERENCE_USABLE_KEY_H_
#define DKIMSPEC_REFERENCE_USABLE_KEY_H_

#include <optional>
#include <string_view>

#include "reference/crypto.h"
#include "reference/key_cache.h"
#include "reference/signature.h"

namespace dkimspec {

struct RsaLimits {
  int min_bits = 1024;
  int max_bits = 8192;
  bool accept_pkcs1 = true;  // A bare RSAPublicKey in p=.
};

struct KeyJudgement {
  std::optional<PublicKey> key;  // Absent if and only if there is a finding.
  Finding finding;
  bool is_testing = false;  // t=y, as far as the record could be read.
  int bits = 0;             // RSA modulus; 256 for Ed25519; 0 if unknown.
};

// `record` is one TXT record, its strings joined. A cache changes nothing but
// the time it takes.
KeyJudgement JudgeKeyRecord(std::string_view record, const Signature& signature,
                            const RsaLimits& limits, KeyCache* cache = nullptr);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_USABLE_KEY_H_
