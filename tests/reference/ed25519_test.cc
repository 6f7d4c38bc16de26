// Ed25519 as RFC 8463 uses it.
#include <gtest/gtest.h>

#include <string>

#include "reference/base/base64.h"
#include "reference/crypto.h"
#include "support.h"

namespace dkimspec {
namespace {

TEST(Ed25519, SignsTheDigest) {
  const PrivateKey key = TestKey("ed25519-a");
  const auto public_key = PublicKey::FromEd25519(key.PublicKeyOctets());
  ASSERT_TRUE(public_key);
  const std::string signature = *key.Sign(Algorithm::kEd25519Sha256, "data");
  EXPECT_EQ(signature.size(), 64U);
  EXPECT_TRUE(
      public_key->Verifies(Algorithm::kEd25519Sha256, "data", signature));
  EXPECT_FALSE(public_key->Verifies(Algorithm::kRsaSha256, "data", signature));
  for (const std::string& bad : {signature.substr(1), signature + "x",
                                 std::string(64, '\0'), std::string()}) {
    EXPECT_FALSE(public_key->Verifies(Algorithm::kEd25519Sha256, "data", bad));
  }
}

// RFC 8463 section 3: pure Ed25519, over the SHA-256 digest of the data. These
// were made by "ed25519-a", apart from this program, each in another way.
TEST(Ed25519, OtherVariantsAreRefused) {
  struct Row {
    const char* what;
    const char* signature;
    bool is_right;
  };
  const auto public_key =
      PublicKey::FromEd25519(TestKey("ed25519-a").PublicKeyOctets());
  ASSERT_TRUE(public_key);
  for (const Row& row :
       {Row{"Ed25519 over the digest",
            "b99fdbf7f90b7681cab8275b2c0d28d9a10975c9c4325708de98f00baae33c4b"
            "d9a664b7c553b7006d70b6e08bfa971368cfc70a3cf57d8cabf570aff15e5a01",
            true},
        Row{"Ed25519 over the data",
            "c48fde70d8616c982716755de9bde7ce1ea5a31268131b03472a5bda9b340d55"
            "7367faa992e652df685f118b6c4af8866b4951ff94a152a292eb50f5209d250e",
            false},
        Row{"Ed25519ph over the digest",
            "fa715d95446315d15cf7d1719f036b23709fe876b556be05e36c8eb21220f6d4"
            "0b752aab677c17334de1d0615e97f1348708ae5a1bb58d8fbdb4bdf818b69008",
            false},
        Row{"Ed25519ctx over the digest, context \"dkim\"",
            "53fcc33275108427ba7ebb498ceadf09c063f43e62c5b880b3c0258f1f8b0cb5"
            "79236c3a675b9930a7eb43804fcbae98aefa11d6ba2502dd3c9dbe3b18e7600d",
            false}}) {
    EXPECT_EQ(public_key->Verifies(Algorithm::kEd25519Sha256, "data",
                                   HexDecode(row.signature).value()),
              row.is_right)
        << row.what;
  }
}

// RFC 8032 section 5.1.7: S below L, the order of the group. S + L would
// otherwise be a second signature of the same text.
TEST(Ed25519, RefusesLargeScalars) {
  constexpr unsigned char kOrder[32] = {
      0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7,
      0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0,    0,    0,    0,    0,    0,
      0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  const PrivateKey key = TestKey("ed25519-a");
  const auto public_key = PublicKey::FromEd25519(key.PublicKeyOctets());
  ASSERT_TRUE(public_key);
  std::string signature = *key.Sign(Algorithm::kEd25519Sha256, "data");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) + kOrder[i];
    signature[32 + i] = static_cast<char>(carry & 0xFFU);
    carry >>= 8;
  }
  ASSERT_EQ(carry, 0U);
  EXPECT_FALSE(
      public_key->Verifies(Algorithm::kEd25519Sha256, "data", signature));
}

TEST(Ed25519, KeyHas32Octets) {
  for (const std::size_t size : {0U, 31U, 33U, 44U}) {
    const auto key = PublicKey::FromEd25519(std::string(size, 'x'));
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().reason, Reason::kKeySyntaxError);
  }
}

TEST(Ed25519, SmallOrderKeysAreKeys) {
  EXPECT_TRUE(PublicKey::FromEd25519(std::string(32, '\0')));
}

}  // namespace
}  // namespace dkimspec
