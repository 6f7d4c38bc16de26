// DKIM-Signature fields that are right where nothing else is said, in every
// layout that RFC 6376 allows and in some that it does not.
#include <algorithm>

#include "reference/base/ascii.h"
#include "reference/base/base64.h"
#include "reference/canonicalization.h"
#include "reference/message.h"
#include "reference/punycode.h"
#include "tests/differential/generator.h"

namespace dkimspec::differential {
namespace {

// The tags of one signature, in the order in which they will be written.
struct Draft {
  std::vector<std::pair<std::string, std::string>> tags;
  std::string domain;
  std::string selector;
  std::string key;
  Algorithm algorithm = Algorithm::kRsaSha256;
  Canonicalization header = Canonicalization::kSimple;
  Canonicalization body = Canonicalization::kSimple;
  std::vector<std::string> names;

  void Add(const std::string& name, const std::string& value) {
    tags.emplace_back(name, value);
  }
};

void ChooseKey(Draft& draft, Dice& dice, Features& features) {
  const auto kind = dice.Below(100);
  draft.key = kind < 55   ? "rsa1024-a"
              : kind < 70 ? "rsa2048-a"
              : kind < 98 ? "ed25519-a"
                          : "rsa768-a";
  draft.algorithm = draft.key == "ed25519-a" ? Algorithm::kEd25519Sha256
                                             : Algorithm::kRsaSha256;
  if (draft.key == "ed25519-a") {
    features.insert("ed25519");
  }
  if (draft.key == "rsa768-a") {
    features.insert("weak-key");
  }
}

void ChooseNames(Draft& draft, Dice& dice, Features& features) {
  constexpr const char* kSelectors[] = {"s", "s1", "brisbane", "a.b", "x_y"};
  constexpr const char* kDomains[] = {"a.example", "A.Example", "b.a.example",
                                      "x-y.example"};
  draft.selector = dice.Pick(kSelectors);
  draft.selector += std::to_string(dice.Below(1000));
  draft.domain = dice.Pick(kDomains);
  if (draft.selector.find('_') != std::string::npos) {
    features.insert("underscore");
  }
  if (dice.Chance(2)) {
    features.insert("u-label");
    draft.domain = "b\xC3\xBC." + draft.domain;
  }
}

void ChooseAlgorithm(Draft& draft, Dice& dice, Features& features) {
  std::string a(ToString(draft.algorithm));
  if (dice.Chance(1)) {
    features.insert("a:upper-case");
    a = a[0] == 'r' ? "RSA-SHA256" : "Ed25519-SHA256";
  } else if (dice.Chance(1)) {
    features.insert("a:unknown");
    a = a.substr(0, a.find('-')) + "-sha512";
  }
  draft.Add("a", a);
}

void ChooseCanonicalization(Draft& draft, Dice& dice, Features& features) {
  struct Form {
    const char* text;
    bool header;
    bool body;
    const char* feature;
  };
  constexpr Form kForms[] = {
      {"relaxed/relaxed", true, true, "c:relaxed/relaxed"},
      {"relaxed/relaxed", true, true, "c:relaxed/relaxed"},
      {"simple/simple", false, false, "c:simple/simple"},
      {"relaxed/simple", true, false, "c:relaxed/simple"},
      {"simple/relaxed", false, true, "c:simple/relaxed"},
      {"relaxed", true, false, "c:one-word"},
      {"simple", false, false, "c:one-word"},
      {nullptr, false, false, "c:absent"},
      {"Relaxed/RELAXED", true, true, "c:upper-case"}};
  const Form& form = kForms[dice.Below(dice.Chance(8) ? 9 : 8)];
  features.insert(form.feature);
  const auto of = [](bool relaxed) {
    return relaxed ? Canonicalization::kRelaxed : Canonicalization::kSimple;
  };
  draft.header = of(form.header);
  draft.body = of(form.body);
  if (form.text != nullptr) {
    draft.Add("c", form.text);
  }
}

bool NamesFrom(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return EqualsIgnoringCase(name, "from");
  });
}

void ChooseHeaderFields(Draft& draft, const std::vector<std::string>& fields,
                        Dice& dice, Features& features) {
  for (const std::string& octets : fields) {
    const MessageView view = ParseMessage(octets);
    const std::string name(view.fields[0].name);
    if (EqualsIgnoringCase(name, "from") || dice.Chance(70)) {
      draft.names.push_back(dice.Chance(50) ? ToLower(name) : name);
    }
  }
  constexpr const char* kMore[] = {"From", "Subject", "X-Absent", "to", "CC"};
  for (auto left = dice.Chance(30) ? dice.Below(4) : 0; left > 0; --left) {
    features.insert("over-signed");
    draft.names.emplace_back(dice.Pick(kMore));
  }
  for (std::size_t i = draft.names.size(); i > 1; --i) {
    std::swap(draft.names[i - 1], draft.names[dice.Below(i)]);
  }
  if (dice.Chance(1)) {
    std::erase_if(draft.names, [](const std::string& name) {
      return EqualsIgnoringCase(name, "from");
    });
    draft.names.emplace_back("Date");
  } else if (dice.Chance(1)) {
    draft.names.emplace_back("DKIM-Signature");
    features.insert("signs-signature");
  }
  if (!NamesFrom(draft.names)) {
    features.insert("from-unsigned");
  }
}

