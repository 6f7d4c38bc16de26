#include "reference/signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>

#include "reference/message.h"
#include "support.h"

namespace dkimspec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SignerOptions Options() {
  SignerOptions options;
  options.sdid = "example.com";
  options.selector = "sel";
  return options;
}

std::string MustSign(std::string_view message, const PrivateKey& key,
                     const SignerOptions& options) {
  const auto field = Sign(message, key, options);
  EXPECT_TRUE(field) << field.error().ToString();
  return field.value_or("");
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 2);
  }
  return lines;
}

Signature Parse(const std::string& field) {
  return ParseSignature(ParseMessage(field).fields.at(0).value).value();
}

TEST(Sign, VerifiesUnderEveryCanonicalizationAndKey) {
  for (const char* name : {"rsa1024-a", "rsa2048-e3", "ed25519-a"}) {
    const PrivateKey key = TestKey(name);
    for (const auto header :
         {Canonicalization::kSimple, Canonicalization::kRelaxed}) {
      for (const auto body :
           {Canonicalization::kSimple, Canonicalization::kRelaxed}) {
        SignerOptions options = Options();
        options.header_canonicalization = header;
        options.body_canonicalization = body;
        options.auid = "\"joe; user\"@sub.example.com";
        options.timestamp = 10;
        options.expiration = 11;
        const std::string field = MustSign(kPlainMessage, key, options);
        VerifierPolicy policy;
        policy.now = 11;
        const Verification verification =
            VerifyOne(field + std::string(kPlainMessage), ZoneOf(key), policy);
        EXPECT_EQ(verification.state, State::kSuccess)
            << verification.detail << "\n"
            << field;
        EXPECT_EQ(verification.signature->auid, *options.auid);
      }
    }
  }
}

TEST(Sign, IsDeterministic) {
  for (const char* name : {"rsa1024-a", "ed25519-a"}) {
    const PrivateKey key = TestKey(name);
    EXPECT_EQ(MustSign(kPlainMessage, key, Options()),
              MustSign(kPlainMessage, key, Options()));
  }
}

