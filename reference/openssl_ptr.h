// Owners for OpenSSL's objects. Only crypto.cc, generate_key.cc, public_key.cc
// and private_key.cc include this.
#ifndef DKIMSPEC_REFERENCE_OPENSSL_PTR_H_
#define DKIMSPEC_REFERENCE_OPENSSL_PTR_H_

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

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
using BioPtr = std::unique_ptr<BIO, OpenSslDelete<BIO_free_all>>;
using DigestContextPtr =
    std::unique_ptr<EVP_MD_CTX, OpenSslDelete<EVP_MD_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDelete<EVP_PKEY_free>>;
using KeyContextPtr =
    std::unique_ptr<EVP_PKEY_CTX, OpenSslDelete<EVP_PKEY_CTX_free>>;
using ParamBuilderPtr =
    std::unique_ptr<OSSL_PARAM_BLD, OpenSslDelete<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, OpenSslDelete<OSSL_PARAM_free>>;

inline const unsigned char* Octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_OPENSSL_PTR_H_
