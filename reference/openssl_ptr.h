// Owners for OpenSSL's objects. Only crypto.cc, generate_key.cc, public_key.cc,
// private_key.cc and rsa_operation.h include this.
#ifndef DKIMSPEC_REFERENCE_OPENSSL_PTR_H_
#define DKIMSPEC_REFERENCE_OPENSSL_PTR_H_

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>

#include <memory>
#include <string_view>

namespace dkimspec {

template <auto Free>
struct OpenSslDelete {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BignumPtr = std::unique_ptr<BIGNUM, OpenSslDelete<BN_free>>;
using BignumContextPtr = std::unique_ptr<BN_CTX, OpenSslDelete<BN_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, OpenSslDelete<BIO_free_all>>;
using DigestContextPtr =
    std::unique_ptr<EVP_MD_CTX, OpenSslDelete<EVP_MD_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDelete<EVP_PKEY_free>>;
using KeyContextPtr =
    std::unique_ptr<EVP_PKEY_CTX, OpenSslDelete<EVP_PKEY_CTX_free>>;
using MontgomeryPtr =
    std::unique_ptr<BN_MONT_CTX, OpenSslDelete<BN_MONT_CTX_free>>;

inline const unsigned char* Octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_OPENSSL_PTR_H_
