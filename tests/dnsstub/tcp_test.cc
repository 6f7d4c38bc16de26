// TCP connections: pieces, pipelines, slow readers, ends.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <thread>

#include "dnsstub/server.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kPatience{60000};
constexpr milliseconds kBeforeTheUsualLimit{20000};

ZoneEntry Txt(std::string_view text) {
  return {ZoneEntry::Kind::kTxt, {SplitAt255(text)}, "", ""};
}

ZoneEntry Fault(std::string fault) {
  return {ZoneEntry::Kind::kFault, {{"x"}}, "", std::move(fault)};
}

std::unique_ptr<Server> Start(ServerOptions options = {}) {
  auto server = Server::Start(options);
  EXPECT_TRUE(server) << server.error().ToString();
  (*server)->SetZone({{"k.example", Txt("abc")},
                      {"big.example", Txt(std::string(60000, 'x'))},
                      {"late.example", Fault("delay-100ms")},
                      {"hang.example", Fault("tc-hang")},
                      {"reset.example", Fault("tc-reset")}});
  return std::move(*server);
}

std::string FramedQuery(const std::string& name, std::uint16_t id) {
  return Framed(MakeQuery({name, kTxt, id}));
}

int IdOf(const std::optional<std::string>& message) {
  return message ? Decode(*message).value_or(Reply()).id : -1;
}

TEST(TcpTest, TakesQueriesOctetByOctet) {
  auto server = Start();
  TcpSocket client(server->port());
  for (char c : FramedQuery("k.example", 7)) {
    client.Send(std::string(1, c));
  }
  EXPECT_EQ(IdOf(client.ReceiveMessage(kPatience)), 7);
}

TEST(TcpTest, PipelinedRepliesNeverMix) {
  auto server = Start();
  TcpSocket client(server->port());
  std::string all;
  for (int id = 1; id <= 20; ++id) {
    all += FramedQuery(id % 2 == 0 ? "big.example" : "k.example",
                       static_cast<std::uint16_t>(id));
  }
  client.Send(all);
  for (int id = 1; id <= 20; ++id) {
    EXPECT_EQ(IdOf(client.ReceiveMessage(kPatience)), id);
  }
}

TEST(TcpTest, ALateReplyDoesNotHoldUpOthers) {
  auto server = Start();
  TcpSocket client(server->port());
  client.Send(FramedQuery("late.example", 1) + FramedQuery("k.example", 2));
  EXPECT_EQ(IdOf(client.ReceiveMessage(kPatience)), 2);
  EXPECT_EQ(IdOf(client.ReceiveMessage(kPatience)), 1);
}

TEST(TcpTest, AnswersAfterTheClientFinishedSending) {
  auto server = Start();
  TcpSocket client(server->port());
  client.Send(FramedQuery("late.example", 1) + FramedQuery("big.example", 2));
  shutdown(client.fd(), SHUT_WR);
  EXPECT_EQ(IdOf(client.ReceiveMessage(kPatience)), 2);
  EXPECT_EQ(IdOf(client.ReceiveMessage(kPatience)), 1);
  EXPECT_EQ(client.Receive(kPatience), "");
  EXPECT_EQ(client.end(), End::kFin);
}

TEST(TcpTest, ResetComesAfterEarlierReplies) {
  auto server = Start();
  TcpSocket client(server->port());
  client.Send(FramedQuery("k.example", 1));
  EXPECT_EQ(IdOf(client.ReceiveMessage(kPatience)), 1);
  client.Send(FramedQuery("reset.example", 2));
  EXPECT_EQ(client.Receive(kPatience), "");
  EXPECT_EQ(client.end(), End::kReset);
}

