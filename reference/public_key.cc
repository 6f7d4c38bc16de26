#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <bit>
#include <limits>
#include <utility>

#include "fmt/format.h"
#include "reference/crypto.h"
#include "reference/openssl_ptr.h"
#include "reference/rsa_operation.h"
#include "reference/rsa_public_key.h"

namespace dkimspec {

// One of the two.
struct PublicKey::Impl {
  std::optional<RsaOperation> rsa;
  KeyPtr ed25519;
  int rsa_bits = 0;  // 0 for Ed25519.
};

namespace {

constexpr std::size_t kEd25519KeySize = 32;

tl::unexpected<Finding> SyntaxError(std::string detail) {
  return tl::unexpected(Finding{Reason::kKeySyntaxError, std::move(detail)});
}

// Of a number without leading zeros.
int BitLength(std::string_view number) {
  const auto first = static_cast<unsigned char>(number[0]);
  return 8 * static_cast<int>(number.size()) - std::countl_zero(first);
}

// OpenSSL does not compute with keys beyond these; neither does anyone sign
// with them.
bool IsTooLarge(int modulus_bits, int exponent_bits) {
  return modulus_bits > OPENSSL_RSA_MAX_MODULUS_BITS ||
         (modulus_bits > OPENSSL_RSA_SMALL_MODULUS_BITS &&
          exponent_bits > OPENSSL_RSA_MAX_PUBEXP_BITS);
}

// What precedes the digest in EMSA-PKCS1-v1_5 (RFC 8017 section 9.2) if the
// digest ends a block of `size` octets: type, padding, and DigestInfo with NULL
// parameters (note 1 there). nullopt if the block is too small.
std::optional<std::string> EncodingBeforeDigest(Algorithm algorithm,
                                                std::size_t size) {
  constexpr std::size_t kLeastPadding = 8;
  constexpr std::string_view kSha1(
      "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14", 15);
  constexpr std::string_view kSha256(
      "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
      "\x04\x20",
      19);
  const std::string_view info =
      algorithm == Algorithm::kRsaSha1 ? kSha1 : kSha256;
  const auto digest_size = static_cast<std::size_t>(info.back());
  const std::size_t frame = 3 + info.size() + digest_size;
  if (size < frame + kLeastPadding) {
    return std::nullopt;
  }
  std::string octets;
  octets.reserve(size);
  octets.append("\x00\x01", 2);
  octets.append(size - frame, '\xff');
  octets += '\0';
  octets += info;
  return octets;
}

// RSASSA-PKCS1-v1_5, RFC 8017 section 8.2.2. What the signature opens to is
// compared whole with the one encoding that is right, and never parsed.
bool VerifiesRsa(const RsaOperation& rsa, Algorithm algorithm,
                 std::string_view digest, std::string_view signature) {
  auto before = EncodingBeforeDigest(algorithm, signature.size());
  return before && rsa.OpensTo(signature, before->append(digest));
}

// The same for whatever digest there is.
std::optional<std::string> OpenRsa(const RsaOperation& rsa, Algorithm algorithm,
                                   std::string_view signature) {
  const auto block = rsa.Open(signature);
  const auto before = EncodingBeforeDigest(algorithm, signature.size());
  if (!block || !before || !block->starts_with(*before)) {
    return std::nullopt;
  }
  return block->substr(before->size());
}

// RFC 8463 section 3: pure Ed25519, and its message is the SHA-256 digest.
bool VerifiesEd25519(EVP_PKEY* key, std::string_view digest,
                     std::string_view signature) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  const bool valid =
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) ==
          1 &&
      EVP_DigestVerify(context.get(), Octets(signature), signature.size(),
                       Octets(digest), digest.size()) == 1;
  if (!valid) {
    ERR_clear_error();  // A refusal is no error of the thread we run in.
  }
  return valid;
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
  auto impl = std::make_shared<Impl>();
  impl->rsa_bits = BitLength(numbers->modulus);
  const int exponent_bits = BitLength(numbers->exponent);
  if (IsTooLarge(impl->rsa_bits, exponent_bits)) {
    return tl::unexpected(
        Finding{Reason::kOversizedKey,
                fmt::format("p= has a modulus of {} bits, an exponent of {}",
                            impl->rsa_bits, exponent_bits)});
  }
  impl->rsa = RsaOperation::With(*numbers);
  if (!impl->rsa) {
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
  impl->ed25519.reset(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, Octets(octets), octets.size()));
  if (!impl->ed25519) {
    return SyntaxError("p= is not an Ed25519 key that OpenSSL accepts");
  }
  return PublicKey(std::move(impl));
}

int PublicKey::RsaBits() const { return impl_->rsa_bits; }

bool PublicKey::Verifies(Algorithm algorithm, std::string_view data,
                         std::string_view signature) const {
  const bool is_rsa = impl_->rsa.has_value();
  if (is_rsa == (algorithm == Algorithm::kEd25519Sha256)) {
    return false;
  }
  const std::string digest = Hash(HashOf(algorithm), data);
  return is_rsa ? VerifiesRsa(*impl_->rsa, algorithm, digest, signature)
                : VerifiesEd25519(impl_->ed25519.get(), digest, signature);
}

std::optional<std::string> PublicKey::RecoverDigest(
    Algorithm algorithm, std::string_view signature) const {
  if (!impl_->rsa || algorithm == Algorithm::kEd25519Sha256) {
    return std::nullopt;
  }
  return OpenRsa(*impl_->rsa, algorithm, signature);
}

}  // namespace dkimspec
