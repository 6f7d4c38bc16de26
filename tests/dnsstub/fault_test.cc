// Every preset, octet by octet, over real sockets.
#include "dnsstub/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <set>

#include "dnsstub/server.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSilence{120};
constexpr milliseconds kPatience{5000};

// The messages for "k.example TXT", whose record is "abc", written by hand.
// ID 1234, QR RD RA; then the four counts.
const std::string kQuestion = "016b 076578616d706c65 00 0010 0001";
const std::string kRecord = "c00c 0010 0001 00000000 0004 03616263";
const std::string kSoa =
    "c00e 0006 0001 00000000 0034 026e73 076578616d706c65 00"
    "0a686f73746d6173746572 076578616d706c65 00"
    "00000001 00000e10 00000258 00015180 00000000";
const std::string kRight =
    "1234 8180 0001 0001 0000 0000" + kQuestion + kRecord;
const std::string kWrongId =
    "4761 8180 0001 0001 0000 0000" + kQuestion + kRecord;
const std::string kTruncated = "1234 8380 0001 0000 0000 0000" + kQuestion;
const std::string kNegative = "0001 0000 0001 0000" + kQuestion + kSoa;

std::string Bare(const std::string& flags) {
  return "1234" + flags + "0001 0000 0000 0000" + kQuestion;
}

// What must come back, as hexadecimal digits.
struct Expected {
  std::string fault;
  std::vector<std::string> udp;  // Datagrams in order.
  std::string tcp;               // Octets, the length in front excluded.
  End end = End::kOpen;          // How TCP stands afterwards.
  milliseconds delay{0};         // Of the last packet, both transports.
};

// For GoogleTest, which would print the octets of the struct.
void PrintTo(const Expected& expected, std::ostream* out) {
  *out << expected.fault;
}

Expected Same(std::string fault, const std::string& message) {
  return {std::move(fault), {message}, message};
}

Expected AfterTruncation(std::string fault, std::string tcp,
                         End end = End::kOpen) {
  return {std::move(fault), {kTruncated}, std::move(tcp), end};
}

Expected Late(std::string fault, int ms) {
  return {std::move(fault), {kRight}, kRight, End::kOpen, milliseconds(ms)};
}

