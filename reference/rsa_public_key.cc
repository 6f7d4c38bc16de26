#include "reference/rsa_public_key.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace dkimspec {
namespace {

constexpr unsigned char kInteger = 0x02;
constexpr unsigned char kBitString = 0x03;
constexpr unsigned char kSequence = 0x30;

// AlgorithmIdentifier's content: OID 1.2.840.113549.1.1.1, then NULL.
constexpr std::string_view kRsaEncryption(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 13);

unsigned char OctetAt(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// Cuts one element with tag `tag` off the front of `der`; its content, or
// nullopt if there is none. X.690 section 10.1: lengths in the fewest octets.
std::optional<std::string_view> Take(std::string_view& der, unsigned char tag) {
  if (der.size() < 2 || OctetAt(der, 0) != tag) {
    return std::nullopt;
  }
  std::size_t length = OctetAt(der, 1);
  std::size_t begin = 2;
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7FU;
    if (octets == 0 || octets > 4 || der.size() < 2 + octets) {
      return std::nullopt;
    }
    length = 0;
    for (; begin < 2 + octets; ++begin) {
      length = (length << 8U) | OctetAt(der, begin);
    }
    const std::size_t least = octets == 1 ? 0x80 : 1UL << (8 * (octets - 1));
    if (length < least) {
      return std::nullopt;
    }
  }
  if (der.size() - begin < length) {
    return std::nullopt;
  }
  const std::string_view content = der.substr(begin, length);
  der.remove_prefix(begin + length);
  return content;
}

// A positive INTEGER in the fewest octets (X.690 section 8.3), its sign octet
// removed.
std::optional<std::string_view> TakePositive(std::string_view& der) {
  auto content = Take(der, kInteger);
  if (!content || content->empty() || OctetAt(*content, 0) >= 0x80) {
    return std::nullopt;
  }
  if (OctetAt(*content, 0) == 0) {
    content->remove_prefix(1);
    if (content->empty() || OctetAt(*content, 0) < 0x80) {
      return std::nullopt;  // Zero, or a sign octet too many.
    }
  }
  return content;
}

bool IsOdd(std::string_view number) {
  return (OctetAt(number, number.size() - 1) & 1U) != 0;
}

// Neither has leading zeros; char_traits<char> compares as unsigned octets.
bool IsLess(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

tl::expected<RsaNumbers, std::string> ParseNumbers(std::string_view der) {
  auto sequence = Take(der, kSequence);
  if (!sequence) {
    return tl::unexpected(std::string("RSAPublicKey is not a DER SEQUENCE"));
  }
  if (!der.empty()) {
    return tl::unexpected(std::string("octets follow RSAPublicKey"));
  }
  const auto modulus = TakePositive(*sequence);
  const auto exponent = TakePositive(*sequence);
  if (!modulus || !exponent || !sequence->empty()) {
    return tl::unexpected(
        std::string("RSAPublicKey is not two positive DER INTEGERs"));
  }
  if (!IsOdd(*modulus) || !IsOdd(*exponent) || *exponent == "\x01" ||
      !IsLess(*exponent, *modulus)) {
    return tl::unexpected(std::string(
        "the modulus is even, or the exponent is even, 1 or too large"));
  }
  return RsaNumbers{*modulus, *exponent};
}

}  // namespace

tl::expected<RsaNumbers, std::string> ParseRsaPublicKey(std::string_view der) {
  std::string_view rest = der;
  auto outer = Take(rest, kSequence);
  if (!outer) {
    return tl::unexpected(std::string("the key is not a DER SEQUENCE"));
  }
  if (outer->empty() || OctetAt(*outer, 0) != kSequence) {
    return ParseNumbers(der);
  }
  const auto algorithm = Take(*outer, kSequence);
  if (!algorithm || *algorithm != kRsaEncryption) {
    return tl::unexpected(
        std::string("the algorithm is not rsaEncryption with NULL parameters"));
  }
  const auto bits = Take(*outer, kBitString);
  if (!bits || bits->empty() || OctetAt(*bits, 0) != 0 || !outer->empty() ||
      !rest.empty()) {
    return tl::unexpected(std::string(
        "SubjectPublicKeyInfo does not end in one BIT STRING of whole octets"));
  }
  return ParseNumbers(bits->substr(1));
}

bool IsBareRsaPublicKey(std::string_view der) {
  const auto outer = Take(der, kSequence);
  return outer && !outer->empty() && OctetAt(*outer, 0) == kInteger;
}

}  // namespace dkimspec
