// The signed messages that the RFCs print.
#include <gtest/gtest.h>

#include <string>

#include "reference/key_source.h"
#include "reference/signer.h"
#include "reference/verifier.h"
#include "support.h"

namespace dkimspec {
namespace {

ZoneEntry Txt(const std::string& record) {
  ZoneEntry entry;
  entry.kind = ZoneEntry::Kind::kTxt;
  entry.txt = {SplitAt255(record)};
  return entry;
}

// RFC 8463 appendix A.2.
const Zone& Rfc8463Zone() {
  static const Zone zone = {
      {"brisbane._domainkey.football.example.com",
       Txt("v=DKIM1; k=ed25519; "
           "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")},
      {"test._domainkey.football.example.com",
       Txt("v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTz"
           "WRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3"
           "FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLz"
           "BfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB")}};
  return zone;
}

// RFC 6376 appendix C; the text writes it under example.org there and under
// example.com in appendix A.
const Zone& Rfc6376Zone() {
  static const Zone zone = {
      {"brisbane._domainkey.example.com",
       Txt("v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9"
           "ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7"
           "od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBc"
           "WToIMmPSPDdQPNUYckcQ2QIDAQAB")}};
  return zone;
}

bool HasOnlyCrlf(const std::string& octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const bool cr = octets[i] == '\r';
    const bool lf = octets[i] == '\n';
    if ((cr && octets.compare(i, 2, "\r\n") != 0) ||
        (lf && (i == 0 || octets[i - 1] != '\r'))) {
      return false;
    }
  }
  return octets.find("\r\n") != std::string::npos;
}

TEST(RfcSamples, FilesHaveCrlfLineEnds) {
  for (const char* name : {"rfc8463-a.3.eml", "rfc6376-a.2-printed.eml",
                           "rfc6376-a.2-corrected.eml"}) {
    EXPECT_TRUE(HasOnlyCrlf(ReadTestData(name))) << name;
  }
}

// The message is as printed. Erratum 7930, which holds that the Ed25519
// signature covers the data instead of its digest, was rejected.
TEST(RfcSamples, Rfc8463AppendixAVerifies) {
  ZoneKeySource keys(Rfc8463Zone());
  const auto verifications =
      Verify(ReadTestData("rfc8463-a.3.eml"), keys, VerifierPolicy{});
  ASSERT_EQ(verifications.size(), 2U);
  EXPECT_EQ(verifications[0].state, State::kSuccess) << verifications[0].detail;
  EXPECT_EQ(verifications[0].signature->algorithm, Algorithm::kEd25519Sha256);
  EXPECT_EQ(verifications[0].key_bits, 256);
  EXPECT_EQ(verifications[1].state, State::kSuccess) << verifications[1].detail;
  EXPECT_EQ(verifications[1].signature->algorithm, Algorithm::kRsaSha256);
  EXPECT_EQ(verifications[1].key_bits, 1024);
}

TEST(RfcSamples, Rfc8463SecretKeyBelongsToItsRecord) {
  const auto key =
      PrivateKey::FromPem(ReadTestData("rfc8463-a.1.pem"), "rfc8463-a.1.pem");
  ASSERT_TRUE(key);
  EXPECT_EQ(KeyRecordFor(*key),
            JoinStrings(Rfc8463Zone()
                            .at("test._domainkey.football.example.com")
                            .txt.front()));
}

// Errata 3192 (one space after "game.") and 4926 (folds of six spaces).
TEST(RfcSamples, Rfc6376AppendixAVerifiesWithItsErrata) {
  const Verification verification =
      VerifyOne(ReadTestData("rfc6376-a.2-corrected.eml"), Rfc6376Zone());
  EXPECT_EQ(verification.state, State::kSuccess) << verification.detail;
  EXPECT_EQ(verification.key_bits, 1024);
}

TEST(RfcSamples, Rfc6376AppendixAFailsTwiceAsPrinted) {
  const Verification verification =
      VerifyOne(ReadTestData("rfc6376-a.2-printed.eml"), Rfc6376Zone());
  EXPECT_EQ(verification.reason, Reason::kBodyHashDidNotVerify);
  EXPECT_EQ(verification.body_hash, Check::kMismatch);
  EXPECT_EQ(verification.header_signature, Check::kMismatch);
}

// Each erratum mends one of the two hashes.
TEST(RfcSamples, Rfc6376ErrataMendOneHashEach) {
  std::string body_mended = ReadTestData("rfc6376-a.2-printed.eml");
  body_mended.erase(body_mended.find("game.  ") + 5, 1);
  const Verification header_broken = VerifyOne(body_mended, Rfc6376Zone());
  EXPECT_EQ(header_broken.reason, Reason::kSignatureDidNotVerify);
  EXPECT_EQ(header_broken.body_hash, Check::kMatch);

  std::string header_mended = ReadTestData("rfc6376-a.2-corrected.eml");
  header_mended.insert(header_mended.find("game. ") + 5, " ");
  const Verification body_broken = VerifyOne(header_mended, Rfc6376Zone());
  EXPECT_EQ(body_broken.reason, Reason::kBodyHashDidNotVerify);
  EXPECT_EQ(body_broken.header_signature, Check::kMatch);
}

}  // namespace
}  // namespace dkimspec
