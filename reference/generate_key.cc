#include "reference/generate_key.h"

#include <openssl/pem.h>

#include "fmt/format.h"
#include "reference/openssl_ptr.h"

namespace dkimspec {
namespace {

constexpr int kMostRsaBits = 16384;  // OpenSSL verifies no longer ones.

Expected<std::string> ToPem(const KeyPtr& key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!key || !bio ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                    nullptr, nullptr) != 1) {
    return Fail("OpenSSL", "cannot make a key");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

Expected<std::string> GenerateRsaPem(int bits) {
  if (bits < kLeastRsaBits || bits > kMostRsaBits) {
    return Fail(fmt::format("{} bits", bits),
                fmt::format("is no size for an RSA key; {} is right, and "
                            "verifiers refuse less than {} (RFC 8301 section "
                            "3.2)",
                            kAdvisedRsaBits, kLeastRsaBits));
  }
  return ToPem(KeyPtr(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(bits))));
}

Expected<std::string> GenerateEd25519Pem() {
  return ToPem(KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
}

}  // namespace dkimspec
