#include "reference/authentication_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support.h"

namespace dkimspec {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Verification Passed(const std::string& signature_data) {
  Verification verification;
  verification.state = State::kSuccess;
  verification.identity = {"example.com", "sel"};
  Signature signature;
  signature.sdid = "example.com";
  signature.selector = "sel";
  signature.auid = "@example.com";
  signature.signature_data = signature_data;
  verification.signature = signature;
  return verification;
}

std::string Write(const std::vector<Verification>& verifications) {
  return WriteAuthenticationResults("mx.example.net", verifications);
}

std::string WriteAuid(const std::string& auid) {
  Verification verification = Passed("ABCDEFGH");
  verification.signature->auid = auid;
  return Write({verification});
}

// All that can stand in a field: nothing ends a line but folds.
bool IsOneField(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet >= 0x7F ||
        (octet < ' ' && octet != '\r' && octet != '\n' && octet != '\t')) {
      return false;
    }
    if (text.compare(i, 2, "\r\n") == 0 && i + 2 < text.size() &&
        text[i + 2] != '\t') {
      return false;
    }
    if ((text[i] == '\r' && text.compare(i, 2, "\r\n") != 0) ||
        (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))) {
      return false;
    }
  }
  return text.ends_with("\r\n");
}

TEST(WriteAuthenticationResults, Unsigned) {
  EXPECT_EQ(Write({}),
            "Authentication-Results: mx.example.net;\r\n\tdkim=none\r\n");
}

TEST(WriteAuthenticationResults, Passed) {
  EXPECT_EQ(Write({Passed("ABCDEFGHIJ")}),
            "Authentication-Results: mx.example.net;\r\n"
            "\tdkim=pass\r\n"
            "\theader.d=example.com\r\n"
            "\theader.i=@example.com\r\n"
            "\theader.s=sel\r\n"
            "\theader.a=rsa-sha256\r\n"
            "\theader.b=QUJDREVG\r\n");
}

TEST(WriteAuthenticationResults, Refused) {
  Verification verification = Passed("ABCDEFGHIJ");
  verification.state = State::kPermFail;
  verification.reason = Reason::kBodyHashDidNotVerify;
  EXPECT_THAT(Write({verification}),
              HasSubstr("dkim=fail reason=\"body hash did not verify\"\r\n"));
}

TEST(WriteAuthenticationResults, MalformedSignaturesHaveWhatIsKnown) {
  Verification verification;
  verification.reason = Reason::kSignatureSyntaxError;
  verification.identity = {"example.com", ""};
  EXPECT_EQ(Write({verification}),
            "Authentication-Results: mx.example.net;\r\n"
            "\tdkim=neutral reason=\"signature syntax error\"\r\n"
            "\theader.d=example.com\r\n");
}

// RFC 6008 section 4.
TEST(WriteAuthenticationResults, HeaderBTellsSignaturesApart) {
  const std::string text =
      Write({Passed("AAAAAAAAAAAAAAA1"), Passed("AAAAAAAAAAAAAAA2")});
  EXPECT_THAT(text, HasSubstr("header.b=QUFBQUFBQUFBQUFBQUFBMQ;\r\n"));
  EXPECT_THAT(text, HasSubstr("header.b=QUFBQUFBQUFBQUFBQUFBMg\r\n"));
}

TEST(WriteAuthenticationResults, HeaderBIsWholeWhereShortOrEqual) {
  EXPECT_THAT(Write({Passed("A")}), HasSubstr("header.b=\"QQ==\"\r\n"));
  const std::string text = Write({Passed("ABCDEFGHI"), Passed("ABCDEFGHI")});
  EXPECT_THAT(text, HasSubstr("header.b=QUJDREVGR0hJ\r\n"));
}

// What differs in case differs: no more than eight characters are needed.
TEST(WriteAuthenticationResults, HeaderBIsCaseSensitive) {
  const std::string upper = "\x41\x04\x10\x41\x04\x10\x41\x04\x10";
  const std::string lower(9, '\xaa');
  const std::string text = Write({Passed(upper), Passed(lower)});
  EXPECT_THAT(text, HasSubstr("header.b=QQQQQQQQ;\r\n"));
  EXPECT_THAT(text, HasSubstr("header.b=qqqqqqqq\r\n"));
}

