#include "reference/organizational_domain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace dkimspec {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// DMARC records by domain, without "_dmarc".
using Records = std::map<std::string, std::vector<std::string>>;

Zone ZoneOf(const Records& records) {
  Zone zone;
  for (const auto& [domain, texts] : records) {
    ZoneEntry& entry = zone["_dmarc." + domain];
    entry.kind = ZoneEntry::Kind::kTxt;
    for (const std::string& text : texts) {
      entry.txt.push_back({text});
    }
  }
  return zone;
}

TreeWalk Walk(const std::string& domain, const Records& records) {
  const Zone zone = ZoneOf(records);
  ZoneKeySource source(zone);
  return WalkTree(domain, source);
}

struct Row {
  std::string domain;
  Records records;
  std::string organizational_domain;
};

class TreeWalkTest : public ::testing::TestWithParam<Row> {};

TEST_P(TreeWalkTest, Finds) {
  EXPECT_EQ(Walk(GetParam().domain, GetParam().records).organizational_domain,
            GetParam().organizational_domain);
}

const char kPlain[] = "v=DMARC1; p=none";
const char kNo[] = "v=DMARC1; p=none; psd=n";
const char kYes[] = "v=DMARC1; p=none; psd=y";

// The three examples of RFC 9989 section 4.10.2.
INSTANTIATE_TEST_SUITE_P(
    Rfc9989, TreeWalkTest,
    ::testing::Values(
        Row{"a.mail.example.com",
            {{"mail.example.com", {kPlain}}, {"example.com", {kPlain}}},
            "example.com"},
        Row{"a.mail.example.com",
            {{"mail.example.com", {kNo}}, {"example.com", {kPlain}}},
            "mail.example.com"},
        Row{"a.mail.example.com", {{"com", {kYes}}}, "example.com"}));

INSTANTIATE_TEST_SUITE_P(
    Selection, TreeWalkTest,
    ::testing::Values(
        Row{"a.example.com", {}, "a.example.com"},
        Row{"A.Example.COM", {{"example.com", {kPlain}}}, "example.com"},
        Row{"example.com",
            {{"example.com", {kPlain}}, {"com", {kYes}}},
            "example.com"},
        // psd=y where the walk starts makes no domain below it.
        Row{"example.com", {{"example.com", {kYes}}}, "example.com"},
        // psd=y ends the walk: nothing above counts.
        Row{"a.b.example.com",
            {{"example.com", {kYes}}, {"com", {kPlain}}},
            "b.example.com"},
        Row{"a.example.com",
            {{"a.example.com", {kNo}}, {"example.com", {kPlain}}},
            "a.example.com"},
        Row{"a.example.com",
            {{"a.example.com", {"v=DMARC1; psd=u"}}, {"example.com", {kPlain}}},
            "example.com"},
        Row{"b\xC3\xBC.example",
            {{"xn--b-eha.example", {kPlain}}},
            "xn--b-eha.example"}));

INSTANTIATE_TEST_SUITE_P(
    Records, TreeWalkTest,
    ::testing::Values(
        // Several DMARC records are as none; other TXT records do not count.
        Row{"a.example.com", {{"example.com", {kNo, kPlain}}}, "a.example.com"},
        Row{"a.example.com",
            {{"example.com", {"v=spf1 -all", kNo, "x"}}},
            "example.com"},
        Row{"a.example.com",
            {{"example.com", {"v=dmarc1; psd=n"}}},
            "a.example.com"},
        Row{"a.example.com",
            {{"example.com", {"p=none; v=DMARC1"}}},
            "a.example.com"},
        Row{"a.example.com", {{"example.com", {"v=DMARC10"}}}, "a.example.com"},
        Row{"a.b.example.com",
            {{"b.example.com", {"v = DMARC1 ;; rubbish; PSD = N ;"}},
             {"example.com", {kPlain}}},
            "b.example.com"},
        Row{"a.example.com", {{"example.com", {"v=DMARC1"}}}, "example.com"}));

// The example of RFC 9989 section 4.10.
TEST(TreeWalkQueries, ManyLabelsMakeEightQueries) {
  EXPECT_THAT(
      Walk("a.b.c.d.e.f.g.h.i.j.mail.example.com", {}).queries,
      ElementsAre(
          "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
          "_dmarc.g.h.i.j.mail.example.com", "_dmarc.h.i.j.mail.example.com",
          "_dmarc.i.j.mail.example.com", "_dmarc.j.mail.example.com",
          "_dmarc.mail.example.com", "_dmarc.example.com", "_dmarc.com"));
}

TEST(TreeWalkQueries, NumberByLabels) {
  std::string domain = "l1";
  for (std::size_t labels = 1; labels <= 20; ++labels) {
    EXPECT_THAT(Walk(domain, {}).queries, SizeIs(labels < 8 ? labels : 8))
        << domain;
    domain = "l" + std::to_string(labels + 1) + "." + domain;
  }
}

TEST(TreeWalkQueries, OneLabelBelowIsOfTheStartEvenWhereTheWalkJumped) {
  EXPECT_EQ(Walk("a.b.c.d.e.f.g.h.example", {{"c.d.e.f.g.h.example", {kYes}}})
                .organizational_domain,
            "b.c.d.e.f.g.h.example");
}

TEST(TreeWalkQueries, SilenceLeavesItUnknown) {
  Zone zone = ZoneOf({{"a.example.com", {kPlain}}});
  zone["_dmarc.example.com"].kind = ZoneEntry::Kind::kServFail;
  ZoneKeySource source(zone);
  const TreeWalk walk = WalkTree("a.example.com", source);
  EXPECT_EQ(walk.organizational_domain, "");
  EXPECT_EQ(walk.problem, "_dmarc.example.com: SERVFAIL");
}

TEST(PublicSuffixList, OneLabelMoreThanTheSuffix) {
  const std::pair<std::string, std::string> rows[] = {
      {"a.mail.example.com", "example.com"},
      {"EXAMPLE.com", "example.com"},
      {"www.example.co.uk", "example.co.uk"},
      {"co.uk", "co.uk"},
      {"com", "com"},
      {"a.dkim.example", "dkim.example"},
      // An exception to a wildcard: *.ck, !www.ck.
      {"a.b.c.ck", "b.c.ck"},
      {"a.www.ck", "www.ck"},
      {"a.b\xC3\xBC.example", "xn--b-eha.example"}};
  for (const auto& [domain, expected] : rows) {
    EXPECT_EQ(OrganizationalDomainByList(domain), expected);
  }
}

}  // namespace
}  // namespace dkimspec
