#include "reference/signer.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "reference/base/ascii.h"
#include "reference/base/base64.h"
#include "reference/domain.h"
#include "reference/folder.h"
#include "reference/header_hash.h"
#include "reference/local_part.h"
#include "reference/message.h"
#include "reference/punycode.h"
#include "reference/tag_value.h"

namespace dkimspec {
namespace {

constexpr int kLeastRsaBits = 1024;                    // RFC 8301 section 3.2.
constexpr std::int64_t kLatestTime = 999'999'999'999;  // 12 digits, t= and x=.

// RFC 6376 section 5.4.1, and Sender and the MIME fields as section 5.4
// advises.
constexpr std::array<std::string_view, 23> kCoreFields = {
    "From",
    "Reply-To",
    "Subject",
    "Date",
    "To",
    "Cc",
    "Resent-Date",
    "Resent-From",
    "Resent-To",
    "Resent-Cc",
    "In-Reply-To",
    "References",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Subscribe",
    "List-Post",
    "List-Owner",
    "List-Archive",
    "Sender",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding"};

// Section 8.15: named once more than they occur, so that none can be added.
constexpr std::array<std::string_view, 5> kOverSigned = {"From", "Subject",
                                                         "Date", "To", "Cc"};

Expected<void> CheckNames(const SignerOptions& options) {
  if (!IsDomainName(options.sdid) ||
      options.sdid.find('.') == std::string::npos) {
    return Fail("sdid", fmt::format("\"{}\" is not a domain name of two labels "
                                    "or more (RFC 6376 section 3.5, d=)",
                                    options.sdid));
  }
  if (!IsDomainName(options.selector)) {
    return Fail("selector",
                fmt::format("\"{}\" is not a selector (RFC 6376 section 3.1)",
                            options.selector));
  }
  if (!IsDomainName(options.selector + "._domainkey." + options.sdid)) {
    return Fail("selector",
                "with the domain it makes a name of more than 253 "
                "octets; choose a shorter one");
  }
  return {};
}

// Section 3.5, i=.
Expected<void> CheckAuid(const SignerOptions& options) {
  if (!options.auid) {
    return {};
  }
  const std::string_view auid = *options.auid;
  const std::size_t at = auid.rfind('@');
  if (at == std::string_view::npos || !IsDomainName(auid.substr(at + 1)) ||
      (at > 0 && !IsLocalPart(auid.substr(0, at)))) {
    return Fail("auid", fmt::format("\"{}\" is not [local-part] \"@\" domain "
                                    "(RFC 6376 section 3.5, i=)",
                                    auid));
  }
  if (!IsWithinDomain(auid.substr(at + 1), options.sdid)) {
    return Fail("auid",
                fmt::format("\"{}\" is not within {} (RFC 6376 section 3.5, "
                            "i=)",
                            auid, options.sdid));
  }
  return {};
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
}

Expected<void> CheckLabels(const char* place, std::string_view domain) {
  if (IsAscii(domain)) {
    return {};
  }
  return Fail(place,
              fmt::format("\"{}\" is not ASCII, but the header is: write "
                          "{} (RFC 6376 section 3.5, RFC 8616 section 4)",
                          domain, ToAscii(domain).value_or("xn--...")));
}

// U-labels are for messages that are internationalized anyway (RFC 8616 section
// 4); in others d=, s= and the domain of i= are A-labels.
Expected<void> CheckLabels(const MessageView& message,
                           const SignerOptions& options) {
  if (!IsAscii(message.header)) {
    return {};
  }
  const std::string auid = options.auid.value_or("@");
  return CheckLabels("sdid", options.sdid)
      .and_then([&] { return CheckLabels("selector", options.selector); })
      .and_then([&] {
        return CheckLabels("auid",
                           std::string_view(auid).substr(auid.rfind('@') + 1));
      });
}

Expected<void> CheckTimes(const SignerOptions& options) {
  for (const auto& time : {options.timestamp, options.expiration}) {
    if (time && (*time < 0 || *time > kLatestTime)) {
      return Fail("timestamp, expiration",
                  fmt::format("{} is not 0 to {} (RFC 6376 section 3.5, t=)",
                              *time, kLatestTime));
    }
  }
  if (options.timestamp && options.expiration &&
      *options.expiration <= *options.timestamp) {
    return Fail("expiration",
                fmt::format("{} is not later than the timestamp {} (RFC 6376 "
                            "section 3.5, x=)",
                            *options.expiration, *options.timestamp));
  }
  return {};
}

Expected<void> CheckKey(const PrivateKey& key) {
  if (key.IsRsa() && key.RsaBits() < kLeastRsaBits) {
    return Fail("key", fmt::format("an RSA key of {} bits; RFC 8301 section "
                                   "3.2 wants 1024 or more",
                                   key.RsaBits()));
  }
  return {};
}

// Section 5.3: what is not CRLF is converted before signing, because it will be
// converted on the way. We do not guess how, we refuse.
Expected<void> CheckLineEnds(std::string_view message) {
  for (std::size_t i = message.find_first_of("\r\n");
       i != std::string_view::npos; i = message.find_first_of("\r\n", i)) {
    if (!message.substr(i).starts_with("\r\n")) {
      return Fail("message",
                  fmt::format("octet {} is a bare {}: convert line ends to "
                              "CRLF before signing (RFC 6376 section 5.3)",
                              i, message[i] == '\r' ? "CR" : "LF"));
    }
    i += 2;
  }
  return {};
}

bool ContainsName(const std::vector<std::string>& names,
                  std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& n) {
    return EqualsIgnoringCase(n, name);
  });
}

std::vector<std::string> DefaultFields(const MessageView& message) {
  std::vector<std::string> names;
  for (const std::string_view name : kCoreFields) {
    names.insert(names.end(), message.Find(name).size(), std::string(name));
  }
  names.insert(names.end(), kOverSigned.begin(), kOverSigned.end());
  return names;
}

// Sections 3.5, h=, and 5.4.
Expected<std::vector<std::string>> ChooseFields(const MessageView& message,
                                                const SignerOptions& options) {
  if (message.Find("From").empty()) {
    return Fail("message",
                "has no From field, which must be signed (RFC 6376 section "
                "5.4)");
  }
  if (options.signed_header_fields.empty()) {
    return DefaultFields(message);
  }
  const auto& names = options.signed_header_fields;
  const auto wrong = std::find_if_not(names.begin(), names.end(), IsFieldName);
  if (wrong != names.end()) {
    return Fail("signed header fields",
                fmt::format("\"{}\" is not a field name", *wrong));
  }
  if (!ContainsName(names, "From")) {
    return Fail("signed header fields",
                "do not name From (RFC 6376 section 5.4)");
  }
  // More mentions than there are others would mean the field being made.
  const auto mentions =
      std::count_if(names.begin(), names.end(), [](const std::string& name) {
        return EqualsIgnoringCase(name, "DKIM-Signature");
      });
  if (static_cast<std::size_t>(mentions) >
      message.Find("DKIM-Signature").size()) {
    return Fail("signed header fields",
                "name DKIM-Signature more often than the message has it; h= "
                "must not name the field being made (RFC 6376 section 3.5, "
                "h=)");
  }
  return names;
}

Expected<void> CheckOptions(std::string_view message, const PrivateKey& key,
                            const SignerOptions& options) {
  return CheckNames(options)
      .and_then([&] { return CheckAuid(options); })
      .and_then([&] { return CheckTimes(options); })
      .and_then([&] { return CheckKey(key); })
      .and_then([&] { return CheckLineEnds(message); });
}

// h= may be folded at its colons.
void AddFieldNames(const std::vector<std::string>& names, Folder& folder) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view before = i == 0 ? "h=" : "";
    const std::string_view after = i + 1 < names.size() ? ":" : ";";
    folder.Add(fmt::format("{}{}{}", before, names[i], after),
               i == 0 ? Folder::Gap::kSpace : Folder::Gap::kNone);
  }
}

