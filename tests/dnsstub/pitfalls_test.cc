// Mistakes that servers of this kind are known to make, by number. Elsewhere:
//
//   3      UnboundKeySourceTest.AFailureDoesNotReachTheNextLookup
//   4      UnboundKeySourceTest.NamesUnderTestNeverLeave
//   7      ConfigTest.OtherAddressesAreRefused,
//          ServerTest.NamesTheAddressThatIsTaken
//   9, 10  tests/python/test_dns_pitfalls.py
//   12     ConfigTest.ALoopMayBeAChain,
//          ResponderTest.ADanglingCnameIsNxdomain...
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "dnsstub/fault.h"
#include "dnsstub/responder.h"
#include "dnsstub/server.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kPatience{60000};

ZoneEntry Of(std::string fault) {
  return {ZoneEntry::Kind::kFault, {{"abc"}}, "", std::move(fault)};
}

std::unique_ptr<Server> Serve(const Zone& zone) {
  auto server = Server::Start({});
  EXPECT_TRUE(server) << server.error().ToString();
  (*server)->SetZone(zone);
  return std::move(*server);
}

std::string FramedQuery(const std::string& name, std::uint16_t id) {
  return Framed(MakeQuery({name, kTxt, id}));
}

// The rest of a reply in pieces must not reach the client that gets the
// descriptor of a closed connection.
TEST(Pitfall01, PiecesDieWithTheirConnection) {
  auto server =
      Serve({{"drip.example", Of("tc-drip")},
             {"k.example", {ZoneEntry::Kind::kTxt, {{"x"}}, "", ""}}});
  {
    TcpSocket dripping(server->port());
    dripping.Send(FramedQuery("drip.example", 1));
    ASSERT_EQ(dripping.ReceiveAll(3, kPatience).size(), 3u);
  }
  TcpSocket next(server->port());
  next.Send(FramedQuery("k.example", 2));
  const auto reply = next.ReceiveMessage(kPatience);
  ASSERT_TRUE(reply);
  EXPECT_EQ(Decode(*reply)->id, 2);
  EXPECT_EQ(next.Receive(milliseconds(150)), std::nullopt);
}

// Replies in pieces to pipelined queries come one after the other.
TEST(Pitfall02, PipelinedRepliesDoNotMix) {
  auto server = Serve({{"drip.example", Of("tc-drip")}});
  TcpSocket client(server->port());
  client.Send(FramedQuery("drip.example", 1) + FramedQuery("drip.example", 2));
  for (int id : {1, 2}) {
    const auto octets = client.ReceiveMessage(kPatience);
    ASSERT_TRUE(octets);
    const auto reply = Decode(*octets);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->id, id);
    EXPECT_EQ(reply->answers.size(), 1u);
  }
}

// CNAMEs count for the size as everything else does.
TEST(Pitfall05, LongChainsAreTruncatedHonestly) {
  const std::string name = std::string(60, 'k') + ".example";
  auto server = Serve({{name, Of("cname-chain-8")}});
  EXPECT_TRUE(AskUdp(server->port(), {name}).truncated());
  EXPECT_EQ(AskTcp(server->port(), {name}).answers.size(), 9u);
  EXPECT_EQ(AskUdp(server->port(), {name, kTxt, 1, 1232}).answers.size(), 9u);
}

// Whatever is pending, others are answered at once.
TEST(Pitfall06, WaitingDoesNotBlockOthers) {
  auto server = Serve({{"late.example", Of("delay-30s")},
                       {"slow.example", Of("tc-drip-slowly")},
                       {"k.example", Of("cname")}});
  UdpSocket late(server->port());
  TcpSocket slow(server->port());
  late.Send(MakeQuery({"late.example"}));
  slow.Send(FramedQuery("slow.example", 1));
  ASSERT_TRUE(server->WaitFor("slow.example", 1, kPatience));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(AskUdp(server->port(), {"k.example"}).answers.size(), 2u);
  }
  EXPECT_EQ(late.Receive(milliseconds(0)), std::nullopt) << "they did not wait";
}

// A reply to a port that is closed brings an ICMP error to the next call.
TEST(Pitfall06, ClosedPortsDoNotMatter) {
  auto server = Serve({{"late.example", Of("delay-20ms")}});
  for (int i = 0; i < 20; ++i) {
    UdpSocket gone(server->port());
    gone.Send(MakeQuery({"late.example"}));
  }
  ASSERT_TRUE(server->WaitFor("late.example", 20, kPatience));
  std::this_thread::sleep_for(milliseconds(60));
  EXPECT_EQ(AskUdp(server->port(), {"late.example"}).answers.size(), 1u);
}

