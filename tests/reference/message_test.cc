#include "reference/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace dkimspec {
namespace {

using ::testing::ElementsAre;

TEST(ParseMessage, CutsFieldsAndBody) {
  const std::string octets =
      "From: a@b\r\nSubject \t:\r\n folded\r\n\t twice \r\n\r\nbody\r\n\r\n";
  const MessageView message = ParseMessage(octets);
  ASSERT_EQ(message.fields.size(), 2u);
  EXPECT_EQ(message.fields[0].octets, "From: a@b\r\n");
  EXPECT_EQ(message.fields[0].name, "From");
  EXPECT_EQ(message.fields[0].value, " a@b");
  EXPECT_EQ(message.fields[1].name, "Subject");
  EXPECT_EQ(message.fields[1].value, "\r\n folded\r\n\t twice ");
  EXPECT_EQ(message.fields[1].offset, 11u);
  EXPECT_EQ(message.header, octets.substr(0, octets.find("\r\n\r\n") + 2));
  EXPECT_TRUE(message.has_separator);
  EXPECT_EQ(message.body, "body\r\n\r\n");
}

struct SplitRow {
  std::string_view octets;
  std::vector<std::string_view> fields;
  bool has_separator;
  std::string_view body;
};

TEST(ParseMessage, WhereTheHeaderEnds) {
  const SplitRow rows[] = {
      {"", {}, false, ""},
      {"\r\n", {}, true, ""},
      {"\r\nbody", {}, true, "body"},
      {"A: b", {"A: b"}, false, ""},
      {"A: b\r\n", {"A: b\r\n"}, false, ""},
      {"A: b\r\n ", {"A: b\r\n "}, false, ""},
      {"A: b\r\n\r", {"A: b\r\n", "\r"}, false, ""},
      {"A: b\r\n\r\n", {"A: b\r\n"}, true, ""},
      // WSP alone continues the field: the line is not empty.
      {"A: b\r\n \r\n\r\nx", {"A: b\r\n \r\n"}, true, "x"},
      // Only CRLF ends a line.
      {"A: b\nB: c\r\n\r\nx", {"A: b\nB: c\r\n"}, true, "x"},
      {"A: b\n\nx\r\n", {"A: b\n\nx\r\n"}, false, ""},
      {"A: b\rB: c\r\r\n\r\nx", {"A: b\rB: c\r\r\n"}, true, "x"},
      {"A: b\r\n\n\r\n", {"A: b\r\n", "\n\r\n"}, false, ""},
  };
  for (const SplitRow& row : rows) {
    SCOPED_TRACE(::testing::PrintToString(row.octets));
    const MessageView message = ParseMessage(row.octets);
    std::vector<std::string_view> fields;
    for (const HeaderField& field : message.fields) {
      fields.push_back(field.octets);
      EXPECT_EQ(field.octets.data(), row.octets.data() + field.offset);
    }
    EXPECT_EQ(fields, row.fields);
    EXPECT_EQ(message.has_separator, row.has_separator);
    EXPECT_EQ(message.body, row.body);
  }
}

TEST(ParseMessage, LinesThatAreNoFields) {
  for (const std::string_view line :
       {"no colon\r\n", "Subject\r\n", ": no name\r\n", " \t: no name\r\n",
        " A: b\r\n", "From me Mon Jan 1 00:00:00\r\n", "\xc3\x89: x\r\n",
        "A\x0b: x\r\n"}) {
    SCOPED_TRACE(line);
    const MessageView message = ParseMessage(line);
    ASSERT_EQ(message.fields.size(), 1u);
    EXPECT_FALSE(message.fields[0].well_formed);
    EXPECT_EQ(message.fields[0].octets, line);
    EXPECT_EQ(message.fields[0].name, "");
    EXPECT_FALSE(message.fields[0].Is(""));
  }
}

TEST(MessageView, FindsByNameWhateverTheCase) {
  const MessageView message =
      ParseMessage("X-A: 1\r\nFrom: f\r\nx-a : 2\r\nX-AB: 3\r\n\r\nX-A: 4\r\n");
  EXPECT_THAT(message.Find("x-A"), ElementsAre(0, 2));
  EXPECT_THAT(message.Find("To"), ElementsAre());
}

TEST(JoinMessage, IsTheInverseOfParsing) {
  const std::string octets = "A: b\r\nC:\r\n d\r\nno field\r\n\r\n\r\nbody";
  const MessageView message = ParseMessage(octets);
  std::vector<std::string> fields;
  for (const HeaderField& field : message.fields) {
    fields.emplace_back(field.octets);
  }
  EXPECT_EQ(JoinMessage(fields, message.body), octets);
  EXPECT_EQ(JoinMessage({"A: b", "C: d\r\n"}, "x"), "A: b\r\nC: d\r\n\r\nx");
  EXPECT_EQ(JoinMessage({}, ""), "\r\n");
}

}  // namespace
}  // namespace dkimspec