// Everything up to and including "b=".
Folder WriteTags(const SignerOptions& options, Algorithm algorithm,
                 const std::vector<std::string>& names,
                 std::string_view body_hash) {
  Folder folder("DKIM-Signature:");
  const auto add = [&](const std::string& text) { folder.Add(text + ";"); };
  add("v=1");
  add(fmt::format("a={}", ToString(algorithm)));
  add(fmt::format("c={}/{}", ToString(options.header_canonicalization),
                  ToString(options.body_canonicalization)));
  add("d=" + options.sdid);
  add("s=" + options.selector);
  if (options.auid) {
    add("i=" + EncodeQuotedPrintable(*options.auid));
  }
  if (options.timestamp) {
    add(fmt::format("t={}", *options.timestamp));
  }
  if (options.expiration) {
    add(fmt::format("x={}", *options.expiration));
  }
  AddFieldNames(names, folder);
  add("bh=" + Base64Encode(body_hash));
  folder.Add("b=");
  return folder;
}

}  // namespace

// The octets that are signed are those of the field as it is sent, up to "b=":
// what follows that, its folding included, is removed before hashing (RFC 6376
// section 3.7).
Expected<std::string> Sign(std::string_view message, const PrivateKey& key,
                           const SignerOptions& options) {
  if (auto checked = CheckOptions(message, key, options); !checked) {
    return tl::unexpected(checked.error());
  }
  const MessageView view = ParseMessage(message);
  if (auto checked = CheckLabels(view, options); !checked) {
    return tl::unexpected(checked.error());
  }
  const auto names = ChooseFields(view, options);
  if (!names) {
    return tl::unexpected(names.error());
  }
  const Algorithm algorithm =
      key.IsRsa() ? Algorithm::kRsaSha256 : Algorithm::kEd25519Sha256;
  Folder folder = WriteTags(
      options, algorithm, *names,
      Hash(HashOf(algorithm),
           CanonicalizeBody(options.body_canonicalization, view.body)));
  const auto signature = key.Sign(
      algorithm,
      HeaderHashInput(options.header_canonicalization, view.fields,
                      SelectHeaderFields(view.fields, *names, std::nullopt),
                      folder.text() + "\r\n"));
  if (!signature) {
    return tl::unexpected(signature.error());
  }
  folder.AddAnywhere(Base64Encode(*signature));
  return folder.text() + "\r\n";
}

std::string KeyRecordFor(const PrivateKey& key) {
  return fmt::format("v=DKIM1; k={}; p={}", key.IsRsa() ? "rsa" : "ed25519",
                     Base64Encode(key.PublicKeyOctets()));
}

}  // namespace dkimspec