std::vector<Expected> Table() {
  return {
      Same("nxdomain", "1234 8183" + kNegative),
      Same("nxdomain-without-soa", Bare("8183")),
      Same("nodata", "1234 8180" + kNegative),
      Same("empty-answer-no-soa", Bare("8180")),
      Same("servfail", Bare("8182")),
      Same("refused", Bare("8185")),
      Same("formerr", Bare("8181")),
      Same("notimp", Bare("8184")),
      Same("servfail-once", Bare("8182")),
      {"drop", {}, ""},
      {"drop-once", {}, ""},
      Late("delay-100ms", 100),
      Late("delay-500ms", 500),
      Late("delay-2s", 2000),
      {"delay-30s", {}, ""},
      AfterTruncation("tc-tcp", kRight),
      AfterTruncation("tc-reset", "", End::kReset),
      AfterTruncation("tc-close", "", End::kFin),
      AfterTruncation("tc-hang", ""),
      AfterTruncation("tc-servfail", Bare("8182")),
      AfterTruncation("tc-loop", kTruncated),
      // 43 octets and the length are 45; 22 of them come.
      AfterTruncation("tc-short",
                      "1234 8180 0001 0001 0000 0000 016b 076578616d70",
                      End::kFin),
      Same("wrong-id", kWrongId),
      {"wrong-id-then-right", {kWrongId, kRight}, kRight, End::kOpen},
      Same("wrong-question",
           "1234 8180 0001 0001 0000 0000"
           "0178 076578616d706c65 00 0010 0001"
           "016b c00e 0010 0001 00000000 0004 03616263"),
      Same("no-question",
           "1234 8180 0000 0001 0000 0000"
           "016b 076578616d706c65 00 0010 0001 00000000 0004 03616263"),
      Same("noqr", "1234 0180 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("short", "1234 81"),
      Same("header-only", "1234 8180 0000 0000 0000 0000"),
      Same("empty-datagram", ""),
      Same("lying-string-length", "1234 8180 0001 0001 0000 0000" + kQuestion +
                                      "c00c 0010 0001 00000000 0004 ff616263"),
      Same("empty-rdata", "1234 8180 0001 0001 0000 0000" + kQuestion +
                              "c00c 0010 0001 00000000 0000"),
      Same("trailing-octets", kRight + "aaaaaaaaaaaaaaaa"),
      Same("any-size", kRight),
  };
}

std::unique_ptr<Server> Serve(const std::string& fault) {
  auto server = Server::Start({});
  EXPECT_TRUE(server) << server.error().ToString();
  ZoneEntry entry;
  entry.kind = ZoneEntry::Kind::kFault;
  entry.fault = fault;
  entry.txt = {{"abc"}};
  (*server)->SetZone({{"k.example", entry}});
  return std::move(*server);
}

class FaultTest : public testing::TestWithParam<Expected> {};

TEST_P(FaultTest, OverUdp) {
  const Expected& expected = GetParam();
  std::unique_ptr<Server> server = Serve(expected.fault);
  UdpSocket client(server->port());
  auto start = std::chrono::steady_clock::now();
  client.Send(MakeQuery({"k.example"}));
  for (const std::string& packet : expected.udp) {
    EXPECT_EQ(client.Receive(kPatience), FromHex(packet));
  }
  EXPECT_GE(std::chrono::steady_clock::now() - start, expected.delay);
  EXPECT_EQ(client.Receive(kSilence), std::nullopt);
}

TEST_P(FaultTest, OverTcp) {
  const Expected& expected = GetParam();
  std::unique_ptr<Server> server = Serve(expected.fault);
  TcpSocket client(server->port());
  ASSERT_TRUE(client.ok());
  auto start = std::chrono::steady_clock::now();
  client.Send(Framed(MakeQuery({"k.example"})));
  std::string octets = FromHex(expected.tcp);
  bool is_empty_message = expected.fault == "empty-datagram";
  if (expected.fault == "tc-short") {
    octets = std::string("\0\x2b", 2) + octets;
  } else if (!octets.empty() || is_empty_message) {
    octets = Framed(octets);
  }
  EXPECT_EQ(client.ReceiveAll(octets.size(), kPatience), octets);
  EXPECT_GE(std::chrono::steady_clock::now() - start, expected.delay);
  EXPECT_EQ(client.ReceiveAll(1, kSilence), "");
  EXPECT_EQ(client.end(), expected.end);
}

std::string TestName(const testing::TestParamInfo<Expected>& info) {
  std::string name = info.param.fault;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Preset, FaultTest, testing::ValuesIn(Table()),
                         TestName);

TEST(FaultTableTest, EveryPresetIsTestedHere) {
  std::set<std::string> tested{"garbage"};
  for (const Expected& row : Table()) {
    tested.insert(row.fault);
  }
  std::set<std::string> known;
  for (const Fault& fault : AllFaults()) {
    EXPECT_TRUE(known.insert(std::string(fault.name)).second) << fault.name;
    EXPECT_FALSE(fault.summary.empty() || fault.wire.empty()) << fault.name;
  }
  EXPECT_EQ(known, tested);
}

TEST(GarbageTest, IsTheSameNoiseEachTimeAndNoMessage) {
  std::unique_ptr<Server> server = Serve("garbage");
  UdpSocket client(server->port());
  client.Send(MakeQuery({"k.example"}));
  auto first = client.Receive(kPatience);
  client.Send(MakeQuery({"k.example"}));
  auto second = client.Receive(kPatience);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size(), 60u);
  EXPECT_EQ(first, second);
  EXPECT_EQ(Decode(*first), std::nullopt);
}

