// New pairs of keys to sign with.
#ifndef DKIMSPEC_REFERENCE_GENERATE_KEY_H_
#define DKIMSPEC_REFERENCE_GENERATE_KEY_H_

#include <string>

#include "reference/base/expected.h"

namespace dkimspec {

// What RFC 8301 section 3.2 allows a signer to use, what it advises, and the
// longest that every verifier must support.
inline constexpr int kLeastRsaBits = 1024;
inline constexpr int kAdvisedRsaBits = 2048;
inline constexpr int kSupportedRsaBits = 4096;

// Private keys as PEM of PKCS#8 without passphrase, for PrivateKey::FromPem.
// RSA of 1024 to 16384 bits with exponent 65537; other sizes are refused.
Expected<std::string> GenerateRsaPem(int bits);
Expected<std::string> GenerateEd25519Pem();

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_GENERATE_KEY_H_
