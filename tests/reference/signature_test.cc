#include "reference/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <string>

#include "reference/domain.h"
#include "reference/local_part.h"
#include "reference/punycode.h"
#include "reference/tag_value.h"
#include "support.h"

namespace dkimspec {
namespace {

using ::testing::ElementsAre;

std::string Tags(const TagChanges& changes) {
  TagChanges all = {{"b", "QUJD"}, {"bh", "QUJD"}};
  all.insert(all.end(), changes.begin(), changes.end());
  return SignatureTags(all);
}

Reason ReasonOf(const std::string& tags) {
  const auto signature = ParseSignature(tags);
  return signature ? Reason::kNone : signature.error().reason;
}

struct Row {
  const char* tag;
  std::optional<std::string> value;  // nullopt: the tag is absent.
  Reason reason;

  friend void PrintTo(const Row& row, std::ostream* out) {
    *out << row.tag << "=" << row.value.value_or("(absent)");
  }
};

class ParseSignatureTable : public ::testing::TestWithParam<Row> {};

TEST_P(ParseSignatureTable, GivesTheReason) {
  const Row& row = GetParam();
  EXPECT_EQ(Info(ReasonOf(Tags({{row.tag, row.value}}))).id,
            Info(row.reason).id);
}

constexpr Reason kOk = Reason::kNone;
constexpr Reason kSyntax = Reason::kSignatureSyntaxError;
constexpr Reason kMissing = Reason::kSignatureMissingRequiredTag;
const std::string kDigits75(75, '0');

INSTANTIATE_TEST_SUITE_P(
    Version, ParseSignatureTable,
    ::testing::Values(Row{"v", {}, kMissing},
                      Row{"v", "", Reason::kIncompatibleVersion},
                      Row{"v", "2", Reason::kIncompatibleVersion},
                      Row{"v", "01", Reason::kIncompatibleVersion},
                      Row{"v", "1.0", Reason::kIncompatibleVersion},
                      Row{"v", "0.5", Reason::kIncompatibleVersion}));

INSTANTIATE_TEST_SUITE_P(
    RequiredTags, ParseSignatureTable,
    ::testing::Values(Row{"a", {}, kMissing}, Row{"b", {}, kMissing},
                      Row{"bh", {}, kMissing}, Row{"d", {}, kMissing},
                      Row{"h", {}, kMissing}, Row{"s", {}, kMissing}));

INSTANTIATE_TEST_SUITE_P(
    Algorithm, ParseSignatureTable,
    ::testing::Values(Row{"a", "rsa-sha1", kOk},
                      Row{"a", "ed25519-sha256", kOk},
                      Row{"a", "RSA-SHA256", kOk},  // RFC 5234 section 2.3.
                      // Two folds in a row are obsolete syntax, which is to be
                      // accepted: RFC 5322 section 4.2.
                      Row{"a", "\r\n \r\n rsa-sha256", kOk},
                      Row{"a", "", kSyntax}, Row{"a", "rsa -sha256", kSyntax},
                      Row{"a", "rsa", kSyntax}, Row{"a", "rsa-", kSyntax},
                      Row{"a", "rsa-sha-256", kSyntax},
                      Row{"a", "1rsa-sha256", kSyntax},
                      Row{"a", "ed25519-sha1", Reason::kUnsupportedAlgorithm},
                      Row{"a", "rsa-sha512", Reason::kUnsupportedAlgorithm},
                      Row{"a", "foo-bar", Reason::kUnsupportedAlgorithm}));

INSTANTIATE_TEST_SUITE_P(
    Canonicalization, ParseSignatureTable,
    ::testing::Values(Row{"c", {}, kOk}, Row{"c", "simple", kOk},
                      Row{"c", "Relaxed/SIMPLE", kOk}, Row{"c", "", kSyntax},
                      Row{"c", "relaxed / simple", kSyntax},
                      Row{"c", "relaxed/", kSyntax},
                      Row{"c", "relaxed/simple/x", kSyntax},
                      Row{"c", "nowsp", Reason::kUnsupportedCanonicalization},
                      Row{"c", "simple/no-wsp",
                          Reason::kUnsupportedCanonicalization}));

INSTANTIATE_TEST_SUITE_P(
    Domain, ParseSignatureTable,
    ::testing::Values(
        Row{"d", "EXAMPLE.com", kOk}, Row{"d", "com", kOk},
        Row{"d", "ex_ample.com", kOk}, Row{"d", "1.2", kOk},
        Row{"d",
            "b\xc3\xbc"
            "cher.example",
            kOk},
        Row{"d",
            "b\xff"
            "cher.example",
            kSyntax},
        Row{"d", "", kSyntax}, Row{"d", "example.com.", kSyntax},
        Row{"d", ".example.com", kSyntax}, Row{"d", "example..com", kSyntax},
        Row{"d", "exam ple.com", kSyntax}, Row{"d", "-a.example", kSyntax},
        Row{"d", "a-.example", kSyntax}, Row{"d", "a@example", kSyntax},
        Row{"d", std::string(63, 'a') + ".example", kOk},
        Row{"d", std::string(64, 'a') + ".example", kSyntax},
        Row{"s", "a.b-c._d", kOk}, Row{"s", "xn--4ca", kOk},
        Row{"s", "\xc3\xa4", kOk}, Row{"s", "", kSyntax},
        Row{"s", "a b", kSyntax}, Row{"s", "a.", kSyntax},
        Row{"s", "a/b", kSyntax}, Row{"s", "*", kSyntax}));

INSTANTIATE_TEST_SUITE_P(
    SignedHeaderFields, ParseSignatureTable,
    ::testing::Values(
        Row{"h", "from", kOk}, Row{"h", "FROM : to\r\n\t:\r\n subject", kOk},
        Row{"h", "from:x-none:from", kOk}, Row{"h", "from:x!#$%", kOk},
        Row{"h", "", kSyntax}, Row{"h", ":", kSyntax},
        Row{"h", "from:", kSyntax}, Row{"h", ":from", kSyntax},
        Row{"h", "from::to", kSyntax}, Row{"h", "from to", kSyntax},
        Row{"h", "from:h\xc3\xa9", kSyntax}, Row{"h", "from:x;y", kSyntax},
        Row{"h", "to:subject", Reason::kFromFieldNotSigned},
        Row{"h", "x-from:from-x:resent-from", Reason::kFromFieldNotSigned}));

INSTANTIATE_TEST_SUITE_P(
    Base64, ParseSignatureTable,
    ::testing::Values(Row{"b", "Q\r\n U\tJ D", kOk}, Row{"b", "QQ = =", kOk},
                      Row{"b", "", kSyntax}, Row{"bh", "", kSyntax},
                      Row{"b", "QU-D", kSyntax}, Row{"b", "QUJD*", kSyntax},
                      Row{"b", "QU_D", kSyntax}, Row{"bh", "QU.D", kSyntax},
                      Row{"b", "ABCD=EFG", kSyntax}, Row{"b", "===", kSyntax},
                      Row{"b", "QQ", kSyntax}, Row{"b", "QUI", kSyntax},
                      Row{"bh", "Q=JD", kSyntax}, Row{"bh", "QQ", kSyntax},
                      Row{"bh", "=", kSyntax}, Row{"b", "====", kSyntax}));

INSTANTIATE_TEST_SUITE_P(
    BodyLengthCount, ParseSignatureTable,
    ::testing::Values(Row{"l", "0", kOk}, Row{"l", kDigits75 + "1", kOk},
                      Row{"l", std::string(76, '9'), kOk},
                      Row{"l", kDigits75 + "01", kSyntax},
                      Row{"l", "", kSyntax}, Row{"l", "-1", kSyntax},
                      Row{"l", "+14", kSyntax}, Row{"l", "0x0e", kSyntax},
                      Row{"l", "1.0", kSyntax}, Row{"l", "1 4", kSyntax}));

INSTANTIATE_TEST_SUITE_P(
    Times, ParseSignatureTable,
    ::testing::Values(Row{"t", "1", kOk}, Row{"t", "999999999999", kOk},
                      Row{"t", "9999999999999", kOk}, Row{"x", "1", kOk},
                      Row{"t", "", kSyntax}, Row{"t", "abc", kSyntax},
                      Row{"t", "-5", kSyntax}, Row{"t", "1.5", kSyntax},
                      Row{"x", "1 2", kSyntax}, Row{"x", "", kSyntax}));

INSTANTIATE_TEST_SUITE_P(
    QueryMethods, ParseSignatureTable,
    ::testing::Values(Row{"q", {}, kOk}, Row{"q", "dns/txt", kOk},
                      Row{"q", "DNS/TXT", kOk}, Row{"q", "x : dns/txt", kOk},
                      Row{"q", "dns/txt:dns/txt", kOk},
                      Row{"q", "foo/a=3Ab:dns/txt", kOk}, Row{"q", "", kSyntax},
                      Row{"q", "dns/txt:", kSyntax},
                      Row{"q", "1x:dns/txt", kSyntax},
                      Row{"q", "foo", Reason::kUnsupportedQueryMethod},
                      Row{"q", "dns", Reason::kUnsupportedQueryMethod},
                      Row{"q", "dns/mx", Reason::kUnsupportedQueryMethod}));

constexpr Reason kMismatch = Reason::kDomainMismatch;
INSTANTIATE_TEST_SUITE_P(
    Auid, ParseSignatureTable,
    ::testing::Values(
        Row{"i", "@example.com", kOk}, Row{"i", "joe@EXAMPLE.com", kOk},
        Row{"i", "joe@a.b.example.com", kOk},
        Row{"i", "\"joe=20smith\"@example.com", kOk},
        Row{"i", "\"a=3Bb\"@example.com", kOk},
        Row{"i", "\"a@b\"@example.com", kOk},
        Row{"i", "a=3Db@example.com", kOk},
        Row{"i", "j\xc3\xb6@example.com", kOk},
        Row{"i", "j=C3=B6@example.com", kOk},
        // White space goes before anything is decoded, section 2.11.
        Row{"i", "joe@exam\r\n ple.com", kOk},
        Row{"i", "a=\r\n 3Db@example.com", kOk},
        Row{"i", "a=\r\n@example.com", kSyntax},
        Row{"i", "jo\r\n e@example.com", kOk},
        Row{"i", "joe@notexample.com", kMismatch},
        Row{"i", "@example.org", kMismatch}, Row{"i", "@com", kMismatch},
        Row{"i", "@a.example.com.evil.example", kMismatch},
        Row{"i", "", kSyntax}, Row{"i", "example.com", kSyntax},
        Row{"i", "joe@", kSyntax}, Row{"i", "@", kSyntax},
        Row{"i", "a@b@example.com", kSyntax},
        Row{"i", "a=3db@example.com", kSyntax},
        Row{"i", "a=@example.com", kSyntax}, Row{"i", "a=4", kSyntax},
        Row{"i", "a..b@example.com", kSyntax},
        Row{"i", "a=20b@example.com", kSyntax},
        Row{"i", "=0D=0A@example.com", kSyntax},
        Row{"i", "=E9@example.com", kSyntax},
        Row{"i", "joe@example.com.", kSyntax}));

INSTANTIATE_TEST_SUITE_P(
    OtherTags, ParseSignatureTable,
    ::testing::Values(Row{"z", "From:foo=20@bar|To:x", kOk},
                      Row{"z", "b=ZZZ", kOk}, Row{"foo", "", kOk},
                      Row{"foo", "a=b  c", kOk}, Row{"V", "2", kOk},
                      Row{"f-o", "x", kSyntax}, Row{"1a", "x", kSyntax},
                      Row{"foo", "\x01", kSyntax}));

TEST(ParseSignature, ReadsEveryTag) {
  const auto signature = ParseSignature(
      " v=1; a=ed25519-sha256; c=relaxed; d=Example.com; s=a.b;\r\n"
      "\th=From : to; i=j=6Fe@x.example.com; l=14; t=1; x=2;\r\n"
      " bh=QUJD; b=REVG; q=dns/txt");
  ASSERT_TRUE(signature) << signature.error().detail;
  EXPECT_EQ(signature->sdid, "Example.com");
  EXPECT_EQ(signature->selector, "a.b");
  EXPECT_EQ(signature->KeyName(), "a.b._domainkey.Example.com");
  EXPECT_EQ(signature->auid, "joe@x.example.com");
  EXPECT_EQ(signature->auid_domain, "x.example.com");
  EXPECT_EQ(signature->algorithm, Algorithm::kEd25519Sha256);
  EXPECT_EQ(signature->header_canonicalization, Canonicalization::kRelaxed);
  EXPECT_EQ(signature->body_canonicalization, Canonicalization::kSimple);
  EXPECT_THAT(signature->signed_header_fields, ElementsAre("From", "to"));
  EXPECT_EQ(signature->body_hash, "ABC");
  EXPECT_EQ(signature->signature_data, "DEF");
  EXPECT_EQ(signature->body_length_count, 14U);
  EXPECT_EQ(signature->timestamp, 1U);
  EXPECT_EQ(signature->expiration, 2U);
}

TEST(ParseSignature, AbsentTagsHaveTheirDefaults) {
  const auto signature = ParseSignature(Tags({{"c", std::nullopt}}));
  ASSERT_TRUE(signature) << signature.error().detail;
  EXPECT_EQ(signature->auid, "@example.com");
  EXPECT_EQ(signature->auid_domain, "example.com");
  EXPECT_EQ(signature->header_canonicalization, Canonicalization::kSimple);
  EXPECT_EQ(signature->body_canonicalization, Canonicalization::kSimple);
  EXPECT_FALSE(signature->body_length_count);
  EXPECT_FALSE(signature->timestamp);
  EXPECT_FALSE(signature->expiration);
}

// Values that 64 bits cannot hold must not wrap round to small ones.
TEST(ParseSignature, LargeCountsAreClamped) {
  constexpr Count kLargest = std::numeric_limits<Count>::max();
  const auto count = [](const std::string& l) {
    return ParseSignature(Tags({{"l", l}}))->body_length_count.value();
  };
  EXPECT_EQ(count("18446744073709551614"), kLargest - 1);
  EXPECT_EQ(count("18446744073709551615"), kLargest);
  EXPECT_EQ(count("18446744073709551616"), kLargest);  // 2^64
  EXPECT_EQ(count("18446744073709551630"), kLargest);  // 2^64 + 14
  EXPECT_EQ(count(std::string(76, '9')), kLargest);
  EXPECT_EQ(count(std::string(74, '0') + "14"), 14U);
}

TEST(ParseSignature, ExpirationMustExceedTimestamp) {
  EXPECT_EQ(ReasonOf(Tags({{"t", "10"}, {"x", "11"}})), kOk);
  EXPECT_EQ(ReasonOf(Tags({{"t", "10"}, {"x", "10"}})), kSyntax);
  EXPECT_EQ(ReasonOf(Tags({{"t", "10"}, {"x", "9"}})), kSyntax);
}

// RFC 6376 section 3.2: a tag that occurs twice makes the whole list invalid.
TEST(ParseSignature, DuplicateTagsInvalidateTheList) {
  for (const char* twice : {"v=1", "d=example.com", "foo=1; foo=1"}) {
    EXPECT_EQ(ReasonOf(Tags({}) + "; " + twice), kSyntax) << twice;
  }
}

TEST(ParseSignature, OrderOfTagsIsFree) {
  EXPECT_EQ(ReasonOf("b=QUJD; bh=QUJD; h=from; s=s; d=d.example; "
                     "a=rsa-sha256; v=1;"),
            kOk);
}

TEST(ParseSignature, TellsReasonsInTheOrderOfSection611) {
  // Version before missing tags, those before bad values, those before what
  // the tags say to each other.
  EXPECT_EQ(ReasonOf("v=2; d="), Reason::kIncompatibleVersion);
  EXPECT_EQ(ReasonOf(Tags({{"b", std::nullopt}, {"d", ""}})), kMissing);
  EXPECT_EQ(ReasonOf(Tags({{"h", "to"}, {"i", "@x"}, {"l", "x"}})), kSyntax);
  EXPECT_EQ(ReasonOf(Tags({{"h", "to"}, {"i", "@x.example"}})), kMismatch);
}

TEST(ParseSignature, NameOfTheKeyMustFitTheDns) {
  const std::string label(63, 'a');
  const std::string sdid = label + "." + label + "." + label + ".example";
  EXPECT_EQ(ReasonOf(Tags({{"d", sdid}})), kOk);
  EXPECT_EQ(ReasonOf(Tags({{"d", sdid}, {"s", label}})), kSyntax);
}

// RFC 8616 section 3.
TEST(Signature, KeyNameIsInALabels) {
  const auto signature = ParseSignature(Tags({{"d",
                                               "b\xc3\xbc"
                                               "cher.example"},
                                              {"s", "\xc3\xa4"}}));
  ASSERT_TRUE(signature) << signature.error().detail;
  EXPECT_EQ(signature->KeyName(), "xn--4ca._domainkey.xn--bcher-kva.example");
}

TEST(Signature, ULabelsAndALabelsOfADomainAreAlike) {
  EXPECT_EQ(ReasonOf(Tags({{"d", "xn--bcher-kva.example"},
                           {"i",
                            "@a.b\xc3\xbc"
                            "cher.example"}})),
            kOk);
}

TEST(IdentifySignature, FindsDomainAndSelectorInMalformedLists) {
  const SignatureIdentity identity = IdentifySignature(
      " =;; 1x; d = a.example ; d=b.example; bh=s=x; s=\r\n sel;d");
  EXPECT_EQ(identity.sdid, "a.example");
  EXPECT_EQ(identity.selector, "sel");
  EXPECT_EQ(IdentifySignature("").sdid, "");
  EXPECT_EQ(IdentifySignature("D=x; sd=y").sdid, "");
}

// RFC 3492 section 7.1, examples (B) and (L), and RFC 3492's own spelling.
TEST(ToAscii, EncodesPunycode) {
  EXPECT_EQ(ToAscii("\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9"
                    "\x88\xe4\xb8\x8d\xe8\xaf\xb4\xe4\xb8\xad\xe6\x96\x87"),
            "xn--ihqwcrb4cv8a8dqg056pqjye");
  EXPECT_EQ(ToAscii("3\xe5\xb9\xb4"
                    "B\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94"
                    "\x9f"),
            "xn--3B-ww4c5e180e575a65lsy2b");
  EXPECT_EQ(ToAscii("A.example"), "A.example");
  EXPECT_EQ(ToAscii("\xff"), std::nullopt);
}

TEST(IsWithinDomain, RespectsLabels) {
  EXPECT_TRUE(IsWithinDomain("example.com", "EXAMPLE.COM"));
  EXPECT_TRUE(IsWithinDomain("a.b.example.com", "example.com"));
  EXPECT_FALSE(IsWithinDomain("notexample.com", "example.com"));
  EXPECT_FALSE(IsWithinDomain("com", "example.com"));
  EXPECT_FALSE(IsWithinDomain("example.com.evil.example", "example.com"));
}

TEST(IsLocalPart, DotStringsAndQuotedStrings) {
  for (const char* good : {"joe", "j.o.e", "a+b=c", "\"\"", "\"a b\"",
                           "\"a\\\"b\"", "\"a\\\\\"", "\"@\""}) {
    EXPECT_TRUE(IsLocalPart(good)) << good;
  }
  for (const char* bad :
       {"", ".", "a.", ".a", "a..b", "a b", "a@b", "\"", "\"a\"b\"", "\"a\\\"",
        "\"a\\\\\"b\"", "a\"b\"", "\"\x01\"", "\xff"}) {
    EXPECT_FALSE(IsLocalPart(bad)) << bad;
  }
}

TEST(QuotedPrintable, EncodesWhatMustBeEncoded) {
  EXPECT_EQ(EncodeQuotedPrintable("a b;c=d\x7f\xc3\xa9!~\r"),
            "a=20b=3Bc=3Dd=7F=C3=A9!~=0D");
}

// Section 2.11: dkim-safe-char is %x21-3A, "<" and %x3E-7E; all else is written
// in hexadecimal, in upper case.
TEST(QuotedPrintable, EncodesEachOctetOrNot) {
  for (int i = 0; i < 256; ++i) {
    const char octet = static_cast<char>(i);
    const bool is_safe =
        (i >= 0x21 && i <= 0x3A) || i == 0x3C || (i >= 0x3E && i <= 0x7E);
    const std::string text = EncodeQuotedPrintable({&octet, 1});
    EXPECT_EQ(text.size(), is_safe ? 1U : 3U) << i;
    EXPECT_EQ(text.front(), is_safe ? octet : '=') << i;
    EXPECT_EQ(text.find_first_of("abcdef"),
              is_safe && i >= 'a' && i <= 'f' ? 0U : std::string::npos)
        << i;
  }
}

TEST(QuotedPrintable, RoundTripsEveryOctet) {
  std::string octets;
  for (int i = 0; i < 256; ++i) {
    octets += static_cast<char>(i);
  }
  EXPECT_EQ(DecodeQuotedPrintable(EncodeQuotedPrintable(octets)), octets);
}

}  // namespace
}  // namespace dkimspec
