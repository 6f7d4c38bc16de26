// The log's memory: what it keeps, what it forgets, and what it counts.
#include "dnsstub/query_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "dnsstub/server.h"

namespace dkimspec::dnsstub {
namespace {

// Names of all lengths, so that rows meet the ends of blocks in all ways.
std::string NameOf(std::size_t i) {
  return std::string(i * 7919 % 256, static_cast<char>('a' + i % 26));
}

TEST(LogRingTest, KeepsTheNewestInOrder) {
  for (std::size_t capacity : {1u, 2u, 100u, 5000u}) {
    LogRing ring(capacity);
    std::deque<std::pair<std::uint32_t, std::string>> wanted;
    for (std::uint32_t i = 0; i < 12000; ++i) {
      LogRow row;
      row.nth = i;
      ring.Add(row, NameOf(i));
      wanted.emplace_back(i, NameOf(i));
      if (wanted.size() > capacity) {
        wanted.pop_front();
      }
    }
    std::deque<std::pair<std::uint32_t, std::string>> kept;
    ring.Each([&](const LogRow& row, std::string_view name) {
      kept.emplace_back(row.nth, name);
    });
    EXPECT_EQ(kept, wanted) << capacity;
  }
}

TEST(LogRingTest, IsEmptyOnceCleared) {
  LogRing ring(10);
  ring.Add({}, "a");
  ring.Clear();
  ring.Each([](const LogRow&, std::string_view) { FAIL(); });
  ring.Add({}, "b");
  int rows = 0;
  ring.Each([&](const LogRow&, std::string_view name) {
    EXPECT_EQ(name, "b");
    ++rows;
  });
  EXPECT_EQ(rows, 1);
}

TEST(LogRingTest, OfNoCapacityKeepsNothing) {
  LogRing ring(0);
  ring.Add({}, "a");
  ring.Each([](const LogRow&, std::string_view) { FAIL(); });
}

bool IsOurs() { return true; }
bool IsForeign() { return false; }

TEST(QueryLogTest, NamesOfTheZoneAreCountedBeyondTheBound) {
  QueryLog log(0);
  const int network = log.AddNetwork({});
  for (std::size_t i = 0; i < QueryLog::kMaxForeignNames; ++i) {
    ASSERT_NE(
        log.CounterFor("made-up" + std::to_string(i), kTypeTxt, IsForeign),
        nullptr);
  }
  EXPECT_EQ(log.CounterFor("one-more", kTypeTxt, IsForeign), nullptr);
  EXPECT_EQ(log.CounterFor("ours", 1, IsOurs), nullptr) << "another type";
  EXPECT_NE(log.CounterFor("made-up0", kTypeTxt, IsForeign), nullptr);
  EXPECT_EQ(log.Count(nullptr, network), 1u);
  for (std::size_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(log.Count(log.CounterFor("ours", kTypeTxt, IsOurs), network), i);
  }
  EXPECT_EQ(log.CountFor("ours"), 3u);
  log.Clear();
  EXPECT_EQ(log.CountFor("ours"), 0u);
  EXPECT_NE(log.CounterFor("one-more", kTypeTxt, IsForeign), nullptr);
}

TEST(QueryLogTest, CountersStaySmallWhereNetworksComeAndGo) {
  QueryLog log(0);
  const int stays = log.AddNetwork({});
  QueryCounter* counter = log.CounterFor("ours", kTypeTxt, IsOurs);
  EXPECT_EQ(log.Count(counter, stays), 1u);
  for (int i = 0; i < 10000; ++i) {
    const int network = log.AddNetwork({"box", "", false});
    EXPECT_EQ(log.Count(counter, network), 1u);
    EXPECT_EQ(log.Count(counter, network), 2u);
    log.Retire(network);
  }
  EXPECT_EQ(log.Count(counter, stays), 2u);
  EXPECT_EQ(log.CountFor("ours"), 20002u);
  EXPECT_LE(counter->parts.capacity(), 8u);
}

}  // namespace
}  // namespace dkimspec::dnsstub
