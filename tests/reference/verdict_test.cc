// What a verdict rests on and what it does not: RFC 6376 sections 3.9, 4.2, 5.4
// and 6, where several signatures, several faults or odd messages meet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "reference/base/base64.h"
#include "reference/signer.h"
#include "reference/verifier.h"
#include "support.h"

namespace dkimspec {
namespace {

constexpr char kKeyName[] = "sel._domainkey.example.com";

const PrivateKey& Key() {
  static const PrivateKey key = TestKey("rsa1024-a");
  return key;
}

std::string Changed(std::string text, const std::string& what,
                    const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

// The DKIM-Signature field that SignedMessage would put above kPlainMessage.
std::string Field(const TagChanges& changes) {
  const std::string message = SignedMessage(Key(), SignatureTags(changes));
  return message.substr(0, message.size() - kPlainMessage.size());
}

Zone ZoneWith(ZoneEntry::Kind kind) {
  ZoneEntry entry;
  entry.kind = kind;
  return {{kKeyName, entry}};
}

// Remembers each name that is looked up.
class RecordingKeySource : public ZoneKeySource {
 public:
  using ZoneKeySource::ZoneKeySource;
  KeyAnswer Lookup(std::string_view name) override {
    names.emplace_back(name);
    return ZoneKeySource::Lookup(name);
  }
  std::vector<std::string> names;
};

// Sections 4.2 and 6.1: no signature hides another, wherever it stands, and a
// verdict is the same in every order.
TEST(Verdict, DoesNotDependOnTheOrderOfSignatures) {
  std::map<std::string, Reason> expected = {
      {Field({}), Reason::kNone},
      {Field({{"t", "7"}}), Reason::kNone},
      {Field({{"bh", "QUJD"}}), Reason::kBodyHashDidNotVerify},
      {"DKIM-Signature: v=1; d=example.com; s=sel; d=x\r\n",
       Reason::kSignatureSyntaxError}};
  std::vector<std::string> fields;
  for (const auto& [field, reason] : expected) {
    fields.push_back(field);
  }
  const Zone zone = ZoneOf(Key());
  int orders = 0;
  do {
    ZoneKeySource keys(zone);
    const auto verifications =
        Verify(fields[0] + fields[1] + fields[2] + fields[3] +
                   std::string(kPlainMessage),
               keys, {});
    ASSERT_EQ(verifications.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(verifications[i].reason, expected[fields[i]]) << i;
    }
    ++orders;
  } while (std::next_permutation(fields.begin(), fields.end()));
  EXPECT_EQ(orders, 24);
}

// Sections 6, 6.1.1 and 6.1.2: of two faults the one that is found first, in
// the order of the steps, is told. Above all, no TEMPFAIL for what can never
// verify, and no PERMFAIL for a body while the key may yet come.
struct Faults {
  const char* what;
  std::string message;
  Zone zone;
  Reason reason;
};

TEST(Verdict, OfTwoFaultsTheEarlierStepIsTold) {
  const std::string good = SignedMessage(Key(), SignatureTags());
  const std::string body = Changed(good, "Hi.", "Ho.");
  const std::string syntax = Changed(good, "v=1;", "v=1; i=x;");
  const std::string version = Changed(good, "v=1;", "v=2;");
  const std::string both = Changed(body, "dinner", "supper");
  const PrivateKey weak = TestKey("rsa1023-a");
  const Zone servfail = ZoneWith(ZoneEntry::Kind::kServFail);
  const Zone absent = ZoneWith(ZoneEntry::Kind::kNxDomain);
  for (const Faults& row : {
           Faults{"syntax, no answer", syntax, servfail,
                  Reason::kSignatureSyntaxError},
           Faults{"version, no answer", version, servfail,
                  Reason::kIncompatibleVersion},
           Faults{"body, no answer", body, servfail, Reason::kKeyUnavailable},
           Faults{"body, no key", body, absent, Reason::kNoKeyForSignature},
           Faults{"body, revoked", body, ZoneOf({"p="}), Reason::kKeyRevoked},
           Faults{"revoked, hash", good, ZoneOf({"h=sha1; p="}),
                  Reason::kInappropriateHashAlgorithm},
           Faults{"revoked, type", good, ZoneOf({"k=ed25519; p="}),
                  Reason::kKeyRevoked},
           Faults{"body, weak key",
                  Changed(SignedMessage(weak, SignatureTags()), "Hi.", "Ho."),
                  ZoneOf(weak), Reason::kWeakKey},
           Faults{"body, header", both, ZoneOf(Key()),
                  Reason::kBodyHashDidNotVerify},
       }) {
    EXPECT_EQ(Info(VerifyOne(row.message, row.zone).reason).id,
              Info(row.reason).id)
        << row.what;
  }
}

// Section 3.1: there is no difference in meaning between the two.
TEST(Verdict, RevokedAndRemovedKeysAreAlike) {
  const std::string message = SignedMessage(Key(), SignatureTags());
  const Verification revoked = VerifyOne(message, ZoneOf({"v=DKIM1; p="}));
  const Verification removed =
      VerifyOne(message, ZoneWith(ZoneEntry::Kind::kNxDomain));
  EXPECT_EQ(revoked.state, State::kPermFail);
  EXPECT_EQ(removed.state, revoked.state);
  EXPECT_EQ(ResultOf(removed), ResultOf(revoked));
}

// Section 3.9: d= is told for SUCCESS and for TEMPFAIL; we tell it always.
TEST(Verdict, TellsTheSigningDomainWhateverBecameOfIt) {
  const std::string message = SignedMessage(Key(), SignatureTags());
  for (const Zone& zone : {ZoneOf(Key()), ZoneOf({"p="}), Zone(),
                           ZoneWith(ZoneEntry::Kind::kTimeout)}) {
    EXPECT_EQ(VerifyOne(message, zone).identity.sdid, "example.com");
  }
}

// Sections 3.5, q=, 3.6.2.1 and 8.4; RFC 8553 section 2: one name is asked for,
// and nothing else of what _domainkey stands for.
TEST(Verdict, AsksForOneNameASignature) {
  const Zone zone = ZoneOf(Key());
  RecordingKeySource keys(zone);
  const auto found =
      Verify(SignedMessage(Key(), SignatureTags({{"q", "x:dns/txt:dns/txt"}})),
             keys, {});
  EXPECT_EQ(found[0].state, State::kSuccess);
  EXPECT_EQ(keys.names, std::vector<std::string>{kKeyName});
}

// Sections 4.2 and 8.4: a limit bounds the work and the lookups.
TEST(Verdict, LookupsAreBounded) {
  std::string message;
  for (int i = 0; i < 100; ++i) {
    message +=
        "DKIM-Signature: " +
        SignatureTags(
            {{"s", "s" + std::to_string(i)}, {"b", "QUJD"}, {"bh", "QUJD"}}) +
        "\r\n";
  }
  message += kPlainMessage;
  const Zone zone;
  for (const std::size_t limit : {0U, 10U, 64U}) {
    RecordingKeySource keys(zone);
    VerifierPolicy policy;
    policy.max_signatures = limit;
    EXPECT_EQ(Verify(message, keys, policy).size(), 100U);
    EXPECT_EQ(keys.names.size(), limit);
  }
  RecordingKeySource keys(zone);
  Verify(message, keys, {});
  EXPECT_EQ(keys.names.size(), VerifierPolicy().max_signatures);
}

// Sections 3.11 and 6.3; RFC 8601 section 2.7.1: whoever signs takes
// responsibility, and need not be the author.
TEST(Verdict, SignersNeedNotBeTheAuthor) {
  const std::string message =
      "From: eve@elsewhere.example\r\n\r\nA third party signed this.\r\n";
  const Verification verification =
      VerifyOne(SignedMessage(Key(), SignatureTags(), message), ZoneOf(Key()));
  EXPECT_EQ(verification.state, State::kSuccess) << verification.detail;
  EXPECT_EQ(ResultOf(verification), Result::kPass);
}

// Section 5.4.2: a field that is not there is the null string, From too. That
// such a message is none (RFC 5322 section 3.6) is for others to say.
TEST(Verdict, NamedFieldsNeedNotExist) {
  const Verification verification = VerifyOne(
      SignedMessage(Key(), SignatureTags(), "Subject: x\r\n\r\nHi.\r\n"),
      ZoneOf(Key()));
  EXPECT_EQ(verification.state, State::kSuccess) << verification.detail;
}

// Sections 3.5, b=, and 3.7: only the value of b= is left out of what is
// signed.
TEST(Verdict, EveryTagOfItsOwnFieldIsSigned) {
  for (const char* c : {"simple/simple", "relaxed/relaxed"}) {
    const std::string message =
        SignedMessage(Key(), SignatureTags({{"c", c},
                                            {"t", "10"},
                                            {"x", "9000000000"},
                                            {"i", "joe@example.com"},
                                            {"q", "dns/txt"},
                                            {"z", "From:a"},
                                            {"l", "13"},
                                            {"foo", "bar"}}));
    const Verification good = VerifyOne(message, ZoneOf(Key()));
    EXPECT_EQ(good.state, State::kSuccess) << good.detail;
    for (const auto& [what, by] :
         {std::pair{"v=1;", "v= 1;"}, std::pair{"t=10", "t=11"},
          std::pair{"x=9000000000", "x=9000000001"},
          std::pair{"i=joe@", "i=jim@"}, std::pair{"q=dns/txt", "q=dns/TXT"},
          std::pair{"z=From:a", "z=From:b"}, std::pair{"l=13", "l=013"},
          std::pair{"foo=bar", "foo=baz"}, std::pair{"foo=", "fop="},
          std::pair{"d=example", "d=Example"}, std::pair{"s=sel", "s=Sel"},
          std::pair{"h=From:To", "h=from:To"},
          std::pair{"a=rsa-sha256", "a=RSA-sha256"},
          std::pair{"=; b=", "=; nob=1; b="}, std::pair{"; bh=", "; BH=x; bh="},
          std::pair{"DKIM-Signature: ", "DKIM-Signature: y=z; "}}) {
      EXPECT_EQ(VerifyOne(Changed(message, what, by), ZoneOf(Key())).reason,
                Reason::kSignatureDidNotVerify)
          << c << " " << by;
    }
    const std::size_t bh = message.find("bh=") + 3;
    const std::string other_hash =
        Changed(message, message.substr(bh, 4), "AAAA");
    EXPECT_EQ(VerifyOne(other_hash, ZoneOf(Key())).header_signature,
              Check::kMismatch);
  }
}

// RFC 8616 section 4: the domain is hashed as it stands in the field, though
// both forms lead to one key.
TEST(Verdict, DomainsAreHashedAsTheyStand) {
  const std::string u_label =
      "b\xc3\xbc"
      "cher.example";
  const std::string a_label = "xn--bcher-kva.example";
  const Zone zone = {
      {"sel._domainkey." + a_label, ZoneOf(Key()).begin()->second}};
  for (const auto& [form, other] :
       {std::pair{u_label, a_label}, std::pair{a_label, u_label}}) {
    const std::string message =
        SignedMessage(Key(), SignatureTags({{"d", form}}));
    EXPECT_EQ(VerifyOne(message, zone).state, State::kSuccess) << form;
    EXPECT_EQ(VerifyOne(Changed(message, form, other), zone).reason,
              Reason::kSignatureDidNotVerify)
        << form;
  }
}

// RFC 6532 section 3.1: nobody normalizes what is signed.
TEST(Verdict, NormalFormsOfUnicodeDiffer) {
  const std::string nfd = "e\xcc\x81";
  const std::string nfc = "\xc3\xa9";
  const std::string message = SignedMessage(
      Key(), SignatureTags(),
      "From: joe@example.com\r\nSubject: caf" + nfd + "\r\n\r\nHi.\r\n");
  EXPECT_EQ(VerifyOne(message, ZoneOf(Key())).state, State::kSuccess);
  EXPECT_EQ(VerifyOne(Changed(message, nfd, nfc), ZoneOf(Key())).reason,
            Reason::kSignatureDidNotVerify);
}

// Section 2.11: "=" before a fold is no soft line break. In z=, which is only
// hashed, it does not matter.
TEST(Verdict, CopiedFieldsAreNotDecoded) {
  for (const char* z : {"From:a=\r\n 20b", "From:a=3db", "=", "|"}) {
    EXPECT_EQ(VerifyOne(SignedMessage(Key(), SignatureTags({{"z", z}})),
                        ZoneOf(Key()))
                  .state,
              State::kSuccess)
        << z;
  }
}

// Section 8.9: fields that are long in every way a list can be, and still
// right. That they are dealt with at all is what is tested.
TEST(Verdict, EndlessSignaturesAreVerified) {
  std::string names = "From";
  std::string tags;
  for (int i = 0; i < 100'000; ++i) {
    names += ":x" + std::to_string(i);
    tags += "; u" + std::to_string(i) + "=";
  }
  for (const std::string& text :
       {SignatureTags({{"h", names}}), SignatureTags() + tags,
        SignatureTags({{"z", std::string(1'000'000, 'z')}}),
        SignatureTags({{"i", std::string(100'000, 'i') + "@example.com"}}),
        SignatureTags() + std::string(300'000, ' ')}) {
    EXPECT_EQ(VerifyOne(SignedMessage(Key(), text), ZoneOf(Key())).state,
              State::kSuccess)
        << text.substr(0, 100);
  }
}

// Sections 8.8 and 8.9.
TEST(Verdict, HostileFieldsAndRecordsAreRefused) {
  using std::string_literals::operator""s;
  const std::string plain(kPlainMessage);
  for (const std::string& value :
       {"\0"s, "v=1\0; a=b"s, std::string(1'000'000, ';'),
        std::string(1'000'000, '='), std::string(1'000'000, 'a'),
        "v=1; d="s + std::string(100'000, '.'), "v\r\n =\r\n "s}) {
    const Verification verification =
        VerifyOne("DKIM-Signature:" + value + "\r\n" + plain, {});
    EXPECT_EQ(verification.state, State::kPermFail);
    EXPECT_FALSE(verification.signature);
  }
  const std::string message = SignedMessage(Key(), SignatureTags());
  for (const std::string& record :
       {"\0"s, std::string(65'000, ';'), "p=" + std::string(65'000, '='),
        "p=" + std::string(65'000, 'A'), "p=" + std::string(64'000, 'M'),
        "p=MIAGCSqGSIb3DQEHAqCAMIACAQExADALBg==; h=sha256"s}) {
    EXPECT_EQ(VerifyOne(message, ZoneOf({record})).reason,
              Reason::kKeySyntaxError);
  }
}

}  // namespace
}  // namespace dkimspec
