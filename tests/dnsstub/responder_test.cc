// What is said to well-formed and malformed queries, without sockets.
#include "dnsstub/responder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dnsstub/server.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using Kind = ZoneEntry::Kind;
using testing::ElementsAre;

ZoneEntry Txt(std::vector<TxtRecord> txt) {
  return {Kind::kTxt, std::move(txt), "", ""};
}

ZoneEntry Cname(std::string target) {
  return {Kind::kCname, {}, std::move(target), ""};
}

ZoneEntry Of(Kind kind) { return {kind, {}, "", ""}; }

class ResponderTest : public testing::Test {
 protected:
  ResponderTest() { responder_.AddNetwork({}); }

  std::optional<std::string> Octets(const std::string& packet,
                                    bool tcp = false) {
    std::vector<Delivery> deliveries = responder_.React(packet, tcp, 0);
    if (deliveries.empty()) {
      return std::nullopt;
    }
    return tcp ? deliveries[0].octets.substr(2) : deliveries[0].octets;
  }

  Reply Get(const Ask& ask, bool tcp = false) {
    std::optional<std::string> octets = Octets(MakeQuery(ask), tcp);
    EXPECT_TRUE(octets);
    std::optional<Reply> reply = Decode(octets.value_or(""));
    EXPECT_TRUE(reply);
    return reply.value_or(Reply());
  }

  Responder responder_{100};
};

std::vector<std::string> Rdata(const Reply& reply) {
  std::vector<std::string> rdata;
  for (const Reply::Record& record : reply.answers) {
    rdata.push_back(record.rdata);
  }
  return rdata;
}

TEST_F(ResponderTest, SeveralRecordsOfSeveralStringsKeepTheirOrder) {
  responder_.SetZone({{"k.example", Txt({{"two ", "strings"}, {""}, {"x"}})}});
  EXPECT_THAT(Rdata(Get({"k.example"})),
              ElementsAre("\4two \7strings", std::string(1, '\0'), "\1x"));
}

TEST_F(ResponderTest, BinaryStringsPass) {
  std::string all;
  for (int i = 0; i < 255; ++i) {
    all.push_back(static_cast<char>(i));
  }
  responder_.SetZone({{"k.example", Txt({{all}})}});
  EXPECT_THAT(Rdata(Get({"k.example"})), ElementsAre("\xff" + all));
}

TEST_F(ResponderTest, CaseDoesNotMatterAndIsKept) {
  responder_.SetZone({{"K.example", Txt({{"x"}})}});
  Reply reply = Get({"k.EXAMPLE"});
  EXPECT_EQ(reply.question, "k.EXAMPLE");
  ASSERT_EQ(reply.answers.size(), 1u);
  EXPECT_EQ(reply.answers[0].name, "k.EXAMPLE");
}

TEST_F(ResponderTest, CnamesAreFollowedInOneAnswer) {
  responder_.SetZone({{"a.example", Cname("b.example")},
                      {"b.example", Cname("c.example")},
                      {"c.example", Txt({{"x"}})}});
  Reply reply = Get({"a.example"});
  ASSERT_EQ(reply.answers.size(), 3u);
  EXPECT_EQ(reply.answers[1].name, "b.example");
  EXPECT_EQ(reply.answers[2].name, "c.example");
  EXPECT_EQ(reply.answers[2].rdata, "\1x");
}

TEST_F(ResponderTest, ElevenCnamesAreTheMost) {
  Zone zone{{"n0.example", Txt({{"x"}})}};
  for (int i = 1; i <= 12; ++i) {
    zone["n" + std::to_string(i) + ".example"] =
        Cname("n" + std::to_string(i - 1) + ".example");
  }
  responder_.SetZone(zone);
  EXPECT_EQ(Get({"n11.example"}).answers.size(), 12u);
  EXPECT_EQ(Get({"n12.example"}).rcode(), kServFail);
}

