// Configurations: what they say is what is served, and mistakes are named.
#include "dnsstub/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "dnsstub/log_json.h"
#include "reference/json/strict_reader.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr milliseconds kPatience{60000};  // For what must come.
constexpr milliseconds kSilence{300};     // For what must not.

Config Read(const std::string& members) {
  const std::string text = R"({"format": "dkimspec-dns/1")" + members + "}";
  auto json = ParseJson(text, "c.json");
  EXPECT_TRUE(json) << json.error().ToString();
  auto config = ConfigFromJson(*json, "c.json");
  EXPECT_TRUE(config) << config.error().ToString();
  return config ? *config : Config();
}

std::unique_ptr<Server> Serve(const Config& config) {
  auto server = Server::Start(config.server);
  EXPECT_TRUE(server) << server.error().ToString();
  (*server)->Load(config);
  return std::move(*server);
}

std::vector<std::string> Rdata(const Reply& reply) {
  std::vector<std::string> rdata;
  for (const Reply::Record& record : reply.answers) {
    rdata.push_back(record.rdata);
  }
  return rdata;
}

TEST(ConfigTest, RecordsOfEveryKind) {
  auto server = Serve(Read(R"(, "records": [
    {"name": "a.example", "text": "abc"},
    {"name": "b.example", "text": "abcde", "split": 2},
    {"name": "c.example", "strings": ["a", "", {"hex": "00ff"},
                                      {"repeat": "xy", "n": 2}]},
    {"name": "d.example", "rrs": [["one"], ["two"], ["three"]],
     "order": "rotate"},
    {"name": "e.example", "rdata_hex": "ff61", "ttl": 7},
    {"name": "f.example", "type": "CNAME", "target": "a.example"},
    {"name": "old.example", "type": "DNAME", "target": "new.example"},
    {"name": "s.new.example", "text": "moved"},
    {"name": "*.w.example", "text": "wild"},
    {"name": "g.example", "type": "TYPE99", "rdata_hex": "00"},
    {"name": "ent.example", "type": "NONE"}])"));
  auto get = [&](const std::string& name, std::uint16_t type = kTxt) {
    return AskUdp(server->port(), {name, type});
  };
  EXPECT_THAT(Rdata(get("a.example")), ElementsAre("\3abc"));
  EXPECT_THAT(Rdata(get("b.example")), ElementsAre("\2ab\2cd\1e"));
  EXPECT_THAT(Rdata(get("c.example")),
              ElementsAre(std::string("\1a\0\2\0\xff\4xyxy", 11)));
  EXPECT_THAT(Rdata(get("d.example")),
              ElementsAre("\3one", "\3two", "\5three"));
  EXPECT_THAT(Rdata(get("d.example")),
              ElementsAre("\3two", "\5three", "\3one"));
  EXPECT_THAT(Rdata(get("e.example")), ElementsAre("\xff"
                                                   "a"));
  EXPECT_EQ(get("f.example").answers.size(), 2u);
  // RFC 6672: the DNAME, the CNAME made from it, and what that leads to.
  Reply moved = get("s.old.example");
  ASSERT_EQ(moved.answers.size(), 3u);
  EXPECT_EQ(moved.answers[0].type, 39);
  EXPECT_EQ(moved.answers[1].type, 5);
  EXPECT_EQ(moved.answers[2].rdata, "\5moved");
  // RFC 4592: a wildcard answers for what does not exist, at any depth.
  EXPECT_THAT(Rdata(get("x.w.example")), ElementsAre("\4wild"));
  EXPECT_THAT(Rdata(get("x.y.w.example")), ElementsAre("\4wild"));
  EXPECT_EQ(get("g.example", 99).answers.size(), 1u);
  EXPECT_EQ(get("g.example").rcode(), 0);
  EXPECT_EQ(get("ent.example").rcode(), 0);
  EXPECT_EQ(get("no.example").rcode(), 3);
  EXPECT_EQ(server->unexpected(), 1u);
}

