#include "support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "reference/base/base64.h"
#include "reference/base/file.h"
#include "reference/canonicalization.h"
#include "reference/header_hash.h"
#include "reference/message.h"
#include "reference/signature.h"
#include "reference/signer.h"

namespace dkimspec {
namespace {

// Tests stop at the first thing that cannot be right; gtest reports a throw.
template <typename T, typename E>
T ValueOf(tl::expected<T, E> result, const std::string& what) {
  if (!result) {
    throw std::runtime_error(what);
  }
  return *std::move(result);
}

std::string Replaced(std::string text, std::string_view what,
                     std::string_view by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

}  // namespace

std::string ReadTestData(const std::string& name) {
  return ValueOf(ReadFile(std::string(DKIMSPEC_TEST_DATA) + "/" + name),
                 "cannot read " + name);
}

PrivateKey TestKey(const std::string& name) {
  const std::string path =
      std::string(DKIMSPEC_TEST_KEYS) + "/" + name + ".pem";
  return ValueOf(PrivateKey::FromPem(ValueOf(ReadFile(path), path), path),
                 path);
}

std::string SignatureTags(const TagChanges& changes) {
  std::vector<std::pair<std::string, std::string>> tags = {
      {"v", "1"},           {"a", "rsa-sha256"}, {"c", "relaxed/relaxed"},
      {"d", "example.com"}, {"s", "sel"},        {"h", "From:To:Subject"},
      {"bh", "{bh}"},       {"b", "{b}"}};
  for (const auto& [name, value] : changes) {
    const auto found = std::find_if(
        tags.begin(), tags.end(),
        [&, &wanted = name](const auto& tag) { return tag.first == wanted; });
    if (!value) {
      tags.erase(found, found == tags.end() ? found : found + 1);
    } else if (found == tags.end()) {
      tags.insert(tags.begin() + 1, {name, *value});
    } else {
      found->second = *value;
    }
  }
  std::string text;
  for (const auto& [name, value] : tags) {
    text += (text.empty() ? "" : "; ") + name + "=" + value;
  }
  return text;
}

std::string SignedMessage(const PrivateKey& key, const std::string& tags,
                          std::string_view message) {
  const auto parsed =
      ParseSignature(Replaced(Replaced(tags, "{bh}", "AAAA"), "{b}", "AAAA"));
  if (!parsed) {
    throw std::runtime_error(parsed.error().detail);
  }
  const MessageView view = ParseMessage(message);
  std::string body = CanonicalizeBody(parsed->body_canonicalization, view.body);
  if (parsed->body_length_count && *parsed->body_length_count < body.size()) {
    body.resize(static_cast<std::size_t>(*parsed->body_length_count));
  }
  const std::string field =
      "DKIM-Signature: " +
      Replaced(tags, "{bh}",
               Base64Encode(Hash(HashOf(parsed->algorithm), body))) +
      "\r\n";
  const auto signature =
      key.Sign(parsed->algorithm,
               HeaderHashInput(
                   parsed->header_canonicalization, view.fields,
                   SelectHeaderFields(view.fields, parsed->signed_header_fields,
                                      std::nullopt),
                   field));
  return Replaced(field, "{b}", Base64Encode(ValueOf(signature, "signing"))) +
         std::string(message);
}

Zone ZoneOf(const std::vector<std::string>& records) {
  ZoneEntry entry;
  entry.kind = ZoneEntry::Kind::kTxt;
  for (const std::string& record : records) {
    entry.txt.push_back(SplitAt255(record));
  }
  return {{"sel._domainkey.example.com", entry}};
}

Zone ZoneOf(const PrivateKey& key) {
  return ZoneOf(std::vector<std::string>{KeyRecordFor(key)});
}

Verification VerifyOne(std::string_view message, const Zone& zone,
                       const VerifierPolicy& policy) {
  ZoneKeySource keys(zone);
  std::vector<Verification> verifications = Verify(message, keys, policy);
  if (verifications.size() != 1) {
    throw std::runtime_error("not one signature");
  }
  return std::move(verifications.front());
}

}  // namespace dkimspec
