#include "reference/header_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dkimspec {
namespace {

using ::testing::ElementsAre;
using Names = std::vector<std::string>;

constexpr std::optional<std::size_t> kNone = std::nullopt;

std::vector<std::optional<std::size_t>> Select(
    std::string_view header, const Names& names,
    std::optional<std::size_t> own = std::nullopt) {
  return SelectHeaderFields(ParseMessage(header).fields, names, own);
}

// RFC 6376 section 5.4.2.
TEST(SelectHeaderFields, TakesInstancesFromTheBottom) {
  const std::string_view header = "X-A: 1\r\nX-A: 2\r\nX-A: 3\r\n";
  EXPECT_THAT(Select(header, {"x-a"}), ElementsAre(2));
  EXPECT_THAT(Select(header, {"x-a", "x-a"}), ElementsAre(2, 1));
  EXPECT_THAT(Select(header, {"x-a", "X-A", "x-a", "x-a", "x-a"}),
              ElementsAre(2, 1, 0, kNone, kNone));
  EXPECT_THAT(Select(header, {"x-none"}), ElementsAre(kNone));
  EXPECT_THAT(Select(header, {}), ElementsAre());
}

TEST(SelectHeaderFields, CountsEachNameForItself) {
  const std::string_view header = "From: f\r\nX-A: 1\r\nX-A: 2\r\n";
  EXPECT_THAT(Select(header, {"from", "x-a", "FROM", "x-a"}),
              ElementsAre(0, 2, kNone, 1));
}

// RFC 6376 section 8.15: what is added above a signed field is not signed.
TEST(SelectHeaderFields, SeesFieldsAddedBelowButNotAbove) {
  EXPECT_THAT(Select("From: evil\r\nFrom: signed\r\n", {"from"}),
              ElementsAre(1));
  EXPECT_THAT(Select("From: signed\r\nFrom: evil\r\n", {"from"}),
              ElementsAre(1));
  EXPECT_THAT(Select("From: evil\r\nFrom: signed\r\n", {"from", "from"}),
              ElementsAre(1, 0));
}

TEST(SelectHeaderFields, NeverTakesTheFieldBeingVerified) {
  const std::string_view header =
      "DKIM-Signature: a\r\nFrom: f\r\nDKIM-Signature: b\r\n";
  EXPECT_THAT(Select(header, {"dkim-signature"}, 0), ElementsAre(2));
  EXPECT_THAT(Select(header, {"dkim-signature"}, 2), ElementsAre(0));
  EXPECT_THAT(Select(header, {"dkim-signature", "dkim-signature"}, 2),
              ElementsAre(0, kNone));
}

TEST(SelectHeaderFields, PassesOverLinesThatAreNoFields) {
  EXPECT_THAT(Select("X-A: 1\r\nno field\r\n: x\r\n", {"x-a", "", "no field"}),
              ElementsAre(0, kNone, kNone));
}

// RFC 6376 section 3.7 with erratum 5839.
struct OwnRow {
  std::string_view own;
  std::string_view simple;
  std::string_view relaxed;
};

// clang-format off
constexpr OwnRow kOwn[] = {
    {"DKIM-Signature: h=from; b=QUJD\r\n", "DKIM-Signature: h=from; b=", "dkim-signature:h=from; b="},
    {"DKIM-Signature: h=from; b=QUJD;\r\n", "DKIM-Signature: h=from; b=;", "dkim-signature:h=from; b=;"},
    {"DKIM-Signature: h=from; b=QUJD; \r\n", "DKIM-Signature: h=from; b=; ", "dkim-signature:h=from; b=;"},
    {"DKIM-Signature: h=from; b= QUJD \r\n", "DKIM-Signature: h=from; b=", "dkim-signature:h=from; b="},
    {"DKIM-Signature: h=from;\r\n b=QU\r\n  JD;\r\n t=1\r\n", "DKIM-Signature: h=from;\r\n b=;\r\n t=1", "dkim-signature:h=from; b=; t=1"},
    {"DKIM-Signature: h=from; b =\r\n QUJD\r\n", "DKIM-Signature: h=from; b =", "dkim-signature:h=from; b ="},
    {"DKIM-Signature: b=QUJD; h=from\r\n", "DKIM-Signature: b=; h=from", "dkim-signature:b=; h=from"},
    {"DKIM-Signature: h=from; foo=b=Z; bh=b= ; b=QUJD\r\n", "DKIM-Signature: h=from; foo=b=Z; bh=b= ; b=", "dkim-signature:h=from; foo=b=Z; bh=b= ; b="},
    {"DKIM-Signature: h=from; b=QUJD\r\n\t\r\n", "DKIM-Signature: h=from; b=", "dkim-signature:h=from; b="},
    // z= and i= may hold "b=" too, and "b" may be folded from its "=".
    {"DKIM-Signature: z=From:b=1|b=2; i=b=@d; b\r\n =\r\n\tQ=; bh=b=\r\n",
     "DKIM-Signature: z=From:b=1|b=2; i=b=@d; b\r\n =; bh=b=",
     "dkim-signature:z=From:b=1|b=2; i=b=@d; b =; bh=b="},
    // Without b=, and malformed: nothing else may go.
    {"DKIM-Signature: a; bb=1; B=2\r\n",
     "DKIM-Signature: a; bb=1; B=2", "dkim-signature:a; bb=1; B=2"},
    {"DKIM-Signature: ; x; b=1;; b=2\r\n",
     "DKIM-Signature: ; x; b=;; b=2", "dkim-signature:; x; b=;; b=2"},
};
// clang-format on

TEST(HeaderHashInput, EmptiesSignatureDataOfItsOwnField) {
  for (const OwnRow& row : kOwn) {
    SCOPED_TRACE(row.own);
    EXPECT_EQ(HeaderHashInput(Canonicalization::kSimple, {}, {}, row.own),
              row.simple);
    EXPECT_EQ(HeaderHashInput(Canonicalization::kRelaxed, {}, {}, row.own),
              row.relaxed);
  }
}

TEST(HeaderHashInput, ConcatenatesInTheOrderOfSignedFieldsOwnLast) {
  const MessageView message = ParseMessage(
      "DKIM-Signature: b=own\r\nTo: t\r\nDKIM-Signature: b=other\r\n"
      "From:  f\r\n g\r\n\r\n");
  const auto selected = SelectHeaderFields(
      message.fields, {"from", "x-none", "dkim-signature", "to", "from"}, 0);
  EXPECT_EQ(HeaderHashInput(Canonicalization::kSimple, message.fields, selected,
                            message.fields[0].octets),
            "From:  f\r\n g\r\nDKIM-Signature: b=other\r\nTo: t\r\n"
            "DKIM-Signature: b=");
  EXPECT_EQ(HeaderHashInput(Canonicalization::kRelaxed, message.fields,
                            selected, message.fields[0].octets),
            "from:f g\r\ndkim-signature:b=other\r\nto:t\r\n"
            "dkim-signature:b=");
}

}  // namespace
}  // namespace dkimspec
