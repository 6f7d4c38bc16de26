#include "reference/crypto.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "reference/base/base64.h"
#include "reference/rsa_operation.h"
#include "reference/rsa_public_key.h"
#include "support.h"

namespace dkimspec {
namespace {

const char* const kRsaKeys[] = {"rsa512-a",   "rsa768-a",  "rsa1023-a",
                                "rsa1024-a",  "rsa2048-a", "rsa2048-b",
                                "rsa2048-e3", "rsa4096-a", "rsa8192-a"};

TEST(Hash, KnownDigests) {
  EXPECT_EQ(Base64Encode(Hash(HashAlgorithm::kSha256, "")),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(Base64Encode(Hash(HashAlgorithm::kSha1, "\r\n")),
            "uoq1oCgLlTqpdDX/iUbLy7J1Wic=");
  EXPECT_EQ(Base64Encode(Hash(HashAlgorithm::kSha1, "")),
            "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
}

TEST(Hasher, DoesNotDependOnPieces) {
  Hasher hasher(HashAlgorithm::kSha256);
  hasher.Update("a");
  hasher.Update("");
  hasher.Update("bc");
  EXPECT_EQ(hasher.Finish(), Hash(HashAlgorithm::kSha256, "abc"));
}

TEST(PrivateKey, EveryKeySignsWhatItsPublicKeyVerifies) {
  for (const char* name : kRsaKeys) {
    const PrivateKey key = TestKey(name);
    const auto public_key = PublicKey::FromRsa(key.PublicKeyOctets());
    ASSERT_TRUE(public_key) << name << public_key.error().detail;
    EXPECT_EQ(public_key->RsaBits(), key.RsaBits());
    for (const Algorithm algorithm :
         {Algorithm::kRsaSha1, Algorithm::kRsaSha256}) {
      const auto signature = key.Sign(algorithm, "data");
      ASSERT_TRUE(signature) << name << signature.error().ToString();
      EXPECT_EQ(*signature, *key.Sign(algorithm, "data")) << name;
      EXPECT_TRUE(public_key->Verifies(algorithm, "data", *signature)) << name;
      EXPECT_FALSE(public_key->Verifies(algorithm, "date", *signature));
      EXPECT_FALSE(
          public_key->Verifies(Algorithm::kEd25519Sha256, "data", *signature));
    }
  }
}

TEST(PrivateKey, BitsAreExact) {
  EXPECT_EQ(TestKey("rsa1023-a").RsaBits(), 1023);
  EXPECT_EQ(TestKey("rsa512-a").RsaBits(), 512);
  EXPECT_EQ(TestKey("ed25519-a").RsaBits(), 0);
}

TEST(PrivateKey, Pkcs1FormIsTheSameKey) {
  const PrivateKey key = TestKey("rsa2048-e3");
  const auto public_key = PublicKey::FromRsa(key.RsaPublicKeyPkcs1());
  ASSERT_TRUE(public_key) << public_key.error().detail;
  EXPECT_TRUE(public_key->Verifies(Algorithm::kRsaSha256, "data",
                                   *key.Sign(Algorithm::kRsaSha256, "data")));
}

TEST(PrivateKey, RefusesWhatIsNoKey) {
  const auto nothing = PrivateKey::FromPem("hello", "x.pem");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().place, "x.pem");
  const auto wrong = TestKey("ed25519-a").Sign(Algorithm::kRsaSha256, "data");
  EXPECT_FALSE(wrong);
  EXPECT_FALSE(TestKey("rsa1024-a").Sign(Algorithm::kEd25519Sha256, "data"));
}

// DER, put together by hand.
std::string Element(char tag, const std::string& content) {
  std::string length;
  if (content.size() < 0x80) {
    length = std::string(1, static_cast<char>(content.size()));
  } else {
    length = "\x82" + std::string(1, static_cast<char>(content.size() >> 8)) +
             std::string(1, static_cast<char>(content.size() & 0xFF));
  }
  return std::string(1, tag) + length + content;
}

std::string Integer(const std::string& octets) { return Element(2, octets); }
std::string Sequence(const std::string& content) {
  return Element(0x30, content);
}

const std::string kModulus = std::string(1, '\0') + std::string(256, '\xC1');
const std::string kExponent("\x01\x00\x01", 3);
const std::string kOid("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 11);
const std::string kNull("\x05\x00", 2);

std::string RsaKey(const std::string& modulus, const std::string& exponent) {
  return Sequence(Integer(modulus) + Integer(exponent));
}

std::string Wrapped(const std::string& algorithm, const std::string& bits) {
  return Sequence(Sequence(algorithm) + Element(3, bits));
}

TEST(ParseRsaPublicKey, AcceptsBothForms) {
  const std::string key = RsaKey(kModulus, kExponent);
  const std::string wrapped = Wrapped(kOid + kNull, std::string(1, '\0') + key);
  for (const std::string& der : {key, wrapped}) {
    const auto numbers = ParseRsaPublicKey(der);
    ASSERT_TRUE(numbers) << numbers.error();
    EXPECT_EQ(numbers->modulus, kModulus.substr(1));
    EXPECT_EQ(numbers->exponent, kExponent);
    EXPECT_TRUE(PublicKey::FromRsa(der));
  }
}

TEST(ParseRsaPublicKey, RefusesOtherNumbers) {
  const std::string even = kModulus.substr(0, 256) + "\xC2";
  const std::string zero(1, '\0');
  for (const std::string& der :
       {RsaKey(even, kExponent), RsaKey(kModulus, "\x02"),
        RsaKey(kModulus, "\x01"), RsaKey(kModulus, zero),
        RsaKey(zero, kExponent), RsaKey("", kExponent), RsaKey(kModulus, ""),
        RsaKey("\x07", "\x09"), RsaKey(kModulus.substr(1), kExponent),
        RsaKey(zero + kModulus, kExponent), RsaKey(kModulus, zero + kExponent),
        RsaKey(kModulus, "\x83")}) {
    EXPECT_FALSE(ParseRsaPublicKey(der)) << HexEncode(der);
  }
}

TEST(ParseRsaPublicKey, RefusesOtherStructures) {
  const std::string zero(1, '\0');
  const std::string key = RsaKey(kModulus, kExponent);
  const std::string bits = zero + key;
  const std::string ec("\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 9);
  for (const std::string& der :
       {std::string(), key + "x", Wrapped(kOid + kNull, bits) + "x",
        Wrapped(kOid + kNull, bits + "x"), Wrapped(kOid, bits),
        Wrapped(ec + kNull, bits), Wrapped(kOid + kNull, "\x01" + key),
        Wrapped(kOid + kNull, ""), Wrapped(kOid + kNull, key),
        Sequence(Integer(kModulus)),
        Sequence(Integer(kModulus) + Integer(kExponent) + Integer(kExponent)),
        std::string("\x30\x80\x00\x00", 4), std::string("\x30\x00", 2),
        std::string("\x30\x84\xff\xff\xff\xff", 6)}) {
    EXPECT_FALSE(ParseRsaPublicKey(der)) << HexEncode(der);
  }
}

TEST(ParseRsaPublicKey, RefusesEveryTruncation) {
  const std::string wrapped = TestKey("rsa1024-a").PublicKeyOctets();
  for (std::size_t size = 0; size < wrapped.size(); ++size) {
    EXPECT_FALSE(ParseRsaPublicKey(wrapped.substr(0, size))) << size;
  }
}

// X.690 section 10.1: lengths in the fewest octets.
TEST(ParseRsaPublicKey, RefusesLongLengths) {
  EXPECT_TRUE(
      ParseRsaPublicKey(std::string("\x30\x06\x02\x01\x23\x02\x01\x03", 8)));
  for (const std::string& der :
       {std::string("\x30\x81\x06\x02\x01\x23\x02\x01\x03", 9),
        std::string("\x30\x82\x00\x06\x02\x01\x23\x02\x01\x03", 10),
        std::string("\x30\x07\x02\x81\x01\x23\x02\x01\x03", 9)}) {
    EXPECT_FALSE(ParseRsaPublicKey(der)) << HexEncode(der);
  }
}

TEST(PublicKey, RefusesToComputeWithHugeNumbers) {
  const std::string big_modulus =
      std::string(1, '\0') + std::string(2049, '\xC1');
  const auto too_long = PublicKey::FromRsa(RsaKey(big_modulus, kExponent));
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().reason, Reason::kOversizedKey);
  const std::string modulus = std::string(1, '\0') + std::string(512, '\xC1');
  const auto slow = PublicKey::FromRsa(RsaKey(modulus, std::string(9, '\x11')));
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().reason, Reason::kOversizedKey);
}

// EMSA-PKCS1-v1_5 blocks that only look right: with exponent 3 a forger can
// make signatures for some of them without the private key.
class ForgedPadding : public ::testing::Test {
 protected:
  static constexpr std::size_t kBlock = 256;

  // 00 01 `fill`... 00 `info` digest `tail`, filled up to the block.
  static std::string Block(const std::string& info, char fill = '\xff',
                           const std::string& tail = "", char type = 1) {
    const std::string end = std::string(1, '\0') + info +
                            Hash(HashAlgorithm::kSha256, "data") + tail;
    return std::string(1, '\0') + type +
           std::string(kBlock - 2 - end.size(), fill) + end;
  }

  static bool IsAccepted(const std::string& block) {
    const PrivateKey key = TestKey("rsa2048-e3");
    const auto signature = key.SignRawBlock(block);
    EXPECT_TRUE(signature) << signature.error().ToString();
    return PublicKey::FromRsa(key.PublicKeyOctets())
        ->Verifies(Algorithm::kRsaSha256, "data", *signature);
  }

  const std::string kInfo =
      *HexDecode("3031300d060960864801650304020105000420");
};

TEST_F(ForgedPadding, TheRightBlockIsAccepted) {
  EXPECT_TRUE(IsAccepted(Block(kInfo)));
}

TEST_F(ForgedPadding, OctetsAfterTheDigestAreRefused) {
  EXPECT_FALSE(IsAccepted(Block(kInfo, '\xff', "x")));
  EXPECT_FALSE(IsAccepted(Block(kInfo, '\xff', std::string(190, '\0'))));
}

TEST_F(ForgedPadding, FillOtherThanFfIsRefused) {
  EXPECT_FALSE(IsAccepted(Block(kInfo, '\xfe')));
  EXPECT_FALSE(IsAccepted(Block(kInfo, '\0')));
}

// The digest is compared whole, and as octets (RFC 6376 section 3.3.2).
TEST_F(ForgedPadding, EveryOctetCounts) {
  const std::string right = Block(kInfo);
  for (std::size_t i = 0; i < right.size(); ++i) {
    std::string wrong = right;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    EXPECT_FALSE(IsAccepted(wrong)) << i;
  }
  const std::string digest = Hash(HashAlgorithm::kSha256, "data");
  const std::string hex = HexEncode(digest);
  const std::string as_text =
      *HexDecode("3051300d060960864801650304020105000440") + hex;
  EXPECT_FALSE(IsAccepted(right.substr(0, right.size() - 64) + hex));
  EXPECT_FALSE(IsAccepted(std::string("\0\1", 2) +
                          std::string(kBlock - 3 - as_text.size(), '\xff') +
                          std::string(1, '\0') + as_text));
}

TEST_F(ForgedPadding, OtherBlockTypesAreRefused) {
  EXPECT_FALSE(IsAccepted(Block(kInfo, '\xff', "", 2)));
  EXPECT_FALSE(IsAccepted(Block(kInfo, '\xff', "", 0)));
}

TEST_F(ForgedPadding, OtherDigestInfosAreRefused) {
  EXPECT_FALSE(IsAccepted(Block("")));
  // Without the NULL parameters, with others, and named SHA-1.
  EXPECT_FALSE(
      IsAccepted(Block(*HexDecode("302f300b06096086480165030402010420"))));
  EXPECT_FALSE(IsAccepted(
      Block(*HexDecode("3032300e06096086480165030402010501000420"))));
  EXPECT_FALSE(IsAccepted(Block(*HexDecode("302d300906052b0e03021a05000420"))));
  // Lengths in more octets than needed.
  EXPECT_FALSE(IsAccepted(
      Block(*HexDecode("308131300d060960864801650304020105000420"))));
}

TEST_F(ForgedPadding, SignaturesOfOtherLengthsAreRefused) {
  const PrivateKey key = TestKey("rsa2048-e3");
  const auto public_key = PublicKey::FromRsa(key.PublicKeyOctets());
  const std::string right = *key.Sign(Algorithm::kRsaSha256, "data");
  EXPECT_TRUE(public_key->Verifies(Algorithm::kRsaSha256, "data", right));
  for (const std::string& wrong :
       {std::string(), right.substr(0, 255), right + "x",
        std::string(1, '\0') + right, std::string(256, '\xff')}) {
    EXPECT_FALSE(public_key->Verifies(Algorithm::kRsaSha256, "data", wrong));
  }
}

// RFC 8017 section 5.2.2 step 1. For a modulus with a bit to spare, a signature
// plus the modulus would otherwise be a second signature of the same length.
TEST(PublicKey, RefusesNumbersNotBelowTheModulus) {
  const PrivateKey key = TestKey("rsa1023-a");
  const std::string der = key.PublicKeyOctets();
  const std::string_view modulus = ParseRsaPublicKey(der)->modulus;
  std::string signature = *key.Sign(Algorithm::kRsaSha256, "data");
  ASSERT_EQ(signature.size(), modulus.size());
  unsigned carry = 0;
  for (std::size_t i = modulus.size(); i-- > 0;) {
    carry += static_cast<unsigned char>(signature[i]) +
             static_cast<unsigned char>(modulus[i]);
    signature[i] = static_cast<char>(carry & 0xFFU);
    carry >>= 8;
  }
  ASSERT_EQ(carry, 0U);
  const auto public_key = PublicKey::FromRsa(der);
  EXPECT_FALSE(public_key->Verifies(Algorithm::kRsaSha256, "data", signature));
  EXPECT_FALSE(public_key->RecoverDigest(Algorithm::kRsaSha256, signature));
}

std::string TwoOctets(unsigned number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xFFU)};
}

unsigned Power(unsigned base, unsigned exponent, unsigned modulus) {
  std::uint64_t power = 1;
  for (unsigned i = 0; i < exponent; ++i) {
    power = power * base % modulus;
  }
  return static_cast<unsigned>(power);
}

// Many numbers of two octets, with exponents of many bit patterns.
TEST(RsaOperation, IsThePowerModuloTheModulus) {
  for (const unsigned modulus : {0x0101U, 0x8001U, 0xFFFFU}) {
    for (const unsigned exponent : {3U, 5U, 7U, 17U, 0x55U, 0xFFU}) {
      const std::string n = TwoOctets(modulus);
      const std::string e(1, static_cast<char>(exponent));
      const auto operation = RsaOperation::With({n, e});
      ASSERT_TRUE(operation);
      for (unsigned base = 0; base <= 0xFFFF; base += base < 300 ? 1 : 97) {
        const auto block = operation->Open(TwoOctets(base));
        ASSERT_EQ(block.has_value(), base < modulus);
        if (block) {
          ASSERT_EQ(*block, TwoOctets(Power(base, exponent, modulus)))
              << base << "^" << exponent << " mod " << modulus;
        }
      }
    }
  }
}

// What signs undoes what verifies, for an exponent of 17 bits and one of two.
TEST(RsaOperation, OpensWhatThePrivateKeyMade) {
  for (const char* name : kRsaKeys) {
    const PrivateKey key = TestKey(name);
    const std::string der = key.PublicKeyOctets();
    const auto numbers = ParseRsaPublicKey(der);
    const auto operation = RsaOperation::With(*numbers);
    ASSERT_TRUE(operation);
    const std::string block =
        '\0' + std::string(numbers->modulus.size() - 1, '\x5A');
    EXPECT_EQ(operation->Open(*key.SignRawBlock(block)), block) << name;
    const std::string signature = *key.SignRawBlock(block);
    EXPECT_TRUE(operation->OpensTo(signature, block));
    EXPECT_FALSE(operation->OpensTo(signature, "\x01" + block.substr(1)));
    EXPECT_FALSE(operation->OpensTo(signature, block.substr(1)));
    EXPECT_FALSE(operation->OpensTo(signature, '\0' + block));
    EXPECT_FALSE(operation->OpensTo('\0' + signature, block));
    EXPECT_FALSE(operation->OpensTo(block, block));
    EXPECT_FALSE(operation->Open(block + "x"));
    EXPECT_FALSE(operation->Open(block.substr(1)));
  }
}

TEST(SignRawBlock, IsForRsaOnly) {
  EXPECT_FALSE(TestKey("ed25519-a").SignRawBlock(std::string(32, 'x')));
  EXPECT_FALSE(TestKey("rsa1024-a").SignRawBlock("short"));
}

}  // namespace
}  // namespace dkimspec
