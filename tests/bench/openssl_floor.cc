#include "tests/bench/openssl_floor.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <optional>

#include "reference/canonicalization.h"
#include "reference/header_hash.h"
#include "reference/message.h"
#include "reference/openssl_ptr.h"
#include "reference/signature.h"

namespace dkimspec::bench {
namespace {

std::string HeaderOctets(const MessageView& message,
                         const Signature& signature) {
  return HeaderHashInput(
      Canonicalization::kRelaxed, message.fields,
      SelectHeaderFields(message.fields, signature.signed_header_fields, 0),
      message.fields[0].octets);
}

KeyPtr PublicHalf(const PrivateKey& key) {
  const std::string der = key.PublicKeyOctets();
  const unsigned char* octets = Octets(der);
  return KeyPtr(d2i_PUBKEY(nullptr, &octets, static_cast<long>(der.size())));
}

}  // namespace

struct OpenSslFloor::Impl {
  std::string Digest(std::string_view octets) const {
    std::string digest(32, '\0');
    EVP_Digest(octets.data(), octets.size(),
               reinterpret_cast<unsigned char*>(digest.data()), nullptr, sha256,
               nullptr);
    return digest;
  }

  EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  KeyPtr key;
  KeyContextPtr context;
  std::optional<PublicKey> our_key;
  std::string body;
  std::string header;
  Signature signature;
};

OpenSslFloor::OpenSslFloor(std::string_view message, const PrivateKey& key)
    : impl_(std::make_unique<Impl>()) {
  const MessageView view = ParseMessage(message);
  impl_->signature = *ParseSignature(view.fields[0].value);
  impl_->body = CanonicalizeBody(Canonicalization::kRelaxed, view.body);
  impl_->header = HeaderOctets(view, impl_->signature);
  impl_->our_key = *PublicKey::FromRsa(key.PublicKeyOctets());
  impl_->key = PublicHalf(key);
  impl_->context.reset(EVP_PKEY_CTX_new(impl_->key.get(), nullptr));
  EVP_PKEY_verify_init(impl_->context.get());
  EVP_PKEY_CTX_set_rsa_padding(impl_->context.get(), RSA_PKCS1_PADDING);
  EVP_PKEY_CTX_set_signature_md(impl_->context.get(), impl_->sha256);
}

OpenSslFloor::~OpenSslFloor() { EVP_MD_free(impl_->sha256); }

bool OpenSslFloor::Run() {
  const std::string digest = impl_->Digest(impl_->header);
  const std::string& data = impl_->signature.signature_data;
  return impl_->Digest(impl_->body) == impl_->signature.body_hash &&
         EVP_PKEY_verify(impl_->context.get(), Octets(data), data.size(),
                         Octets(digest), digest.size()) == 1;
}

bool OpenSslFloor::RunWithOurOperation() {
  return impl_->Digest(impl_->body) == impl_->signature.body_hash &&
         impl_->our_key->Verifies(Algorithm::kRsaSha256, impl_->header,
                                  impl_->signature.signature_data);
}

}  // namespace dkimspec::bench
