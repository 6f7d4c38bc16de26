// Answers that were kept are those that would be given.
#include "dnsstub/answer_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "dnsstub/config.h"
#include "dnsstub/responder.h"
#include "reference/json/strict_reader.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

ReadyAnswer Saying(std::string octets) {
  ReadyAnswer answer;
  answer.octets = std::move(octets);
  return answer;
}

std::string WithId(std::string packet, char high, char low) {
  packet[0] = high;
  packet[1] = low;
  return packet;
}

TEST(AnswerCacheTest, FindsByAllButTheId) {
  AnswerCache cache;
  const std::string query = MakeQuery({"k.example"});
  const auto place = AnswerCache::PlaceOf(query, false);
  EXPECT_EQ(cache.Find(place), nullptr);
  cache.Store(place, Saying("abc"));
  const std::string other_id = WithId(query, 7, 8);
  const auto* found = cache.Find(AnswerCache::PlaceOf(other_id, false));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->octets, "abc");
  EXPECT_EQ(cache.Find(AnswerCache::PlaceOf(query, true)), nullptr);
  const std::string other_case = MakeQuery({"K.example"});
  EXPECT_EQ(cache.Find(AnswerCache::PlaceOf(other_case, false)), nullptr);
  cache.Clear();
  EXPECT_EQ(cache.Find(place), nullptr);
}

TEST(AnswerCacheTest, WelcomesWhatComesAgain) {
  AnswerCache cache;
  const std::string query = MakeQuery({"k.example"});
  const auto place = AnswerCache::PlaceOf(query, false);
  EXPECT_FALSE(cache.Welcomes(place));
  EXPECT_TRUE(cache.Welcomes(place));
}

TEST(AnswerCacheTest, KeepsNothingThatIsLong) {
  AnswerCache cache;
  const std::string query = MakeQuery({"k.example"});
  const auto place = AnswerCache::PlaceOf(query, false);
  cache.Store(place, Saying(std::string(kMaxReadyAnswer + 1, 'x')));
  EXPECT_EQ(cache.Find(place), nullptr);
  const std::string endless = query + std::string(600, 'x');
  for (const std::string& packet : {std::string("ab"), endless}) {
    const auto none = AnswerCache::PlaceOf(packet, false);
    EXPECT_FALSE(cache.Welcomes(none) || cache.Welcomes(none));
    EXPECT_EQ(cache.Find(none), nullptr);
  }
}

TEST(AnswerCacheTest, HoldsAFewThousandAndNotMore) {
  AnswerCache cache;
  auto query = [](int i) {
    return MakeQuery({"s" + std::to_string(i) + ".example"});
  };
  auto kept = [&](int count) {
    int found = 0;
    for (int i = 0; i < count; ++i) {
      found += cache.Find(AnswerCache::PlaceOf(query(i), false)) != nullptr;
    }
    return found;
  };
  int stored = 0;
  auto store_up_to = [&](int count) {
    for (; stored < count; ++stored) {
      cache.Store(AnswerCache::PlaceOf(query(stored), false), Saying("x"));
    }
  };
  store_up_to(10000);
  EXPECT_GT(kept(10000), 9500);
  store_up_to(100000);
  EXPECT_LE(kept(100000), 32768);
}

// A responder as its server asks it: what is ready first.
class ReadyTest : public testing::Test {
 protected:
  ReadyTest() {
    responder_.AddNetwork({});
    responder_.AddNetwork({"", "auth", true});
    fresh_.AddNetwork({});
    fresh_.AddNetwork({"", "auth", true});
  }

  void Load(const std::string& members) {
    const std::string text = R"({"format": "dkimspec-dns/1", )" + members + "}";
    auto json = ParseJson(text, "c.json");
    ASSERT_TRUE(json) << json.error().ToString();
    auto config = ConfigFromJson(*json, "c.json");
    ASSERT_TRUE(config) << config.error().ToString();
    for (Responder* responder : {&responder_, &fresh_}) {
      ZoneIndex zone(config->zone_options);
      zone.Add(config->zone);
      for (const RecordSet& records : config->records) {
        zone.Add(records);
      }
      responder->Load(std::move(zone), RuleSet(config->rules), config->manners);
    }
  }

  // What is ready; "" if nothing is.
  std::string AtOnce(const std::string& packet, int network = 0) {
    std::array<char, kMaxReadyAnswer> space{};
    return {space.data(),
            responder_.ReactAtOnce(packet, network, 4711, space.data())};
  }

  std::string Slowly(Responder& responder, const std::string& packet,
                     int network) {
    const auto sent = responder.React(packet, false, network, 4711);
    return sent.empty() ? "" : sent[0].octets;
  }

