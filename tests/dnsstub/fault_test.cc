// Every preset, octet by octet, over real sockets.
#include "dnsstub/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "dnsstub/responder.h"
#include "dnsstub/server.h"
#include "tests/dnsstub/fault_expectations.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSilence{100};
constexpr milliseconds kPatience{60000};

std::vector<Expected> Table() {
  std::vector<Expected> table;
  for (auto part :
       {ResponseCodeExpectations, TimeExpectations, TransportExpectations,
        EdnsExpectations, SpoofingExpectations, MalformedExpectations,
        DataExpectations, AliasExpectations, SequenceExpectations}) {
    for (Expected& expected : part()) {
      table.push_back(std::move(expected));
    }
  }
  return table;
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

std::string QueryFor(const Expected& expected) {
  return MakeQuery({"k.example", kTxt, 0x1234, expected.edns ? 1232 : 0});
}

class FaultTest : public testing::TestWithParam<Expected> {};

TEST_P(FaultTest, OverUdp) {
  const Expected& expected = GetParam();
  std::unique_ptr<Server> server = Serve(expected.fault);
  UdpSocket before(server->port());
  for (std::size_t i = 0; i < expected.before; ++i) {
    before.Send(QueryFor(expected));
    ASSERT_TRUE(server->WaitFor("k.example", i + 1, kPatience));
  }
  UdpSocket client(server->port());
  auto start = std::chrono::steady_clock::now();
  client.Send(QueryFor(expected));
  for (const std::string& packet : expected.udp) {
    EXPECT_EQ(client.Receive(kPatience), FromHex(packet));
  }
  EXPECT_GE(std::chrono::steady_clock::now() - start, expected.delay);
  EXPECT_EQ(client.Receive(kSilence), std::nullopt);
}

// What TCP is to bring, with the length in front where a message comes.
std::string TcpOctets(const Expected& expected) {
  const std::string octets = FromHex(expected.tcp);
  const bool silent = octets.empty() && expected.fault != "empty-datagram";
  return expected.framed || silent ? octets : Framed(octets);
}

TEST_P(FaultTest, OverTcp) {
  const Expected& expected = GetParam();
  std::unique_ptr<Server> server = Serve(expected.fault);
  UdpSocket before(server->port());
  for (std::size_t i = 0; i < expected.before; ++i) {
    before.Send(QueryFor(expected));
    ASSERT_TRUE(server->WaitFor("k.example", i + 1, kPatience));
  }
  TcpSocket client(server->port());
  ASSERT_TRUE(client.ok());
  auto start = std::chrono::steady_clock::now();
  client.Send(Framed(QueryFor(expected)));
  const std::string octets = TcpOctets(expected);
  EXPECT_EQ(client.ReceiveAll(octets.size(), kPatience), octets);
  EXPECT_GE(std::chrono::steady_clock::now() - start, expected.delay);
  EXPECT_EQ(client.ReceiveAll(1, kSilence), "");
  EXPECT_EQ(client.end(), expected.end);
}

std::string TestName(const testing::TestParamInfo<Expected>& info) {
  std::string name = info.param.fault;
  std::replace(name.begin(), name.end(), '-', '_');
  return info.param.before == 0
             ? name
             : name + "_after_" + std::to_string(info.param.before);
}

INSTANTIATE_TEST_SUITE_P(Preset, FaultTest, testing::ValuesIn(Table()),
                         TestName);

TEST(FaultTableTest, EveryPresetIsTestedHere) {
  std::set<std::string> tested{"garbage", "tc-garbage", "loss-10",
                               "loss-30", "loss-50",    "loss-90"};
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

// Which of 400 queries for a name are answered: '1' or '0' for each.
std::string Pattern(unsigned percent, const std::string& name) {
  Responder responder(10);
  responder.AddNetwork({});
  ZoneEntry entry{ZoneEntry::Kind::kFault,
                  {{"abc"}},
                  "",
                  "loss-" + std::to_string(percent)};
  responder.SetZone({{name, entry}});
  std::string pattern;
  for (int i = 0; i < 400; ++i) {
    pattern += responder.React(MakeQuery({name}), false, 0).empty() ? '0' : '1';
    EXPECT_EQ(responder.React(MakeQuery({"n.example"}), false, 0).size(), 1u);
  }
  return pattern;
}

TEST(LossTest, IsAFunctionOfNameAndNumberAlone) {
  for (unsigned percent : {10u, 30u, 50u, 90u}) {
    const std::string pattern = Pattern(percent, "k.example");
    EXPECT_EQ(pattern, Pattern(percent, "K.example"));
    EXPECT_NE(pattern, Pattern(percent, "l.example"));
    const auto lost = std::count(pattern.begin(), pattern.end(), '0');
    EXPECT_NEAR(static_cast<double>(lost), 4.0 * percent, 40.0) << percent;
  }
}

// The reply to a query sent to `to`, and whoever it came from: the socket is
// not connected. Both are empty after a minute of silence.
template <typename Address>
std::pair<std::string, Address> AskFromAnySource(const Address& to) {
  const int fd =
      socket(reinterpret_cast<const sockaddr&>(to).sa_family, SOCK_DGRAM, 0);
  const std::string query = MakeQuery({"k.example"});
  sendto(fd, query.data(), query.size(), 0,
         reinterpret_cast<const sockaddr*>(&to), sizeof to);
  std::string reply(512, '\0');
  Address from{};
  socklen_t size = sizeof from;
  pollfd wait{fd, POLLIN, 0};
  const ssize_t got = poll(&wait, 1, 60000) == 1
                          ? recvfrom(fd, reply.data(), reply.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size)
                          : 0;
  close(fd);
  reply.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return {reply, from};
}

TEST(WrongSourceTest, TheReplyComesFromAnotherAddress) {
  std::unique_ptr<Server> server = Serve("wrong-source");
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(server->port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto [reply, from] = AskFromAnySource(to);
  EXPECT_EQ(reply, FromHex(kRight));
  EXPECT_EQ(ntohl(from.sin_addr.s_addr), 0x7f000009u);
  EXPECT_EQ(from.sin_port, to.sin_port);
}

// Loopback has one address in IPv6; a client must check the port as well.
TEST(WrongSourceTest, OverIpv6TheReplyComesFromAnotherPort) {
  std::unique_ptr<Server> server = Serve("wrong-source");
  if (!UdpSocket(server->port(), AF_INET6).ok()) {
    GTEST_SKIP() << "no IPv6 here";
  }
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(server->port());
  to.sin6_addr = in6addr_loopback;
  const auto [reply, from] = AskFromAnySource(to);
  EXPECT_EQ(reply, FromHex(kRight));
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&from.sin6_addr));
  EXPECT_NE(from.sin6_port, to.sin6_port);
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