// What is sent below has to be sent before the limit.
TEST(TcpTest, HalfOpenConnectionsEndByReset) {
  ServerOptions options;
  options.hang_limit = milliseconds(2000);
  auto server = Start(options);
  const Clock::time_point start = Clock::now();
  TcpSocket silent(server->port());
  TcpSocket half(server->port());
  half.Send(FramedQuery("k.example", 1).substr(0, 9));
  TcpSocket hanging(server->port());
  hanging.Send(FramedQuery("hang.example", 1));
  for (TcpSocket* client : {&silent, &half, &hanging}) {
    EXPECT_EQ(client->Receive(kPatience), "");
    EXPECT_EQ(client->end(), End::kReset);
  }
  EXPECT_GE(Clock::now() - start, options.hang_limit);
  EXPECT_LT(Clock::now() - start, kBeforeTheUsualLimit);
}

TEST(TcpTest, ASlowWriterDoesNotOutliveTheLimit) {
  ServerOptions options;
  options.hang_limit = milliseconds(200);
  auto server = Start(options);
  TcpSocket client(server->port());
  std::string query = FramedQuery("k.example", 1);
  Clock::time_point start = Clock::now();
  for (std::size_t i = 0; client.end() == End::kOpen; ++i) {
    if (Clock::now() - start > kBeforeTheUsualLimit) {
      FAIL() << "still open";
    }
    char c = query[i % (query.size() - 1)];
    if (send(client.fd(), &c, 1, MSG_NOSIGNAL) < 0) {
      EXPECT_EQ(errno, ECONNRESET);  // Which is told once, here or below.
      return;
    }
    client.Receive(milliseconds(40));
  }
  EXPECT_EQ(client.end(), End::kReset);
}

TEST(TcpTest, ALateReplyIsWaitedForBeyondTheLimit) {
  ServerOptions options;
  options.hang_limit = milliseconds(20);
  auto server = Start(options);
  TcpSocket client(server->port());
  client.Send(FramedQuery("late.example", 1));
  EXPECT_EQ(IdOf(client.ReceiveMessage(kPatience)), 1);
}

TEST(TcpTest, AClientThatDoesNotReadIsNotServedWithoutEnd) {
  auto server = Start();
  TcpSocket client(server->port());
  constexpr int kQueries = 400;  // 24 MB of answers.
  std::string all;
  for (int id = 0; id < kQueries; ++id) {
    all += FramedQuery("big.example", static_cast<std::uint16_t>(id));
  }
  client.Send(all);
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_LT(server->QueriesFor("big.example"), 300u);
  EXPECT_GT(server->QueriesFor("big.example"), 0u);
  for (int id = 0; id < kQueries; ++id) {
    ASSERT_EQ(IdOf(client.ReceiveMessage(kPatience)), id);
  }
}

TEST(TcpTest, ConnectionsBeyondTheLimitWaitTheirTurn) {
  ServerOptions options;
  options.max_connections = 3;
  auto server = Start(options);
  std::vector<std::unique_ptr<TcpSocket>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<TcpSocket>(server->port()));
    clients.back()->Send(FramedQuery("k.example", 9));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(
        IdOf(clients[static_cast<std::size_t>(i)]->ReceiveMessage(kPatience)),
        9);
  }
  EXPECT_EQ(clients[3]->Receive(milliseconds(150)), std::nullopt);
  clients[0].reset();
  EXPECT_EQ(IdOf(clients[3]->ReceiveMessage(kPatience)), 9);
}

// A late reply must never reach the client that got the descriptor next.
TEST(TcpTest, LateRepliesDieWithTheirConnection) {
  auto server = Start();
  for (int i = 0; i < 5; ++i) {
    TcpSocket first(server->port());
    first.Send(FramedQuery("late.example", 1));
    while (server->QueriesFor("late.example") <= static_cast<std::size_t>(i)) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    linger at_once{1, 0};
    setsockopt(first.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  std::vector<std::unique_ptr<TcpSocket>> next;
  for (int i = 0; i < 5; ++i) {
    next.push_back(std::make_unique<TcpSocket>(server->port()));
    next.back()->Send(FramedQuery("k.example", 2));
    EXPECT_EQ(IdOf(next.back()->ReceiveMessage(kPatience)), 2);
  }
  std::this_thread::sleep_for(milliseconds(150));
  for (const auto& client : next) {
    EXPECT_EQ(client->Receive(milliseconds(1)), std::nullopt);
  }
}

}  // namespace
}  // namespace dkimspec::dnsstub
