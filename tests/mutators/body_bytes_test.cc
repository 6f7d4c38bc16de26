// What each mutator of the body does, octet by octet.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/mutators/mutate.h"

namespace dkimspec::mutators {
namespace {

std::string Repeat(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) {
    repeated += text;
  }
  return repeated;
}

std::string WithBody(std::string_view body) {
  return "From: a@dkim.example\r\n\r\n" + std::string(body);
}

struct BodyCase {
  std::string_view says;
  std::string_view mutator;
  Params params;
  std::string_view before;
  std::optional<std::string_view> after;
};

const std::vector<BodyCase>& Bodies() {
  static const auto& table = *new std::vector<BodyCase>{
      {"one by default", "append-blank-lines", {}, "x\r\n", "x\r\n\r\n"},
      {"ends the last line first",
       "append-blank-lines",
       {{"count", std::int64_t{2}}},
       "x",
       "x\r\n\r\n\r\n"},
      {"an empty body gets lines too", "append-blank-lines", {}, "", "\r\n"},
      {"starts a new line",
       "append-footer",
       {{"text", std::string("f\r\n")}},
       "x",
       "x\r\nf\r\n"},
      {"no guard",
       "append-footer",
       {{"text", std::string("f")}, {"on_new_line", false}},
       "x",
       "xf"},
      {"a finished line needs no guard",
       "append-footer",
       {{"text", std::string("f")}},
       "x\r\n",
       "x\r\nf"},
      {"every line, empty ones and the unfinished one",
       "append-wsp",
       {{"wsp", std::string(" \t")}},
       "x\r\n\r\ny",
       "x \t\r\n \t\r\ny \t"},
      {"no lines", "append-wsp", {}, "", std::nullopt},
      {"every line", "bare-lf", {}, "x\r\ny\r\nz", "x\ny\nz"},
      {"no CRLF", "bare-lf", {}, "x\ny", std::nullopt},
      {"runs and tabs",
       "collapse-wsp",
       {},
       "a  b\tc \t d \r\n",
       "a b c d \r\n"},
      {"single spaces are as they should be",
       "collapse-wsp",
       {},
       "a b\r\n",
       std::nullopt},
      {"drop", "crlf-at-end", {}, "x\r\n\r\n", "x\r\n"},
      {"nothing to drop", "crlf-at-end", {}, "x\n", std::nullopt},
      {"add", "crlf-at-end", {{"what", std::string("add")}}, "x", "x\r\n"},
      {"nothing to add",
       "crlf-at-end",
       {{"what", std::string("add")}},
       "x\r\n",
       std::nullopt},
      {"only at the start of lines",
       "dot-double",
       {},
       ".\r\n.x\r\ny.\r\n",
       "..\r\n..x\r\ny.\r\n"},
      {"no dots", "dot-double", {}, "x\n.y\r\n", std::nullopt},
      {"one dot of each line",
       "dot-eaten",
       {},
       ".\r\n..x\r\ny.\r\n",
       "\r\n.x\r\ny.\r\n"},
      {"no dots", "dot-eaten", {}, "x.\r\n", std::nullopt},
      {"mboxo",
       "from-mangle",
       {},
       "From a\r\n>From b\r\nFrom:\r\n from c",
       ">From a\r\n>From b\r\nFrom:\r\n from c"},
      {"mboxrd",
       "from-mangle",
       {{"style", std::string("mboxrd")}},
       "From a\r\n>>From b\r\n>",
       ">From a\r\n>>>From b\r\n>"},
      {"no such line", "from-mangle", {}, "x From a\r\n", std::nullopt},
      {"only bare ones",
       "lf-to-crlf",
       {},
       "a\nb\r\n\n\nc\r\r\n",
       "a\r\nb\r\n\r\n\r\nc\r\r\n"},
      {"none are bare", "lf-to-crlf", {}, "a\r\n", std::nullopt},
      {"before CRLF and at the end",
       "strip-trailing-wsp",
       {},
       "a \t\r\n \r\n b\rc \n\r\nd ",
       "a\r\n\r\n b\rc \n\r\nd"},
      {"none there", "strip-trailing-wsp", {}, " a\r\n", std::nullopt},
  };
  return table;
}

TEST(BodyBytes, AreAsTabled) {
  for (const BodyCase& row : Bodies()) {
    std::optional<std::string> after;
    if (row.after) {
      after = WithBody(*row.after);
    }
    ExpectBytes({row.says, row.mutator, row.params, WithBody(row.before),
                 std::move(after)});
  }
}

TEST(BodyBytes, AHeaderWithoutSeparatorHasNoBodyToDamage) {
  for (std::string_view mutator :
       {"append-blank-lines", "append-footer", "append-wsp", "bare-lf",
        "collapse-wsp", "dot-double", "from-mangle", "strip-trailing-wsp"}) {
    EXPECT_FALSE(Mutate(mutator, {}, "From: a@dkim.example\r\n")) << mutator;
  }
  EXPECT_FALSE(Mutate("crlf-at-end", {{"what", std::string("add")}},
                      "From: a@dkim.example\r\n"));
}

TEST(BodyBytes, OneLineIsChosenByTheSeed) {
  const std::string before = WithBody(".a\r\nx\r\n.b\r\n.c\r\n");
  std::vector<std::string> seen;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto damage =
        Mutate("dot-double", {{"lines", std::string("one")}}, before, seed);
    ASSERT_TRUE(damage);
    EXPECT_EQ(damage->message.size(), before.size() + 1);
    seen.push_back(damage->message);
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  EXPECT_EQ(seen, (std::vector<std::string>{
                      WithBody("..a\r\nx\r\n.b\r\n.c\r\n"),
                      WithBody(".a\r\nx\r\n..b\r\n.c\r\n"),
                      WithBody(".a\r\nx\r\n.b\r\n..c\r\n"),
                  }));
}

TEST(Wrap998, CutsHeaderAndBody) {
  const std::string x = Repeat("x", 998);
  const auto damage = Mutate("wrap-998", {},
                             "From: a\r\nX-Long: " + x + "\r\n\r\n" + x +
                                 "\r\n" + x + Repeat("y", 998) + "\r\n");
  ASSERT_TRUE(damage);
  EXPECT_EQ(damage->message, "From: a\r\nX-Long: " + x.substr(8) + "\r\n " +
                                 x.substr(0, 8) + "\r\n\r\n" + x + "\r\n" + x +
                                 "\r\n " + Repeat("y", 997) + "\r\n y\r\n");
  EXPECT_EQ(damage->touched_fields, std::vector<std::string>{"X-Long"});
  EXPECT_TRUE(damage->touched_body);
}

TEST(Wrap998, LeavesShortLines) {
  EXPECT_FALSE(Mutate("wrap-998", {}, WithBody(Repeat("x", 998) + "\r\n")));
}

TEST(QpEncode8bit, EncodesASinglePartAsPostfixDoes) {
  ExpectBytes({"one part",
               "qp-encode-8bit",
               {},
               "From: a\r\nContent-Transfer-Encoding: 8BIT\r\nSubject: s\r\n"
               "\r\nGr\xc3\xbc\xc3\x9f=e \r\nFrom x\t\r\n.\r\n" +
                   Repeat("z", 80) + "\r\n",
               "From: a\r\nSubject: s\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n"
               "\r\nGr=C3=BC=C3=9F=3De=20\r\nFrom x=09\r\n.\r\n" +
                   Repeat("z", 73) + "=\r\n" + Repeat("z", 7) + "\r\n"});
}

TEST(QpEncode8bit, GoesIntoPartsAndLeavesTheRest) {
  const std::string before =
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b 1\"\r\n"
      "Content-Transfer-Encoding: 8bit\r\n\r\npr\xc3\xa9"
      "amble\r\n--b 1\r\n"
      "Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa9\r\n--b 1 \r\n\r\n"
      "plain=\r\n--b 1\r\nContent-Type: message/rfc822\r\n"
      "Content-Transfer-Encoding: 8bit\r\n\r\nSubject: inner\r\n"
      "Content-Transfer-Encoding: binary\r\n\r\n\xff\r\n--b 1--\r\n\xc3\r\n";
  const std::string after =
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b 1\"\r\n"
      "Content-Transfer-Encoding: 7bit\r\n\r\npr\xc3\xa9"
      "amble\r\n--b 1\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A9\r\n"
      "--b 1 \r\n\r\nplain=\r\n--b 1\r\nContent-Type: message/rfc822\r\n"
      "Content-Transfer-Encoding: 7bit\r\n\r\nSubject: inner\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n=FF\r\n--b 1--\r\n"
      "\xc3\r\n";
  ExpectBytes({"nested", "qp-encode-8bit", {}, before, after});
}

TEST(QpEncode8bit, NeedsADeclaration) {
  ExpectBytes({"8-bit octets said to be 7bit",
               "qp-encode-8bit",
               {},
               WithBody("\xc3\xa9\r\n"),
               std::nullopt});
}

TEST(QpEncode8bit, EndsOnAbsurdNesting) {
  std::string deep = "Content-Transfer-Encoding: 8bit\r\n\r\n\xff\r\n";
  for (int i = 0; i < 1000; ++i) {
    deep = "Content-Type: message/rfc822\r\n\r\n" + deep;
  }
  EXPECT_FALSE(Mutate("qp-encode-8bit", {}, deep));
}

constexpr std::string_view kBase64Header =
    "From: a\r\nContent-Transfer-Encoding: base64\r\n\r\n";

TEST(Base64Rewrap, KeepsCharactersAndFinalLineEnds) {
  const std::string header(kBase64Header);
  const Params width = {{"width", std::int64_t{20}}};
  ExpectBytes({"longer lines", "base64-rewrap", width,
               header + Repeat("QUJD", 6) + "\r\nRA==\r\n\r\n",
               header + Repeat("QUJD", 5) + "\r\nQUJDRA==\r\n\r\n"});
  ExpectBytes({"as it is already", "base64-rewrap", width,
               header + Repeat("QUJD", 5) + "\r\nQUJD", std::nullopt});
  ExpectBytes({"not base64", "base64-rewrap", width,
               header + Repeat("QU D", 6) + "\r\n", std::nullopt});
}

TEST(Base64Rewrap, GoesIntoParts) {
  const std::string outer =
      "From: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" +
      std::string(kBase64Header);
  const Params width = {{"width", std::int64_t{20}}};
  ExpectBytes({"no CRLF of its own before the delimiter", "base64-rewrap",
               width, outer + Repeat("QUJD", 6) + "\r\n--b--\r\n",
               outer + Repeat("QUJD", 5) + "\r\nQUJD\r\n--b--\r\n"});
}

TEST(AppendPart, GoesBeforeTheClosingDelimiter) {
  const std::string before =
      "Content-Type: Multipart/Mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n";
  ExpectBytes({"with an epilogue",
               "append-part",
               {{"text", std::string("f")}},
               before + "--b--\r\nend\r\n",
               before +
                   "--b\r\nContent-Type: text/plain; charset=\"us-ascii\"\r\n"
                   "MIME-Version: 1.0\r\nContent-Transfer-Encoding: 7bit\r\n"
                   "Content-Disposition: inline\r\n\r\nf\r\n--b--\r\nend\r\n"});
  ExpectBytes({"never closed", "append-part", {}, before, std::nullopt});
  ExpectBytes({"another subtype",
               "append-part",
               {},
               "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
               "\r\nx\r\n--b--\r\n",
               std::nullopt});
}

}  // namespace
}  // namespace dkimspec::mutators
