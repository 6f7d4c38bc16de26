#include "reference/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "reference/base/base64.h"
#include "reference/signer.h"
#include "support.h"

namespace dkimspec {
namespace {

using ::testing::ElementsAre;

const PrivateKey& Key() {
  static const PrivateKey key = TestKey("rsa1024-a");
  return key;
}

Verification VerifyTags(const TagChanges& changes,
                        const VerifierPolicy& policy = {}) {
  return VerifyOne(SignedMessage(Key(), SignatureTags(changes)), ZoneOf(Key()),
                   policy);
}

std::string Changed(std::string text, const std::string& what,
                    const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

// Counts the lookups that a verifier makes.
class CountingKeySource : public ZoneKeySource {
 public:
  using ZoneKeySource::ZoneKeySource;
  KeyAnswer Lookup(std::string_view name) override {
    ++lookups[std::string(name)];
    return ZoneKeySource::Lookup(name);
  }
  std::map<std::string, int> lookups;
};

TEST(Verifier, AcceptsARightSignature) {
  const Verification verification = VerifyTags({});
  EXPECT_EQ(verification.state, State::kSuccess) << verification.detail;
  EXPECT_EQ(verification.reason, Reason::kNone);
  EXPECT_EQ(verification.field, 0U);
  EXPECT_EQ(verification.identity.sdid, "example.com");
  EXPECT_EQ(verification.identity.selector, "sel");
  EXPECT_EQ(verification.body_hash, Check::kMatch);
  EXPECT_EQ(verification.header_signature, Check::kMatch);
  EXPECT_EQ(verification.key_bits, 1024);
  EXPECT_FALSE(verification.key_is_testing);
  EXPECT_EQ(ResultOf(verification), Result::kPass);
}

TEST(Verifier, UnsignedMessagesHaveNoVerifications) {
  const Zone zone;
  ZoneKeySource keys(zone);
  EXPECT_TRUE(Verify(kPlainMessage, keys, {}).empty());
  EXPECT_TRUE(Verify("", keys, {}).empty());
  EXPECT_TRUE(Verify("\r\nDKIM-Signature: v=1\r\n", keys, {}).empty());
}

// Body hash and header signature are judged apart.
TEST(Verifier, TellsWhichHashIsBroken) {
  const std::string message = SignedMessage(Key(), SignatureTags());
  const Verification body =
      VerifyOne(Changed(message, "Hi.", "Ho."), ZoneOf(Key()));
  EXPECT_EQ(body.reason, Reason::kBodyHashDidNotVerify);
  EXPECT_EQ(body.body_hash, Check::kMismatch);
  EXPECT_EQ(body.header_signature, Check::kMatch);
  const Verification header =
      VerifyOne(Changed(message, "dinner", "supper"), ZoneOf(Key()));
  EXPECT_EQ(header.reason, Reason::kSignatureDidNotVerify);
  EXPECT_EQ(header.body_hash, Check::kMatch);
  EXPECT_EQ(header.header_signature, Check::kMismatch);
  const Verification both =
      VerifyOne(Changed(Changed(message, "Hi.", "Ho."), "dinner", "supper"),
                ZoneOf(Key()));
  EXPECT_EQ(both.reason, Reason::kBodyHashDidNotVerify);
  EXPECT_EQ(both.header_signature, Check::kMismatch);
}

TEST(Verifier, BodyHashIsJudgedWithoutKey) {
  const Zone no_key;
  const std::string message = SignedMessage(Key(), SignatureTags());
  const Verification right = VerifyOne(message, no_key);
  EXPECT_EQ(right.reason, Reason::kNoKeyForSignature);
  EXPECT_EQ(right.body_hash, Check::kMatch);
  EXPECT_EQ(right.header_signature, Check::kUnchecked);
  EXPECT_EQ(VerifyOne(Changed(message, "Hi.", "Ho."), no_key).body_hash,
            Check::kMismatch);
}

// bh= of another length, even a prefix of the right one, is another hash.
TEST(Verifier, ComparesTheWholeBodyHash) {
  const std::string digest =
      Hash(HashAlgorithm::kSha256, "Hi.\r\n\r\nJoe.\r\n");
  EXPECT_EQ(VerifyTags({{"bh", Base64Encode(digest)}}).state, State::kSuccess);
  for (const std::string& wrong :
       {digest.substr(0, 31), digest.substr(0, 1), digest + digest}) {
    EXPECT_EQ(VerifyTags({{"bh", Base64Encode(wrong)}}).reason,
              Reason::kBodyHashDidNotVerify);
  }
}

// What is refused before the key is needed is refused without a lookup.
TEST(Verifier, AsksForKeysOnlyWhenNeeded) {
  const Zone zone = ZoneOf(Key());
  VerifierPolicy policy;
  policy.now = 100;
  for (const TagChanges& changes :
       {TagChanges{{"a", "rsa-sha1"}}, TagChanges{{"x", "1"}}}) {
    CountingKeySource keys(zone);
    Verify(SignedMessage(Key(), SignatureTags(changes)), keys, policy);
    EXPECT_TRUE(keys.lookups.empty());
  }
  CountingKeySource keys(zone);
  Verify("DKIM-Signature: " + SignatureTags({{"b", "QQ"}}) + "\r\n\r\n", keys,
         policy);
  EXPECT_TRUE(keys.lookups.empty());
  Verify(SignedMessage(Key(), SignatureTags()), keys, policy);
  EXPECT_EQ(keys.lookups.at("sel._domainkey.example.com"), 1);
}

// Section 6.1.2, steps 2 and 3.
TEST(Verifier, DnsOutcomes) {
  using Kind = ZoneEntry::Kind;
  const std::string message = SignedMessage(Key(), SignatureTags());
  const auto verify = [&](Kind kind) {
    ZoneEntry entry;
    entry.kind = kind;
    return VerifyOne(message, {{"sel._domainkey.example.com", entry}});
  };
  for (const Kind kind : {Kind::kNxDomain, Kind::kNoData}) {
    EXPECT_EQ(verify(kind).reason, Reason::kNoKeyForSignature);
    EXPECT_EQ(verify(kind).state, State::kPermFail);
  }
  for (const Kind kind : {Kind::kServFail, Kind::kTimeout}) {
    EXPECT_EQ(verify(kind).reason, Reason::kKeyUnavailable);
    EXPECT_EQ(verify(kind).state, State::kTempFail);
    EXPECT_EQ(ResultOf(verify(kind)), Result::kTempError);
  }
}

TEST(Verifier, TriesEachOfSeveralRecords) {
  const std::string right = KeyRecordFor(Key());
  const std::string other = KeyRecordFor(TestKey("rsa2048-b"));
  const std::string spf = "v=spf1 -all";
  const std::string message = SignedMessage(Key(), SignatureTags());
  for (const auto& records : std::vector<std::vector<std::string>>{
           {right, other}, {other, right}, {spf, right}, {"p=", right}}) {
    EXPECT_EQ(VerifyOne(message, ZoneOf(records)).state, State::kSuccess);
  }
  EXPECT_EQ(VerifyOne(message, ZoneOf({spf, "p="})).reason,
            Reason::kKeySyntaxError);
  EXPECT_EQ(VerifyOne(message, ZoneOf({spf, other})).reason,
            Reason::kSignatureDidNotVerify);
  // With a broken body the right key still shows that the header is intact.
  EXPECT_EQ(VerifyOne(Changed(message, "Hi.", "Ho."), ZoneOf({other, right}))
                .header_signature,
            Check::kMatch);
}

// Section 3.6.1, t=y: not to be treated unlike an unsigned message.
TEST(Verifier, TestingKeys) {
  const Zone zone = ZoneOf({KeyRecordFor(Key()) + "; t=y"});
  const std::string message = SignedMessage(Key(), SignatureTags());
  const Verification good = VerifyOne(message, zone);
  EXPECT_TRUE(good.key_is_testing);
  EXPECT_EQ(ResultOf(good), Result::kPass);
  const Verification bad = VerifyOne(Changed(message, "Hi.", "Ho."), zone);
  EXPECT_EQ(bad.state, State::kPermFail);
  EXPECT_EQ(ResultOf(bad), Result::kNeutral);
}

TEST(Verifier, JudgesEachSignatureByItself) {
  const std::string first = SignedMessage(Key(), SignatureTags());
  const std::string second =
      SignedMessage(TestKey("rsa1023-a"), SignatureTags(), first);
  const std::string message =
      "DKIM-Signature: v=1; d=x.example; s=y; d=z\r\n" + second;
  const Zone zone =
      ZoneOf({KeyRecordFor(Key()), KeyRecordFor(TestKey("rsa1023-a"))});
  ZoneKeySource keys(zone);
  const auto verifications = Verify(message, keys, {});
  ASSERT_EQ(verifications.size(), 3U);
  EXPECT_EQ(verifications[0].reason, Reason::kSignatureSyntaxError);
  EXPECT_FALSE(verifications[0].signature);
  EXPECT_EQ(verifications[0].identity.sdid, "x.example");
  EXPECT_EQ(verifications[0].identity.selector, "y");
  EXPECT_NE(verifications[1].state, State::kSuccess);
  EXPECT_EQ(verifications[2].state, State::kSuccess);
  EXPECT_EQ(verifications[2].field, 2U);
}

TEST(Verifier, LimitsTheNumberOfSignatures) {
  std::string message = SignedMessage(Key(), SignatureTags());
  message = SignedMessage(Key(), SignatureTags(), message);
  const Zone zone = ZoneOf(Key());
  ZoneKeySource keys(zone);
  VerifierPolicy policy;
  policy.max_signatures = 1;
  const auto verifications = Verify(message, keys, policy);
  ASSERT_EQ(verifications.size(), 2U);
  EXPECT_EQ(verifications[0].state, State::kSuccess);
  EXPECT_EQ(verifications[1].reason, Reason::kTooManySignatures);
}

// Section 3.5, b=: what stands around the value and how it is folded does not
// matter; everything else in the field does.
TEST(Verifier, RemovesOnlyTheValueOfB) {
  for (const char* c : {"simple/simple", "relaxed/relaxed"}) {
    for (const char* tail :
         {"b={b}", "b={b};", "b= {b} ", "b=\r\n {b}\r\n ;", "b ={b}; foo=b=Z",
          "foo=b=Z; bb=x; b={b}; z=b=3Dx"}) {
      const std::string tags =
          std::string(
              "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; "
              "bh={bh}; c=") +
          c + "; " + tail;
      EXPECT_EQ(VerifyOne(SignedMessage(Key(), tags), ZoneOf(Key())).state,
                State::kSuccess)
          << tags;
    }
  }
}

TEST(Verifier, HeaderWithoutEmptyLineHasAnEmptyBody) {
  const std::string_view header = "From: joe@example.com\r\n";
  for (const char* c : {"simple/simple", "relaxed/relaxed"}) {
    const std::string message =
        SignedMessage(Key(), SignatureTags({{"c", c}}), header);
    EXPECT_EQ(VerifyOne(message, ZoneOf(Key())).state, State::kSuccess);
    EXPECT_EQ(VerifyOne(message + "\r\n", ZoneOf(Key())).state,
              State::kSuccess);
  }
}

// A verdict does not depend on the pieces in which the message comes.
TEST(Verifier, StreamsInAnyPieces) {
  const std::string message =
      SignedMessage(Key(), SignatureTags({{"l", "12"}}),
                    SignedMessage(Key(), SignatureTags({{"c", "simple"}})));
  const Zone zone = ZoneOf(Key());
  const auto verify = [&](auto push) {
    ZoneKeySource keys(zone);
    Verifier verifier(keys, {});
    push(verifier);
    std::vector<Check> checks;
    for (const Verification& verification : verifier.Finish()) {
      checks.push_back(verification.body_hash);
      checks.push_back(verification.header_signature);
    }
    return checks;
  };
  const auto good =
      ElementsAre(Check::kMatch, Check::kMatch, Check::kMatch, Check::kMatch);
  for (std::size_t cut = 0; cut <= message.size(); ++cut) {
    EXPECT_THAT(verify([&](Verifier& verifier) {
                  verifier.Push(std::string_view(message).substr(0, cut));
                  verifier.Push(std::string_view(message).substr(cut));
                }),
                good)
        << cut;
  }
  EXPECT_THAT(verify([&](Verifier& verifier) {
                for (const char c : message) {
                  verifier.Push(std::string_view(&c, 1));
                }
              }),
              good);
}

TEST(Verifier, LargeHeadersAndBodies) {
  const std::string message =
      "From: joe@example.com\r\nX-Long: " + std::string(100000, 'x') +
      "\r\n\r\n" + std::string(200000, 'y') + "\r\n";
  EXPECT_EQ(
      VerifyOne(
          SignedMessage(Key(), SignatureTags({{"h", "from:x-long"}}), message),
          ZoneOf(Key()))
          .state,
      State::kSuccess);
}

TEST(AllReasons, EachHasItsWordsOnce) {
  std::map<std::string_view, int> ids;
  std::map<std::string_view, int> texts;
  for (const ReasonInfo& info : AllReasons()) {
    EXPECT_EQ(++ids[info.id], 1) << info.id;
    EXPECT_EQ(++texts[info.text], 1) << info.text;
    EXPECT_EQ(&Info(info.reason), &info);
    EXPECT_NE(info.section, "");
  }
}

}  // namespace
}  // namespace dkimspec