  // Through both ways, and how a responder without any memory would say it.
  // True if the answer was ready.
  bool Same(const std::string& packet, int network = 0) {
    const std::string wanted = Slowly(fresh_, packet, network);
    const std::string ready = AtOnce(packet, network);
    EXPECT_EQ(ready.empty() ? Slowly(responder_, packet, network) : ready,
              wanted);
    return !ready.empty();
  }

  Responder responder_{1000};
  Responder fresh_{1000};  // Asked through React only.
};

constexpr const char* kZone = R"("zone": {"k.example": ["abc"],
  "c.example": {"cname": "k.example"}, "gone.example": "nxdomain",
  "none.example": "nodata", "*.w.example": ["wild"],
  "once.example": {"fault": "good-then-servfail", "txt": ["x"]},
  "drop.example": "timeout", "ruled.example": ["x"]},
  "records": [{"name": "turn.example", "rrs": [["1"], ["2"], ["3"]],
               "order": "rotate"},
              {"name": "long.example", "text": {"repeat": "x", "n": 800}}],
  "rules": [{"id": "r", "match": {"qname": "ruled.example"},
             "when": [{"queries": "3", "fault": "refused"}]}])";

TEST_F(ReadyTest, SaysWhatWouldBeSaid) {
  Load(kZone);
  const std::pair<const char*, bool> kNames[] = {
      {"k.example", true},      {"K.eXample", true},
      {"c.example", true},      {"gone.example", true},
      {"none.example", true},   {"x.w.example", true},
      {"example", true},        {"long.example", true},
      {"once.example", false},  {"ruled.example", false},
      {"turn.example", false},  {"drop.example", false},
      {"never.example", false}, {"s.servfail.f.example", false},
  };
  for (const auto& [name, steady] : kNames) {
    for (int edns : {0, 1232, 4096}) {
      bool ready = false;
      for (std::uint16_t id = 1; id <= 6; ++id) {
        ready = Same(MakeQuery({name, kTxt, id, edns})) || ready;
      }
      EXPECT_EQ(ready, steady) << name << " " << edns;
    }
  }
  EXPECT_EQ(responder_.unexpected(), fresh_.unexpected());
  EXPECT_EQ(responder_.total(), fresh_.total());
}

TEST_F(ReadyTest, TellsPersonalitiesApart) {
  Load(kZone);
  const std::string query = MakeQuery({"c.example"});
  for (int i = 0; i < 4; ++i) {
    Same(query, 0);
    Same(query, 1);
  }
  EXPECT_NE(AtOnce(query, 0), "");
  EXPECT_NE(AtOnce(query, 0), AtOnce(query, 1));
}

TEST_F(ReadyTest, IsLoggedAndCountedAsEverythingElse) {
  Load(kZone);
  for (std::uint16_t id = 1; id <= 5; ++id) {
    Same(MakeQuery({"K.example", kTxt, id, 1400}), id % 2);
  }
  const auto log = responder_.LogFor("k.example");
  const auto wanted = fresh_.LogFor("k.example");
  ASSERT_EQ(log.size(), 5u);
  for (std::size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(log[i].name, "K.example");
    EXPECT_EQ(log[i].id, i + 1);
    EXPECT_EQ(log[i].nth, wanted[i].nth) << i;
    EXPECT_EQ(log[i].endpoint, wanted[i].endpoint) << i;
    EXPECT_EQ(log[i].edns_size, 1400);
    EXPECT_EQ(log[i].port, 4711);
    EXPECT_EQ(log[i].sent, wanted[i].sent);
  }
  EXPECT_EQ(responder_.QueriesFor("k.example"), 5u);
}

TEST_F(ReadyTest, ForgetsWhatHasChanged) {
  const std::string query = MakeQuery({"k.example"});
  auto until_ready = [&] {
    for (int i = 0; i < 3; ++i) {
      Slowly(responder_, query, 0);
    }
    EXPECT_NE(AtOnce(query), "");
  };
  Load(kZone);
  until_ready();
  responder_.AddZone({{"k.example", {ZoneEntry::Kind::kNoData, {}, "", ""}}});
  EXPECT_EQ(AtOnce(query), "");
  until_ready();
  responder_.SetZone({});
  EXPECT_EQ(AtOnce(query), "");
  Load(kZone);
  until_ready();
  responder_.Reset();
  EXPECT_EQ(AtOnce(query), "");
  EXPECT_EQ(responder_.QueriesFor("k.example"), 0u);
  until_ready();
  responder_.SetEpoch("other");
  EXPECT_EQ(AtOnce(query), "");
  until_ready();
  Load(kZone);
  EXPECT_EQ(AtOnce(query), "");
}

}  // namespace
}  // namespace dkimspec::dnsstub
