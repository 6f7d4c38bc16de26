// The knobs by name, and that docs/policies.md says the same of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "reference/base/base64.h"
#include "reference/signer.h"
#include "reference/verifier.h"
#include "support.h"

namespace dkimspec {
namespace {

using ::testing::HasSubstr;

VerifierPolicy PolicyOf(const std::string& assignment) {
  VerifierPolicy policy;
  const auto done = SetPolicy(assignment, policy);
  EXPECT_TRUE(done) << done.error().ToString();
  return policy;
}

TEST(PolicyKnobs, StartAsAPolicyNobodyChanged) {
  for (const PolicyKnob& knob : PolicyKnobs()) {
    EXPECT_EQ(knob.initial, PolicyValue(knob.name, {})) << knob.name;
    EXPECT_NE(knob.meaning, "") << knob.name;
    EXPECT_THAT(std::string(knob.citation), HasSubstr("RFC")) << knob.name;
  }
  EXPECT_EQ(PolicyValue("rsa-sha1", {}), "refuse");
  EXPECT_EQ(PolicyValue("min-rsa-bits", {}), "1024");
  EXPECT_EQ(PolicyValue("several-key-records", {}), "try-each");
  EXPECT_EQ(PolicyValue("no-such-knob", {}), "");
}

TEST(PolicyKnobs, EachValueCanBeSetAndComesBack) {
  for (const PolicyKnob& knob : PolicyKnobs()) {
    const std::size_t bar = knob.values.find(" | ");
    const std::string name(knob.name);
    if (bar == std::string_view::npos) {
      const std::string other = knob.initial == "17" ? "18" : "17";
      EXPECT_EQ(PolicyValue(name, PolicyOf(name + "=" + other)), other);
      continue;
    }
    for (const std::string_view value :
         {knob.values.substr(0, bar), knob.values.substr(bar + 3)}) {
      EXPECT_EQ(PolicyValue(name, PolicyOf(name + "=" + std::string(value))),
                value);
    }
  }
}

TEST(PolicyKnobs, WhatIsNoneIsRefusedWithWhatThereIs) {
  for (const auto& [assignment, said] :
       {std::pair{"fly=yes", "rsa-sha1, min-rsa-bits"},
        std::pair{"", "rsa-sha1"}, std::pair{"rsa-sha1", "refuse | accept"},
        std::pair{"rsa-sha1=", "refuse | accept"},
        std::pair{"rsa-sha1=Accept", "refuse | accept"},
        std::pair{"min-rsa-bits=0", "1 to 16384"},
        std::pair{"min-rsa-bits=1024x", "1 to 16384"},
        std::pair{"min-rsa-bits= 1024", "1 to 16384"},
        std::pair{"clock-skew=-1", "seconds"},
        std::pair{"max-signatures=99999999999999999999", "a count"}}) {
    VerifierPolicy policy;
    const auto done = SetPolicy(assignment, policy);
    ASSERT_FALSE(done) << assignment;
    EXPECT_THAT(done.error().message, HasSubstr(said));
    for (const PolicyKnob& knob : PolicyKnobs()) {
      EXPECT_EQ(PolicyValue(knob.name, policy), knob.initial) << assignment;
    }
  }
}

TEST(PolicyKnobs, AreDocumentedAsTheyAre) {
  std::ifstream file(DKIMSPEC_SOURCE_DIR "/docs/policies.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const PolicyKnob& knob : PolicyKnobs()) {
    std::string values(knob.values);
    if (const std::size_t bar = values.find('|'); bar != std::string::npos) {
      values.insert(bar, "\\");
    }
    EXPECT_THAT(text, HasSubstr("| `" + std::string(knob.name) + "` | " +
                                values + " | `" + knob.initial + "` | " +
                                std::string(knob.meaning) + " | " +
                                std::string(knob.citation) + " |"));
  }
}

const PrivateKey& Key() {
  static const PrivateKey key = TestKey("rsa1024-a");
  return key;
}

TEST(Verifier, PolicyMayRefuseAnyLengthCount) {
  const std::string message =
      SignedMessage(Key(), SignatureTags({{"l", "13"}}));
  EXPECT_EQ(VerifyOne(message, ZoneOf(Key())).state, State::kSuccess);
  EXPECT_EQ(
      VerifyOne(message, ZoneOf(Key()), PolicyOf("length-count=refuse")).reason,
      Reason::kUnsignedContent);
  EXPECT_EQ(VerifyOne(SignedMessage(Key(), SignatureTags()), ZoneOf(Key()),
                      PolicyOf("length-count=refuse"))
                .state,
            State::kSuccess);
}

TEST(Verifier, PolicyMayRefuseSeveralKeyRecords) {
  const std::string message = SignedMessage(Key(), SignatureTags());
  const VerifierPolicy refuse = PolicyOf("several-key-records=refuse");
  const Zone two = ZoneOf({"v=spf1 -all", KeyRecordFor(Key())});
  EXPECT_EQ(VerifyOne(message, two).state, State::kSuccess);
  const Verification verification = VerifyOne(message, two, refuse);
  EXPECT_EQ(verification.reason, Reason::kSeveralKeyRecords);
  EXPECT_THAT(verification.detail, HasSubstr("2 TXT records"));
  EXPECT_EQ(ResultOf(verification), Result::kPermError);
  EXPECT_EQ(VerifyOne(message, ZoneOf(Key()), refuse).state, State::kSuccess);
}

TEST(Verifier, PolicyMayRefuseSeveralFromFields) {
  const std::string message =
      "FROM : eve@example.org\r\n" + SignedMessage(Key(), SignatureTags());
  EXPECT_EQ(VerifyOne(message, ZoneOf(Key())).state, State::kSuccess);
  const VerifierPolicy refuse = PolicyOf("duplicate-from=refuse");
  const Verification verification = VerifyOne(message, ZoneOf(Key()), refuse);
  EXPECT_EQ(verification.reason, Reason::kSeveralFromFields);
  EXPECT_EQ(ResultOf(verification), Result::kPolicy);
  EXPECT_EQ(
      VerifyOne(SignedMessage(Key(), SignatureTags()), ZoneOf(Key()), refuse)
          .state,
      State::kSuccess);
}

TEST(Verifier, PolicyMayRefuseBareRsaPublicKeys) {
  const std::string message = SignedMessage(Key(), SignatureTags());
  const Zone bare =
      ZoneOf({"v=DKIM1; p=" + Base64Encode(Key().RsaPublicKeyPkcs1())});
  const VerifierPolicy refuse = PolicyOf("pkcs1-keys=refuse");
  EXPECT_EQ(VerifyOne(message, bare).state, State::kSuccess);
  EXPECT_EQ(VerifyOne(message, bare, refuse).reason, Reason::kKeySyntaxError);
  EXPECT_EQ(VerifyOne(message, ZoneOf(Key()), refuse).state, State::kSuccess);
}

// What the RSA signature opens to, whatever else is wrong.
TEST(Padding, TellsAChangedFieldFromAWrongKey) {
  const std::string good = SignedMessage(Key(), SignatureTags());
  const auto padding = [](const std::string& message, const Zone& zone) {
    return VerifyOne(message, zone).padding;
  };
  EXPECT_EQ(padding(good, ZoneOf(Key())), Padding::kValid);
  EXPECT_EQ(padding(good + "more\r\n", ZoneOf(Key())), Padding::kValid);
  std::string changed = good;
  changed.replace(changed.find("dinner"), 6, "supper");
  const Verification verification = VerifyOne(changed, ZoneOf(Key()));
  EXPECT_EQ(verification.reason, Reason::kSignatureDidNotVerify);
  EXPECT_EQ(verification.padding, Padding::kValid);
  EXPECT_THAT(verification.detail, HasSubstr("a signed header field changed"));

  const PrivateKey other = TestKey("rsa2048-a");
  EXPECT_EQ(padding(good, ZoneOf(other)), Padding::kGarbage);
  std::string damaged = good;
  char& digit = damaged[damaged.find("; b=") + 10];
  digit = digit == 'A' ? 'B' : 'A';
  EXPECT_EQ(padding(damaged, ZoneOf(Key())), Padding::kGarbage);
  EXPECT_EQ(padding(good, {}), Padding::kUnchecked);
  const PrivateKey edwards = TestKey("ed25519-a");
  EXPECT_EQ(
      padding(SignedMessage(edwards, SignatureTags({{"a", "ed25519-sha256"}})),
              ZoneOf(edwards)),
      Padding::kUnchecked);
}

TEST(RecoverDigest, GivesWhatWasSigned) {
  const std::string octets = Key().PublicKeyOctets();
  const auto key = PublicKey::FromRsa(octets);
  ASSERT_TRUE(key);
  const std::string signature = *Key().Sign(Algorithm::kRsaSha256, "data");
  EXPECT_EQ(key->RecoverDigest(Algorithm::kRsaSha256, signature),
            Hash(HashAlgorithm::kSha256, "data"));
  EXPECT_EQ(key->RecoverDigest(Algorithm::kRsaSha1, signature), std::nullopt);
  EXPECT_EQ(key->RecoverDigest(Algorithm::kEd25519Sha256, signature),
            std::nullopt);
  EXPECT_EQ(key->RecoverDigest(Algorithm::kRsaSha256, signature + "x"),
            std::nullopt);
  EXPECT_EQ(key->RecoverDigest(Algorithm::kRsaSha256, ""), std::nullopt);
}

}  // namespace
}  // namespace dkimspec