TEST(Sign, WritesTheTagsAskedFor) {
  SignerOptions options = Options();
  options.timestamp = 999'999'999'998;
  options.expiration = 999'999'999'999;
  options.signed_header_fields = {"from", "X-None", "To"};
  const std::string field =
      MustSign(kPlainMessage, TestKey("ed25519-a"), options);
  EXPECT_THAT(field,
              HasSubstr("DKIM-Signature: v=1; a=ed25519-sha256; "
                        "c=relaxed/relaxed; d=example.com;\r\n s=sel; "));
  const Signature signature = Parse(field);
  EXPECT_THAT(signature.signed_header_fields,
              ElementsAre("from", "X-None", "To"));
  EXPECT_EQ(signature.timestamp, 999'999'999'998U);
  EXPECT_EQ(signature.expiration, 999'999'999'999U);
  EXPECT_FALSE(signature.body_length_count);
}

TEST(Sign, ChoosesCoreFieldsAndOverSigns) {
  const std::string message =
      "Received: x\r\nFrom: joe@example.com\r\nSubject: a\r\n"
      "References: <a@b>\r\nX-Other: 1\r\nsubject: b\r\n\r\n";
  EXPECT_THAT(Parse(MustSign(message, TestKey("ed25519-a"), Options()))
                  .signed_header_fields,
              ElementsAre("From", "Subject", "Subject", "References", "From",
                          "Subject", "Date", "To", "Cc"));
}

// Sections 5.4 and 5.4.1: what is advised is signed, and what relays change or
// add is not.
TEST(Sign, SignsWhatTheTextAdvises) {
  const char* const kAdvised[] = {"From",
                                  "Reply-To",
                                  "Subject",
                                  "Date",
                                  "To",
                                  "Cc",
                                  "Sender",
                                  "Resent-Date",
                                  "Resent-From",
                                  "Resent-To",
                                  "Resent-Cc",
                                  "In-Reply-To",
                                  "References",
                                  "List-Id",
                                  "List-Help",
                                  "List-Post",
                                  "List-Unsubscribe",
                                  "List-Subscribe",
                                  "List-Owner",
                                  "List-Archive",
                                  "MIME-Version",
                                  "Content-Type",
                                  "Content-Transfer-Encoding"};
  std::string message;
  for (const char* name : kAdvised) {
    message += std::string(name) + ": x\r\n";
  }
  for (const char* name : {"Return-Path", "Received", "Comments", "Keywords",
                           "DKIM-Signature", "X-Spam-Status"}) {
    message += std::string(name) + ": x\r\n";
  }
  std::vector<std::string> names =
      Parse(MustSign(message + "\r\n", TestKey("ed25519-a"), Options()))
          .signed_header_fields;
  for (const char* name : {"From", "Subject", "Date", "To", "Cc"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 2) << name;
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<std::string> advised(std::begin(kAdvised), std::end(kAdvised));
  std::sort(advised.begin(), advised.end());
  EXPECT_EQ(names, advised);
}

// RFC 6376 section 3.5, d=, i= and s=, and RFC 8616 section 4: A-labels in a
// message that is ASCII; U-labels only beside other UTF-8.
TEST(Sign, WritesALabelsUnlessTheHeaderIsInternationalized) {
  const PrivateKey key = TestKey("ed25519-a");
  const std::string u_label =
      "b\xc3\xbc"
      "cher.example";
  for (const char* place : {"sdid", "selector", "auid"}) {
    SignerOptions options = Options();
    options.sdid = "xn--bcher-kva.example";
    EXPECT_TRUE(Sign(kPlainMessage, key, options));
    if (place == std::string("sdid")) {
      options.sdid = u_label;
    } else if (place == std::string("selector")) {
      options.selector = "\xc3\xa4";
    } else {
      options.auid = "@" + u_label;
    }
    const auto refused = Sign(kPlainMessage, key, options);
    ASSERT_FALSE(refused) << *refused;
    EXPECT_EQ(refused.error().place, place);
    EXPECT_THAT(refused.error().message, HasSubstr("xn--"));
    EXPECT_TRUE(Sign("From: j\xc3\xb6 <j@d.example>\r\n\r\n", key, options));
  }
}

// Section 4.2: two signatures, with keys of two kinds under two selectors (RFC
// 8463 section 6), and each with its own key.
TEST(Sign, SeveralSignaturesStandSideBySide) {
  const PrivateKey rsa = TestKey("rsa2048-a");
  const PrivateKey edwards = TestKey("ed25519-a");
  SignerOptions options = Options();
  const std::string fields = [&] {
    const std::string first = MustSign(kPlainMessage, rsa, options);
    options.selector = "sel2";
    return MustSign(first + std::string(kPlainMessage), edwards, options) +
           first;
  }();
  EXPECT_THAT(fields, HasSubstr("a=rsa-sha256;"));
  Zone zone = ZoneOf(rsa);
  zone["sel2._domainkey.example.com"] = ZoneOf(edwards).begin()->second;
  ZoneKeySource keys(zone);
  const auto verifications =
      Verify(fields + std::string(kPlainMessage), keys, {});
  ASSERT_EQ(verifications.size(), 2U);
  for (const Verification& verification : verifications) {
    EXPECT_EQ(verification.state, State::kSuccess) << verification.detail;
  }
}

// Section 8.15: over-signing is what makes an added field break the signature.
TEST(Sign, AddedFieldsBreakTheSignature) {
  const PrivateKey key = TestKey("ed25519-a");
  const std::string message =
      MustSign(kPlainMessage, key, Options()) + std::string(kPlainMessage);
  for (const char* added : {"From: evil@example.org\r\n", "Subject: evil\r\n",
                            "Cc: evil@example.org\r\n"}) {
    EXPECT_EQ(VerifyOne(added + message, ZoneOf(key)).reason,
              Reason::kSignatureDidNotVerify)
        << added;
  }
  EXPECT_EQ(VerifyOne("Received: x\r\n" + message, ZoneOf(key)).state,
            State::kSuccess);
}

TEST(Sign, LinesAreShortWhereTokensAllow) {
  SignerOptions options = Options();
  options.selector = std::string(60, 's') + "." + std::string(60, 't');
  for (int i = 0; i < 60; ++i) {
    options.signed_header_fields.push_back("X-" + std::string(i, 'n'));
  }
  options.signed_header_fields.push_back("From");
  const std::string field =
      MustSign(kPlainMessage, TestKey("rsa4096-a"), options);
  for (const std::string_view line : Lines(field)) {
    EXPECT_TRUE(line.size() <= 78 || line.find("s=") != line.npos) << line;
    EXPECT_NE(line.find_first_not_of(" \t"), line.npos) << "only white space";
  }
}

TEST(Sign, CoversOtherSignatures) {
  const PrivateKey key = TestKey("ed25519-a");
  SignerOptions options = Options();
  const std::string first =
      MustSign(kPlainMessage, key, options) + std::string(kPlainMessage);
  options.signed_header_fields = {"From", "DKIM-Signature"};
  const std::string second = MustSign(first, key, options) + first;
  const Zone zone = ZoneOf(key);
  ZoneKeySource keys(zone);
  for (const Verification& verification : Verify(second, keys, {})) {
    EXPECT_EQ(verification.state, State::kSuccess) << verification.detail;
  }
}

struct Refusal {
  const char* what;
  std::function<void(SignerOptions&)> change;
  const char* place;

  friend void PrintTo(const Refusal& row, std::ostream* out) {
    *out << row.what;
  }
};

class SignRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(SignRefuses, WithItsPlace) {
  SignerOptions options = Options();
  GetParam().change(options);
  const auto field = Sign(kPlainMessage, TestKey("ed25519-a"), options);
  ASSERT_FALSE(field) << *field;
  EXPECT_EQ(field.error().place, GetParam().place) << field.error().ToString();
}

const char kFields[] = "signed header fields";
INSTANTIATE_TEST_SUITE_P(
    Options, SignRefuses,
    ::testing::Values(
        Refusal{"no d=", [](auto& o) { o.sdid = ""; }, "sdid"},
        Refusal{"one label", [](auto& o) { o.sdid = "com"; }, "sdid"},
        Refusal{"a tag in d=", [](auto& o) { o.sdid = "a.b; t=1"; }, "sdid"},
        Refusal{"final dot", [](auto& o) { o.sdid = "a.b."; }, "sdid"},
        Refusal{"no s=", [](auto& o) { o.selector = ""; }, "selector"},
        Refusal{"CRLF in s=", [](auto& o) { o.selector = "a\r\nX: y"; },
                "selector"},
        Refusal{"long name",
                [](auto& o) {
                  o.selector =
                      std::string(60, 'a') + "." + std::string(60, 'a') + "." +
                      std::string(60, 'a') + "." + std::string(60, 'a');
                },
                "selector"},
        Refusal{"i= elsewhere", [](auto& o) { o.auid = "@example.org"; },
                "auid"},
        Refusal{"i= above", [](auto& o) { o.auid = "@com"; }, "auid"},
        Refusal{"i= without @", [](auto& o) { o.auid = "example.com"; },
                "auid"},
        Refusal{"i= with a bad local-part",
                [](auto& o) { o.auid = "a b@example.com"; }, "auid"},
        Refusal{"x= at t=",
                [](auto& o) {
                  o.timestamp = 5;
                  o.expiration = 5;
                },
                "expiration"},
        Refusal{"negative t=", [](auto& o) { o.timestamp = -1; },
                "timestamp, expiration"},
        Refusal{"13 digits", [](auto& o) { o.expiration = 1'000'000'000'000; },
                "timestamp, expiration"},
        Refusal{"h= without From",
                [](auto& o) { o.signed_header_fields = {"To"}; }, kFields},
        Refusal{"h= with a bad name",
                [](auto& o) {
                  o.signed_header_fields = {"From", "a b"};
                },
                kFields},
        Refusal{"h= with a name that would end the tag",
                [](auto& o) {
                  o.signed_header_fields = {"From", "X;Y"};
                },
                kFields},
        Refusal{"h= naming the field being made",
                [](auto& o) {
                  o.signed_header_fields = {"From", "dkim-signature"};
                },
                kFields}));

TEST(Sign, RefusesMessages) {
  const PrivateKey key = TestKey("ed25519-a");
  for (const char* message :
       {"", "To: x\r\n\r\n", "\r\nFrom: x\r\n", "From: a\n\nbody\n",
        "From: a\r\n\r\nbare \r here\r\n", "From: a\r\n\r\nbare \n here\r\n",
        "From: a\r\n\r\nend\r", "From: a\rb\r\n\r\n"}) {
    const auto field = Sign(message, key, Options());
    ASSERT_FALSE(field) << message;
    EXPECT_EQ(field.error().place, "message");
  }
  EXPECT_TRUE(Sign("From: a\r\n", key, Options()));
}

TEST(Sign, RefusesSmallKeys) {
  for (const char* name : {"rsa512-a", "rsa1023-a"}) {
    const auto field = Sign(kPlainMessage, TestKey(name), Options());
    ASSERT_FALSE(field);
    EXPECT_EQ(field.error().place, "key");
  }
}

TEST(KeyRecordFor, NamesTheKeyType) {
  EXPECT_THAT(KeyRecordFor(TestKey("rsa1024-a")),
              ::testing::StartsWith("v=DKIM1; k=rsa; p=MIGf"));
  const std::string ed25519 = KeyRecordFor(TestKey("ed25519-a"));
  EXPECT_THAT(ed25519, ::testing::StartsWith("v=DKIM1; k=ed25519; p="));
  EXPECT_EQ(ed25519.size(), std::string("v=DKIM1; k=ed25519; p=").size() + 44);
}

}  // namespace
}  // namespace dkimspec