TEST(ConfigTest, EpochsRotateKeys) {
  auto server = Serve(Read(R"(, "epochs": ["old", "new"],
    "zone": {"1.example": ["first"], "2.example": ["second"]},
    "rules": [{"id": "rotate", "match": {"qname": "rot.example"}, "when": [
      {"epoch": "old", "do": [{"answer": "1.example"}]},
      {"epoch": "new", "do": [{"answer": "2.example"}]}]}])"));
  Reply reply = AskUdp(server->port(), {"Rot.example"});
  ASSERT_EQ(reply.answers.size(), 1u);
  EXPECT_EQ(reply.answers[0].rdata, "\5first");
  EXPECT_EQ(reply.answers[0].name, "Rot.example");
  server->SetEpoch("new");
  EXPECT_THAT(Rdata(AskUdp(server->port(), {"rot.example"})),
              ElementsAre("\6second"));
  EXPECT_EQ(server->unexpected(), 0u);
  EXPECT_EQ(server->Log().back().fault, "rotate");
}

TEST(ConfigTest, SequencesByQueryNumber) {
  auto server = Serve(Read(R"(, "zone": {"k.example": ["abc"]},
    "rules": [{"id": "flap", "match": {"qname": "k.example"}, "when": [
      {"queries": "1-2", "fault": "servfail"},
      {"queries": "3", "do": [{"answer": "empty"}]},
      {"queries": "5-", "do": [{"rcode": "REFUSED"}]}]}])"));
  std::vector<int> rcodes;
  std::vector<std::size_t> answers;
  for (int i = 0; i < 6; ++i) {
    Reply reply = AskUdp(server->port(), {"k.example"});
    rcodes.push_back(reply.rcode());
    answers.push_back(reply.answers.size());
  }
  EXPECT_THAT(rcodes, ElementsAre(2, 2, 0, 0, 5, 5));
  EXPECT_THAT(answers, ElementsAre(0, 0, 0, 1, 1, 1));
}

TEST(ConfigTest, StepsShapePackets) {
  auto server = Serve(Read(R"(, "zone": {"k.example": ["abc"]}, "rules": [
    {"id": "race", "match": {"qname": "k.example", "transport": "udp"},
     "do": [{"id_xor": 21845}, {"delay_ms": 20, "flags": {"AA": true}}]},
    {"id": "slow", "match": {"qname": "k.example", "transport": "tcp"},
     "tcp": [{"pace": {"first": 2, "rest": 7, "gap_ms": 1}, "conn": "fin",
              "answer": true}]},
    {"id": "raw", "match": {"suffix": "raw.example"},
     "udp": [{"raw_hex": "00008400", "append_hex": "ff"}],
     "tcp": [{"conn": "rst"}]}])"));
  UdpSocket udp(server->port());
  udp.Send(MakeQuery({"k.example"}));
  EXPECT_EQ(Decode(*udp.Receive(kPatience))->id, 0x4761);
  EXPECT_EQ(Decode(*udp.Receive(kPatience))->flags, 0x8580);
  TcpSocket tcp(server->port());
  tcp.Send(Framed(MakeQuery({"k.example"})));
  EXPECT_EQ(Decode(*tcp.ReceiveMessage(kPatience))->answers.size(), 1u);
  EXPECT_EQ(tcp.Receive(kPatience), "");
  EXPECT_EQ(tcp.end(), End::kFin);
  udp.Send(MakeQuery({"deep.raw.example"}));
  EXPECT_EQ(udp.Receive(kPatience), FromHex("1234 8400 ff"));
  TcpSocket reset(server->port());
  reset.Send(Framed(MakeQuery({"raw.example"})));
  EXPECT_EQ(reset.Receive(kPatience), "");
  EXPECT_EQ(reset.end(), End::kReset);
}

TEST(ConfigTest, TheNamePicksTheFaultWithoutConfiguration) {
  auto server = Serve(Read(R"(, "zone": {"s._domainkey.f.example": ["own"]})"));
  auto get = [&](const std::string& name) {
    return AskUdp(server->port(), {name});
  };
  EXPECT_EQ(get("s._domainkey.servfail.f.example").rcode(), 2);
  EXPECT_EQ(get("s._domainkey.ttl-max.f.example").answers[0].rdata, "\3own");
  EXPECT_THAT(get("t._domainkey.ttl-max.f.example").answers[0].rdata,
              HasSubstr("k=ed25519"));
  EXPECT_EQ(get("S._domainkey.CNAME.f.example").answers.size(), 2u);
  EXPECT_EQ(server->unexpected(), 0u);
  EXPECT_EQ(get("s._domainkey.nonsense.f.example").rcode(), 3);
  EXPECT_EQ(server->unexpected(), 1u);
}

TEST(ConfigTest, EndpointsDiffer) {
  auto server = Serve(Read(R"(, "zone": {"k.example": ["abc"]}, "endpoints": [
    {"id": "main", "addresses": ["127.0.0.1"]},
    {"id": "notcp", "addresses": ["127.0.0.2"], "tcp": "closed"},
    {"id": "hole", "addresses": ["127.0.0.3"], "tcp": "hole"},
    {"id": "reset", "addresses": ["127.0.0.4"], "tcp": "reset"},
    {"id": "down", "addresses": ["127.0.0.5"], "udp": false, "tcp": "closed"},
    {"id": "auth", "addresses": ["127.0.0.6"],
     "personality": "authoritative"}])"));
  const std::uint16_t port = server->port();
  for (const Endpoint& endpoint : server->endpoints()) {
    EXPECT_EQ(endpoint.port, port) << endpoint.id;
  }
  EXPECT_EQ(AskTcp(port, {"k.example"}).answers.size(), 1u);
  EXPECT_EQ(TcpAt("127.0.0.2", port, kPatience), TcpFate::kNobody);
  EXPECT_EQ(TcpAt("127.0.0.3", port, kSilence), TcpFate::kSilent);
  EXPECT_EQ(TcpAt("127.0.0.4", port, kPatience), TcpFate::kReset);
  EXPECT_EQ(TcpAt("127.0.0.5", port, kPatience), TcpFate::kNobody);
  EXPECT_EQ(TcpAt("127.0.0.6", port, kSilence), TcpFate::kOpen);
}

TEST(ConfigTest, AnAuthoritativeEndpointGivesOneCname) {
  auto server = Serve(Read(R"(,
    "zone": {"a.example": {"cname": "b.example"}, "b.example": ["abc"]},
    "endpoints": [{"id": "auth", "addresses": ["127.0.0.1"],
                   "personality": "authoritative"}])"));
  Reply reply = AskUdp(server->port(), {"a.example"});
  EXPECT_EQ(reply.flags, 0x8500);  // QR, AA, RD; no RA.
  EXPECT_EQ(reply.answers.size(), 1u);
  EXPECT_EQ(server->Log().back().endpoint, "auth");
}

// Pitfall 12: whether a loop is SERVFAIL or the chain is a choice.
TEST(ConfigTest, ALoopMayBeAChain) {
  auto server = Serve(Read(R"(, "defaults": {"loops": "chain",
    "max_cnames": 3}, "zone": {"a.example": {"cname": "a.example"}})"));
  Reply reply = AskUdp(server->port(), {"a.example"});
  EXPECT_EQ(reply.rcode(), 0);
  EXPECT_EQ(reply.answers.size(), 4u);
}

TEST(ConfigTest, MistakesAreNamed) {
  const std::pair<const char*, const char*> kTable[] = {
      {R"({"format": "other/1"})", "c.json#/format"},
      {R"({"format": "dkimspec-dns/1", "zones": {}})", "c.json#/zones"},
      {R"({"format": "dkimspec-dns/1", "records": {}})", "c.json#/records"},
      {R"({"format": "dkimspec-dns/1", "records": [{"name": "a..b",
        "text": "x"}]})",
       "c.json#/records/0/name"},
      {R"({"format": "dkimspec-dns/1", "records": [{"name": "a.b",
        "type": "FOO", "text": "x"}]})",
       "c.json#/records/0/type"},
      {R"({"format": "dkimspec-dns/1", "records": [{"name": "a.b",
        "text": {"file": "no-such-file"}}]})",
       "c.json#/records/0/text/file"},
      {R"({"format": "dkimspec-dns/1", "rules": [{"id": "r", "match": {},
        "fault": "none-such"}]})",
       "c.json#/rules/0/fault"},
      {R"({"format": "dkimspec-dns/1", "rules": [{"id": "r", "match": {},
        "fault": "cname-loop"}]})",
       "c.json#/rules/0/fault"},
      {R"({"format": "dkimspec-dns/1", "rules": [{"id": "r", "match": {},
        "when": [{"epoch": "x", "do": []}]}]})",
       "c.json#/rules/0/when/0/epoch"},
      {R"({"format": "dkimspec-dns/1", "rules": [{"id": "r", "match": {},
        "when": [{"queries": "2-1", "do": []}]}]})",
       "c.json#/rules/0/when/0/queries"},
      {R"({"format": "dkimspec-dns/1", "rules": [{"id": "r", "match": {},
        "do": [{"raw_hex": "0"}]}]})",
       "c.json#/rules/0/do/0/raw_hex"},
      {R"({"format": "dkimspec-dns/1", "epochs": ["a", "a"]})",
       "c.json#/epochs"},
      {R"([])", "c.json"},
  };
  for (const auto& [text, place] : kTable) {
    auto json = ParseJson(text, "c.json");
    ASSERT_TRUE(json) << text;
    auto config = ConfigFromJson(*json, "c.json");
    ASSERT_FALSE(config) << text;
    EXPECT_EQ(config.error().place, place) << config.error().message;
    EXPECT_FALSE(config.error().message.empty());
  }
}

TEST(LogJsonTest, OneObjectALine) {
  auto server = Serve(Read(R"(, "zone": {"k.example": ["abc"]})"));
  AskUdp(server->port(), {"K.example", kTxt, 0x1234, 1400});
  const std::string lines = ToJsonLines(server->Log());
  EXPECT_TRUE(lines.ends_with("\n"));
  auto line = ParseJson(lines, "log");
  ASSERT_TRUE(line) << line.error().ToString();
  EXPECT_EQ((*line)["qname"], "K.example");
  EXPECT_EQ((*line)["qtype"], "TXT");
  EXPECT_EQ((*line)["transport"], "udp");
  EXPECT_EQ((*line)["endpoint"], "main");
  EXPECT_EQ((*line)["id"], 0x1234);
  EXPECT_EQ((*line)["edns_size"], 1400);
  EXPECT_EQ((*line)["do"], true);
  EXPECT_EQ((*line)["rcode"], 0);
  EXPECT_EQ((*line)["octets"], 54);
}

}  // namespace
}  // namespace dkimspec::dnsstub
