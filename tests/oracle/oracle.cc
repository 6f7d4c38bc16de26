#include "tests/oracle/oracle.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>

#include "tests/oracle/text.h"

namespace oracle {
namespace {

// ---- Messages (RFC 5322 section 2.1) ---------------------------------------

struct Message {
  Strings fields;  // Each with its final CRLF, if it has one.
  string body;
};

Message Parse(const string& octets) {
  Message message;
  size_t at = 0;
  while (at < octets.size()) {
    if (octets.compare(at, 2, "\r\n") == 0) {
      message.body = octets.substr(at + 2);
      break;
    }
    size_t end = octets.find("\r\n", at);
    end = end == string::npos ? octets.size() : end + 2;
    const string line = octets.substr(at, end - at);
    if (IsWsp(line[0]) && !message.fields.empty()) {
      message.fields.back() += line;
    } else {
      message.fields.push_back(line);
    }
    at = end;
  }
  return message;
}

// In lower case; empty for a line without colon, and for a first line that
// begins with WSP, where no name can stand (RFC 5322 section 2.2). WSP before
// the colon is obsolete syntax (RFC 5322 section 4.5) and not part of the name,
// also where the field is folded there: it is read unfolded (RFC 5322 section
// 2.2.3).
string NameOf(const string& field) {
  const size_t colon = field.find(':');
  return colon == string::npos || IsWsp(field[0])
             ? ""
             : Lower(Strip(Unfold(field.substr(0, colon))));
}

// Section 3.7: what follows "b=" up to the next ";" goes, everything else
// stays.
string WithoutB(const string& field) {
  size_t begin = field.find(':') + 1;
  while (begin <= field.size()) {
    size_t end = field.find(';', begin);
    const bool last = end == string::npos;
    if (last) {
      end = field.size();
    }
    const size_t equals = field.find('=', begin);
    if (equals < end &&
        Strip(Unfold(field.substr(begin, equals - begin))) == "b") {
      const string tail =
          last && field.ends_with("\r\n") ? "\r\n" : field.substr(end);
      return field.substr(0, equals + 1) + tail;
    }
    begin = end + 1;
  }
  throw Failure{Verdict::kPermanent, "no b= tag"};
}

// ---- The signature (RFC 6376 sections 3.5 and 6.1.1)
// -------------------------

// Labels of letters, digits and inner hyphens; underscores are in use, and
// U-labels are RFC 8616's. One label is enough here: section 6.1.1 leaves the
// refusal of a top-level domain to the verifier.
void RequireDomain(const string& domain, const string& tag) {
  for (const string& label : Split(domain, '.')) {
    Require(!label.empty() && label[0] != '-' && label.back() != '-',
            tag + "= is not a domain name");
    string ascii;
    std::copy_if(label.begin(), label.end(), std::back_inserter(ascii),
                 [](char c) { return (c & 0x80) == 0; });
    Require(Only(kLetters + kDigits + "-_", ascii),
            tag + "= is not a domain name");
  }
}

string Digits(const string& value, const string& tag) {
  Require(!value.empty() && value.size() <= 76 && Only(kDigits, value),
          tag + "= is not a number");
  const size_t first = value.find_first_not_of('0');
  return first == string::npos ? "0" : value.substr(first);
}

// Numbers of up to 76 digits, without leading zeros, as text.
bool Less(const string& a, const string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// A name as the DNS and comparisons want it.
string Comparable(const string& domain) { return Lower(ALabels(domain)); }

// Section 3.5, i=: same as or a subdomain of d=. Returns its domain.
string CheckAuid(const string& value, const string& sdid) {
  const string auid = QuotedPrintable(value, "i");
  const size_t at = auid.rfind('@');
  Require(at != string::npos, "i= has no @");
  Require(at == 0 || IsLocalPart(auid.substr(0, at)),
          "i= has no local-part before @");
  const string domain = auid.substr(at + 1);
  Require(IsUtf8(domain), "i= is not UTF-8");
  RequireDomain(domain, "i");
  const string parent = Comparable(sdid);
  const string child = Comparable(domain);
  Require(child == parent || child.ends_with("." + parent),
          "domain mismatch: i= outside d=");
  return child;
}

// Section 3.5, q=: unknown methods are ignored, and are words all the same.
void CheckQueryMethods(const Strings& methods) {
  for (const string& method : methods) {
    const size_t slash = method.find('/');
    Require(IsHyphenatedWord(method.substr(0, slash)), "q= has no method");
    if (slash != string::npos) {
      QuotedPrintable(method.substr(slash + 1), "q");
    }
  }
  Require(Contains(methods, "dns/txt"), "no usable query method");
}

struct Signature {
  Tags tags;
  bool rsa = true;
  bool relaxed_header = false;
  bool relaxed_body = false;
  string auid_domain;
  Strings signed_fields;
  string bh;
  string b;
};

void ReadCanonicalization(const string& value, Signature& signature) {
  const Strings words = Split(Lower(value), '/');
  Require(words.size() <= 2, "c= is not understood");
  for (const string& word : words) {
    Require(word == "simple" || word == "relaxed", "c= is not understood");
  }
  signature.relaxed_header = words[0] == "relaxed";
  signature.relaxed_body = words.size() == 2 && words[1] == "relaxed";
}

void CheckTimes(const Tags& tags, std::int64_t now) {
  string timestamp;
  if (tags.count("t") != 0) {
    timestamp = Digits(tags.at("t"), "t");
  }
  if (tags.count("x") == 0) {
    return;
  }
  const string expiration = Digits(tags.at("x"), "x");
  // "MUST be greater than the value of the t= tag if both are present."
  Require(timestamp.empty() || Less(timestamp, expiration),
          "x= is not after t=");
  Require(!Less(expiration, std::to_string(now)), "signature expired");  // MAY.
}

void CheckHeaderNames(const Strings& names) {
  for (const string& name : names) {
    Require(!name.empty() && Only(kFtext, name), "h= is not a list of names");
  }
  Require(Contains(names, "from"), "From field not signed");
}

Signature ReadSignature(const string& value, std::int64_t now) {
  Signature signature;
  signature.tags = ParseTags(value);
  Tags& tags = signature.tags;
  for (const char* name : {"v", "a", "b", "bh", "d", "h", "s"}) {
    Require(tags.count(name) != 0, string("required tag missing: ") + name);
  }
  Require(tags["v"] == "1", "incompatible version");
  const string algorithm = Lower(tags["a"]);  // RFC 5234 section 2.3.
  // rsa-sha1 MUST NOT be used to verify: RFC 8301 section 3.1.
  Require(algorithm == "rsa-sha256" || algorithm == "ed25519-sha256",
          "unsupported algorithm");
  signature.rsa = algorithm == "rsa-sha256";
  if (tags.count("c") != 0) {
    ReadCanonicalization(tags["c"], signature);
  }
  RequireDomain(tags["d"], "d");
  RequireDomain(tags["s"], "s");
  signature.auid_domain = Comparable(tags["d"]);
  if (tags.count("i") != 0) {
    signature.auid_domain = CheckAuid(tags["i"], tags["d"]);
  }
  if (tags.count("q") != 0) {
    CheckQueryMethods(Items(tags["q"]));
  }
  if (tags.count("l") != 0) {
    tags["l"] = Digits(tags["l"], "l");
  }
  CheckTimes(tags, now);
  signature.signed_fields = Items(tags["h"]);
  CheckHeaderNames(signature.signed_fields);
  signature.bh = Base64(tags["bh"], "bh");
  signature.b = Base64(tags["b"], "b");
  Require(!signature.bh.empty() && !signature.b.empty(), "empty bh= or b=");
  return signature;
}

// ---- Keys (RFC 6376 sections 3.6 and 6.1.2, RFC 8463, RFC 8301)
// --------------

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// SubjectPublicKeyInfo, or RSAPublicKey (section 3.6.1 names it, erratum 3017).
Key RsaKey(const string& der) {
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = begin + der.size();
  const auto* at = begin;
  Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())),
          EVP_PKEY_free);
  if (key == nullptr) {
    at = begin;
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at,
                            static_cast<long>(der.size())));
  }
  Require(key != nullptr && at == end, "key syntax error: p=");
  Require(EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA,
          "inappropriate key algorithm");
  const int bits = EVP_PKEY_get_bits(key.get());
  Require(bits >= 1024, "key below 1024 bits");  // RFC 8301 section 3.2.
  Require(bits <= 8192, "key above 8192 bits");  // Our limit, as 3.2 allows.
  return key;
}

