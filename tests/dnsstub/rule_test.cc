// Rules of configurations: patterns, and how queries are counted.
#include "dnsstub/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dnsstub/config.h"
#include "reference/json/strict_reader.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Expected<Config> TryRead(const std::string& members) {
  const std::string text = R"({"format": "dkimspec-dns/1", )" + members + "}";
  auto json = ParseJson(text, "c.json");
  EXPECT_TRUE(json) << json.error().ToString();
  return ConfigFromJson(*json, "c.json");
}

// A responder that holds a configuration, asked without sockets.
class RuleTest : public testing::Test {
 protected:
  RuleTest() {
    main_ = responder_.AddNetwork({});
    other_ = responder_.AddNetwork({"other", "", false});
    resolver_ = responder_.AddNetwork({"", "auth", true});
  }

  void Load(const std::string& members) {
    auto config = TryRead(members);
    ASSERT_TRUE(config) << config.error().ToString();
    ZoneIndex zone(config->zone_options);
    zone.Add(config->zone);
    responder_.Load(std::move(zone), RuleSet(config->rules), config->manners);
  }

  struct From {
    int network = 0;
    bool tcp = false;
    std::string client = std::string("\x7f\0\0\1", 4);
  };
  Reply Get(const Ask& ask, const From& from) {
    const auto sent = responder_.React(MakeQuery(ask), from.tcp, from.network,
                                       4711, from.client);
    EXPECT_EQ(sent.size(), 1u);
    const auto reply = sent.empty()
                           ? std::nullopt
                           : Decode(sent[0].octets.substr(from.tcp ? 2 : 0));
    EXPECT_TRUE(reply);
    return reply.value_or(Reply());
  }
  Reply Get(const Ask& ask) { return Get(ask, From{main_}); }
  int Rcode(const Ask& ask) { return Get(ask).rcode(); }

  Responder responder_{100};
  int main_, other_, resolver_;
};

TEST_F(RuleTest, APatternMeetsWhatFits) {
  Load(R"("zone": {"s1.a.example": ["x"], "t1.a.example": ["x"]},
    "rules": [{"id": "s", "match": {"pattern": "s*.a.example"},
               "fault": "servfail"}])");
  EXPECT_EQ(Rcode({"s1.a.example"}), 2);
  EXPECT_EQ(Rcode({"S2.A.example"}), 2);
  EXPECT_EQ(Rcode({"t1.a.example"}), 0);
  EXPECT_EQ(responder_.Log()[0].fault, "s");
}

TEST_F(RuleTest, TheNameSaysThePresetWhereThePatternDoes) {
  Load(R"("zone": {"s.g.example": ["own"]},
    "rules": [{"id": "any", "match": {"pattern": "*.{fault}.g.example"},
               "fault": "{fault}"}])");
  EXPECT_EQ(Rcode({"s.servfail.g.example"}), 2);
  EXPECT_EQ(Get({"s.ttl-max.g.example"}).answers[0].rdata, "\3own");
  EXPECT_THAT(Get({"t._domainkey.ttl-max.g.example"}).answers[0].rdata,
              HasSubstr("k=ed25519"));
  EXPECT_EQ(responder_.Log()[0].fault, "servfail");
  EXPECT_EQ(responder_.unexpected(), 0u);
  EXPECT_EQ(Rcode({"s.no-such.g.example"}), 3);
  EXPECT_EQ(responder_.unexpected(), 1u);
}

// A resolver that asks for other types, and for the names above, must not be
// told that nothing is there (RFC 8020).
TEST_F(RuleTest, NamesOfPatternsExist) {
  Load(R"("rules": [])");
  for (const char* name : {"example", "f.example", "nodata.f.example",
                           "_domainkey.nodata.f.example"}) {
    Reply reply = Get({name, 1}, From{resolver_});
    EXPECT_EQ(reply.rcode(), 0) << name;
    EXPECT_EQ(reply.authorities.size(), 1u) << name;
  }
  EXPECT_EQ(Rcode({"s.servfail.f.example", 28}), 0);
  EXPECT_EQ(responder_.unexpected(), 0u);
  EXPECT_EQ(Rcode({"g.example", 1}), 3);
}

// Presets that are made of several names, asked for one by one.
TEST_F(RuleTest, AResolverFollowsWhatThePatternMade) {
  Load(R"("rules": [])");
  const From resolver{resolver_};
  Reply first = Get({"s._domainkey.cname.f.example"}, resolver);
  ASSERT_EQ(first.answers.size(), 1u);
  EXPECT_EQ(first.answers[0].type, 5);
  Reply second = Get({"c1.s._domainkey.cname.f.example"}, resolver);
  ASSERT_EQ(second.answers.size(), 1u);
  EXPECT_THAT(second.answers[0].rdata, HasSubstr("v=DKIM1"));
}

TEST_F(RuleTest, MadeNamesAreForgottenAndMadeAgain) {
  Load(R"("rules": [])");
  auto name = [](int i) {
    return "s" + std::to_string(i) + ".ttl-max.f.example";
  };
  for (int i = 0; i < 50000; ++i) {
    ASSERT_EQ(Get({name(i)}).answers.size(), 1u) << i;
  }
  EXPECT_EQ(Get({name(0)}).answers.size(), 1u);
  EXPECT_EQ(responder_.unexpected(), 0u);
}

