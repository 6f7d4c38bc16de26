// Lengths, times, key sizes, and what VerifierPolicy decides about them.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "reference/signer.h"
#include "reference/verifier.h"
#include "support.h"

namespace dkimspec {
namespace {

// kPlainMessage's body under relaxed: "Hi." CRLF CRLF "Joe." CRLF.
constexpr std::size_t kCanonicalLength = 13;

const PrivateKey& Key() {
  static const PrivateKey key = TestKey("rsa1024-a");
  return key;
}

Verification VerifyTags(const TagChanges& changes,
                        const VerifierPolicy& policy = {}) {
  return VerifyOne(SignedMessage(Key(), SignatureTags(changes)), ZoneOf(Key()),
                   policy);
}

struct LengthRow {
  std::string length_count;
  bool appended;
  Reason reason;

  friend void PrintTo(const LengthRow& row, std::ostream* out) {
    *out << "l=" << row.length_count << (row.appended ? " appended" : "");
  }
};

class BodyLength : public ::testing::TestWithParam<LengthRow> {};

TEST_P(BodyLength, GivesTheReason) {
  const LengthRow& row = GetParam();
  TagChanges changes;
  if (!row.length_count.empty()) {
    changes = {{"l", row.length_count}};
  }
  std::string message = SignedMessage(Key(), SignatureTags(changes));
  message += row.appended ? "Footer\r\n" : "";
  EXPECT_EQ(Info(VerifyOne(message, ZoneOf(Key())).reason).id,
            Info(row.reason).id);
}

constexpr Reason kOk = Reason::kNone;
constexpr Reason kTooShort = Reason::kBodyShorterThanLengthCount;
INSTANTIATE_TEST_SUITE_P(
    Rows, BodyLength,
    ::testing::Values(LengthRow{"", false, kOk},
                      LengthRow{"", true, Reason::kBodyHashDidNotVerify},
                      LengthRow{"13", false, kOk}, LengthRow{"13", true, kOk},
                      LengthRow{"4", false, kOk}, LengthRow{"4", true, kOk},
                      LengthRow{"0", false, kOk}, LengthRow{"0", true, kOk},
                      LengthRow{std::string(74, '0') + "13", false, kOk},
                      LengthRow{"14", false, kTooShort},
                      LengthRow{"4294967309", false, kTooShort},  // 2^32 + 13
                      LengthRow{"18446744073709551629", false,
                                kTooShort},  // 2^64 + 13
                      LengthRow{std::string(76, '9'), false, kTooShort}));

TEST(Verifier, BodyShorterThanLengthCountIsNeverAMatch) {
  const Verification verification = VerifyTags({{"l", "14"}});
  EXPECT_EQ(verification.body_hash, Check::kMismatch);
  EXPECT_EQ(verification.header_signature, Check::kMatch);
}

TEST(Verifier, PolicyMayRefuseUnsignedContent) {
  VerifierPolicy policy;
  policy.accept_partial_body = false;
  EXPECT_EQ(VerifyTags({{"l", "12"}}, policy).reason, Reason::kUnsignedContent);
  EXPECT_EQ(VerifyTags({{"l", std::to_string(kCanonicalLength)}}, policy).state,
            State::kSuccess);
}

TEST(Verifier, Times) {
  VerifierPolicy policy;
  policy.now = 1000;
  EXPECT_EQ(VerifyTags({{"x", "1000"}}, policy).state, State::kSuccess);
  EXPECT_EQ(VerifyTags({{"x", "999"}}, policy).reason,
            Reason::kSignatureExpired);
  EXPECT_EQ(VerifyTags({{"t", "1001"}}, policy).state, State::kSuccess);
  EXPECT_EQ(VerifyTags({{"t", "9"}, {"x", "10"}}, policy).reason,
            Reason::kSignatureExpired);
  policy.clock_skew = 10;
  EXPECT_EQ(VerifyTags({{"x", "990"}}, policy).state, State::kSuccess);
  EXPECT_EQ(VerifyTags({{"x", "989"}}, policy).reason,
            Reason::kSignatureExpired);
  policy.accept_future = false;
  EXPECT_EQ(VerifyTags({{"t", "1010"}}, policy).state, State::kSuccess);
  EXPECT_EQ(VerifyTags({{"t", "1011"}}, policy).reason,
            Reason::kSignatureFromTheFuture);
  EXPECT_EQ(VerifyTags({{"t", std::string(76, '9')}}, policy).reason,
            Reason::kSignatureFromTheFuture);
  policy.accept_expired = true;
  EXPECT_EQ(VerifyTags({{"x", "1"}}, policy).state, State::kSuccess);
}

TEST(Verifier, PolicyMayRefuseSingleLabels) {
  const std::string message =
      SignedMessage(Key(), SignatureTags({{"d", "com"}}));
  const Zone zone = {{"sel._domainkey.com", ZoneOf(Key()).begin()->second}};
  EXPECT_EQ(VerifyOne(message, zone).state, State::kSuccess);
  VerifierPolicy policy;
  policy.accept_single_label_sdid = false;
  EXPECT_EQ(VerifyOne(message, zone, policy).reason, Reason::kUnlikelySdid);
}

struct KeyRow {
  const char* key;
  const char* algorithm;
  Reason reason;

  friend void PrintTo(const KeyRow& row, std::ostream* out) {
    *out << row.key << " " << row.algorithm;
  }
};

class KeySizes : public ::testing::TestWithParam<KeyRow> {};

TEST_P(KeySizes, GivesTheReason) {
  const KeyRow& row = GetParam();
  const PrivateKey key = TestKey(row.key);
  const Verification verification = VerifyOne(
      SignedMessage(key, SignatureTags({{"a", row.algorithm}})), ZoneOf(key));
  EXPECT_EQ(Info(verification.reason).id, Info(row.reason).id)
      << verification.detail;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, KeySizes,
    ::testing::Values(KeyRow{"rsa512-a", "rsa-sha256", Reason::kWeakKey},
                      KeyRow{"rsa768-a", "rsa-sha256", Reason::kWeakKey},
                      KeyRow{"rsa1023-a", "rsa-sha256", Reason::kWeakKey},
                      KeyRow{"rsa1024-a", "rsa-sha256", kOk},
                      KeyRow{"rsa2048-e3", "rsa-sha256", kOk},
                      KeyRow{"rsa4096-a", "rsa-sha256", kOk},
                      KeyRow{"rsa8192-a", "rsa-sha256", kOk},
                      KeyRow{"ed25519-a", "ed25519-sha256", kOk},
                      KeyRow{"rsa2048-a", "rsa-sha1", Reason::kRsaSha1}));

TEST(Verifier, PolicyLimitsKeySizes) {
  VerifierPolicy policy;
  policy.max_rsa_bits = 1023;
  EXPECT_EQ(VerifyTags({}, policy).reason, Reason::kOversizedKey);
  policy.min_rsa_bits = 512;
  policy.max_rsa_bits = 4096;
  const PrivateKey small = TestKey("rsa512-a");
  EXPECT_EQ(
      VerifyOne(SignedMessage(small, SignatureTags()), ZoneOf(small), policy)
          .state,
      State::kSuccess);
}

TEST(Verifier, PolicyMayAcceptRsaSha1) {
  VerifierPolicy policy;
  policy.accept_rsa_sha1 = true;
  EXPECT_EQ(VerifyTags({{"a", "rsa-sha1"}}, policy).state, State::kSuccess);
}

}  // namespace
}  // namespace dkimspec
