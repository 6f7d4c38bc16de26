#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mutators/mutator.h"

namespace dkimspec::mutators {
namespace {

using testing::HasSubstr;

std::string CheckError(std::string_view mutator, const Params& params) {
  const auto checked = CheckParams(*FindMutator(mutator), params, "a.json /0");
  return checked ? "" : checked.error().ToString();
}

std::string TextError(std::string_view mutator, std::string_view name,
                      std::string_view text) {
  const auto value =
      ParamFromText(*FindMutator(mutator), name, text, "--option");
  return value ? "" : value.error().ToString();
}

TEST(CheckParams, FillsInFallbacks) {
  const auto checked = CheckParams(*FindMutator("append-wsp"),
                                   {{"wsp", std::string("\t")}}, "test");
  ASSERT_TRUE(checked);
  EXPECT_EQ(*checked, (Params{{"lines", std::string("all")},
                              {"wsp", std::string("\t")}}));
}

TEST(CheckParams, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(CheckError("append-wsp", {{"line", std::string("all")}}),
            "a.json /0: append-wsp has no parameter \"line\"; it knows: "
            "lines, wsp");
  EXPECT_EQ(CheckError("qp-encode-8bit", {{"x", true}}),
            "a.json /0: qp-encode-8bit takes no parameters, so not \"x\"");
  EXPECT_EQ(CheckError("append-wsp", {{"lines", std::string("some")}}),
            "a.json /0: append-wsp: parameter \"lines\" must be one of: all, "
            "one");
  EXPECT_EQ(CheckError("append-wsp", {{"lines", std::int64_t{1}}}),
            "a.json /0: append-wsp: parameter \"lines\" must be a text");
  EXPECT_EQ(CheckError("wrap-998", {{"limit", true}}),
            "a.json /0: wrap-998: parameter \"limit\" must be a number");
  EXPECT_EQ(CheckError("append-footer", {{"on_new_line", std::int64_t{1}}}),
            "a.json /0: append-footer: parameter \"on_new_line\" must be true "
            "or false");
}

TEST(CheckParams, HoldsRules) {
  EXPECT_THAT(CheckError("append-wsp", {{"wsp", std::string("x")}}),
              HasSubstr("must be: SP and HTAB only, at least one"));
  EXPECT_NE(CheckError("append-wsp", {{"wsp", std::string()}}), "");
  EXPECT_NE(CheckError("append-footer", {{"text", std::string()}}), "");
  EXPECT_NE(CheckError("subject-tag", {{"tag", std::string("a\r\nB: c")}}), "");
  EXPECT_NE(CheckError("append-blank-lines", {{"count", std::int64_t{0}}}), "");
  EXPECT_NE(CheckError("append-blank-lines", {{"count", std::int64_t{1001}}}),
            "");
  EXPECT_NE(CheckError("wrap-998", {{"limit", std::int64_t{19}}}), "");
  EXPECT_NE(CheckError("prepend-duplicate", {{"field", std::string("a b")}}),
            "");
  EXPECT_NE(CheckError("colon-space", {{"fields", std::string("a,,b")}}), "");
  EXPECT_EQ(CheckError("colon-space", {{"fields", std::string("a,b")}}), "");
  EXPECT_NE(CheckError("swap-same-name", {{"field", std::string("a:")}}), "");
  EXPECT_EQ(CheckError("swap-same-name", {{"field", std::string()}}), "");
}

TEST(ParamFromText, ReadsEveryType) {
  EXPECT_EQ(*ParamFromText(*FindMutator("wrap-998"), "limit", "78", ""),
            ParamValue(std::int64_t{78}));
  EXPECT_EQ(
      *ParamFromText(*FindMutator("append-footer"), "on_new_line", "false", ""),
      ParamValue(false));
  EXPECT_EQ(*ParamFromText(*FindMutator("append-footer"), "text",
                           R"(-- \r\n\tC:\\r)", ""),
            ParamValue(std::string("-- \r\n\tC:\\r")));
}

TEST(ParamFromText, SaysWhatIsWrong) {
  EXPECT_THAT(TextError("wrap-998", "limit", "78x"), HasSubstr("a number"));
  EXPECT_THAT(TextError("wrap-998", "limit", ""), HasSubstr("a number"));
  EXPECT_THAT(TextError("wrap-998", "limit", "99999999999999999999"),
              HasSubstr("a number"));
  EXPECT_THAT(TextError("append-footer", "on_new_line", "yes"),
              HasSubstr("true or false"));
  EXPECT_THAT(TextError("append-footer", "text", "a\\"), HasSubstr("escape"));
  EXPECT_THAT(TextError("append-footer", "text", "\\x"), HasSubstr("escape"));
  EXPECT_EQ(TextError("append-footer", "foo", "x"),
            "--option: append-footer has no parameter \"foo\"; it knows: text, "
            "on_new_line");
}

}  // namespace
}  // namespace dkimspec::mutators