TEST_F(ResponderTest, ALoopIsServfail) {
  responder_.SetZone(
      {{"a.example", Cname("b.example")}, {"b.example", Cname("a.example")}});
  Reply reply = Get({"a.example"});
  EXPECT_EQ(reply.rcode(), kServFail);
  EXPECT_TRUE(reply.answers.empty());
}

TEST_F(ResponderTest, ADanglingCnameIsNxdomainWithTheCname) {
  responder_.SetZone({{"a.example", Cname("b.other")}});
  Reply reply = Get({"a.example"});
  EXPECT_EQ(reply.rcode(), kNxDomain);
  EXPECT_EQ(reply.answers.size(), 1u);
  ASSERT_EQ(reply.authorities.size(), 1u);
  EXPECT_EQ(reply.authorities[0].name, "other");
  EXPECT_EQ(Get({"b.other"}).rcode(), kNxDomain);
  EXPECT_EQ(responder_.unexpected(), 0u);
}

TEST_F(ResponderTest, FaultsWorkBehindCnames) {
  responder_.SetZone({{"a.example", Cname("b.example")},
                      {"b.example", Of(Kind::kServFail)},
                      {"c.example", Cname("d.example")},
                      {"d.example", Of(Kind::kNxDomain)}});
  EXPECT_EQ(Get({"a.example"}).rcode(), kServFail);
  Reply reply = Get({"c.example"});
  EXPECT_EQ(reply.rcode(), kNxDomain);
  EXPECT_EQ(reply.answers.size(), 1u);
}

TEST_F(ResponderTest, ZoneWords) {
  responder_.SetZone({{"nx.example", Of(Kind::kNxDomain)},
                      {"nodata.example", Of(Kind::kNoData)},
                      {"sf.example", Of(Kind::kServFail)},
                      {"to.example", Of(Kind::kTimeout)}});
  EXPECT_EQ(Get({"nx.example"}).rcode(), kNxDomain);
  EXPECT_EQ(Get({"nodata.example"}).rcode(), kNoError);
  EXPECT_EQ(Get({"nodata.example"}).authorities.size(), 1u);
  EXPECT_EQ(Get({"sf.example"}).rcode(), kServFail);
  EXPECT_EQ(Octets(MakeQuery({"to.example"})), std::nullopt);
  EXPECT_EQ(responder_.unexpected(), 0u);
}

TEST_F(ResponderTest, UnknownNamesCountAndNonTerminalsDoNot) {
  responder_.SetZone({{"s._domainkey.a.example", Txt({{"x"}})}});
  for (const char* name :
       {"_domainkey.a.example", "a.EXAMPLE", "example", ""}) {
    Reply reply = Get({name});
    EXPECT_EQ(reply.rcode(), kNoError) << name;
    EXPECT_EQ(reply.authorities.size(), 1u) << name;
  }
  EXPECT_EQ(responder_.unexpected(), 0u);
  EXPECT_EQ(Get({"t._domainkey.a.example"}).rcode(), kNxDomain);
  EXPECT_EQ(Get({"t._domainkey.a.example", 28}).rcode(), kNxDomain);
  EXPECT_EQ(responder_.unexpected(), 2u);
}

TEST_F(ResponderTest, OtherTypesAreNodata) {
  responder_.SetZone({{"k.example", Txt({{"x"}})}});
  for (int type : {1, 2, 6, 28, 43, 48, 257, 65535}) {
    Reply reply = Get({"k.example", static_cast<std::uint16_t>(type)});
    EXPECT_EQ(reply.rcode(), kNoError) << type;
    EXPECT_TRUE(reply.answers.empty()) << type;
    ASSERT_EQ(reply.authorities.size(), 1u) << type;
    EXPECT_EQ(reply.authorities[0].type, 6) << type;
  }
}

