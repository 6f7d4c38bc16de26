// Key records: RFC 6376 section 3.6.1.
#include <algorithm>
#include <array>
#include <string>

#include "fmt/format.h"
#include "reference/key_record.h"
#include "reference/lint/lint.h"
#include "reference/lint/notes.h"
#include "reference/lint/public_key_lint.h"
#include "reference/lint/tags.h"

namespace dkimspec::lint {
namespace {

constexpr std::array<std::string_view, 8> kNames = {"v", "g", "h", "k",
                                                    "n", "p", "s", "t"};
constexpr std::array<std::string_view, 6> kBareTags = {"v", "h", "k",
                                                       "p", "s", "t"};
constexpr std::array<std::string_view, 4> kWordTags = {"h", "k", "s", "t"};
constexpr Dialect kDialect = {kNames, kBareTags, true};

void CheckVersion(const std::vector<LooseTag>& tags, Notes& notes) {
  const LooseTag* version = Find(tags, "v");
  if (version == nullptr) {
    notes.Add(Rule::kVersionMissing, "v", {}, "");
    return;
  }
  if (version->value != "DKIM1" && !notes.HasErrorAt("v")) {
    notes.Add(Rule::kKeyRecordVersion, "v", version->value,
              fmt::format("v={}", version->value));
  }
  if (version != tags.data()) {
    notes.Add(Rule::kVersionNotFirst, "v", version->name,
              fmt::format("{}= stands before it", tags.front().name));
  }
}

// The tags other than v= and p=, each read as if the others were right.
KeyRecord ReadWordTags(const std::vector<LooseTag>& tags, Notes& notes) {
  const std::string good_key = "p=AAAA";
  std::string good_tags = good_key;
  for (const LooseTag& tag : tags) {
    const bool has_words = std::find(kWordTags.begin(), kWordTags.end(),
                                     tag.name) != kWordTags.end();
    if (!has_words || notes.HasErrorAt(tag.name)) {
      continue;
    }
    const std::string text = fmt::format("; {}={}", tag.name, tag.value);
    const auto read = ReadKeyRecord(good_key + text);
    if (read) {
      good_tags += text;
    } else {
      notes.Add(Rule::kKeyRecordTag, tag.name,
                tag.value.empty() ? tag.name : tag.value, read.error().detail);
    }
  }
  return ReadKeyRecord(good_tags).value_or(KeyRecord());
}

// Adds a remark about a tag that the record surely has.
void AddAt(Rule rule, const std::vector<LooseTag>& tags, std::string_view name,
           Notes& notes) {
  const LooseTag& tag = *Find(tags, name);
  notes.Add(rule, name, tag.value, fmt::format("{}={}", name, tag.value));
}

void CheckWords(const KeyRecord& record, const std::vector<LooseTag>& tags,
                Notes& notes) {
  if (!record.AllowsHash("sha256")) {
    AddAt(Rule::kSha256NotAllowed, tags, "h", notes);
  } else if (!record.hash_algorithms.empty() && record.AllowsHash("sha1")) {
    AddAt(Rule::kSha1Allowed, tags, "h", notes);
  }
  if (record.key_type != "rsa" && record.key_type != "ed25519") {
    AddAt(Rule::kKeyTypeUnknown, tags, "k", notes);
  }
  if (!record.IsForEmail()) {
    AddAt(Rule::kNotForEmail, tags, "s", notes);
  }
  if (record.IsTesting()) {
    AddAt(Rule::kTestingFlag, tags, "t", notes);
  }
  if (Find(tags, "g") != nullptr) {
    AddAt(Rule::kGranularityTag, tags, "g", notes);
  }
}

void CheckPublicKey(const KeyRecord& record, const std::vector<LooseTag>& tags,
                    std::string_view text, const PrivateKey* key,
                    Notes& notes) {
  const LooseTag* tag = Find(tags, "p");
  if (tag == nullptr) {
    notes.Add(Rule::kPublicKeyMissing, "p", text.substr(text.size()), "");
  } else if (tag->value.empty()) {
    notes.Add(Rule::kPublicKeyEmpty, "p", tag->name, "p=");
  } else {
    const bool type_is_known = !notes.HasErrorAt("k");
    LintPublicKey(
        {tag->value, text.size(),
         type_is_known ? std::string_view(record.key_type) : std::string_view(),
         key},
        notes);
  }
}

}  // namespace

std::vector<Remark> LintKeyRecord(std::string_view record,
                                  const PrivateKey* key) {
  Notes notes("key record", record);
  const std::vector<LooseTag> tags = ReadTags(record, kDialect, notes);
  CheckVersion(tags, notes);
  const KeyRecord words = ReadWordTags(tags, notes);
  CheckWords(words, tags, notes);
  CheckPublicKey(words, tags, record, key, notes);
  return notes.Take();
}

}  // namespace dkimspec::lint
