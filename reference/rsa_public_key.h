// RSA public keys as p= holds them: DER, read by hand because OpenSSL's decoder
// takes several times as long as verifying the signature does.
#ifndef DKIMSPEC_REFERENCE_RSA_PUBLIC_KEY_H_
#define DKIMSPEC_REFERENCE_RSA_PUBLIC_KEY_H_

#include <string>
#include <string_view>

#include "tl/expected.hpp"

namespace dkimspec {

// Big-endian, without leading zeros; views into the DER.
struct RsaNumbers {
  std::string_view modulus;
  std::string_view exponent;
};

// RSAPublicKey (RFC 8017 appendix A.1.1) or SubjectPublicKeyInfo (RFC 5280
// section 4.1) around one, with algorithm rsaEncryption and NULL parameters
// (RFC 3279 section 2.3.1). DER throughout, nothing after it; both numbers
// positive and odd, the exponent at least 3 and below the modulus. The error
// says what is wrong.
tl::expected<RsaNumbers, std::string> ParseRsaPublicKey(std::string_view der);

// Whether `der`, if it is a key at all, is a bare RSAPublicKey: its first
// element is an INTEGER, that of SubjectPublicKeyInfo a SEQUENCE.
bool IsBareRsaPublicKey(std::string_view der);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_RSA_PUBLIC_KEY_H_