Key Ed25519Key(const string& octets) {  // RFC 8463 section 4.2.
  Require(octets.size() == 32, "key syntax error: p= is not 32 octets");
  return Key(EVP_PKEY_new_raw_public_key(
                 EVP_PKEY_ED25519, nullptr,
                 reinterpret_cast<const unsigned char*>(octets.data()), 32),
             EVP_PKEY_free);
}

// Section 3.6.1: the words of h=, s= and t=; the grammar has no empty list and
// no empty word, and 6.1.2 step 5 refuses what the grammar does not have.
Strings Words(const Tags& tags, const char* name) {
  if (tags.count(name) == 0) {
    return {};
  }
  const Strings words = Items(tags.at(name));
  for (const string& word : words) {
    const bool star = name[0] == 's' && word == "*";
    Require(star || IsHyphenatedWord(word),
            string("key syntax error: ") + name + "=");
  }
  return words;
}

Key ReadKey(const string& record, const Signature& signature) {
  Strings order;
  Tags tags = ParseTags(record, &order);
  if (tags.count("v") != 0) {  // Section 3.6.1: first, and exactly DKIM1.
    Require(order[0] == "v" && tags["v"] == "DKIM1", "key syntax error: v=");
  }
  Require(tags.count("p") != 0, "key syntax error: no p=");
  const Strings hashes = Words(tags, "h");
  Require(hashes.empty() || Contains(hashes, "sha256"),
          "inappropriate hash algorithm");
  const Strings services = Words(tags, "s");
  Require(services.empty() || Contains(services, "email") ||
              Contains(services, "*"),
          "key is not for email");
  Require(!Strip(tags["p"]).empty(), "key revoked");
  const string type = tags.count("k") != 0 ? Lower(tags["k"]) : "rsa";
  Require(type == (signature.rsa ? "rsa" : "ed25519"),
          "inappropriate key algorithm");
  if (Contains(Words(tags, "t"), "s")) {
    Require(signature.auid_domain == Comparable(signature.tags.at("d")),
            "domain mismatch: key has t=s");
  }
  const string octets = Base64(tags["p"], "p");
  return signature.rsa ? RsaKey(octets) : Ed25519Key(octets);
}

