#include "reference/key_record.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fmt/format.h"
#include "reference/base/ascii.h"
#include "reference/tag_list.h"
#include "reference/tag_value.h"

namespace dkimspec {
namespace {

using Step = std::optional<Finding> (*)(const TagList&, KeyRecord&);

Finding SyntaxError(std::string detail) {
  return {Reason::kKeySyntaxError, std::move(detail)};
}

// Words are compared as ABNF's quoted strings are, ignoring case (RFC 5234
// section 2.3); only v=DKIM1 is spelled in octets.
bool Contains(const std::vector<std::string>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& w) {
    return EqualsIgnoringCase(w, word);
  });
}

// Section 3.6.1, v=: DKIM1 octet by octet, and the first tag if there is one.
// Both are MUST. Implementations in use accept v= elsewhere; the text does not.
std::optional<Finding> CheckVersion(const TagList& tags, KeyRecord&) {
  const Tag* version = tags.Find("v");
  if (version == nullptr) {
    return std::nullopt;
  }
  if (version->value != "DKIM1") {
    return SyntaxError("v= is not \"DKIM1\"");
  }
  if (version != &tags.tags.front()) {
    return SyntaxError("v= is not the first tag");
  }
  return std::nullopt;
}

// Colon-separated words, or "*" where `star` allows it. A tag that is present
// and empty is an error and not the default: the grammar needs one element.
std::optional<Finding> ReadWords(const TagList& tags, std::string_view name,
                                 bool star, std::vector<std::string>& words) {
  const Tag* tag = tags.Find(name);
  if (tag == nullptr) {
    return std::nullopt;
  }
  const auto elements = SplitColonList(tag->value);
  if (!elements) {
    return SyntaxError(
        fmt::format("{}= is empty or has an empty element", name));
  }
  for (const std::string_view element : *elements) {
    if (!IsHyphenatedWord(element) && !(star && element == "*")) {
      return SyntaxError(fmt::format("{}= has \"{}\"", name, element));
    }
    words.emplace_back(element);
  }
  return std::nullopt;
}

std::optional<Finding> ReadHashAlgorithms(const TagList& tags,
                                          KeyRecord& record) {
  return ReadWords(tags, "h", false, record.hash_algorithms);
}

std::optional<Finding> ReadServiceTypes(const TagList& tags,
                                        KeyRecord& record) {
  return ReadWords(tags, "s", true, record.service_types);
}

std::optional<Finding> ReadFlags(const TagList& tags, KeyRecord& record) {
  return ReadWords(tags, "t", false, record.flags);
}

std::optional<Finding> ReadKeyType(const TagList& tags, KeyRecord& record) {
  const Tag* tag = tags.Find("k");
  if (tag == nullptr) {
    return std::nullopt;
  }
  if (!IsHyphenatedWord(tag->value)) {
    return SyntaxError("k= is empty or not a word");
  }
  record.key_type = ToLower(tag->value);
  return std::nullopt;
}

// n= is for people and is not examined (section 3.6.1).
std::optional<Finding> ReadNotes(const TagList& tags, KeyRecord& record) {
  if (const Tag* tag = tags.Find("n")) {
    record.notes = tag->value;
  }
  return std::nullopt;
}

// Section 3.6.1, p=: required; present and empty, it revokes the key.
std::optional<Finding> ReadPublicKey(const TagList& tags, KeyRecord& record) {
  const Tag* tag = tags.Find("p");
  if (tag == nullptr) {
    return SyntaxError("p= is missing");
  }
  if (tag->value.empty()) {
    return std::nullopt;
  }
  auto octets = DecodeBase64String(tag->value);
  if (!octets) {
    return SyntaxError("p= is not base64");
  }
  record.public_key = *std::move(octets);
  return std::nullopt;
}

// g= of RFC 4871 is a tag like any unknown one: ignored (appendix C.2).
constexpr Step kSteps[] = {
    CheckVersion, ReadHashAlgorithms, ReadKeyType,   ReadNotes,
    ReadFlags,    ReadServiceTypes,   ReadPublicKey,
};

}  // namespace

bool KeyRecord::IsTesting() const { return Contains(flags, "y"); }

bool KeyRecord::ForbidsSubdomains() const { return Contains(flags, "s"); }

bool KeyRecord::IsForEmail() const {
  return service_types.empty() || Contains(service_types, "*") ||
         Contains(service_types, "email");
}

bool KeyRecord::AllowsHash(std::string_view hash) const {
  return hash_algorithms.empty() || Contains(hash_algorithms, hash);
}

tl::expected<KeyRecord, Finding> ReadKeyRecord(std::string_view text) {
  const auto tags = ParseTagList(text);
  if (!tags) {
    return tl::unexpected(SyntaxError(tags.error().message));
  }
  KeyRecord record;
  for (const Step step : kSteps) {
    if (auto finding = step(*tags, record)) {
      return tl::unexpected(*std::move(finding));
    }
  }
  return record;
}

tl::expected<KeyRecord, Finding> ParseKeyRecord(std::string_view text) {
  auto record = ReadKeyRecord(text);
  if (record && record->public_key.empty()) {
    return tl::unexpected(Finding{Reason::kKeyRevoked, "p= is empty"});
  }
  return record;
}

}  // namespace dkimspec
