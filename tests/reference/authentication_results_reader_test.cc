#include "reference/authentication_results_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "reference/authentication_results.h"
#include "reference/base/base64.h"

namespace dkimspec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

AuthenticationResults Read(std::string_view value) {
  const auto field = ParseAuthenticationResults(value);
  EXPECT_TRUE(field) << value << ": " << field.error().offset << ": "
                     << field.error().message;
  return field.value_or(AuthenticationResults{});
}

// "dkim/1=pass; reason; header.d=a header.s=b" for what was read.
std::string Show(const AuthenticationResult& result) {
  std::string text = result.method + "/" + std::to_string(result.version) +
                     "=" + result.result + ";" + result.reason.value_or("-");
  for (const auto& [type, name, value] : result.properties) {
    text += ";" + type + "." + name + "=" + value;
  }
  return text;
}

std::vector<std::string> Shown(std::string_view value) {
  std::vector<std::string> shown;
  for (const AuthenticationResult& result : Read(value).results) {
    shown.push_back(Show(result));
  }
  return shown;
}

TEST(ParseAuthenticationResults, None) {
  for (const char* value :
       {"mx.example; none", " mx.example ; NONE ", "mx.example 1;none",
        "(a) mx.example (b) 1 (c); (d) none (e)\r\n",
        "\r\n\tmx.example;\r\n none", "\"mx.example\";none"}) {
    const AuthenticationResults field = Read(value);
    EXPECT_EQ(field.authserv_id, "mx.example");
    EXPECT_EQ(field.version, 1);
    EXPECT_THAT(field.results, IsEmpty());
  }
}

TEST(ParseAuthenticationResults, ResultsReasonsAndProperties) {
  EXPECT_THAT(
      Shown("mx.example; dkim=pass reason=\"good \\\"key\\\"\" "
            "header.d=d.example\r\n\theader.i=@d.example header.b=\"a/b+c=\"; "
            "spf=fail smtp.mailfrom=a@b.example;x-y=z"),
      ElementsAre("dkim/1=pass;good \"key\";header.d=d.example;"
                  "header.i=@d.example;header.b=a/b+c=",
                  "spf/1=fail;-;smtp.mailfrom=a@b.example", "x-y/1=z;-"));
}

// RFC 8601 appendix B.7.
TEST(ParseAuthenticationResults, CommentsStandEverywhere) {
  const std::string_view value =
      " foo.example.net (foobar) 1 (baz);\r\n"
      "    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
      "      policy (A dot can go here) . (like that) expired\r\n"
      "      (this surprised me) = (as I wasn't expecting it) 1362471462\r\n";
  EXPECT_EQ(Read(value).authserv_id, "foo.example.net");
  EXPECT_THAT(Shown(value),
              ElementsAre("dkim/1=fail;-;policy.expired=1362471462"));
  EXPECT_THAT(Shown("a;dkim=fail(dkim=pass (nested \\) \\( )\r\n \\\\)"
                    "header.d=b"),
              ElementsAre("dkim/1=fail;-;header.d=b"));
  for (const char* comment : {"(\\))", "(\\()", "(\\\\)", "(a \\) b (\\())"}) {
    EXPECT_THAT(Shown(std::string("a; dkim=pass ") + comment + " header.d=b"),
                ElementsAre("dkim/1=pass;-;header.d=b"))
        << comment;
  }
}

TEST(ParseAuthenticationResults, WordsIgnoreCaseAndValuesDoNot) {
  EXPECT_THAT(Shown("a; DKIM=PASS Reason=Good HEADER.B=AbCd"),
              ElementsAre("dkim/1=pass;Good;header.b=AbCd"));
}

TEST(ParseAuthenticationResults, ValuesOfProperties) {
  for (const auto& [written, read] : {
           std::pair{"token", "token"},
           std::pair{"a+b.c*d", "a+b.c*d"},
           std::pair{"\"\"", ""},
           std::pair{"\"a;\\\\b\"", "a;\\b"},
           std::pair{"\"a\r\n b\tc\"", "a b\tc"},
           std::pair{"joe@d.example", "joe@d.example"},
           std::pair{"@d.example", "@d.example"},
           std::pair{"a=b/c?@d.example", "a=b/c?@d.example"},
           std::pair{"\"a b\"@d.example", "\"a b\"@d.example"},
           std::pair{"\"a@b\"", "a@b"},
           std::pair{"j\xc3\xb6@d\xc3\xb6.example",
                     "j\xc3\xb6@d\xc3\xb6.example"},
           std::pair{"d\xc3\xb6.example", "d\xc3\xb6.example"},
           std::pair{"\"\xc3\xb6 ;\"", "\xc3\xb6 ;"},
           std::pair{"(c) x (d)", "x"},
       }) {
    EXPECT_THAT(
        Shown("a; dkim=pass header.x=" + std::string(written) + " header.y=z"),
        ElementsAre("dkim/1=pass;-;header.x=" + std::string(read) +
                    ";header.y=z"));
  }
}