// What was made for one epoch is not there in another.
TEST_F(RuleTest, APatternMayHavePhases) {
  Load(R"("epochs": ["good", "bad"], "zone": {"s.servfail.g.example": ["x"]},
    "rules": [{"id": "any", "match": {"pattern": "*.{fault}.g.example"},
      "when": [{"epoch": "bad", "queries": "2-", "fault": "{fault}"}]}])");
  responder_.SetEpoch("bad");
  EXPECT_EQ(Rcode({"t.refused.g.example"}), 3);
  EXPECT_EQ(Rcode({"t.refused.g.example"}), 5);
  responder_.SetEpoch("good");
  EXPECT_EQ(Rcode({"t.refused.g.example"}), 3);
}

constexpr const char* kTwoFailures = R"("zone": {"a.example": ["x"],
    "b.example": ["x"]}, "rules": [{"id": "r", "match": {"suffix": "example"},
    "count_by": %, "when": [{"queries": "1-2", "fault": "servfail"}]}])";

std::string CountedBy(const std::string& words) {
  std::string members = kTwoFailures;
  return members.replace(members.find('%'), 1, words);
}

TEST_F(RuleTest, CountsForEachName) {
  Load(CountedBy(R"(["name"])"));
  EXPECT_EQ(Rcode({"a.example"}), 2);
  EXPECT_EQ(Get({"A.example"}, From{other_}).rcode(), 2);
  EXPECT_EQ(Rcode({"a.example"}), 0);
  EXPECT_EQ(Rcode({"b.example"}), 2);
}

TEST_F(RuleTest, CountsAllThatItMeets) {
  Load(CountedBy("[]"));
  EXPECT_EQ(Rcode({"a.example"}), 2);
  EXPECT_EQ(Get({"b.example"}, From{other_, true}).rcode(), 2);
  EXPECT_EQ(Rcode({"a.example"}), 0);
  EXPECT_EQ(Rcode({"b.example"}), 0);
}

TEST_F(RuleTest, CountsForEachClient) {
  Load(CountedBy(R"(["client"])"));
  const From second{main_, false, std::string("\x7f\0\0\2", 4)};
  EXPECT_EQ(Rcode({"a.example"}), 2);
  EXPECT_EQ(Rcode({"b.example"}), 2);
  EXPECT_EQ(Rcode({"a.example"}), 0);
  EXPECT_EQ(Get({"a.example"}, second).rcode(), 2);
}

TEST_F(RuleTest, CountsForEachTransport) {
  Load(CountedBy(R"(["transport", "name"])"));
  EXPECT_EQ(Rcode({"a.example"}), 2);
  EXPECT_EQ(Rcode({"a.example"}), 2);
  EXPECT_EQ(Rcode({"a.example"}), 0);
  EXPECT_EQ(Get({"a.example"}, From{main_, true}).rcode(), 2);
}

// "-once" presets of a rule count as the rule does.
TEST_F(RuleTest, PresetsCountAsTheirRuleDoes) {
  Load(R"("zone": {"a.example": ["x"], "b.example": ["x"]}, "rules": [
    {"id": "r", "match": {"suffix": "example"}, "count_by": [],
     "fault": "servfail-once"}])");
  EXPECT_EQ(Rcode({"a.example"}), 2);
  EXPECT_EQ(Rcode({"b.example"}), 0);
}

TEST_F(RuleTest, ResetBeginsAfresh) {
  Load(CountedBy("[]"));
  EXPECT_EQ(Rcode({"a.example"}), 2);
  EXPECT_EQ(Rcode({"a.example"}), 2);
  EXPECT_EQ(Rcode({"a.example"}), 0);
  responder_.Reset();
  EXPECT_EQ(Rcode({"a.example"}), 2);
}

// Where no phase fits, the zone answers, with its own faults.
TEST_F(RuleTest, TheZoneAnswersBetweenPhases) {
  Load(R"("zone": {"a.example": "servfail"}, "rules": [
    {"id": "r", "match": {"qname": "a.example"},
     "when": [{"queries": "1", "fault": "refused"}]}])");
  EXPECT_EQ(Rcode({"a.example"}), 5);
  EXPECT_EQ(Rcode({"a.example"}), 2);
}

TEST_F(RuleTest, MistakesAreNamed) {
  const std::pair<const char*, const char*> kTable[] = {
      {R"("match": {"pattern": "a..b"}, "fault": "drop")",
       "c.json#/rules/0/match/pattern"},
      {R"("match": {"pattern": "*.{preset}.b"}, "fault": "drop")",
       "c.json#/rules/0/match/pattern"},
      {R"("match": {"pattern": "*.b"}, "fault": "{fault}")",
       "c.json#/rules/0/fault"},
      {R"("match": {}, "when": [{"queries": "1", "fault": "{fault}"}])",
       "c.json#/rules/0/when/0/fault"},
      {R"("match": {}, "fault": "drop", "count_by": ["port"])",
       "c.json#/rules/0/count_by"},
      {R"("match": {}, "fault": "drop", "count_by": ["name", "name"])",
       "c.json#/rules/0/count_by"},
      {R"("match": {}, "fault": "drop", "count_by": "name")",
       "c.json#/rules/0/count_by"},
  };
  for (const auto& [members, place] : kTable) {
    auto config =
        TryRead(R"("rules": [{"id": "r", )" + std::string(members) + "}]");
    ASSERT_FALSE(config) << members;
    EXPECT_EQ(config.error().place, place) << config.error().message;
    EXPECT_FALSE(config.error().message.empty());
  }
}

}  // namespace
}  // namespace dkimspec::dnsstub
