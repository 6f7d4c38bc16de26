#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "reference/crypto.h"
#include "reference/openssl_ptr.h"
#include "reference/rsa_public_key.h"

namespace dkimspec {

namespace {

// Contexts for EVP_PKEY_verify with PKCS#1 v1.5 and SHA-256. To make one costs
// OpenSSL 3 some lookups; to use it again costs nothing. One is used by one
// thread at a time, so each that comes while all are lent gets a new one.
class RsaContexts {
 public:
  KeyContextPtr Take() {
    const std::lock_guard lock(mutex_);
    if (spare_.empty()) {
      return nullptr;
    }
    KeyContextPtr context = std::move(spare_.back());
    spare_.pop_back();
    return context;
  }

  void GiveBack(KeyContextPtr context) {
    const std::lock_guard lock(mutex_);
    spare_.push_back(std::move(context));
  }

 private:
  std::mutex mutex_;
  std::vector<KeyContextPtr> spare_;
};

}  // namespace

struct PublicKey::Impl {
  KeyPtr key;
  int rsa_bits = 0;  // 0 for Ed25519.
  mutable RsaContexts contexts;
};

namespace {

constexpr std::size_t kEd25519KeySize = 32;

tl::unexpected<Finding> SyntaxError(std::string detail) {
  return tl::unexpected(Finding{Reason::kKeySyntaxError, std::move(detail)});
}

BignumPtr ToBignum(std::string_view number) {
  return BignumPtr(
      BN_bin2bn(Octets(number), static_cast<int>(number.size()), nullptr));
}

KeyPtr MakeRsaKey(const BIGNUM* modulus, const BIGNUM* exponent) {
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent);
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  // Kept, because OpenSSL looks long for what "RSA" means.
  thread_local const KeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                        params.get()) != 1) {
    return nullptr;
  }
  return KeyPtr(key);
}

// OpenSSL does not compute with keys beyond these; neither does anyone sign
// with them.
bool IsTooLarge(int modulus_bits, int exponent_bits) {
  return modulus_bits > OPENSSL_RSA_MAX_MODULUS_BITS ||
         (modulus_bits > OPENSSL_RSA_SMALL_MODULUS_BITS &&
          exponent_bits > OPENSSL_RSA_MAX_PUBEXP_BITS);
}

// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2). OpenSSL compares the whole
// encoded message with the one it expects: type, length of the padding,
// DigestInfo with NULL parameters, and nothing after the digest.
KeyContextPtr NewRsaContext(EVP_PKEY* key, Algorithm algorithm) {
  KeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
  const EVP_MD* hash =
      algorithm == Algorithm::kRsaSha1 ? EVP_sha1() : EVP_sha256();
  const bool ready =
      EVP_PKEY_verify_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
      EVP_PKEY_CTX_set_signature_md(context.get(), hash) == 1;
  return ready ? std::move(context) : nullptr;
}

bool VerifiesRsa(const PublicKey::Impl& key, Algorithm algorithm,
                 std::string_view digest, std::string_view signature) {
  const bool is_usual = algorithm == Algorithm::kRsaSha256;
  KeyContextPtr context = is_usual ? key.contexts.Take() : nullptr;
  if (!context) {
    context = NewRsaContext(key.key.get(), algorithm);
  }
  const bool valid =
      context &&
      EVP_PKEY_verify(context.get(), Octets(signature), signature.size(),
                      Octets(digest), digest.size()) == 1;
  if (context && is_usual) {
    key.contexts.GiveBack(std::move(context));
  }
  return valid;
}