TEST(ParseAuthenticationResults, Versions) {
  EXPECT_EQ(Show(Read("a; dkim/2=pass").results[0]), "dkim/2=pass;-");
  EXPECT_EQ(Read("a; dkim/2=pass").results[0].DkimResult(), std::nullopt);
  EXPECT_EQ(Read("a; dkim/99999999999=pass").results[0].version, -1);
  const AuthenticationResults later = Read("a 99; dkim=<<what>>");
  EXPECT_EQ(later.authserv_id, "a");
  EXPECT_EQ(later.version, 99);
  EXPECT_THAT(later.results, IsEmpty());
}

TEST(ParseAuthenticationResults, OnlyTheSevenWordsAreDkims) {
  EXPECT_EQ(Read("a; dkim=TempError").results[0].DkimResult(),
            Result::kTempError);
  EXPECT_EQ(Read("a; dkim=none").results[0].DkimResult(), Result::kNone);
  EXPECT_EQ(Read("a; dkim=hardfail").results[0].DkimResult(), std::nullopt);
  EXPECT_EQ(Read("a; spf=pass").results[0].DkimResult(), std::nullopt);
}

TEST(ParseAuthenticationResults, FindGivesTheFirst) {
  const AuthenticationResult result =
      Read("a; dkim=pass header.d=b header.d=c smtp.d=e").results[0];
  ASSERT_NE(result.Find("header", "d"), nullptr);
  EXPECT_EQ(*result.Find("header", "d"), "b");
  EXPECT_EQ(*result.Find("smtp", "d"), "e");
  EXPECT_EQ(result.Find("header", "s"), nullptr);
}

struct Malformed {
  std::string value;
  std::size_t offset;
  const char* said;
};

TEST(ParseAuthenticationResults, SaysWhereTheGrammarIsBroken) {
  const std::string deep(70, '(');
  for (const Malformed& row : {
           Malformed{"", 0, "authserv-id"},
           Malformed{"; none", 0, "authserv-id"},
           Malformed{"a@b; none", 0, "authserv-id"},
           Malformed{"a/b; none", 0, "authserv-id"},
           Malformed{"a", 1, "\";\" is wanted"},
           Malformed{"a;", 2, "a method"},
           Malformed{"a b; none", 2, "version"},
           Malformed{"a 1 2; none", 4, "\";\" is wanted"},
           Malformed{"a; none; dkim=pass", 7, "\"=\" is wanted"},
           Malformed{"a; dkim=pass; none", 18, "\"=\" is wanted"},
           Malformed{"a; none header.d=b", 8, "\"=\" is wanted"},
           Malformed{"a; dkim=pass;", 13, "a method"},
           Malformed{"a; dkim=pass,", 12, "white space"},
           Malformed{"a; dkim= ", 9, "a result"},
           Malformed{"a; dkim-=pass", 3, "a method"},
           Malformed{"a; dk_im=pass", 5, "\"=\" is wanted"},
           Malformed{"a; dkim/x=pass", 8, "version"},
           Malformed{"a; dkim=pass header.d", 21, "\"=\" is wanted"},
           Malformed{"a; dkim=pass header d=b", 20, "\".\" is wanted"},
           Malformed{"a; dkim=pass header.d=", 22, "property's value"},
           Malformed{"a; dkim=pass header.b=a/b=", 22, "property's value"},
           Malformed{"a; dkim=pass header.i=@", 22, "property's value"},
           Malformed{"a; dkim=pass header.i=a@b@c", 22, "property's value"},
           Malformed{"a; dkim=pass header.i=\"a b\"@", 22, "address"},
           Malformed{"a; dkim=pass header.d=\"b\"header.s=c", 25,
                     "white space"},
           Malformed{"a; dkim=pass header.d=b reason=x", 30, "reason"},
           Malformed{"a; dkim=pass reason=x reason=y", 28, "reason"},
           Malformed{"a; dkim=pass reason=", 20, "a value"},
           Malformed{"a; dkim=pass header.d=\"b", 22, "does not end"},
           Malformed{"a; dkim=pass (x", 13, "does not end"},
           Malformed{"a; dkim=pass (x\\", 13, "does not end"},
           Malformed{"a; dkim=pass (\x01)", 13, "does not end"},
           Malformed{"a; dkim=pass " + deep, 13, "too deeply"},
           Malformed{"a; dkim=pass\r\nx", 12, "white space"},
           Malformed{"a; dkim=pass reason=\xc3\xb6", 20, "a value"},
           Malformed{"a; dkim=pass (\xff)", 0, "UTF-8"},
       }) {
    const auto field = ParseAuthenticationResults(row.value);
    ASSERT_FALSE(field) << row.value;
    EXPECT_EQ(field.error().offset, row.offset) << row.value;
    EXPECT_THAT(field.error().message, HasSubstr(row.said)) << row.value;
  }
}

