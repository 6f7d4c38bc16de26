#include "reference/alignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace dkimspec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ZoneEntry Record(const std::string& text) {
  return {ZoneEntry::Kind::kTxt, {{text}}, "", ""};
}

struct Row {
  std::string author;
  std::string sdid;
  bool strict;
  bool by_tree_walk;
  bool by_list;
};

class AlignTest : public ::testing::TestWithParam<Row> {};

TEST_P(AlignTest, Says) {
  const Row& row = GetParam();
  // "dept.example.com" declares itself, "host.example" lets domains below it.
  const Zone zone = {
      {"_dmarc.example.com", Record("v=DMARC1; p=none")},
      {"_dmarc.dept.example.com", Record("v=DMARC1; p=none; psd=n")},
      {"_dmarc.host.example", Record("v=DMARC1; p=none; psd=y")}};
  ZoneKeySource source(zone);
  const Alignment alignment = Align(row.author, row.sdid, &source);
  EXPECT_EQ(alignment.strict, row.strict);
  EXPECT_EQ(alignment.relaxed_by_tree_walk, row.by_tree_walk);
  EXPECT_EQ(alignment.relaxed_by_list, row.by_list);
}

INSTANTIATE_TEST_SUITE_P(
    Table, AlignTest,
    ::testing::Values(
        Row{"example.com", "Example.COM", true, true, true},
        Row{"example.com", "mail.example.com", false, true, true},
        Row{"mail.example.com", "example.com", false, true, true},
        Row{"a.example.com", "b.example.com", false, true, true},
        Row{"example.com", "example.org", false, false, false},
        Row{"example.com", "notexample.com", false, false, false},
        // Where the two ways differ.
        Row{"dept.example.com", "example.com", false, false, true},
        Row{"a.dept.example.com", "dept.example.com", false, true, true},
        Row{"a.host.example", "b.host.example", false, false, true},
        Row{"x.a.host.example", "a.host.example", false, true, true},
        // Without any record each domain is its own organization.
        Row{"a.example.net", "example.net", false, false, true},
        Row{"b\xC3\xBC.example", "xn--b-eha.example", true, true, true}));

TEST(Align, IsUnknownByTreeWalkWithoutAnswers) {
  EXPECT_EQ(Align("a.example", "b.a.example", nullptr).relaxed_by_tree_walk,
            std::nullopt);
  const Zone zone = {
      {"_dmarc.a.example", {ZoneEntry::Kind::kTimeout, {}, "", ""}}};
  ZoneKeySource source(zone);
  const Alignment alignment = Align("a.example", "b.a.example", &source);
  EXPECT_EQ(alignment.relaxed_by_tree_walk, std::nullopt);
  EXPECT_EQ(alignment.problem, "_dmarc.a.example: timeout");
}

Authors AuthorsOf(const std::string& header) {
  const std::string message = header + "\r\n\r\n";
  return ReadAuthors(ParseMessage(message));
}

TEST(ReadAuthors, DomainsAreToldOnceAndAsALabels) {
  const Authors authors =
      AuthorsOf("From: a@B\xC3\xBC.example, b@xn--b-eha.example, c@C.example");
  EXPECT_THAT(authors.domains, ElementsAre("xn--b-eha.example", "c.example"));
  EXPECT_EQ(authors.addresses.size(), 3u);
  EXPECT_EQ(authors.OnlyDomain(), nullptr);
}

TEST(ReadAuthors, OnlyOneFieldWithOneDomainIsAnAnswer) {
  const Authors one = AuthorsOf("From: a@a.example, b@A.EXAMPLE");
  ASSERT_NE(one.OnlyDomain(), nullptr);
  EXPECT_EQ(*one.OnlyDomain(), "a.example");
  EXPECT_EQ(AuthorsOf("From: a@a.example\r\nFrom: b@a.example").OnlyDomain(),
            nullptr);
  EXPECT_EQ(AuthorsOf("From: a@a.example, broken").OnlyDomain(), nullptr);
  EXPECT_EQ(AuthorsOf("To: a@a.example").from_fields, 0u);
}

TEST(AlignSignatures, OneForEachFieldWithADomain) {
  const std::string message =
      "DKIM-Signature: v=1; d=a.example\r\n"
      "From: joe@a.example\r\n"
      "DKIM-Signature: v=1\r\n"
      "DKIM-Signature: v=1; d=mail.a.example; b=\"broken\"\r\n"
      "\r\n";
  const auto alignments = AlignSignatures(ParseMessage(message), nullptr);
  ASSERT_EQ(alignments.size(), 2u);
  EXPECT_TRUE(alignments[0].strict);
  EXPECT_EQ(alignments[1].field, 3u);
  EXPECT_FALSE(alignments[1].strict);
  EXPECT_TRUE(alignments[1].relaxed_by_list);
  EXPECT_THAT(AlignSignatures(
                  ParseMessage("From: a@a.example, b@b.example\r\n" + message),
                  nullptr),
              IsEmpty());
}

class CountingSource : public KeySource {
 public:
  KeyAnswer Lookup(std::string_view) override {
    ++count;
    return {KeyAnswer::Status::kNoRecord, {}, "NXDOMAIN"};
  }
  int count = 0;
};

TEST(AlignSignatures, AsksForNoNameTwice) {
  std::string message = "From: joe@a.example\r\n\r\n";
  for (int i = 0; i < 100; ++i) {
    message.insert(0, "DKIM-Signature: d=b.a.example\r\n");
  }
  CountingSource source;
  const auto alignments = AlignSignatures(ParseMessage(message), &source);
  EXPECT_EQ(alignments.size(), 64u);
  EXPECT_EQ(source.count, 3);  // _dmarc of b.a.example, a.example, example.
}

}  // namespace
}  // namespace dkimspec