// RFC 8601 section 2.2: "/" and "=" are no octets of a token, "+" is one.
TEST(WriteAuthenticationResults, HeaderBIsQuotedWhereItMustBe) {
  EXPECT_THAT(Write({Passed("ab\xff\xff\xff\xff")}),
              HasSubstr("header.b=\"YWL/////\"\r\n"));
  EXPECT_THAT(Write({Passed("\xfb\xef\xbe\xfb\xef\xbe")}),
              HasSubstr("header.b=++++++++\r\n"));
}

TEST(WriteAuthenticationResults, AuthservIdIsQuotedWhereItMustBe) {
  EXPECT_EQ(WriteAuthenticationResults("mx1/queue7", {}),
            "Authentication-Results: \"mx1/queue7\";\r\n\tdkim=none\r\n");
  EXPECT_EQ(WriteAuthenticationResults("joe@example.com", {}),
            "Authentication-Results: \"joe@example.com\";"
            "\r\n\tdkim=none\r\n");
}

// RFC 5322 section 2.1.1: no line of more than 998 octets, and no line of white
// space alone (section 3.2.2 there). What fits in none is not told.
TEST(WriteAuthenticationResults, LinesAreOfLegalLength) {
  Verification verification = Passed(std::string(2048, 'x'));
  verification.signature->auid = std::string(2000, 'i') + "@example.com";
  verification.identity.selector = std::string(5000, '"');
  const std::string text = Write({verification, verification});
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find("\r\n", begin)) != text.npos;
       begin = end + 2) {
    EXPECT_LE(end - begin, 998U);
    EXPECT_NE(text.find_first_not_of(" \t", begin), end);
  }
  EXPECT_THAT(text, HasSubstr("header.d=example.com\r\n"));
  EXPECT_THAT(text, HasSubstr("header.b=eHh4eHh4"));
  EXPECT_THAT(text, Not(HasSubstr("header.i=")));
  EXPECT_THAT(text, Not(HasSubstr("header.s=")));
}

TEST(WriteAuthenticationResults, AddressesAreNotQuoted) {
  EXPECT_THAT(WriteAuid("joe@a.example.com"),
              HasSubstr("header.i=joe@a.example.com\r\n"));
  EXPECT_THAT(WriteAuid("\"joe; dkim=pass\"@example.com"),
              HasSubstr("header.i=\"joe; dkim=pass\"@example.com\r\n"));
  EXPECT_THAT(WriteAuid("a=b@example.com"),
              HasSubstr("header.i=a=b@example.com\r\n"));
}

TEST(WriteAuthenticationResults, DomainsAreInALabels) {
  Verification verification = Passed("ABCDEFGH");
  verification.identity.sdid =
      "b\xc3\xbc"
      "cher.example";
  EXPECT_THAT(Write({verification}),
              HasSubstr("header.d=xn--bcher-kva.example\r\n"));
}

// RFC 8601 section 7.9: whatever a message says adds no result.
TEST(WriteAuthenticationResults, NothingCanBeInjected) {
  const std::string evil =
      "x\r\n\tdkim=pass header.d=y; dkim=pass \"\\ \x01\xff(";
  Verification verification;
  verification.reason = Reason::kSignatureSyntaxError;
  verification.identity = {evil, evil};
  const std::string malformed =
      WriteAuthenticationResults(evil, {verification});
  EXPECT_TRUE(IsOneField(malformed)) << malformed;
  const std::string quoted =
      "\"x???dkim=pass header.d=y; dkim=pass \\\"\\\\ ?\?(\"";
  EXPECT_EQ(malformed, "Authentication-Results: " + quoted +
                           ";\r\n\tdkim=neutral "
                           "reason=\"signature syntax error\"\r\n\theader.d=" +
                           quoted + "\r\n\theader.s=" + quoted + "\r\n");
  for (const std::string& auid :
       {evil, evil + "@example.com", "a@" + evil, "@" + evil, std::string()}) {
    const std::string text = WriteAuid(auid);
    EXPECT_TRUE(IsOneField(text)) << text;
    EXPECT_THAT(text, Not(HasSubstr("header.i=x")));
  }
}

}  // namespace
}  // namespace dkimspec