// What a signature can bring along, drawn from what might break a field.
class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}

  std::string Text() {
    static const std::vector<std::string> kParts = {
        "a",    "example.com", "@", ";",       "\"", "\\", "(",    ")",
        "\r\n", "\r\n ",       " ", "\t",      "=",  ".",  "\xff", "\xc3\xb6",
        "\x7f", "dkim=pass",   "-", "b.c",     "/",  "",   "x y",  "header.d=",
        "\x01", "none",        "*", "\xe2\x82"};
    std::string text;
    for (std::size_t left = Number(5); left > 0; --left) {
      text += kParts[Number(kParts.size())];
    }
    return text;
  }

  Verification One() {
    Verification verification;
    const auto reasons = AllReasons();
    verification.reason = reasons[Number(reasons.size())].reason;
    verification.state = Info(verification.reason).state;
    verification.identity = {Text(), Text()};
    if (Number(4) > 0) {
      Signature signature;
      signature.auid = Text();
      signature.signature_data = "same start " + Text();
      verification.signature = signature;
    }
    return verification;
  }

  std::size_t Number(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }

 private:
  std::mt19937 random_;
};

// What the writer writes is read back as it was meant, whatever a message
// holds: no result is added, lost or changed.
TEST(ParseAuthenticationResults, ReadsWhatIsWritten) {
  constexpr std::string_view kName = "Authentication-Results:";
  for (unsigned seed = 0; seed < 5000; ++seed) {
    Draw draw(seed);
    std::vector<Verification> verifications(draw.Number(4));
    for (Verification& verification : verifications) {
      verification = draw.One();
    }
    const std::string written =
        WriteAuthenticationResults("mx.example", verifications);
    ASSERT_EQ(written.substr(0, kName.size()), kName);
    const auto read = ParseAuthenticationResults(
        std::string_view(written).substr(kName.size()));
    ASSERT_TRUE(read) << written << read.error().offset << ": "
                      << read.error().message;
    EXPECT_EQ(read->authserv_id, "mx.example");
    if (verifications.empty()) {
      ASSERT_EQ(read->results.size(), 1u);
      EXPECT_EQ(Show(read->results[0]), "dkim/1=none;-");
      continue;
    }
    ASSERT_EQ(read->results.size(), verifications.size()) << written;
    for (std::size_t i = 0; i < verifications.size(); ++i) {
      const AuthenticationResult& result = read->results[i];
      const Verification& verification = verifications[i];
      EXPECT_EQ(result.DkimResult(), ResultOf(verification)) << written;
      EXPECT_EQ(result.reason.value_or(""), Info(verification.reason).text);
      EXPECT_EQ(result.Find("header", "d") == nullptr,
                verification.identity.sdid.empty());
      ASSERT_EQ(result.Find("header", "b") != nullptr,
                verification.signature.has_value());
      if (verification.signature) {
        EXPECT_EQ(Base64Encode(verification.signature->signature_data)
                      .find(*result.Find("header", "b")),
                  0u);
      }
    }
  }
}

TEST(ParseAuthenticationResults, ReadsAnyAuthservIdThatIsWritten) {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    const std::string written =
        WriteAuthenticationResults(Draw(seed).Text(), {});
    const std::size_t colon = written.find(':');
    EXPECT_TRUE(ParseAuthenticationResults(written.substr(colon + 1)))
        << written;
  }
}

}  // namespace
}  // namespace dkimspec
