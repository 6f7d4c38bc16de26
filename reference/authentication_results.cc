#include "reference/authentication_results.h"

#include <algorithm>
#include <cstddef>

#include "fmt/format.h"
#include "reference/base/base64.h"
#include "reference/domain.h"
#include "reference/local_part.h"
#include "reference/punycode.h"

namespace dkimspec {
namespace {

// token of RFC 2045 section 5.1.
bool IsToken(std::string_view text) {
  constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return c > ' ' && c <= '~' && kSpecials.find(c) == std::string_view::npos;
  });
}

// Printable ASCII stays, all else becomes "?": nothing in a message may end a
// line or a quoted string (RFC 8601 section 7.9).
std::string Printable(std::string_view text) {
  std::string printable(text);
  std::replace_if(
      printable.begin(), printable.end(),
      [](char c) { return c < ' ' || c > '~'; }, '?');
  return printable;
}

// value of RFC 2045 section 5.1: a token, or else a quoted string.
std::string ToValue(std::string_view text) {
  std::string printable = Printable(text);
  if (IsToken(printable)) {
    return printable;
  }
  std::string quoted = "\"";
  for (const char c : printable) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return quoted + '"';
}

// In the form of the DNS, which is ASCII.
std::string DomainValue(std::string_view domain) {
  return ToValue(ToAscii(domain).value_or(std::string(domain)));
}

// RFC 8601 section 2.2: an identity is written as an address, which a value in
// quotes is not. Only what is certainly one is written so.
std::string AddressValue(std::string_view auid) {
  const std::size_t at = auid.rfind('@');
  if (at == std::string_view::npos) {
    return ToValue(auid);
  }
  const std::string local = Printable(auid.substr(0, at));
  const std::string domain =
      ToAscii(auid.substr(at + 1)).value_or(std::string());
  const bool is_address =
      IsDomainName(domain) && (local.empty() || IsLocalPart(local));
  return is_address ? local + "@" + domain : ToValue(auid);
}

std::string SignatureText(const Verification& verification) {
  return verification.signature
             ? Base64Encode(verification.signature->signature_data)
             : std::string();
}

std::size_t CommonPrefix(std::string_view a, std::string_view b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<std::size_t>(end - a.begin());
}

// RFC 6008 section 4: at least eight characters, and as many as tell this
// signature from the others; all of it where that cannot be, or what a line
// holds.
std::string_view Distinguishing(std::size_t index,
                                const std::vector<std::string>& texts) {
  constexpr std::size_t kLeast = 8;
  const std::string_view text = texts[index];
  std::size_t length = kLeast;
  for (std::size_t other = 0; other < texts.size(); ++other) {
    if (other != index) {
      length = std::max(length, CommonPrefix(text, texts[other]) + 1);
    }
  }
  constexpr std::size_t kLongest = 800;
  return text.substr(0, std::min(length, kLongest));
}

std::string ReasonSpec(const Verification& verification) {
  return verification.reason == Reason::kNone
             ? std::string()
             : fmt::format(" reason={}",
                           ToValue(Info(verification.reason).text));
}

// RFC 5322 section 2.1.1 allows 998 octets a line, and a value cannot be
// folded. Whoever sends longer ones is not told of.
constexpr std::size_t kLongestValue = 900;

std::string PropSpecs(const Verification& verification,
                      std::string_view signature_text) {
  std::string specs;
  const auto add = [&](std::string_view property, const std::string& value) {
    if (value.size() <= kLongestValue) {
      specs += fmt::format("\r\n\theader.{}={}", property, value);
    }
  };
  if (!verification.identity.sdid.empty()) {
    add("d", DomainValue(verification.identity.sdid));
  }
  if (verification.signature) {
    add("i", AddressValue(verification.signature->auid));
  }
  if (!verification.identity.selector.empty()) {
    add("s", DomainValue(verification.identity.selector));
  }
  if (verification.signature) {
    add("a", ToValue(ToString(verification.signature->algorithm)));
    add("b", ToValue(signature_text));
  }
  return specs;
}

}  // namespace

std::string WriteAuthenticationResults(
    std::string_view authserv_id,
    const std::vector<Verification>& verifications) {
  std::string field =
      fmt::format("Authentication-Results: {}", ToValue(authserv_id));
  if (verifications.empty()) {
    return field + ";\r\n\tdkim=none\r\n";
  }
  std::vector<std::string> texts;
  texts.reserve(verifications.size());
  for (const Verification& verification : verifications) {
    texts.push_back(SignatureText(verification));
  }
  for (std::size_t i = 0; i < verifications.size(); ++i) {
    const Verification& verification = verifications[i];
    field += fmt::format(";\r\n\tdkim={}{}{}", ToString(ResultOf(verification)),
                         ReasonSpec(verification),
                         PropSpecs(verification, Distinguishing(i, texts)));
  }
  return field + "\r\n";
}

}  // namespace dkimspec
