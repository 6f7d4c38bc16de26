// What is read from the log of our DNS server.
#include "runners/queries.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace dkimspec::runners {
namespace {

using Count = fixtures::QueryRange::Count;
using dnsstub::LogEntry;

constexpr const char* kName = "s._domainkey.a.example";

LogEntry Entry(const std::string& network, bool tcp, int ms,
               const std::string& name = "S._domainkey.A.example.") {
  LogEntry entry;
  entry.network = network;
  entry.tcp = tcp;
  entry.at = std::chrono::milliseconds(ms);
  entry.name = name;
  entry.type = 16;
  return entry;
}

fixtures::Case CaseWith(Count count) {
  fixtures::Case test;
  test.queries.push_back({"author", kName, count, 1, 2, "RFC 1", "so"});
  return test;
}

std::uint64_t SeenBy(Count count, const std::vector<LogEntry>& log,
                     const std::string& network) {
  return FindQueries(CaseWith(count), log, network).at(0).seen;
}

TEST(FindQueriesTest, CountsByTransportAndTakesTheTime) {
  std::vector<LogEntry> log = {Entry("", false, 10), Entry("", false, 30),
                               Entry("", true, 45),
                               Entry("", false, 50, "other.example")};
  log.push_back(Entry("", false, 90));
  log.back().type = 1;  // A
  EXPECT_EQ(SeenBy(Count::kTotal, log, ""), 3u);
  EXPECT_EQ(SeenBy(Count::kUdp, log, ""), 2u);
  EXPECT_EQ(SeenBy(Count::kTcp, log, ""), 1u);
  EXPECT_EQ(SeenBy(Count::kSpanMs, log, ""), 35u);
  EXPECT_EQ(SeenBy(Count::kTotal, {}, ""), 0u);
  EXPECT_EQ(SeenBy(Count::kSpanMs, {}, ""), 0u);
}

// Others share the server; and whoever died was asked again in a new network.
TEST(FindQueriesTest, OnlyTheLastOfItsOwnNetworksCounts) {
  const std::vector<LogEntry> log = {
      Entry("a/1", false, 10), Entry("a/1", false, 20), Entry("b/1", false, 30),
      Entry("a/2", false, 40), Entry("b/1", true, 50)};
  EXPECT_EQ(SeenBy(Count::kTotal, log, "a/"), 1u);
  EXPECT_EQ(SeenBy(Count::kTotal, log, "b/"), 2u);
  EXPECT_EQ(SeenBy(Count::kSpanMs, log, "b/"), 20u);
  EXPECT_EQ(SeenBy(Count::kTotal, log, "c/"), 0u);
}

TEST(FindQueriesTest, ARangeHoldsFromLeastToMost) {
  QueryFinding finding{"author", Count::kTcp, 0, 1, 2, ""};
  EXPECT_FALSE(finding.Holds());
  EXPECT_EQ(finding.ToString(), "tcp 0, expected 1 to 2");
  finding.seen = 1;
  EXPECT_TRUE(finding.Holds());
  finding.seen = 3;
  EXPECT_FALSE(finding.Holds());
  finding.most.reset();
  EXPECT_TRUE(finding.Holds());
  EXPECT_EQ(finding.ToString(), "tcp 3, expected 1 or more");
  finding.most = 1;
  EXPECT_EQ(finding.ToString(), "tcp 3, expected 1");
}

TEST(FindQueriesTest, TheReasonIsThatOfTheRange) {
  const auto findings = FindQueries(CaseWith(Count::kUdp), {}, "");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].label, "author");
  EXPECT_EQ(findings[0].reason, "RFC 1: so");
}

}  // namespace
}  // namespace dkimspec::runners