// RFC 8017 section 8.2.2 up to step 2, then section 9.2 read backwards. Given
// the hash, OpenSSL refuses a DigestInfo that is not exactly that of the hash.
std::optional<std::string> OpenRsa(EVP_PKEY* key, Algorithm algorithm,
                                   std::string_view signature) {
  const KeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
  const EVP_MD* hash =
      algorithm == Algorithm::kRsaSha1 ? EVP_sha1() : EVP_sha256();
  std::string digest(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = digest.size();
  if (EVP_PKEY_verify_recover_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), hash) != 1 ||
      EVP_PKEY_verify_recover(
          context.get(), reinterpret_cast<unsigned char*>(digest.data()), &size,
          Octets(signature), signature.size()) != 1) {
    return std::nullopt;
  }
  digest.resize(size);
  return digest;
}

// RFC 8463 section 3: pure Ed25519, and its message is the SHA-256 digest.
bool VerifiesEd25519(EVP_PKEY* key, std::string_view digest,
                     std::string_view signature) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) ==
             1 &&
         EVP_DigestVerify(context.get(), Octets(signature), signature.size(),
                          Octets(digest), digest.size()) == 1;
}

}  // namespace

PublicKey::PublicKey(std::shared_ptr<const Impl> impl)
    : impl_(std::move(impl)) {}

tl::expected<PublicKey, Finding> PublicKey::FromRsa(std::string_view der) {
  if (der.size() > std::numeric_limits<int>::max()) {
    return SyntaxError("p= is too long for a key");
  }
  const auto numbers = ParseRsaPublicKey(der);
  if (!numbers) {
    return SyntaxError("p=: " + numbers.error());
  }
  const BignumPtr modulus = ToBignum(numbers->modulus);
  const BignumPtr exponent = ToBignum(numbers->exponent);
  auto impl = std::make_shared<Impl>();
  impl->rsa_bits = BN_num_bits(modulus.get());
  if (IsTooLarge(impl->rsa_bits, BN_num_bits(exponent.get()))) {
    return tl::unexpected(
        Finding{Reason::kOversizedKey,
                fmt::format("p= has a modulus of {} bits, an exponent of {}",
                            impl->rsa_bits, BN_num_bits(exponent.get()))});
  }
  impl->key = MakeRsaKey(modulus.get(), exponent.get());
  if (!impl->key) {
    return SyntaxError("p= is not an RSA key that OpenSSL accepts");
  }
  return PublicKey(std::move(impl));
}

// Small-order points are accepted: no text asks to refuse them, and whoever
// publishes one weakens only its own key.
tl::expected<PublicKey, Finding> PublicKey::FromEd25519(
    std::string_view octets) {
  if (octets.size() != kEd25519KeySize) {
    return SyntaxError(fmt::format(
        "p= has {} octets, not the 32 of an Ed25519 key", octets.size()));
  }
  auto impl = std::make_shared<Impl>();
  impl->key.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                              Octets(octets), octets.size()));
  if (!impl->key) {
    return SyntaxError("p= is not an Ed25519 key that OpenSSL accepts");
  }
  return PublicKey(std::move(impl));
}

int PublicKey::RsaBits() const { return impl_->rsa_bits; }

bool PublicKey::Verifies(Algorithm algorithm, std::string_view data,
                         std::string_view signature) const {
  const bool is_rsa = impl_->rsa_bits > 0;
  if (is_rsa == (algorithm == Algorithm::kEd25519Sha256)) {
    return false;
  }
  const std::string digest = Hash(HashOf(algorithm), data);
  const bool valid = is_rsa
                         ? VerifiesRsa(*impl_, algorithm, digest, signature)
                         : VerifiesEd25519(impl_->key.get(), digest, signature);
  if (!valid) {
    ERR_clear_error();  // A refusal is no error of the thread we run in.
  }
  return valid;
}

std::optional<std::string> PublicKey::RecoverDigest(
    Algorithm algorithm, std::string_view signature) const {
  if (impl_->rsa_bits == 0 || algorithm == Algorithm::kEd25519Sha256) {
    return std::nullopt;
  }
  auto digest = OpenRsa(impl_->key.get(), algorithm, signature);
  ERR_clear_error();
  return digest;
}

}  // namespace dkimspec
