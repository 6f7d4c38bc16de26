#include "reference/lint/public_key_lint.h"

#include <algorithm>
#include <optional>
#include <string>

#include "fmt/format.h"
#include "reference/base/base64.h"
#include "reference/tag_value.h"

namespace dkimspec::lint {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kEd25519Octets = 32;
// SubjectPublicKeyInfo up to the key: RFC 8410 section 4.
constexpr std::string_view kEd25519Der =
    "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv;
constexpr int kLeastBits = 1024;    // RFC 8301 section 3.2: verifiers MUST NOT
constexpr int kGoodBits = 2048;     // accept less; signers SHOULD use this;
constexpr int kLargestBits = 4096;  // verifiers MUST support up to this.

std::size_t OctetAt(std::string_view octets, std::size_t index) {
  return static_cast<unsigned char>(octets[index]);
}

// The header of a DER SEQUENCE: octets of the header and, by its own word, of
// the content.
struct DerSequence {
  std::size_t header = 0;
  std::size_t content = 0;
};
std::optional<DerSequence> ReadDerHeader(std::string_view der) {
  if (der.size() < 2 || der[0] != '\x30') {
    return std::nullopt;
  }
  const std::size_t first = OctetAt(der, 1);
  if (first < 0x80) {
    return DerSequence{2, first};
  }
  const std::size_t count = first - 0x80;
  if (count == 0 || count > 3 || der.size() < 2 + count) {
    return std::nullopt;
  }
  std::size_t content = 0;
  for (std::size_t i = 0; i < count; ++i) {
    content = content * 256 + OctetAt(der, 2 + i);
  }
  return DerSequence{2 + count, content};
}

std::string_view ContentOf(std::string_view der) {
  const auto sequence = ReadDerHeader(der);
  return sequence ? der.substr(sequence->header) : std::string_view();
}

// PrivateKeyInfo (RFC 5208 section 5) and RSAPrivateKey (RFC 8017 appendix
// A.1.2) begin with a version, 0; no public key does.
bool IsPrivateKey(std::string_view der) {
  return ContentOf(der).starts_with("\x02\x01\x00"sv);
}

// As much of base64 as can be decoded, for a text that lacks its end.
std::string DecodeWholeQuanta(std::string_view value) {
  std::string text;
  std::copy_if(value.begin(), value.end(), std::back_inserter(text),
               [](char c) { return " \t\r\n"sv.find(c) == std::string::npos; });
  text.resize(text.size() / 4 * 4);
  return Base64Decode(text).value_or("");
}

class Linter {
 public:
  Linter(const PublishedKey& published, Notes& notes)
      : published_(published), notes_(notes) {}

  void Lint() {
    if (published_.value.find("-----") != std::string_view::npos) {
      Add(published_.value.find("PRIVATE") != std::string_view::npos
              ? Rule::kPrivateKeyPublished
              : Rule::kPemInRecord,
          Quote(published_.value));
      return;
    }
    if (notes_.HasErrorAt("p")) {
      return;
    }
    if (published_.value.find_first_of(" \t") != std::string_view::npos) {
      Add(Rule::kWhiteSpaceInKey, "");
    }
    const auto octets = DecodeBase64String(published_.value);
    if (!CheckWhole(octets ? *octets : DecodeWholeQuanta(published_.value))) {
      return;
    }
    if (!octets) {
      Add(Rule::kPublicKeyNotBase64, Quote(published_.value));
    } else if (IsPrivateKey(*octets)) {
      Add(Rule::kPrivateKeyPublished, "DER of a private key");
    } else {
      CheckType(*octets);
      CheckPair(*octets);
    }
  }

 private:
  void Add(Rule rule, std::string detail) {
    notes_.Add(rule, "p", published_.value, std::move(detail));
  }

  // False if the DER says that it goes on.
  bool CheckWhole(std::string_view octets) {
    const auto sequence = ReadDerHeader(octets);
    if (!sequence || sequence->header + sequence->content <= octets.size()) {
      return true;
    }
    // An Ed25519 key that happens to begin like DER is whole.
    if (octets.size() == kEd25519Octets && published_.key_type == "ed25519") {
      return true;
    }
    Add(Rule::kRecordCut,
        fmt::format("{} of {} octets of the key; the record has {} octets",
                    octets.size(), sequence->header + sequence->content,
                    published_.record_length));
    return false;
  }

  void CheckType(const std::string& octets) {
    if (published_.key_type == "rsa") {
      CheckRsa(octets);
    } else if (published_.key_type == "ed25519") {
      CheckEd25519(octets);
    }
  }

  void CheckRsa(const std::string& octets) {
    const auto key = PublicKey::FromRsa(octets);
    if (key) {
      CheckSize(key->RsaBits());
      if (ContentOf(octets).starts_with('\x02')) {
        Add(Rule::kPublicKeyPkcs1, "RSAPublicKey");
      }
    } else if (octets.size() == kEd25519Octets ||
               octets.starts_with(kEd25519Der)) {
      Add(Rule::kKeyTypeWrong, "k=rsa, and p= holds an Ed25519 key");
      CheckEd25519Form(octets);
    } else {
      Add(Rule::kPublicKeyMalformed, key.error().detail);
    }
  }

  void CheckEd25519(const std::string& octets) {
    const auto key = PublicKey::FromEd25519(octets);
    if (key) {
      return;
    }
    if (octets.starts_with(kEd25519Der)) {
      CheckEd25519Form(octets);
    } else if (PublicKey::FromRsa(octets)) {
      Add(Rule::kKeyTypeWrong, "k=ed25519, and p= holds an RSA key");
    } else {
      Add(Rule::kPublicKeyMalformed, key.error().detail);
    }
  }

  void CheckEd25519Form(std::string_view octets) {
    if (octets.starts_with(kEd25519Der)) {
      Add(Rule::kEd25519InDer, fmt::format("{} octets", octets.size()));
    }
  }

  void CheckSize(int bits) {
    const std::string detail = fmt::format("{} bits", bits);
    if (bits < kLeastBits) {
      Add(Rule::kRsaKeyTooShort, detail);
    } else if (bits < kGoodBits) {
      Add(Rule::kRsaKeyShort, detail);
    } else if (bits > kLargestBits) {
      Add(Rule::kRsaKeyLong, detail);
    }
  }

  void CheckPair(const std::string& octets) {
    const PrivateKey* key = published_.key;
    if (key != nullptr && octets != key->PublicKeyOctets() &&
        (!key->IsRsa() || octets != key->RsaPublicKeyPkcs1())) {
      Add(Rule::kPrivateKeyMismatch,
          key->IsRsa()
              ? fmt::format("the private key is RSA, {} bits", key->RsaBits())
              : "the private key is Ed25519");
    }
  }

  const PublishedKey& published_;
  Notes& notes_;
};

}  // namespace

void LintPublicKey(const PublishedKey& published, Notes& notes) {
  Linter(published, notes).Lint();
}

}  // namespace dkimspec::lint
