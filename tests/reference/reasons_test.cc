// Every reason, with a message that leads to it, and what becomes of it: the
// state of RFC 6376 section 3.9 and the word of RFC 8601 section 2.7.1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "reference/authentication_results.h"
#include "reference/signer.h"
#include "reference/verifier.h"
#include "support.h"

namespace dkimspec {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const PrivateKey& Key() {
  static const PrivateKey key = TestKey("rsa1024-a");
  return key;
}

Verification Signed(const TagChanges& changes) {
  return VerifyOne(SignedMessage(Key(), SignatureTags(changes)), ZoneOf(Key()));
}

// With tags that ParseSignature need not accept.
Verification Written(const TagChanges& changes) {
  TagChanges all = {{"b", "QUJD"}, {"bh", "QUJD"}};
  all.insert(all.end(), changes.begin(), changes.end());
  return VerifyOne("DKIM-Signature: " + SignatureTags(all) + "\r\n" +
                       std::string(kPlainMessage),
                   ZoneOf(Key()));
}

Verification Under(const char* knob, const TagChanges& changes = {},
                   const std::string& above = "") {
  VerifierPolicy policy;
  policy.now = 100;
  EXPECT_TRUE(SetPolicy(knob, policy)) << knob;
  return VerifyOne(above + SignedMessage(Key(), SignatureTags(changes)),
                   ZoneOf(Key()), policy);
}

Verification WithRecord(const std::string& record) {
  return VerifyOne(SignedMessage(Key(), SignatureTags()), ZoneOf({record}));
}

std::string RightKey() {
  const std::string record = KeyRecordFor(Key());
  return record.substr(record.find("p="));
}

Verification WithDns(ZoneEntry::Kind kind) {
  ZoneEntry entry;
  entry.kind = kind;
  return VerifyOne(SignedMessage(Key(), SignatureTags()),
                   {{"sel._domainkey.example.com", entry}});
}

Verification Damaged(const std::string& what, const std::string& by) {
  std::string message = SignedMessage(Key(), SignatureTags());
  return VerifyOne(message.replace(message.find(what), what.size(), by),
                   ZoneOf(Key()));
}

struct Row {
  Reason reason;
  State state;
  Result result;
  std::function<Verification()> verify;
};

constexpr State kPerm = State::kPermFail;

// clang-format off
const Row kRows[] = {
    {Reason::kNone, State::kSuccess, Result::kPass, [] { return Signed({}); }},
    {Reason::kSignatureSyntaxError, kPerm, Result::kNeutral, [] { return Written({{"d", ""}}); }},
    {Reason::kIncompatibleVersion, kPerm, Result::kNeutral, [] { return Written({{"v", "2"}}); }},
    {Reason::kSignatureMissingRequiredTag, kPerm, Result::kPermError, [] { return Written({{"bh", std::nullopt}}); }},
    {Reason::kUnsupportedAlgorithm, kPerm, Result::kNeutral, [] { return Written({{"a", "rsa-sha512"}}); }},
    {Reason::kUnsupportedCanonicalization, kPerm, Result::kNeutral, [] { return Written({{"c", "nowsp"}}); }},
    {Reason::kUnsupportedQueryMethod, kPerm, Result::kNeutral, [] { return Written({{"q", "dns"}}); }},
    {Reason::kDomainMismatch, kPerm, Result::kPermError, [] { return Written({{"i", "@example.org"}}); }},
    {Reason::kFromFieldNotSigned, kPerm, Result::kPermError, [] { return Written({{"h", "To"}}); }},
    {Reason::kSignatureExpired, kPerm, Result::kPolicy, [] { return Under("clock-skew=0", {{"x", "99"}}); }},
    {Reason::kSignatureFromTheFuture, kPerm, Result::kPolicy, [] { return Under("future=refuse", {{"t", "101"}}); }},
    {Reason::kUnlikelySdid, kPerm, Result::kPolicy, [] { return Under("single-label-sdid=refuse", {{"d", "com"}}); }},
    {Reason::kUnsignedContent, kPerm, Result::kPolicy, [] { return Under("partial-body=refuse", {{"l", "4"}}); }},
    {Reason::kTooManySignatures, kPerm, Result::kPolicy, [] { return Under("max-signatures=0"); }},
    {Reason::kSeveralFromFields, kPerm, Result::kPolicy, [] { return Under("duplicate-from=refuse", {}, "From: eve@example.org\r\n"); }},
    {Reason::kRsaSha1, kPerm, Result::kPermError, [] { return Signed({{"a", "rsa-sha1"}}); }},
    {Reason::kKeyUnavailable, State::kTempFail, Result::kTempError, [] { return WithDns(ZoneEntry::Kind::kServFail); }},
    {Reason::kNoKeyForSignature, kPerm, Result::kPermError, [] { return WithDns(ZoneEntry::Kind::kNxDomain); }},
    {Reason::kSeveralKeyRecords, kPerm, Result::kPermError, [] { VerifierPolicy policy; policy.accept_several_key_records = false; return VerifyOne(SignedMessage(Key(), SignatureTags()), ZoneOf({"p=", RightKey()}), policy); }},
    {Reason::kKeySyntaxError, kPerm, Result::kPermError, [] { return WithRecord("v=DKIM2; " + RightKey()); }},
    {Reason::kKeyNotApplicable, kPerm, Result::kPermError, [] { return WithRecord("s=tlsrpt; " + RightKey()); }},
    {Reason::kInappropriateHashAlgorithm, kPerm, Result::kPermError, [] { return WithRecord("h=sha1; " + RightKey()); }},
    {Reason::kKeyRevoked, kPerm, Result::kPermError, [] { return WithRecord("v=DKIM1; p="); }},
    {Reason::kInappropriateKeyAlgorithm, kPerm, Result::kPermError, [] { return WithRecord("k=ed25519; " + RightKey()); }},
    {Reason::kWeakKey, kPerm, Result::kPermError, [] { return Under("min-rsa-bits=1025"); }},
    {Reason::kOversizedKey, kPerm, Result::kPolicy, [] { return Under("max-rsa-bits=1023"); }},
    {Reason::kBodyHashDidNotVerify, kPerm, Result::kFail, [] { return Damaged("Hi.", "Ho."); }},
    {Reason::kBodyShorterThanLengthCount, kPerm, Result::kPermError, [] { return Signed({{"l", "14"}}); }},
    {Reason::kSignatureDidNotVerify, kPerm, Result::kFail, [] { return Damaged("dinner", "supper"); }},
};
// clang-format on

TEST(AllReasons, EachIsReachedAndHasItsStateAndWord) {
  for (const Row& row : kRows) {
    const Verification verification = row.verify();
    SCOPED_TRACE(Info(row.reason).id);
    EXPECT_EQ(Info(verification.reason).id, Info(row.reason).id)
        << verification.detail;
    EXPECT_EQ(ToString(verification.state), ToString(row.state));
    EXPECT_EQ(ToString(ResultOf(verification)), ToString(row.result));
    EXPECT_EQ(verification.identity.selector, "sel");
  }
}

TEST(AllReasons, HaveAMessageEach) {
  ASSERT_EQ(AllReasons().size(), std::size(kRows));
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    EXPECT_EQ(Info(kRows[i].reason).id, AllReasons()[i].id);
  }
}

// The seven words and no others, as they are written into a message.
TEST(AllReasons, LeadToEveryResultThereIs) {
  std::set<std::string> words;
  const auto add = [&](const std::vector<Verification>& verifications) {
    const std::string field = WriteAuthenticationResults("a", verifications);
    const std::size_t begin = field.find("dkim=") + 5;
    words.insert(
        field.substr(begin, field.find_first_of(" \r", begin) - begin));
  };
  add({});
  for (const Row& row : kRows) {
    add({row.verify()});
  }
  EXPECT_EQ(words,
            (std::set<std::string>{"none", "pass", "fail", "policy", "neutral",
                                   "temperror", "permerror"}));
}

// RFC 6376 section 6.3: the exact reason can be read.
TEST(AllReasons, StandInTheField) {
  for (const Row& row : kRows) {
    const std::string field = WriteAuthenticationResults("a", {row.verify()});
    EXPECT_THAT(field, StartsWith("Authentication-Results: a;\r\n\tdkim="));
    if (row.reason != Reason::kNone) {
      EXPECT_THAT(field, HasSubstr("reason=\"" +
                                   std::string(Info(row.reason).text) + "\""));
    }
  }
}

}  // namespace
}  // namespace dkimspec
