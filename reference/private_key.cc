#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <limits>
#include <utility>

#include "fmt/format.h"
#include "reference/crypto.h"
#include "reference/openssl_ptr.h"

namespace dkimspec {

struct PrivateKey::Impl {
  KeyPtr key;
  std::string place;  // Where it was read from, for errors.
};

namespace {

// Keys with a passphrase are refused; OpenSSL would otherwise ask the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

// The last error of OpenSSL in words; empties its queue.
std::string TakeError() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

std::string ToText(const unsigned char* octets, std::size_t size) {
  return {reinterpret_cast<const char*>(octets), size};
}

// Calls one of OpenSSL's i2d functions.
template <typename Encode>
std::string EncodeDer(Encode encode, const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = encode(key, &der);
  if (size <= 0) {
    return "";
  }
  std::string text = ToText(der, static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

std::string RawPublicKey(const EVP_PKEY* key) {
  unsigned char octets[32];
  std::size_t size = sizeof octets;
  EVP_PKEY_get_raw_public_key(key, octets, &size);
  return ToText(octets, size);
}

// `input` as it is, with the given padding; `hash` nullptr: none is named.
std::string SignRsa(EVP_PKEY* key, int padding, const EVP_MD* hash,
                    std::string_view input) {
  const KeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  std::string signature(size, '\0');
  if (EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) != 1 ||
      (hash != nullptr &&
       EVP_PKEY_CTX_set_signature_md(context.get(), hash) != 1) ||
      EVP_PKEY_sign(context.get(),
                    reinterpret_cast<unsigned char*>(signature.data()), &size,
                    Octets(input), input.size()) != 1) {
    return "";
  }
  signature.resize(size);
  return signature;
}

std::string SignEd25519(EVP_PKEY* key, std::string_view digest) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  unsigned char signature[64];
  std::size_t size = sizeof signature;
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), signature, &size, Octets(digest),
                     digest.size()) != 1) {
    return "";
  }
  return ToText(signature, size);
}

Expected<std::string> Signed(std::string signature, const std::string& place) {
  if (signature.empty()) {
    return Fail(place, "cannot sign with this key: " + TakeError());
  }
  return signature;
}

}  // namespace

PrivateKey::PrivateKey(std::shared_ptr<const Impl> impl)
    : impl_(std::move(impl)) {}

Expected<PrivateKey> PrivateKey::FromPem(std::string_view pem,
                                         const std::string& place) {
  if (pem.size() > std::numeric_limits<int>::max()) {
    return Fail(place, "is too long for a key");
  }
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto impl = std::make_shared<Impl>();
  impl->place = place;
  impl->key.reset(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (!impl->key) {
    return Fail(place, fmt::format("is not a PEM private key without "
                                   "passphrase: {}",
                                   TakeError()));
  }
  const int type = EVP_PKEY_get_base_id(impl->key.get());
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_ED25519) {
    return Fail(place, "is neither an RSA nor an Ed25519 key");
  }
  return PrivateKey(std::move(impl));
}

bool PrivateKey::IsRsa() const {
  return EVP_PKEY_get_base_id(impl_->key.get()) == EVP_PKEY_RSA;
}

int PrivateKey::RsaBits() const {
  return IsRsa() ? EVP_PKEY_get_bits(impl_->key.get()) : 0;
}

std::string PrivateKey::PublicKeyOctets() const {
  return IsRsa() ? EncodeDer(i2d_PUBKEY, impl_->key.get())
                 : RawPublicKey(impl_->key.get());
}

std::string PrivateKey::RsaPublicKeyPkcs1() const {
  return IsRsa() ? EncodeDer(i2d_PublicKey, impl_->key.get()) : "";
}

Expected<std::string> PrivateKey::Sign(Algorithm algorithm,
                                       std::string_view data) const {
  const bool is_ed25519 = algorithm == Algorithm::kEd25519Sha256;
  if (is_ed25519 == IsRsa()) {
    return Fail(impl_->place,
                fmt::format("is not a key for {}", ToString(algorithm)));
  }
  const std::string digest = Hash(HashOf(algorithm), data);
  EVP_PKEY* key = impl_->key.get();
  if (is_ed25519) {
    return Signed(SignEd25519(key, digest), impl_->place);
  }
  const EVP_MD* hash =
      algorithm == Algorithm::kRsaSha1 ? EVP_sha1() : EVP_sha256();
  return Signed(SignRsa(key, RSA_PKCS1_PADDING, hash, digest), impl_->place);
}

Expected<std::string> PrivateKey::SignRawBlock(std::string_view block) const {
  if (!IsRsa()) {
    return Fail(impl_->place, "is not an RSA key: it signs no raw blocks");
  }
  return Signed(SignRsa(impl_->key.get(), RSA_NO_PADDING, nullptr, block),
                impl_->place);
}

}  // namespace dkimspec
