// Any key record is read or refused with a reason, and a key that is read can
// be used.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "reference/crypto.h"
#include "reference/key_record.h"

namespace {

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using dkimspec::Algorithm;
  using dkimspec::PublicKey;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto record = dkimspec::ReadKeyRecord(text);
  const auto valid = dkimspec::ParseKeyRecord(text);
  if (!record) {
    Require(!valid && !record.error().detail.empty());
    return 0;
  }
  Require(valid.has_value() == !record->public_key.empty());
  if (const auto key = PublicKey::FromRsa(record->public_key)) {
    Require(key->RsaBits() > 0);
    Require(!key->Verifies(Algorithm::kEd25519Sha256, "data", "signature"));
    // Keys of any size would make this the test of OpenSSL's patience.
    if (key->RsaBits() <= 2048) {
      key->Verifies(Algorithm::kRsaSha256, "data", record->public_key);
      key->RecoverDigest(Algorithm::kRsaSha256, record->public_key);
    }
  }
  if (const auto key = PublicKey::FromEd25519(record->public_key)) {
    Require(key->RsaBits() == 0);
    key->Verifies(Algorithm::kEd25519Sha256, "data", "signature");
  }
  return 0;
}
