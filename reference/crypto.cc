#include "reference/crypto.h"

#include <openssl/evp.h>

#include <utility>

#include "reference/openssl_ptr.h"

namespace dkimspec {
namespace {

// Fetched once: OpenSSL 3 otherwise looks for the implementation on each use,
// which costs as much as hashing a kilobyte. Never freed, because OpenSSL
// cleans up at exit too, and the order is not ours to say.
const EVP_MD* MessageDigest(HashAlgorithm algorithm) {
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm == HashAlgorithm::kSha1 ? sha1 : sha256;
}

}  // namespace

HashAlgorithm HashOf(Algorithm algorithm) {
  return algorithm == Algorithm::kRsaSha1 ? HashAlgorithm::kSha1
                                          : HashAlgorithm::kSha256;
}

std::string_view ToString(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::kSha1 ? "sha1" : "sha256";
}

struct Hasher::Impl {
  DigestContextPtr context{EVP_MD_CTX_new()};
};

Hasher::Hasher(HashAlgorithm algorithm) : impl_(std::make_unique<Impl>()) {
  EVP_DigestInit_ex(impl_->context.get(), MessageDigest(algorithm), nullptr);
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Update(std::string_view octets) {
  EVP_DigestUpdate(impl_->context.get(), octets.data(), octets.size());
}

std::string Hasher::Finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(impl_->context.get(), digest, &size);
  return {reinterpret_cast<const char*>(digest), size};
}

std::string Hash(HashAlgorithm algorithm, std::string_view octets) {
  Hasher hasher(algorithm);
  hasher.Update(octets);
  return hasher.Finish();
}

}  // namespace dkimspec
