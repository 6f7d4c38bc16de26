#include "reference/crypto.h"

#include <openssl/evp.h>

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

void Hasher::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Hasher::Hasher(HashAlgorithm algorithm) : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), MessageDigest(algorithm), nullptr);
}

void Hasher::Update(std::string_view octets) {
  EVP_DigestUpdate(context_.get(), octets.data(), octets.size());
}

std::string Hasher::Finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_.get(), digest, &size);
  return {reinterpret_cast<const char*>(digest), size};
}

std::string Hash(HashAlgorithm algorithm, std::string_view octets) {
  Hasher hasher(algorithm);
  hasher.Update(octets);
  return hasher.Finish();
}

}  // namespace dkimspec