// ---- Hashes (RFC 6376 section 3.7)
// -------------------------------------------

string Sha256(const string& octets) {
  unsigned char digest[32];
  EVP_Digest(octets.data(), octets.size(), digest, nullptr, EVP_sha256(),
             nullptr);
  return string(reinterpret_cast<char*>(digest), sizeof digest);
}

string BodyHash(const Signature& signature, const string& body) {
  string canonical = CanonicalBody(signature.relaxed_body, body);
  if (signature.tags.count("l") != 0) {
    const string& count = signature.tags.at("l");
    Require(!Less(std::to_string(canonical.size()), count),
            "l= is larger than the body");  // Section 3.5: MUST NOT.
    canonical.resize(std::stoull(count));
  }
  return Sha256(canonical);
}

// Section 5.4.2: the last instance first; a name used up selects nothing.
string HeaderData(const Signature& signature, const Strings& fields,
                  size_t own) {
  std::map<string, size_t> below;  // For each name, where to go on upwards.
  string data;
  for (const string& name : signature.signed_fields) {
    const string wanted = Lower(name);
    size_t& at = below.try_emplace(wanted, fields.size()).first->second;
    while (at > 0) {
      --at;
      if (at != own && NameOf(fields[at]) == wanted) {
        data += CanonicalField(signature.relaxed_header, fields[at]);
        break;
      }
    }
  }
  string self = CanonicalField(signature.relaxed_header, WithoutB(fields[own]));
  self.resize(self.size() - 2);  // Without its final CRLF.
  return data + self;
}

