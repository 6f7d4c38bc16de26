#include "reference/signature.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "fmt/format.h"
#include "reference/base/ascii.h"
#include "reference/domain.h"
#include "reference/local_part.h"
#include "reference/punycode.h"
#include "reference/tag_list.h"
#include "reference/tag_value.h"

namespace dkimspec {
namespace {

// Each step reads or checks one thing; the first finding ends the reading, so
// their order below is the order in which reasons are told.
using Step = std::optional<Finding> (*)(const TagList&, Signature&);

constexpr std::array<std::string_view, 6> kRequiredTags = {"a", "b", "bh",
                                                           "d", "h", "s"};

Finding SyntaxError(std::string detail) {
  return {Reason::kSignatureSyntaxError, std::move(detail)};
}

// A value in a detail: people read it, so it stays short.
std::string Quote(std::string_view value) {
  constexpr std::size_t kLongest = 60;
  return fmt::format("\"{}{}\"", value.substr(0, kLongest),
                     value.size() > kLongest ? "..." : "");
}

std::string_view Value(const TagList& tags, std::string_view name) {
  const Tag* tag = tags.Find(name);
  return tag == nullptr ? std::string_view() : tag->value;
}

// Section 6.1.1: a v= that is inconsistent with RFC 6376. Compared as a text,
// "01" is not "1".
std::optional<Finding> CheckVersion(const TagList& tags, Signature&) {
  const Tag* version = tags.Find("v");
  if (version == nullptr) {
    return Finding{Reason::kSignatureMissingRequiredTag, "v= is missing"};
  }
  if (version->value != "1") {
    return Finding{Reason::kIncompatibleVersion,
                   fmt::format("v= is {}, not \"1\"", Quote(version->value))};
  }
  return std::nullopt;
}

// Section 6.1.1: required tags.
std::optional<Finding> CheckRequiredTags(const TagList& tags, Signature&) {
  for (const std::string_view name : kRequiredTags) {
    if (tags.Find(name) == nullptr) {
      return Finding{Reason::kSignatureMissingRequiredTag,
                     fmt::format("{}= is missing", name)};
    }
  }
  return std::nullopt;
}

std::optional<Finding> ReadDomain(const TagList& tags, Signature& signature) {
  const std::string_view value = Value(tags, "d");
  if (!IsDomainName(value)) {
    return SyntaxError(
        fmt::format("d= is {}, not a domain name", Quote(value)));
  }
  signature.sdid = value;
  return std::nullopt;
}

std::optional<Finding> ReadSelector(const TagList& tags, Signature& signature) {
  const std::string_view value = Value(tags, "s");
  if (!IsDomainName(value)) {
    return SyntaxError(fmt::format("s= is {}, not a selector", Quote(value)));
  }
  signature.selector = value;
  if (!IsDomainName(signature.KeyName())) {
    return SyntaxError("s= and d= make a name too long for the DNS");
  }
  return std::nullopt;
}

// Section 3.5, h=: names with FWS around the colons, at least one.
std::optional<Finding> ReadSignedHeaderFields(const TagList& tags,
                                              Signature& signature) {
  const auto names = SplitColonList(Value(tags, "h"));
  if (!names) {
    return SyntaxError("h= is empty or has an empty element");
  }
  signature.signed_header_fields.reserve(names->size());
  for (const std::string_view name : *names) {
    if (!IsFieldName(name)) {
      return SyntaxError(
          fmt::format("h= has {}, not a field name", Quote(name)));
    }
    signature.signed_header_fields.emplace_back(name);
  }
  return std::nullopt;
}

std::optional<Finding> ReadBase64(const TagList& tags, std::string_view name,
                                  std::string& octets) {
  auto decoded = DecodeBase64String(Value(tags, name));
  if (!decoded) {
    return SyntaxError(fmt::format("{}= is not base64, or empty", name));
  }
  octets = *std::move(decoded);
  return std::nullopt;
}

// Whether it has the length of the hash is found when it is compared.
std::optional<Finding> ReadBodyHash(const TagList& tags, Signature& signature) {
  return ReadBase64(tags, "bh", signature.body_hash);
}

std::optional<Finding> ReadSignatureData(const TagList& tags,
                                         Signature& signature) {
  return ReadBase64(tags, "b", signature.signature_data);
}

std::optional<Finding> ReadCount(const TagList& tags, std::string_view name,
                                 std::optional<Count>& count) {
  const Tag* tag = tags.Find(name);
  if (tag == nullptr) {
    return std::nullopt;
  }
  count = ParseCount(tag->value);
  if (!count) {
    return SyntaxError(
        fmt::format("{}= is {}, not 1 to 76 digits", name, Quote(tag->value)));
  }
  return std::nullopt;
}

std::optional<Finding> ReadBodyLengthCount(const TagList& tags,
                                           Signature& signature) {
  return ReadCount(tags, "l", signature.body_length_count);
}

// Section 3.5, t= and x=. The grammar has 12 digits; the text of t= says that
// larger values MAY be taken as infinite, so up to 76 digits are read as in l=.
std::optional<Finding> ReadTimes(const TagList& tags, Signature& signature) {
  if (auto finding = ReadCount(tags, "t", signature.timestamp)) {
    return finding;
  }
  if (auto finding = ReadCount(tags, "x", signature.expiration)) {
    return finding;
  }
  // "The value of the "x=" tag MUST be greater than the value of the "t=" tag
  // if both are present": inconsistent otherwise, section 6.1.1.
  if (signature.timestamp && signature.expiration &&
      *signature.expiration <= *signature.timestamp) {
    return SyntaxError("x= is not later than t=");
  }
  return std::nullopt;
}

// Section 3.5, i=: [ Local-part ] "@" domain-name, quoted-printable.
std::optional<Finding> ReadAuid(const TagList& tags, Signature& signature) {
  const Tag* tag = tags.Find("i");
  if (tag == nullptr) {
    signature.auid = "@" + signature.sdid;
    signature.auid_domain = signature.sdid;
    return std::nullopt;
  }
  const auto auid = DecodeQuotedPrintable(tag->value);
  if (!auid) {
    return SyntaxError("i= is not dkim-quoted-printable");
  }
  const std::size_t at = auid->rfind('@');
  if (at == std::string::npos) {
    return SyntaxError(fmt::format("i= is {}, without \"@\"", Quote(*auid)));
  }
  signature.auid = *auid;
  signature.auid_domain = auid->substr(at + 1);
  if (!IsDomainName(signature.auid_domain) ||
      (at > 0 && !IsLocalPart(auid->substr(0, at)))) {
    return SyntaxError(fmt::format("i= is {}, not an address", Quote(*auid)));
  }
  return std::nullopt;
}

// Words are compared as ABNF's quoted strings are, ignoring case (RFC 5234
// section 2.3); section 3.2 may be read to say otherwise.
std::optional<Finding> ReadAlgorithm(const TagList& tags,
                                     Signature& signature) {
  constexpr std::array kKnown = {Algorithm::kRsaSha1, Algorithm::kRsaSha256,
                                 Algorithm::kEd25519Sha256};
  const std::string_view value = Value(tags, "a");
  for (const Algorithm algorithm : kKnown) {
    if (EqualsIgnoringCase(value, ToString(algorithm))) {
      signature.algorithm = algorithm;
      return std::nullopt;
    }
  }
  // sig-a-tag-alg: two words of letters and digits, a letter first.
  const std::size_t hyphen = value.find('-');
  const std::string_view key_type = value.substr(0, hyphen);
  const std::string_view hash =
      hyphen == std::string_view::npos ? "" : value.substr(hyphen + 1);
  if (!IsHyphenatedWord(key_type) || !IsHyphenatedWord(hash) ||
      hash.find('-') != std::string_view::npos) {
    return SyntaxError(
        fmt::format("a= is {}, not an algorithm's name", Quote(value)));
  }
  return Finding{Reason::kUnsupportedAlgorithm,
                 fmt::format("a= is {}", Quote(value))};
}

std::optional<Finding> ReadCanonicalization(std::string_view word,
                                            Canonicalization& result) {
  for (const auto known :
       {Canonicalization::kSimple, Canonicalization::kRelaxed}) {
    if (EqualsIgnoringCase(word, ToString(known))) {
      result = known;
      return std::nullopt;
    }
  }
  if (!IsHyphenatedWord(word)) {
    return SyntaxError(
        fmt::format("c= has {}, not an algorithm's name", Quote(word)));
  }
  return Finding{Reason::kUnsupportedCanonicalization,
                 fmt::format("c= has {}", Quote(word))};
}

// Section 3.5, c=: the body algorithm is simple where only one is named. FWS
// around "/" is not in the grammar.
std::optional<Finding> ReadCanonicalizations(const TagList& tags,
                                             Signature& signature) {
  const Tag* tag = tags.Find("c");
  if (tag == nullptr) {
    return std::nullopt;
  }
  const std::size_t slash = tag->value.find('/');
  if (auto finding = ReadCanonicalization(tag->value.substr(0, slash),
                                          signature.header_canonicalization)) {
    return finding;
  }
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  return ReadCanonicalization(tag->value.substr(slash + 1),
                              signature.body_canonicalization);
}

bool IsQueryMethod(std::string_view text) {
  const std::size_t slash = text.find('/');
  return IsHyphenatedWord(text.substr(0, slash)) &&
         (slash == std::string_view::npos ||
          DecodeQuotedPrintable(text.substr(slash + 1)).has_value());
}

// Section 3.5, q=: unknown methods are skipped; "dns" without "/txt" is one.
std::optional<Finding> CheckQueryMethods(const TagList& tags, Signature&) {
  const Tag* tag = tags.Find("q");
  if (tag == nullptr) {
    return std::nullopt;
  }
  const auto methods = SplitColonList(tag->value);
  if (!methods ||
      !std::all_of(methods->begin(), methods->end(), IsQueryMethod)) {
    return SyntaxError("q= is not a list of query methods");
  }
  const bool usable = std::any_of(
      methods->begin(), methods->end(), [](std::string_view method) {
        return EqualsIgnoringCase(method, "dns/txt");
      });
  if (!usable) {
    return Finding{Reason::kUnsupportedQueryMethod,
                   fmt::format("q= is {}", Quote(tag->value))};
  }
  return std::nullopt;
}

// Sections 3.5, 3.10 and 6.1.1: i= is within d=.
std::optional<Finding> CheckAuidWithinSdid(const TagList&,
                                           Signature& signature) {
  if (IsWithinDomain(signature.auid_domain, signature.sdid)) {
    return std::nullopt;
  }
  return Finding{Reason::kDomainMismatch,
                 fmt::format("i= domain {} is not within d={}",
                             Quote(signature.auid_domain), signature.sdid)};
}

// Sections 5.4 and 6.1.1: the whole name, ignoring case.
std::optional<Finding> CheckFromSigned(const TagList&, Signature& signature) {
  const auto& names = signature.signed_header_fields;
  if (std::any_of(names.begin(), names.end(), [](const std::string& name) {
        return EqualsIgnoringCase(name, "from");
      })) {
    return std::nullopt;
  }
  return Finding{Reason::kFromFieldNotSigned, "h= does not name From"};
}

// z= is for diagnosis only and is never used in place of the message (section
// 3.5), so a z= that is not well-formed inside changes nothing here.
constexpr Step kSteps[] = {
    CheckVersion,      CheckRequiredTags,      ReadDomain,
    ReadSelector,      ReadSignedHeaderFields, ReadBodyHash,
    ReadSignatureData, ReadBodyLengthCount,    ReadTimes,
    ReadAuid,          ReadAlgorithm,          ReadCanonicalizations,
    CheckQueryMethods, CheckAuidWithinSdid,    CheckFromSigned,
};

}  // namespace

std::string_view ToString(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRsaSha1:
      return "rsa-sha1";
    case Algorithm::kRsaSha256:
      return "rsa-sha256";
    case Algorithm::kEd25519Sha256:
      return "ed25519-sha256";
  }
  return "";
}

// The DNS holds A-labels, whichever form the field has (RFC 8616 section 3).
std::string Signature::KeyName() const {
  constexpr std::string_view kBetween = "._domainkey.";
  std::string name;
  name.reserve(selector.size() + kBetween.size() + sdid.size());
  name += selector;
  name += kBetween;
  name += sdid;
  return ToAscii(name).value_or(name);
}

tl::expected<Signature, Finding> ParseSignature(std::string_view value) {
  const auto tags = ParseTagList(value);
  if (!tags) {
    return tl::unexpected(SyntaxError(tags.error().message));
  }
  Signature signature;
  for (const Step step : kSteps) {
    if (auto finding = step(*tags, signature)) {
      return tl::unexpected(*std::move(finding));
    }
  }
  return signature;
}

SignatureIdentity IdentifySignature(std::string_view value) {
  const auto text_of = [&](std::string_view name) {
    const auto tag = ScanForTag(value, name);
    return tag ? std::string(tag->value) : std::string();
  };
  return {text_of("d"), text_of("s")};
}

}  // namespace dkimspec
