#include "dnsstub/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kPatience{60000};

ZoneEntry Txt(std::string text) {
  return {ZoneEntry::Kind::kTxt, {{std::move(text)}}, "", ""};
}

ZoneEntry Fault(std::string fault) {
  return {ZoneEntry::Kind::kFault, {{"x"}}, "", std::move(fault)};
}

std::unique_ptr<Server> Start(const ServerOptions& options = {}) {
  auto server = Server::Start(options);
  EXPECT_TRUE(server) << server.error().ToString();
  (*server)->SetZone({{"k.example", Txt("abc")}});
  return std::move(*server);
}

bool HasIpv6() { return UdpSocket(9, AF_INET6).ok(); }

// A socket on loopback, made by the test as a sandbox would make it.
struct Foreign {
  explicit Foreign(int type) : fd(socket(AF_INET, type, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    if (type == SOCK_STREAM) {
      listen(fd, 16);
    }
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  int fd;
  std::uint16_t port = 0;
};

TEST(ServerTest, AnswersOverBothTransportsAndFamilies) {
  auto server = Start();
  for (int family : {AF_INET, AF_INET6}) {
    if (family == AF_INET6 && !HasIpv6()) {
      continue;
    }
    EXPECT_EQ(AskUdp(server->port(), {"k.example"}, family).answers.size(), 1u);
    EXPECT_EQ(AskTcp(server->port(), {"k.example"}, family).answers.size(), 1u);
  }
}

TEST(ServerTest, RefusesTcpWhereToldTo) {
  ServerOptions options;
  options.tcp = false;
  auto server = Start(options);
  server->SetZone({{"k.example", Fault("tc-tcp")}});
  EXPECT_TRUE(AskUdp(server->port(), {"k.example"}).truncated());
  EXPECT_FALSE(TcpSocket(server->port()).ok());
}

TEST(ServerTest, NamesTheAddressThatIsTaken) {
  auto server = Start();
  ServerOptions options;
  options.port = server->port();
  auto second = Server::Start(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().place,
            "127.0.0.1:" + std::to_string(server->port()) + " TCP");
  EXPECT_THAT(second.error().message, testing::HasSubstr("another port"));
}

TEST(ServerTest, NeedsAFamily) {
  ServerOptions options;
  options.ipv4 = options.ipv6 = false;
  EXPECT_FALSE(Server::Start(options));
}

TEST(ServerTest, RestartsOnTheSamePort) {
  ServerOptions options;
  for (int i = 0; i < 5; ++i) {
    auto server = Start(options);
    options.port = server->port();
    EXPECT_EQ(AskTcp(server->port(), {"k.example"}).answers.size(), 1u);
  }
}

TEST(ServerTest, EndsAtOnceWhateverIsPending) {
  auto server = Start();
  server->SetZone({{"k.example", Fault("delay-30s")}});
  UdpSocket udp(server->port());
  udp.Send(MakeQuery({"k.example"}));
  TcpSocket tcp(server->port());
  tcp.Send(Framed(MakeQuery({"k.example"})));
  while (server->QueriesFor("k.example") < 2) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  Clock::time_point start = Clock::now();
  server.reset();
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(20));
}

TEST(ServerTest, ServesAdoptedSocketsUntilReleased) {
  auto server = Start();
  Foreign udp(SOCK_DGRAM);
  Foreign tcp(SOCK_STREAM);
  server->Adopt("box-1", {udp.fd}, {tcp.fd});
  EXPECT_EQ(AskUdp(udp.port, {"k.example"}).answers.size(), 1u);
  EXPECT_EQ(AskTcp(tcp.port, {"k.example"}).answers.size(), 1u);
  AskUdp(server->port(), {"k.example"});
  std::vector<LogEntry> log = server->LogFor("k.example");
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[0].network, "box-1");
  EXPECT_EQ(log[1].network, "box-1");
  EXPECT_EQ(log[2].network, "");
  server->Release("box-1");
  EXPECT_FALSE(TcpSocket(tcp.port).ok());
  UdpSocket client(udp.port);
  client.Send(MakeQuery({"k.example"}));
  EXPECT_EQ(client.Receive(milliseconds(100)).value_or(""), "");
  EXPECT_EQ(AskUdp(server->port(), {"k.example"}).answers.size(), 1u);
}

TEST(ServerTest, ReleaseEndsOpenConnectionsOfThatNetworkOnly) {
  auto server = Start();
  Foreign first(SOCK_STREAM);
  Foreign second(SOCK_STREAM);
  server->Adopt("box-1", {}, {first.fd});
  server->Adopt("box-2", {}, {second.fd});
  TcpSocket gone(first.port);
  TcpSocket stays(second.port);
  for (TcpSocket* client : {&gone, &stays}) {
    client->Send(Framed(MakeQuery({"k.example"})));
    EXPECT_TRUE(client->ReceiveMessage(kPatience));
  }
  server->Release("box-1");
  server->Release("no-such-box");
  EXPECT_EQ(gone.Receive(kPatience), "");
  stays.Send(Framed(MakeQuery({"k.example"})));
  EXPECT_TRUE(stays.ReceiveMessage(kPatience));
}

TEST(ServerTest, SurvivesDescriptorsThatAreNotSockets) {
  auto server = Start();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  server->Adopt("box", {ends[0], -1}, {});
  server->Release("box");
  close(ends[1]);
  EXPECT_EQ(AskUdp(server->port(), {"k.example"}).answers.size(), 1u);
}

TEST(ServerTest, SurvivesNoise) {
  auto server = Start();
  UdpSocket client(server->port());
  unsigned state = 7;
  for (int i = 0; i < 2000; ++i) {
    std::string noise = MakeQuery({"k.example", kTxt, 1, 1232});
    noise.resize(noise.size() - static_cast<std::size_t>(i) % noise.size());
    for (char& c : noise) {
      state = state * 1103515245u + 12345u;
      c = (state >> 24) % 8 == 0 ? static_cast<char>(state >> 16) : c;
    }
    client.Send(noise);
  }
  EXPECT_EQ(AskTcp(server->port(), {"k.example"}).answers.size(), 1u);
}

TEST(ServerTest, ManyThreadsAtOnce) {
  auto server = Start();
  constexpr int kThreads = 8;
  constexpr int kQueries = 100;
  std::atomic<int> right = 0;
  std::atomic<bool> done = false;
  std::thread churn([&] {
    for (int i = 0; !done; ++i) {
      Foreign udp(SOCK_DGRAM);
      std::string network = "box-" + std::to_string(i);
      server->Adopt(network, {udp.fd}, {});
      server->AddZone({{"n" + std::to_string(i) + ".example", Txt("y")}});
      AskUdp(udp.port, {"k.example"});
      server->Log();
      server->Release(network);
    }
  });
  std::vector<std::thread> clients;
  for (int t = 0; t < kThreads; ++t) {
    clients.emplace_back([&, t] {
      for (int i = 0; i < kQueries; ++i) {
        Ask ask{"K.example"};
        Reply reply = t % 2 == 0 ? AskUdp(server->port(), ask)
                                 : AskTcp(server->port(), ask);
        right += reply.answers.size() == 1 ? 1 : 0;
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  done = true;
  churn.join();
  EXPECT_EQ(right, kThreads * kQueries);
  EXPECT_GE(server->QueriesFor("k.example"),
            static_cast<std::size_t>(kThreads * kQueries));
  EXPECT_EQ(server->unexpected(), 0u);
}

}  // namespace
}  // namespace dkimspec::dnsstub