// How late they are is for dns_bench --delay to say.
TEST(Pitfall06, DelaysAreNeverEarly) {
  auto server = Serve({{"20.example", Of("delay-20ms")},
                       {"100.example", Of("delay-100ms")},
                       {"300.example", Of("delay-300ms")}});
  for (const auto& [name, delay] :
       {std::pair("20.example", 20), std::pair("100.example", 100),
        std::pair("300.example", 300)}) {
    for (auto ask : {AskUdp, AskTcp}) {
      const Clock::time_point start = Clock::now();
      EXPECT_EQ(ask(server->port(), {name}, AF_INET).answers.size(), 1u);
      EXPECT_GE(Clock::now() - start, milliseconds(delay)) << name;
    }
  }
}

// Presets that cost a client a timeout say so, and suites run them in parallel.
TEST(Pitfall08, SilenceIsMarkedSlow) {
  for (const Fault& fault : AllFaults()) {
    const bool silent = fault.plan.udp.empty() ||
                        (fault.plan.tcp.empty() && !fault.plan.only_edns);
    EXPECT_TRUE(!silent || fault.slow) << fault.name;
    for (const Step& step : fault.plan.udp) {
      EXPECT_TRUE(step.delay < milliseconds(1000) || fault.slow) << fault.name;
    }
  }
}

// Types that resolvers explore with are answered, and nothing may be cached.
TEST(Pitfall11, ExploringFindsNodataWithSoa) {
  auto server = Serve({{"s._domainkey.a.example", Of("drop")}});
  for (const char* name :
       {"s._domainkey.a.example", "_domainkey.a.example", "a.example"}) {
    for (int type : {1, 2, 6, 43, 48}) {
      const Ask ask{name, static_cast<std::uint16_t>(type)};
      Reply reply = AskUdp(server->port(), ask);
      EXPECT_EQ(reply.rcode(), 0) << name << " " << type;
      ASSERT_EQ(reply.authorities.size(), 1u) << name << " " << type;
      // MINIMUM, the last field, is the time to remember it: RFC 2308.
      EXPECT_TRUE(reply.authorities[0].rdata.ends_with(std::string(4, '\0')));
    }
  }
  EXPECT_EQ(server->unexpected(), 0u);
}

TEST(LimitsTest, AThousandConnectionsAreHeld) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < 4096) {
    GTEST_SKIP() << "the limit of open files is " << files.rlim_max;
  }
  files.rlim_cur = std::max<rlim_t>(files.rlim_cur, 4096);
  setrlimit(RLIMIT_NOFILE, &files);
  auto server = Serve({{"k.example", Of("ttl-max")}});
  std::vector<std::unique_ptr<TcpSocket>> clients;
  for (int i = 0; i < 1000; ++i) {
    clients.push_back(std::make_unique<TcpSocket>(server->port()));
    ASSERT_TRUE(clients.back()->ok()) << i;
  }
  for (const auto& client : clients) {
    client->Send(FramedQuery("k.example", 7));
  }
  for (const auto& client : clients) {
    ASSERT_TRUE(client->ReceiveMessage(kPatience));
  }
}

// Sanitizers keep what is freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) ||
                            __has_feature(thread_sanitizer) ||
                            __has_feature(memory_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

std::size_t ResidentPages() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident;
}

// Names made up by a client are counted up to a bound, the ring wraps, and so
// memory stays where it is.
TEST(LimitsTest, MemoryDoesNotGrowWithQueries) {
  if (kSanitized) {
    GTEST_SKIP() << "a sanitizer keeps freed memory";
  }
  Responder responder(1000);
  responder.AddNetwork({});
  responder.SetZone({{"k.example", Of("ttl-max")}});
  auto ask = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      responder.React(MakeQuery({"n" + std::to_string(i) + ".example"}), false,
                      0);
      responder.React(MakeQuery({"k.example"}), false, 0);
    }
  };
  ask(0, 110000);
  const std::size_t before = ResidentPages();
  ask(110000, 250000);
  const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  EXPECT_LE(ResidentPages(), before + (std::size_t{1} << 20) / page);
  EXPECT_EQ(responder.QueriesFor("k.example"), 250000u);
  EXPECT_EQ(responder.unexpected(), 250000u);
}

}  // namespace
}  // namespace dkimspec::dnsstub