std::string JoinNames(const std::vector<std::string>& names, Dice& dice,
                      Features& features) {
  constexpr const char* kColons[] = {":", ":",   ":",  ":",      ":",
                                     ":", " : ", ": ", ":\r\n\t"};
  const bool plain = dice.Chance(70);
  std::string text;
  for (const std::string& name : names) {
    const std::string colon = plain ? ":" : dice.Pick(kColons);
    text += (text.empty() ? "" : colon) + name;
  }
  if (dice.Chance(1)) {
    features.insert("h:empty-element");
    text += ":";
  }
  return text;
}

std::string Wrapped(std::string base64, Dice& dice) {
  constexpr const char* kFws[] = {" ", "\r\n\t", "\r\n ", " \r\n  ", "\t"};
  const std::size_t step = 20 + dice.Below(60);
  if (dice.Chance(60)) {
    for (std::size_t at = step; at < base64.size(); at += step + 3) {
      base64.insert(at, dice.Pick(kFws));
    }
  }
  return base64;
}

// l=, and the octets of the canonical body that are hashed.
std::string ChooseLength(Draft& draft, std::string canonical, Dice& dice,
                         Features& features) {
  if (!dice.Chance(8)) {
    return canonical;
  }
  features.insert("l");
  std::size_t count = canonical.size();
  const auto kind = dice.Below(6);
  if (kind == 0) {
    count = 0;
  } else if (kind <= 2) {
    count = dice.Below(count + 1);
  } else if (kind == 3) {
    features.insert("l:too-large");
    count += 1 + dice.Below(100);
  }
  if (count < canonical.size()) {
    features.insert("l:partial");
    canonical.resize(count);
  }
  draft.Add("l", (dice.Chance(10) ? "00" : "") + std::to_string(count));
  return canonical;
}

void ChooseTimes(Draft& draft, Dice& dice, Features& features) {
  constexpr std::int64_t kYear = 31557600;
  const auto past = static_cast<std::int64_t>(dice.Below(86400));
  std::int64_t t = kNow - kYear + past;
  if (dice.Chance(2)) {
    features.insert("t:future");
    t = kNow + 65 * kYear;
  }
  if (dice.Chance(40)) {
    draft.Add("t", std::to_string(t));
    features.insert("t");
  }
  const auto kind = dice.Below(100);
  if (kind < 12) {
    features.insert("x");
    draft.Add("x", std::to_string(kNow + 70 * kYear));
  } else if (kind < 14) {
    features.insert("x:expired");
    draft.Add("x", std::to_string(kNow - kYear + 90000));
  } else if (kind < 16) {
    features.insert("x:before-t");
    draft.Add("x", std::to_string(t - 1));
  }
}

void ChooseIdentity(Draft& draft, Dice& dice, Features& features) {
  if (!dice.Chance(15)) {
    return;
  }
  struct Form {
    const char* before;
    const char* feature;
  };
  constexpr Form kForms[] = {
      {"@", "i:same"},
      {"a@", "i:same"},
      {"@sub.", "i:subdomain"},
      {"a=20b@", "i:space"},
      {"a=3Db@sub.", "i:subdomain"},
      {"\"x=20y\"@", "i:quoted"},
      {"@other", "i:outside"},
      {"a=40b@", "i:two-at"},
      {"nobody.", "i:without-at"},
      {"=C3=A4@", "i:utf-8"},
      {"a=zz@", "i:bad-quoting"},
  };
  const Form& form = dice.Pick(kForms);
  features.insert(form.feature);
  draft.Add("i", form.before + draft.domain);
}

void ChooseRest(Draft& draft, Dice& dice, Features& features) {
  struct Form {
    const char* name;
    const char* value;
    const char* feature;
  };
  constexpr Form kForms[] = {
      {"q", "dns/txt", "q"},
      {"q", "dns/txt", "q"},
      {"q", "dns/txt:", "q:empty-element"},
      {"q", "x/y : dns/txt", "q:unknown-too"},
      {"q", "dns", "q:unknown"},
      {"z", "From:a=20b@c|Subject:x", "z"},
      {"zz", "what=ever : =", "unknown-tag"},
      {"Zz", "", "unknown-tag"},
      {"x_1", "a  b\r\n c", "unknown-tag"},
      {"1x", "a", "bad-tag-name"},
      {"B", "x", "tag-in-upper-case"},
      {"c", "relaxed", "c:again"},
  };
  if (dice.Chance(12)) {
    const Form& form = dice.Pick(kForms);
    features.insert(form.feature);
    draft.Add(form.name, form.value);
  }
}

