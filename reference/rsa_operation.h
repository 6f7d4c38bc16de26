// What an RSA public key does: a power modulo the modulus. OpenSSL multiplies;
// only the order of the multiplications is said here. Its EVP_PKEY_verify needs
// a fifth more time for the same, and to set up an EVP_PKEY for a key that was
// never met before costs more than half a verification.
//
// Nothing here is secret, so the time it takes may depend on the numbers.
#ifndef DKIMSPEC_REFERENCE_RSA_OPERATION_H_
#define DKIMSPEC_REFERENCE_RSA_OPERATION_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "reference/openssl_ptr.h"
#include "reference/rsa_public_key.h"

namespace dkimspec {

// Safe for use by several threads at once.
class RsaOperation {
 public:
  // `numbers` are those of a key that ParseRsaPublicKey accepts. nullopt if
  // OpenSSL cannot compute with them.
  static std::optional<RsaOperation> With(const RsaNumbers& numbers);

  // The block of the modulus's size that `signature` was made from: RFC 8017
  // section 8.2.2, steps 1 and 2. nullopt if it has another size, or its number
  // is not below the modulus.
  std::optional<std::string> Open(std::string_view signature) const;

  // Whether that is `block`: the same in a little less time.
  bool OpensTo(std::string_view signature, std::string_view block) const;

 private:
  RsaOperation() = default;

  bool Raise(BIGNUM* power, std::string_view signature, BN_CTX* context) const;

  std::size_t size_ = 0;  // Of the modulus, in octets.
  BignumPtr modulus_;
  BignumPtr exponent_;
  MontgomeryPtr montgomery_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_RSA_OPERATION_H_
