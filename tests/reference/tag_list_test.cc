#include "reference/tag_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dkimspec {
namespace {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

Pairs PairsOf(const TagList& list) {
  Pairs pairs;
  for (const Tag& tag : list.tags) {
    pairs.emplace_back(tag.name, tag.value);
  }
  return pairs;
}

struct ValidRow {
  std::string_view text;
  Pairs pairs;
};

TEST(ParseTagList, Valid) {
  const ValidRow rows[] = {
      {"a=b", {{"a", "b"}}},
      {"a=b;", {{"a", "b"}}},
      {"a=b;c=d", {{"a", "b"}, {"c", "d"}}},
      {" a = b ; c = d ", {{"a", "b"}, {"c", "d"}}},
      {"\r\n a\r\n\t=\r\n  b\r\n ;\r\n c=d", {{"a", "b"}, {"c", "d"}}},
      // White space after the last ";": outside the grammar, tolerated.
      {"a=b; ", {{"a", "b"}}},
      {"a=b;\r\n\t", {{"a", "b"}}},
      // An empty value is a value; erratum 5070.
      {"a=", {{"a", ""}}},
      {"a=;b= ;", {{"a", ""}, {"b", ""}}},
      {"a=\r\n ;b=1", {{"a", ""}, {"b", "1"}}},
      // Within a value "=" is a letter like others, and white space counts.
      {"foo=a=b", {{"foo", "a=b"}}},
      {"foo==", {{"foo", "="}}},
      {"foo=a  b\t c", {{"foo", "a  b\t c"}}},
      {"foo=a\r\n b", {{"foo", "a\r\n b"}}},
      {"foo=!:<>~\"", {{"foo", "!:<>~\""}}},
      // Names are case-sensitive, and may hold digits and underscores.
      {"a=1;A=2;a_=3;a1_b=4",
       {{"a", "1"}, {"A", "2"}, {"a_", "3"}, {"a1_b", "4"}}},
      // RFC 8616 section 4.
      {"i=\xc3\xa9@\xf0\x9f\x98\x80;d=x",
       {{"i", "\xc3\xa9@\xf0\x9f\x98\x80"}, {"d", "x"}}},
  };
  for (const ValidRow& row : rows) {
    SCOPED_TRACE(::testing::PrintToString(row.text));
    const auto list = ParseTagList(row.text);
    ASSERT_TRUE(list) << list.error().message;
    EXPECT_EQ(PairsOf(*list), row.pairs);
  }
}

struct InvalidRow {
  std::string_view text;
  std::size_t offset;
  std::string_view message;
};

TEST(ParseTagList, Invalid) {
  using std::string_view_literals::operator""sv;
  const InvalidRow rows[] = {
      {"", 0, "no tag"},
      {" \t", 2, "no tag"},
      {";a=b", 0, "no tag"},
      {"a=b;;c=d", 4, "no tag"},
      {"a=b; ;", 5, "no tag"},
      {"a", 1, "tag \"a\" is not followed by \"=\""},
      {"a;b=c", 1, "not followed by \"=\""},
      {"a b=c", 2, "not followed by \"=\""},
      {"f-o=x", 1, "not followed by \"=\""},
      {"1a=x", 0, "\"1a\" does not begin with a letter"},
      {"_a=x", 0, "does not begin with a letter"},
      {"=x", 0, "not \"=\""},
      {"a=b;\xc3\xa9=x", 4, "a tag name is expected"},
      {"a=1;b=2;a=1", 8, "tag \"a\" occurs twice"},
      {"zz=1; zz=2", 6, "tag \"zz\" occurs twice"},
      {"a=b\rc", 3, "CR or LF that does not fold"},
      {"a=b\nc", 3, "CR or LF that does not fold"},
      {"a=b\r\nc", 3, "CR or LF that does not fold"},
      {"a=b\r\n", 3, "CR or LF that does not fold"},
      {"a=b;\n c=d", 4, "CR or LF that does not fold"},
      {"a=b\0;"sv, 3, "control character 0x00"},
      {"a=b\x7f", 3, "control character 0x7f"},
      {"a=b \x0b", 4, "control character 0x0b"},
      {"a=b\xa0", 3, "octet 0xa0, which is not UTF-8"},
      {"a=\xc3", 2, "octet 0xc3, which is not UTF-8"},
      {"a=\xed\xa0\x80", 2, "octet 0xed, which is not UTF-8"},
  };
  for (const InvalidRow& row : rows) {
    SCOPED_TRACE(::testing::PrintToString(row.text));
    const auto list = ParseTagList(row.text);
    ASSERT_FALSE(list);
    EXPECT_EQ(list.error().offset, row.offset);
    EXPECT_THAT(list.error().message,
                ::testing::HasSubstr(std::string(row.message)));
  }
}

TEST(TagList, FindIsCaseSensitive) {
  const auto list = ParseTagList("bh=1; b=2; B=3");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->Find("b")->value, "2");
  EXPECT_EQ(list->Find("BH"), nullptr);
}

TEST(TagList, OffsetsAreThoseOfTheText) {
  const std::string text = " v=1;\r\n b = AB\r\n CD ; t=1";
  const auto list = ParseTagList(text);
  ASSERT_TRUE(list);
  const Tag* tag = list->Find("b");
  ASSERT_NE(tag, nullptr);
  EXPECT_EQ(text.substr(tag->begin, 3), "b =");
  EXPECT_EQ(text.substr(tag->value_begin, tag->value_end - tag->value_begin),
            " AB\r\n CD ");
  EXPECT_EQ(tag->value, "AB\r\n CD");
  EXPECT_EQ(WithoutValue(text, *tag), " v=1;\r\n b =; t=1");
}

// A list that is refused is scanned all the same, and a well-formed list gives
// the same tag both ways.
TEST(ScanForTag, AgreesWithParsing) {
  std::size_t valid = 0;
  constexpr std::string_view kLetters = "ab=; \n";
  std::vector<std::string> texts = {""};
  for (int length = 1; length <= 6; ++length) {
    std::vector<std::string> longer;
    for (const std::string& text : texts) {
      for (const char c : kLetters) {
        longer.push_back(text + (c == '\n' ? "\r\n " : std::string(1, c)));
      }
    }
    texts = longer;
    for (const std::string& text : texts) {
      const auto list = ParseTagList(text);
      if (!list) {
        continue;
      }
      ++valid;
      const Tag* parsed = list->Find("b");
      const auto scanned = ScanForTag(text, "b");
      ASSERT_EQ(parsed != nullptr, scanned.has_value()) << text;
      if (parsed != nullptr) {
        EXPECT_EQ(scanned->name, parsed->name);
        EXPECT_EQ(scanned->value, parsed->value);
        EXPECT_EQ(scanned->begin, parsed->begin);
        EXPECT_EQ(scanned->value_begin, parsed->value_begin);
        EXPECT_EQ(scanned->value_end, parsed->value_end);
      }
    }
  }
  EXPECT_GT(valid, 1000u);
}

TEST(ScanForTag, InMalformedLists) {
  const auto found = ScanForTag("d; ;=; s = x y ;s=2;\x01", "s");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->value, "x y");
  EXPECT_EQ(found->begin, 7u);
  EXPECT_FALSE(ScanForTag("d; s; xs=1; s y=2", "s"));
  EXPECT_FALSE(ScanForTag("", "s"));
}

}  // namespace
}  // namespace dkimspec