bool SignatureMatches(const Signature& signature, const Key& key,
                      const string& data) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), EVP_MD_CTX_free);
  // RFC 8463 section 3: Ed25519 signs the SHA-256 digest.
  const string input = signature.rsa ? data : Sha256(data);
  EVP_DigestVerifyInit(context.get(), nullptr,
                       signature.rsa ? EVP_sha256() : nullptr, nullptr,
                       key.get());
  return EVP_DigestVerify(
             context.get(),
             reinterpret_cast<const unsigned char*>(signature.b.data()),
             signature.b.size(),
             reinterpret_cast<const unsigned char*>(input.data()),
             input.size()) == 1;
}

// ---- One signature (RFC 6376 section 6.1)
// --------------------------------------

// Section 3.6.2.2 leaves several records undefined; 6.1.2 step 4 allows trying
// each. The first one's failure is reported if none verifies.
void TryRecords(const Signature& signature, const Strings& records,
                const string& data) {
  std::optional<Failure> first;
  for (const string& record : records) {
    try {
      Require(SignatureMatches(signature, ReadKey(record, signature), data),
              "signature did not verify");
      return;
    } catch (const Failure& failure) {
      first = first.value_or(failure);
    }
  }
  throw *first;
}

void VerifyOne(const Message& message, size_t own, const Lookup& lookup,
               std::int64_t now) {
  const string& field = message.fields[own];
  string value = field.substr(field.find(':') + 1);
  if (value.ends_with("\r\n")) {
    value.resize(value.size() - 2);
  }
  const Signature signature = ReadSignature(value, now);
  const DnsAnswer answer = lookup(ALabels(
      signature.tags.at("s") + "._domainkey." + signature.tags.at("d")));
  if (answer.kind == DnsAnswer::Kind::kFailure) {
    // Section 6.1.2 step 2.
    throw Failure{Verdict::kTemporary, "key unavailable"};
  }
  Require(answer.kind == DnsAnswer::Kind::kRecords && !answer.records.empty(),
          "no key for signature");  // Step 3.
  Require(BodyHash(signature, message.body) == signature.bh,
          "body hash did not verify");
  TryRecords(signature, answer.records,
             HeaderData(signature, message.fields, own));
}

}  // namespace

// Section 3.4.1 keeps everything; 3.4.2 as amended by erratum 5839.
string CanonicalField(bool relaxed, const string& field) {
  string octets = field;
  if (!octets.ends_with("\r\n")) {
    octets += "\r\n";
  }
  if (!relaxed) {
    return octets;
  }
  octets.resize(octets.size() - 2);
  const size_t colon = octets.find(':');
  return Lower(Strip(Unfold(octets.substr(0, colon)))) + ":" +
         Strip(Squeeze(Unfold(octets.substr(colon + 1)))) + "\r\n";
}

// Sections 3.4.3 and 3.4.4. A last piece without CRLF is a line.
string CanonicalBody(bool relaxed, const string& body) {
  Strings lines;
  for (size_t at = 0; at < body.size();) {
    size_t end = body.find("\r\n", at);
    const size_t next = end == string::npos ? body.size() : end + 2;
    end = end == string::npos ? body.size() : end;
    string line = body.substr(at, end - at);
    if (relaxed) {
      line = Squeeze(line);
      if (line.ends_with(' ')) {
        line.pop_back();
      }
    }
    lines.push_back(line);
    at = next;
  }
  while (!lines.empty() && lines.back().empty()) {
    lines.pop_back();
  }
  string canonical;
  for (const string& line : lines) {
    canonical += line + "\r\n";
  }
  return canonical.empty() && !relaxed ? "\r\n" : canonical;
}

std::vector<Judgement> Verify(const string& octets, const Lookup& lookup,
                              std::int64_t now) {
  const Message message = Parse(octets);
  std::vector<Judgement> judgements;
  for (size_t own = 0; own < message.fields.size(); ++own) {
    if (NameOf(message.fields[own]) != "dkim-signature") {
      continue;
    }
    try {
      VerifyOne(message, own, lookup, now);
      judgements.push_back({Verdict::kPass, ""});
    } catch (const Failure& failure) {
      judgements.push_back({failure.verdict, failure.why});
    }
  }
  return judgements;
}

}  // namespace oracle