TEST_F(ResponderTest, TruncatesHonestly) {
  // 43 octets besides the text, with OPT 54; strings of 255 at most.
  responder_.SetZone({{"k.example", Txt({SplitAt255(std::string(500, 'x'))})}});
  Reply plain = Get({"k.example"});
  EXPECT_TRUE(plain.truncated());
  EXPECT_TRUE(plain.answers.empty());
  EXPECT_FALSE(Get({"k.example", kTxt, 1, 1232}).truncated());
  EXPECT_TRUE(Get({"k.example", kTxt, 1, 100}).truncated());
  EXPECT_EQ(Get({"k.example"}, true).answers.size(), 1u);
}

TEST_F(ResponderTest, OurOwnLimitIs1232) {
  std::size_t fits = 1232 - 12 - 15 - 12 - 11 - 5;  // All but the text itself.
  responder_.SetZone(
      {{"k.example", Txt({SplitAt255(std::string(fits, 'x'))})},
       {"l.example", Txt({SplitAt255(std::string(fits + 1, 'x'))})}});
  EXPECT_EQ(Octets(MakeQuery({"k.example", kTxt, 1, 4096}))->size(), 1232u);
  EXPECT_TRUE(Get({"l.example", kTxt, 1, 4096}).truncated());
}

TEST_F(ResponderTest, WhatTcpCannotCarryIsTruncatedThereToo) {
  responder_.SetZone(
      {{"k.example", Txt({SplitAt255(std::string(64800, 'x'))})},
       {"l.example", Txt({SplitAt255(std::string(70000, 'x'))})}});
  EXPECT_EQ(Get({"k.example"}, true).answers.size(), 1u);
  Reply reply = Get({"l.example"}, true);
  EXPECT_TRUE(reply.truncated());
  EXPECT_TRUE(reply.answers.empty());
}

TEST_F(ResponderTest, EdnsIsEchoed) {
  responder_.SetZone({{"k.example", Txt({{"x"}})}});
  EXPECT_TRUE(Get({"k.example"}).additional.empty());
  Reply reply = Get({"k.example", kTxt, 1, 4096});
  ASSERT_EQ(reply.additional.size(), 1u);
  EXPECT_EQ(reply.additional[0].type, 41);
}

TEST_F(ResponderTest, ProtocolErrors) {
  const std::pair<const char*, int> kTable[] = {
      {"1234 0100 0001 0000 0000 0000", kFormErr},
      {"1234 2000 0001 0000 0000 0000", kNotImp},                     // NOTIFY.
      {"1234 0100 0001 0000 0000 0000 0161 00 0010 0003", kRefused},  // CH.
      // EDNS version 1 is BADVERS: 0 in the header, 1 in OPT.
      {"1234 0100 0001 0000 0000 0001 0161 00 0010 0001"
       "00 0029 0200 00 01 0000 0000",
       0},
  };
  for (const auto& [hex, rcode] : kTable) {
    std::optional<std::string> octets = Octets(FromHex(hex));
    ASSERT_TRUE(octets) << hex;
    std::optional<Reply> reply = Decode(*octets);
    ASSERT_TRUE(reply) << hex;
    EXPECT_EQ(reply->rcode(), rcode) << hex;
    EXPECT_EQ(reply->id, 0x1234) << hex;
    EXPECT_TRUE(reply->answers.empty() && reply->authorities.empty()) << hex;
  }
  EXPECT_EQ(responder_.unexpected(), 0u);
}

TEST_F(ResponderTest, NothingIsSaidToWhatIsNoQuery) {
  EXPECT_EQ(Octets(""), std::nullopt);
  EXPECT_EQ(Octets("\x12\x34"), std::nullopt);
  EXPECT_EQ(Octets(FromHex("1234 8180 0001 0000 0000 0000 00 0010 0001")),
            std::nullopt);
  EXPECT_EQ(responder_.Log().back().sent, "not a query");
}

