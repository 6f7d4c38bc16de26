// Hashes, keys and signatures; nothing else needs to know OpenSSL
// (openssl_ptr.h says which files do).
#ifndef DKIMSPEC_REFERENCE_CRYPTO_H_
#define DKIMSPEC_REFERENCE_CRYPTO_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reference/base/expected.h"
#include "reference/signature.h"
#include "tl/expected.hpp"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX.

namespace dkimspec {

enum class HashAlgorithm { kSha1, kSha256 };

HashAlgorithm HashOf(Algorithm algorithm);

std::string_view ToString(HashAlgorithm algorithm);  // "sha256".

// Streaming hash.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);

  void Update(std::string_view octets);
  std::string Finish();  // The digest; once.

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string Hash(HashAlgorithm algorithm, std::string_view octets);

class PublicKey {
 public:
  // RSA: SubjectPublicKeyInfo or PKCS#1 RSAPublicKey (RFC 6376 section 3.6.1
  // and erratum 3017), nothing after it. Ed25519: the 32 octets themselves
  // (RFC 8463 section 4). Fails with kKeySyntaxError, or with kOversizedKey for
  // a modulus above 16384 bits or, above 3072 bits, an exponent above 64 bits.
  static tl::expected<PublicKey, Finding> FromRsa(std::string_view der);
  static tl::expected<PublicKey, Finding> FromEd25519(std::string_view octets);

  int RsaBits() const;  // Exact bit length of the modulus; 0 for Ed25519.

  // PKCS#1 v1.5 with full padding check, or Ed25519 over the digest (RFC 8463
  // section 3). `data` is the header hash input, hashed here.
  bool Verifies(Algorithm algorithm, std::string_view data,
                std::string_view signature) const;

  // RSA: the digest that `signature` was made from, if it opens to the encoding
  // of RFC 8017 section 9.2 for a digest of this algorithm's hash, and nothing
  // else. Only the private key can make such a signature, so a digest here that
  // is not that of `data` means that the data changed. nullopt for Ed25519.
  std::optional<std::string> RecoverDigest(Algorithm algorithm,
                                           std::string_view signature) const;

  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl);

 private:
  std::shared_ptr<const Impl> impl_;
};

class PrivateKey {
 public:
  // PEM, PKCS#8 or PKCS#1. `place` names the source in errors.
  static Expected<PrivateKey> FromPem(std::string_view pem,
                                      const std::string& place);

  bool IsRsa() const;
  int RsaBits() const;

  // SubjectPublicKeyInfo for RSA, 32 octets for Ed25519: the content of p=.
  std::string PublicKeyOctets() const;
  std::string RsaPublicKeyPkcs1() const;  // RSA only: the other form of p=.

  // The signature over `data`, which is hashed here. Deterministic.
  Expected<std::string> Sign(Algorithm algorithm, std::string_view data) const;

  // RSA only: the private operation on a whole padded block of the modulus's
  // size, chosen by the caller. For forging paddings in tests.
  Expected<std::string> SignRawBlock(std::string_view block) const;

  struct Impl;
  explicit PrivateKey(std::shared_ptr<const Impl> impl);

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_CRYPTO_H_