TEST(OnceTest, TheSecondQueryIsAnswered) {
  for (const char* fault : {"drop-once", "servfail-once"}) {
    std::unique_ptr<Server> server = Serve(fault);
    UdpSocket client(server->port());
    client.Send(MakeQuery({"K.example"}));
    client.Receive(kSilence);
    EXPECT_EQ(AskUdp(server->port(), {"k.example"}).answers.size(), 1u);
    server->Reset();
    client.Send(MakeQuery({"k.example"}));
    auto third = client.Receive(kSilence);
    EXPECT_TRUE(!third || Decode(*third)->rcode() == 2) << fault;
  }
}

TEST(FaultTypeTest, OtherTypesAreNotHit) {
  std::unique_ptr<Server> server = Serve("drop");
  Reply reply = AskUdp(server->port(), {"k.example", 1});
  EXPECT_EQ(reply.rcode(), 0);
  EXPECT_EQ(reply.authorities.size(), 1u);
}

TEST(LongStringTest, LyingStringLengthLiesAlsoWhereStringsAreFull) {
  auto server = Server::Start({});
  ASSERT_TRUE(server);
  ZoneEntry entry;
  entry.kind = ZoneEntry::Kind::kFault;
  entry.fault = "lying-string-length";
  entry.txt = {{"abc", std::string(255, 'x')}};
  (*server)->SetZone({{"k.example", entry}});
  Reply reply = AskUdp((*server)->port(), {"k.example"});
  ASSERT_EQ(reply.answers.size(), 1u);
  EXPECT_EQ(reply.answers[0].rdata,
            std::string("\3abc\xff") + std::string(254, 'x'));
}

std::optional<ZoneEntry> ProjectFault(const std::string& fault,
                                      std::vector<TxtRecord> txt) {
  ZoneEntry entry;
  entry.kind = ZoneEntry::Kind::kFault;
  entry.fault = fault;
  entry.txt = std::move(txt);
  return Project(entry);
}

TEST(ProjectTest, SaysWhatACorrectClientEndsUpWith) {
  using Kind = ZoneEntry::Kind;
  const std::pair<const char*, Kind> kTable[] = {
      {"nxdomain", Kind::kNxDomain},
      {"nodata", Kind::kNoData},
      {"servfail", Kind::kServFail},
      {"refused", Kind::kServFail},
      {"drop", Kind::kTimeout},
      {"drop-once", Kind::kTxt},
      {"tc-tcp", Kind::kTxt},
      {"tc-reset", Kind::kServFail},
      {"tc-hang", Kind::kTimeout},
      {"delay-500ms", Kind::kTxt},
      {"delay-30s", Kind::kTimeout},
      {"empty-answer-no-soa", Kind::kNoData},
      {"nxdomain-without-soa", Kind::kNxDomain}};
  for (const auto& [fault, kind] : kTable) {
    std::optional<ZoneEntry> entry = ProjectFault(fault, {{"abc"}});
    ASSERT_TRUE(entry) << fault;
    EXPECT_EQ(entry->kind, kind) << fault;
    EXPECT_EQ(entry->txt.empty(), kind != Kind::kTxt) << fault;
    EXPECT_EQ(entry->fault, "") << fault;
  }
}

TEST(ProjectTest, DropOnceIsAnswered) {
  // Its plan is silent, but only at first.
  EXPECT_EQ(ProjectFault("drop-once", {{"abc"}})->txt,
            std::vector<TxtRecord>{{"abc"}});
}

TEST(ProjectTest, WireFaultsNeedSockets) {
  EXPECT_FALSE(ProjectFault("wrong-id", {{"abc"}}));
  EXPECT_FALSE(ProjectFault("servfail-once", {{"abc"}}));
  EXPECT_FALSE(ProjectFault("no-such-fault", {{"abc"}}));
  EXPECT_FALSE(ProjectFault("tc-tcp", {}));
}

TEST(ProjectTest, LeavesOtherEntriesAlone) {
  ZoneEntry entry;
  entry.kind = ZoneEntry::Kind::kCname;
  entry.target = "k.example";
  EXPECT_EQ(Project(entry), entry);
}

}  // namespace
}  // namespace dkimspec::dnsstub
