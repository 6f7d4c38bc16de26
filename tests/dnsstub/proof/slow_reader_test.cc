// Clients that ask over TCP and do not read what they asked for.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "dnsstub/server.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kLimit{300};
constexpr int kPatience = 60000;  // For what must come, in milliseconds.
// More than the buffers of two sockets hold.
constexpr int kQueries = 400;
constexpr std::size_t kSize = 60000;

std::unique_ptr<Server> Start(milliseconds limit) {
  ServerOptions options;
  options.hang_limit = limit;
  auto server = Server::Start(options);
  EXPECT_TRUE(server) << server.error().ToString();
  const TxtRecord big = SplitAt255(std::string(kSize, 'x'));
  (*server)->SetZone(
      {{"big.example", {ZoneEntry::Kind::kTxt, {big}, "", ""}},
       {"k.example", {ZoneEntry::Kind::kTxt, {{"abc"}}, "", ""}}});
  return std::move(*server);
}

void AskForMuch(const TcpSocket& client) {
  std::string all;
  for (int i = 0; i < kQueries; ++i) {
    all += Framed(MakeQuery({"big.example"}));
  }
  // Not all of it: the server stops reading, too, and sending would block.
  send(client.fd(), all.data(), all.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

// Whether the connection was reset within the time: unlike a read, this leaves
// alone what has come.
bool WasReset(const TcpSocket& client, int timeout) {
  pollfd wait{client.fd(), 0, 0};
  return poll(&wait, 1, timeout) == 1 && (wait.revents & POLLERR) != 0;
}

TEST(SlowReaderTest, ThoseThatNeverReadAreReset) {
  auto server = Start(kLimit);
  // A connection's time begins at once, whether it asks or not.
  const Clock::time_point start = Clock::now();
  std::vector<std::unique_ptr<TcpSocket>> silent;
  for (int i = 0; i < 20; ++i) {
    silent.push_back(std::make_unique<TcpSocket>(server->port()));
    AskForMuch(*silent.back());
  }
  for (const auto& client : silent) {
    EXPECT_TRUE(WasReset(*client, kPatience));
    EXPECT_GE(Clock::now() - start, kLimit);
  }
}

// An octet now and then is no progress, however often it comes.
TEST(SlowReaderTest, OneThatReadsInDripsIsReset) {
  auto server = Start(kLimit);
  TcpSocket client(server->port());
  AskForMuch(client);
  const Clock::time_point end = Clock::now() + milliseconds(kPatience);
  char octet = 0;
  while (!WasReset(client, 10) && Clock::now() < end) {
    recv(client.fd(), &octet, 1, MSG_DONTWAIT);
  }
  EXPECT_LT(Clock::now(), end);
}

// The limit is far away: those who are served may be slow themselves.
TEST(SlowReaderTest, OthersAreServedMeanwhile) {
  auto server = Start(std::chrono::minutes(10));
  std::vector<std::unique_ptr<TcpSocket>> silent;
  for (int i = 0; i < 20; ++i) {
    silent.push_back(std::make_unique<TcpSocket>(server->port()));
    AskForMuch(*silent.back());
    EXPECT_EQ(AskTcp(server->port(), {"k.example"}).answers.size(), 1u);
    EXPECT_EQ(AskUdp(server->port(), {"k.example"}).answers.size(), 1u);
  }
  for (const auto& client : silent) {
    EXPECT_FALSE(WasReset(*client, 0));
  }
}

}  // namespace
}  // namespace dkimspec::dnsstub
