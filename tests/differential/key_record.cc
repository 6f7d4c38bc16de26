// Key records: what is published for a key, rightly or not.
#include "reference/base/base64.h"
#include "tests/differential/generator.h"

namespace dkimspec::differential {
namespace {

// Some are correct, some break RFC 6376 section 3.6.1.
struct Form {
  const char* feature;
  const char* text;  // {k}: the type, {p}: the key.
};

constexpr Form kForms[] = {
    {"no-version", "k={k}; p={p}"},
    {"final-semicolon", "v=DKIM1; k={k}; p={p};"},
    {"key-type-first", "k={k}; v=DKIM1; p={p}"},
    {"wrong-version", "v=DKIM2; k={k}; p={p}"},
    {"version-in-lower-case", "v=dkim1; k={k}; p={p}"},
    {"white-space", " v = DKIM1 ; k = {k} ;\tp = {p} "},
    {"hash-sha256", "v=DKIM1; k={k}; h=sha256; p={p}"},
    {"hash-both", "v=DKIM1; k={k}; h=sha1 : sha256; p={p}"},
    {"hash-sha1", "v=DKIM1; k={k}; h=sha1; p={p}"},
    {"hash-unknown", "v=DKIM1; k={k}; h=sha512; p={p}"},
    {"hash-unknown-too", "v=DKIM1; k={k}; h=md-5:sha256; p={p}"},
    {"hash-empty", "v=DKIM1; k={k}; h=; p={p}"},
    {"hash-empty-element", "v=DKIM1; k={k}; h=sha256:; p={p}"},
    {"service-email", "v=DKIM1; k={k}; s=email; p={p}"},
    {"service-any", "v=DKIM1; k={k}; s=*; p={p}"},
    {"service-other", "v=DKIM1; k={k}; s=tlsrpt; p={p}"},
    {"service-two", "v=DKIM1; k={k}; s=tlsrpt:email; p={p}"},
    {"service-empty", "v=DKIM1; k={k}; s=; p={p}"},
    {"flag-y", "v=DKIM1; k={k}; t=y; p={p}"},
    {"flag-s", "v=DKIM1; k={k}; t=s; p={p}"},
    {"flags-s-y", "v=DKIM1; k={k}; t=y:s; p={p}"},
    {"flag-unknown", "v=DKIM1; k={k}; t=zz; p={p}"},
    {"flag-empty", "v=DKIM1; k={k}; t=; p={p}"},
    {"flag-empty-element", "v=DKIM1; k={k}; t=y:; p={p}"},
    {"flag-malformed", "v=DKIM1; k={k}; t=-; p={p}"},
    {"notes", "v=DKIM1; k={k}; n=for you; p={p}"},
    {"unknown-tag", "v=DKIM1; k={k}; zz=a=b; p={p}"},
    {"granularity", "v=DKIM1; g=*; k={k}; p={p}"},
    {"repeated-tag", "v=DKIM1; k={k}; k={k}; p={p}"},
    {"empty-tag", "v=DKIM1;; k={k}; p={p}"},
    {"junk-tag", "v=DKIM1; junk; k={k}; p={p}"},
    {"revoked", "v=DKIM1; k={k}; p="},
    {"no-key", "v=DKIM1; k={k}"},
    {"wrong-type", "v=DKIM1; k=other; p={p}"},
    {"type-in-upper-case", "v=DKIM1; k=RSA; p={p}"},
    {"no-type", "v=DKIM1; p={p}"},
    {"quoted", "\"v=DKIM1; k={k}; p={p}\""},
    {"escaped", "v=DKIM1\\; k={k}\\; p={p}"},
};

std::string Filled(std::string text, const std::string& from,
                   const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string Record(const char* form, const PrivateKey& key,
                   const std::string& octets) {
  return Filled(Filled(form, "{k}", key.IsRsa() ? "rsa" : "ed25519"), "{p}",
                Base64Encode(octets));
}

std::string PlainRecord(const PrivateKey& key) {
  return Record("v=DKIM1; k={k}; p={p}", key, key.PublicKeyOctets());
}

std::string SpacedKey(const PrivateKey& key) {
  std::string base64 = Base64Encode(key.PublicKeyOctets());
  base64.insert(base64.size() / 2, " ");
  return Filled(key.IsRsa() ? "v=DKIM1; p={p}" : "v=DKIM1; k=ed25519; p={p}",
                "{p}", base64);
}

ZoneEntry Texts(const std::vector<std::string>& texts) {
  ZoneEntry entry;
  entry.kind = ZoneEntry::Kind::kTxt;
  for (const std::string& text : texts) {
    entry.txt.push_back(SplitAt255(text));
  }
  return entry;
}

ZoneEntry Odd(const PrivateKey& key, const PrivateKey& other, Dice& dice,
              Features& features) {
  switch (dice.Below(8)) {
    case 0:
      features.insert("key:other");
      return Texts({PlainRecord(other)});
    case 1:
      features.insert("key:two-records");
      return dice.Chance(50) ? Texts({PlainRecord(other), PlainRecord(key)})
                             : Texts({"v=spf1 -all", PlainRecord(key)});
    case 2:
      features.insert("key:servfail");
      return {ZoneEntry::Kind::kServFail, {}, "", ""};
    case 3:
      features.insert("key:nxdomain");
      return {ZoneEntry::Kind::kNxDomain, {}, "", ""};
    case 4:
      features.insert("key:nodata");
      return {ZoneEntry::Kind::kNoData, {}, "", ""};
    case 5:
      features.insert("key:space-inside");
      return Texts({SpacedKey(key)});
    case 6:
      features.insert("key:empty-record");
      return Texts({""});
    default:
      break;
  }
  if (!key.IsRsa()) {
    features.insert("key:spki-of-ed25519");
    return Texts({Record("v=DKIM1; k={k}; p={p}", key,
                         "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21" +
                             std::string(1, '\0') + key.PublicKeyOctets())});
  }
  features.insert("key:pkcs1");
  return Texts({Record("v=DKIM1; k={k}; p={p}", key, key.RsaPublicKeyPkcs1())});
}

}  // namespace

ZoneEntry MakeEntry(const PrivateKey& key, const PrivateKey& other, Dice& dice,
                    Features& features) {
  if (dice.Chance(78)) {
    return Texts({PlainRecord(key)});
  }
  if (dice.Chance(25)) {
    return Odd(key, other, dice, features);
  }
  const Form& form = dice.Pick(kForms);
  features.insert(std::string("key:") + form.feature);
  return Texts({Record(form.text, key, key.PublicKeyOctets())});
}

}  // namespace dkimspec::differential