TEST_F(ResponderTest, AddZoneReplacesNames) {
  responder_.SetZone({{"k.example", Txt({{"old"}})}});
  responder_.AddZone({{"K.EXAMPLE", Txt({{"new"}})}});
  EXPECT_THAT(Rdata(Get({"k.example"})), ElementsAre("\3new"));
  responder_.SetZone({});
  EXPECT_EQ(Get({"k.example"}).rcode(), kNxDomain);
}

TEST_F(ResponderTest, AnUnknownFaultIsServfail) {
  responder_.SetZone({{"k.example", {Kind::kFault, {{"x"}}, "", "nonsense"}}});
  EXPECT_EQ(Get({"k.example"}).rcode(), kServFail);
}

TEST_F(ResponderTest, TheLogTellsWhatWasAskedAndSaid) {
  responder_.SetZone({{"k.example", Txt({{"abc"}})},
                      {"d.example", {Kind::kFault, {}, "", "drop"}},
                      {"w.example", {Kind::kFault, {{"x"}}, "", "wrong-id"}}});
  Get({"K.example", kTxt, 1, 1400});
  Octets(MakeQuery({"d.example"}));
  Octets(MakeQuery({"w.example"}), true);
  std::vector<LogEntry> log = responder_.Log();
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[0].name, "K.example");
  EXPECT_EQ(log[0].type, kTxt);
  EXPECT_EQ(log[0].edns_size, 1400);
  EXPECT_EQ(log[0].sent, "NOERROR 1 TXT 54 octets");
  EXPECT_EQ(log[1].edns_size, 0);
  EXPECT_EQ(log[1].sent, "drop");
  EXPECT_TRUE(log[2].tcp);
  EXPECT_EQ(log[2].sent, "wrong-id: NOERROR 1 TXT 41 octets");
  EXPECT_LE(log[0].at, log[2].at);
}

TEST_F(ResponderTest, TheRingForgetsAndTheCountersDoNot) {
  responder_.SetZone(
      {{"k.example", Txt({{"x"}})}, {"l.example", Txt({{"x"}})}});
  Get({"l.example"});
  for (int i = 0; i < 150; ++i) {
    Get({i % 2 == 0 ? "k.example" : "K.EXAMPLE"}, i % 3 == 0);
  }
  Get({"k.example", 1});  // Not TXT: in the log, not in the count.
  EXPECT_EQ(responder_.Log().size(), 100u);
  EXPECT_EQ(responder_.LogFor("k.Example").size(), 100u);
  EXPECT_EQ(responder_.LogFor("k.example").back().type, 1);
  EXPECT_TRUE(responder_.LogFor("l.example").empty());
  EXPECT_EQ(responder_.QueriesFor("k.example"), 150u);
  EXPECT_EQ(responder_.QueriesFor("l.example"), 1u);
  EXPECT_EQ(responder_.QueriesFor("never.example"), 0u);
  responder_.Reset();
  EXPECT_TRUE(responder_.Log().empty());
  EXPECT_EQ(responder_.QueriesFor("k.example"), 0u);
  Get({"k.example"});
  EXPECT_EQ(responder_.LogFor("k.example").size(), 1u);
}

TEST_F(ResponderTest, CountingPresetsCountPerNetwork) {
  responder_.SetZone(
      {{"k.example", {Kind::kFault, {{"x"}}, "", "servfail-once"}}});
  int other = responder_.AddNetwork({"other", "", false});
  std::string query = MakeQuery({"k.example"});
  auto rcode = [&](int network) {
    return Decode(responder_.React(query, false, network)[0].octets)->rcode();
  };
  EXPECT_EQ(rcode(0), kServFail);
  EXPECT_EQ(rcode(other), kServFail);
  EXPECT_EQ(rcode(0), kNoError);
  EXPECT_EQ(rcode(other), kNoError);
  EXPECT_EQ(responder_.QueriesFor("k.example"), 4u);
}

}  // namespace
}  // namespace dkimspec::dnsstub