void OmitTag(Draft& draft, Dice& dice, Features& features) {
  if (dice.Chance(2)) {
    const auto at = static_cast<std::ptrdiff_t>(dice.Below(draft.tags.size()));
    features.insert("omitted:" +
                    draft.tags[static_cast<std::size_t>(at)].first);
    draft.tags.erase(draft.tags.begin() + at);
  }
}

std::string Separator(Dice& dice, bool plain) {
  constexpr const char* kOdd[] = {";",   "; ",  ";\r\n\t", " ; ",
                                  ";\t", ";  ", "\r\n ;",  ";\r\n \t "};
  return plain ? "; " : dice.Pick(kOdd);
}

std::string Equals(Dice& dice, bool plain) {
  constexpr const char* kOdd[] = {"=", "=", "=", " =", "= ", " = ", "=\r\n "};
  return plain ? "=" : dice.Pick(kOdd);
}

// The field without final CRLF; `b` receives where the value of b= goes.
std::string Lay(const Draft& draft, std::size_t& b, Dice& dice,
                Features& features) {
  constexpr const char* kNames[] = {
      "DKIM-Signature:", "DKIM-Signature:", "DKIM-Signature:",
      "dkim-signature:", "Dkim-Signature:"};
  const bool plain = dice.Chance(60);
  if (!plain) {
    features.insert("odd-layout");
  }
  std::string field = dice.Pick(kNames);
  field += dice.Chance(80) ? " " : "\r\n\t";
  b = 0;
  for (const auto& [name, value] : draft.tags) {
    field += &draft.tags.front().first == &name ? "" : Separator(dice, plain);
    field += name + Equals(dice, plain) + value;
    if (name == "b") {
      b = field.size();
    }
  }
  return field + (dice.Chance(10) ? ";" : "");
}

// RFC 6376 section 5.4.2.
std::string Selected(const Draft& draft, std::vector<std::string> fields) {
  std::string octets;
  for (const std::string& name : draft.names) {
    for (std::size_t i = fields.size(); i-- > 0;) {
      if (ParseMessage(fields[i]).fields[0].Is(name)) {
        octets += CanonicalizeHeaderField(draft.header, fields[i]);
        fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(i));
        break;
      }
    }
  }
  return octets;
}

std::string MakeB(const Draft& draft, const std::vector<std::string>& fields,
                  const std::string& own, const Keys& keys) {
  std::string data = Selected(draft, fields) +
                     CanonicalizeHeaderField(draft.header, own + "\r\n");
  data.resize(data.size() - 2);
  return Base64Encode(
      keys.at(draft.key).Sign(draft.algorithm, data).value_or(""));
}

void AddHashes(Draft& draft, const std::string& body, Dice& dice,
               Features& features) {
  const std::string hashed =
      ChooseLength(draft, CanonicalizeBody(draft.body, body), dice, features);
  draft.Add("h", JoinNames(draft.names, dice, features));
  draft.Add("bh",
            Wrapped(Base64Encode(Hash(HashAlgorithm::kSha256, hashed)), dice));
  draft.Add("b", "");
}

void Shuffle(Draft& draft, Dice& dice) {
  if (dice.Chance(60)) {
    return;
  }
  for (std::size_t i = draft.tags.size(); i > 1; --i) {
    std::swap(draft.tags[i - 1], draft.tags[dice.Below(i)]);
  }
}

Draft MakeDraft(const std::vector<std::string>& fields, const std::string& body,
                Dice& dice, Features& features) {
  Draft draft;
  ChooseKey(draft, dice, features);
  ChooseNames(draft, dice, features);
  draft.Add("v", dice.Chance(1) ? "2" : "1");
  ChooseAlgorithm(draft, dice, features);
  ChooseCanonicalization(draft, dice, features);
  draft.Add("d", draft.domain);
  draft.Add("s", draft.selector);
  ChooseIdentity(draft, dice, features);
  ChooseTimes(draft, dice, features);
  ChooseRest(draft, dice, features);
  ChooseHeaderFields(draft, fields, dice, features);
  AddHashes(draft, body, dice, features);
  OmitTag(draft, dice, features);
  Shuffle(draft, dice);
  return draft;
}

}  // namespace

Signed SignMessage(const std::vector<std::string>& fields,
                   const std::string& body, const Keys& keys, Dice& dice,
                   Features& features) {
  const Draft draft = MakeDraft(fields, body, dice, features);
  std::size_t at = 0;
  std::string field = Lay(draft, at, dice, features);
  if (at > 0) {
    // b= is signed with an empty value, white space included (section 3.7).
    const std::size_t end = std::min(field.find(';', at), field.size());
    std::string own = field;
    const std::size_t after = own.find_last_of('=', at - 1) + 1;
    own.erase(after, end - after);
    field.insert(at, Wrapped(MakeB(draft, fields, own, keys), dice));
  }
  const std::string name = draft.selector + "._domainkey." + draft.domain;
  return {field + "\r\n", ToAscii(name).value_or(name), draft.key};
}

}  // namespace dkimspec::differential
