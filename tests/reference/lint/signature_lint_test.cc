#include <gtest/gtest.h>

#include <random>

#include "reference/lint/lint.h"
#include "reference/signature.h"
#include "tests/reference/lint/support.h"

namespace dkimspec::lint {
namespace {

constexpr std::string_view kHash =
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

// Right in every respect, then these changes: "l=5" replaces or adds a tag,
// "-l" removes one.
std::string Value(const std::vector<std::string>& changes) {
  std::vector<std::pair<std::string, std::string>> tags = {
      {"v", "1"},
      {"a", "rsa-sha256"},
      {"c", "relaxed/relaxed"},
      {"d", "a.example"},
      {"s", "s1"},
      {"h", "From:From:Subject"},
      {"bh", std::string(kHash)},
      {"b", "AAAA"}};
  for (const std::string& change : changes) {
    const std::size_t equals = change.find('=');
    const std::string name =
        change[0] == '-' ? change.substr(1) : change.substr(0, equals);
    std::erase_if(tags, [&](const auto& tag) { return tag.first == name; });
    if (change[0] != '-') {
      tags.emplace_back(name, change.substr(equals + 1));
    }
  }
  std::string text;
  for (const auto& [name, value] : tags) {
    text += text.empty() ? "" : "; ";
    text += name + "=" + value;
  }
  return text;
}

struct Row {
  std::vector<std::string> changes;
  std::string ids;
};

class SignatureLint : public ::testing::TestWithParam<Row> {};

TEST_P(SignatureLint, Says) {
  const std::string value = Value(GetParam().changes);
  EXPECT_EQ(Ids(LintSignature(value)), GetParam().ids) << value;
}

INSTANTIATE_TEST_SUITE_P(
    Tags, SignatureLint,
    ::testing::Values(
        Row{{}, ""}, Row{{"t=1", "x=2", "i=joe@b.a.example", "q=dns/txt"}, ""},
        Row{{"v=2"}, "signature-version@v"},
        Row{{"-v"}, "required-tag-missing@v"},
        Row{{"-bh", "-b"}, "required-tag-missing@b required-tag-missing@bh"},
        Row{{"a=rsa-md5"}, "unknown-algorithm@a"},
        Row{{"a=rsa"}, "signature-tag@a"},
        Row{{"a=rsa-sha1"}, "bh-length@bh rsa-sha1@a"},
        Row{{"bh=AAAA"}, "bh-length@bh"}, Row{{"b=?"}, "signature-tag@b"},
        Row{{"bh=A"}, "signature-tag@bh"},
        Row{{"c=nofws"}, "unknown-canonicalization@c"},
        Row{{"d=-a.example"}, "signature-tag@d"},
        Row{{"d=example"}, "single-label-d@d"}, Row{{"s="}, "signature-tag@s"},
        Row{{"q=ldap"}, "unknown-query-method@q"},
        Row{{"i=@b.example"}, "i-outside-d@i"},
        Row{{"i=a.example"}, "signature-tag@i"},
        Row{{"x=5", "t=5"}, "x-not-after-t@x"},
        Row{{"x=5", "t=6"}, "x-not-after-t@x"},
        Row{{"x=a", "t=6"}, "signature-tag@x"},
        Row{{"l=-1"}, "signature-tag@l"}, Row{{"l=0"}, "length-count@l"},
        Row{{"y=1"}, "unknown-tag@y"}, Row{{"z=From:a"}, ""}));

INSTANTIATE_TEST_SUITE_P(
    Risks, SignatureLint,
    ::testing::Values(
        Row{{"-c"}, "header-simple@c body-simple@c"},
        Row{{"c=relaxed"}, "body-simple@c"},
        Row{{"c=simple/relaxed"}, "header-simple@c"},
        Row{{"h=From:Subject"}, "from-not-over-signed@h"},
        Row{{"h=Subject"}, "from-not-signed@h"},
        Row{{"h=From:From:Received:return-path"},
            "rewritten-field-signed@h rewritten-field-signed@h"}));

// Every fault is told, not only the first.
TEST(SignatureLintAll, EachTagAnswersForItself) {
  const auto remarks =
      LintSignature(Value({"v=2", "a=rsa-md5", "d=-", "h=", "x=z", "l=l"}));
  EXPECT_EQ(Ids(remarks),
            "signature-version@v unknown-algorithm@a signature-tag@d "
            "signature-tag@h signature-tag@x signature-tag@l");
}

TEST(SignatureLintAll, AFieldAndItsValueAreReadAlike) {
  const std::string value = Value({"l=7"});
  const auto alone = LintSignature(value + "\r\n");
  const auto field = LintSignature("DKIM-Signature: " + value + "\r\n");
  EXPECT_EQ(Ids(alone), "length-count@l");
  ASSERT_EQ(Ids(field), Ids(alone));
  EXPECT_EQ(field[0].offset, alone[0].offset + 16);
}

TEST(SignatureLintAll, NamesTooLongTogetherAreAnError) {
  const std::string label(60, 'a');
  const std::string domain = label + "." + label + "." + label + ".example";
  EXPECT_EQ(Ids(LintSignature(Value({"d=" + domain, "s=" + label}))),
            "signature-tag@s");
}

TEST(SignatureLintAll, ErrorsAreWhatTheVerifierRefuses) {
  const std::string whole =
      Value({"t=100", "x=200", "i=joe@b.a.example", "q=dns/txt", "l=10"});
  constexpr std::string_view kOctets =
      ";= \t\r\n\":@/-.,abdhilqstvx0129\x01\xC3";
  std::mt19937 random(1);
  int refused = 0;
  constexpr int kRounds = 20000;
  for (int round = 0; round < kRounds; ++round) {
    std::string value = whole;
    for (auto edits = 1 + random() % 2; edits > 0; --edits) {
      const std::string octet(1, kOctets[random() % kOctets.size()]);
      value.replace(random() % value.size(), random() % 2,
                    random() % 3 == 0 ? "" : octet);
    }
    auto remarks = LintSignature(value);
    // These two are refused later than in ParseSignature.
    std::erase_if(remarks, [](const Remark& remark) {
      return remark.rule == Rule::kRsaSha1 ||
             remark.rule == Rule::kBodyHashLength;
    });
    // The line end after a lone value is not part of it.
    const std::string_view text(
        value.data(), value.size() - (value.ends_with("\r\n") ? 2 : 0));
    ASSERT_EQ(HasError(remarks), !ParseSignature(text)) << value << "\n"
                                                        << Ids(remarks);
    refused += HasError(remarks) ? 1 : 0;
  }
  EXPECT_GT(refused, kRounds / 10);
  EXPECT_LT(refused, kRounds * 9 / 10);
}

}  // namespace
}  // namespace dkimspec::lint
