#include "runners/dns_relay.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "dnsstub/server.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::runners {
namespace {

using dnsstub::Reply;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kLoopback = INADDR_LOOPBACK;

// Bound to a port of loopback, as a sandbox hands its sockets out.
int Bound(int type, std::uint16_t& port) {
  const int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(kLoopback);
  socklen_t length = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_TRUE(type != SOCK_STREAM || listen(fd, 16) == 0);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  port = ntohs(address.sin_port);
  return fd;
}

class DnsRelayTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = dnsstub::Server::Start({});
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
    ZoneEntry small;
    small.kind = ZoneEntry::Kind::kTxt;
    small.txt = {{"v=DKIM1; p="}};
    ZoneEntry large;
    large.kind = ZoneEntry::Kind::kFault;
    large.fault = "text-64000";
    large.txt = {{"v=DKIM1; p="}};
    ZoneEntry silent;
    silent.kind = ZoneEntry::Kind::kTimeout;
    server_->SetZone({{"small.example", small},
                      {"large.example", large},
                      {"silent.example", silent}});
    auto relay = DnsRelay::Start(server_->port());
    ASSERT_TRUE(relay) << relay.error().ToString();
    relay_ = std::move(*relay);
    Adopt("sandbox/1");
  }

  void Adopt(const std::string& network) {
    std::vector<int> udp = {Bound(SOCK_DGRAM, udp_port_)};
    std::vector<int> tcp = {Bound(SOCK_STREAM, tcp_port_)};
    relay_->Adopt(network, udp, tcp);
  }

  std::unique_ptr<dnsstub::Server> server_;
  std::unique_ptr<DnsRelay> relay_;
  std::uint16_t udp_port_ = 0;
  std::uint16_t tcp_port_ = 0;
};

TEST_F(DnsRelayTest, PassesDatagrams) {
  dnsstub::UdpSocket client(udp_port_);
  for (std::uint16_t id = 1; id <= 50; ++id) {
    client.Send(dnsstub::MakeQuery({"small.example", dnsstub::kTxt, id}));
  }
  std::vector<bool> seen(51, false);
  for (int i = 0; i < 50; ++i) {
    const auto octets = client.Receive(seconds(60));
    ASSERT_TRUE(octets) << i;
    const auto reply = dnsstub::Decode(*octets);
    ASSERT_TRUE(reply);
    ASSERT_EQ(reply->answers.size(), 1u);
    seen.at(static_cast<std::size_t>(reply->id)) = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 50);
  EXPECT_EQ(server_->QueriesFor("small.example"), 50u);
}

TEST_F(DnsRelayTest, PassesLongAnswersOverTcp) {
  dnsstub::TcpSocket client(tcp_port_);
  ASSERT_TRUE(client.ok());
  for (int i = 0; i < 2; ++i) {  // On one connection.
    client.Send(dnsstub::Framed(dnsstub::MakeQuery({"large.example"})));
    const auto octets = client.ReceiveMessage(seconds(60));
    ASSERT_TRUE(octets);
    EXPECT_GT(octets->size(), 64000u);
    EXPECT_TRUE(dnsstub::Decode(*octets));
  }
}

TEST_F(DnsRelayTest, PassesTheEndOfAConnection) {
  dnsstub::TcpSocket client(tcp_port_);
  ASSERT_TRUE(client.ok());
  client.Send(dnsstub::Framed(dnsstub::MakeQuery({"small.example"})));
  shutdown(client.fd(), SHUT_WR);
  EXPECT_TRUE(client.ReceiveMessage(seconds(60)));
  EXPECT_EQ(client.Receive(seconds(60)), "");
}

TEST_F(DnsRelayTest, SilenceHoldsNobodyElseUp) {
  dnsstub::UdpSocket waiting(udp_port_);
  waiting.Send(dnsstub::MakeQuery({"silent.example"}));
  ASSERT_TRUE(server_->WaitFor("silent.example", 1, seconds(60)));
  dnsstub::UdpSocket client(udp_port_);
  client.Send(dnsstub::MakeQuery({"small.example"}));
  EXPECT_TRUE(client.Receive(seconds(60)));
  EXPECT_FALSE(waiting.Receive(milliseconds(0)));
}

TEST_F(DnsRelayTest, ReleaseClosesWhatItTook) {
  dnsstub::TcpSocket client(tcp_port_);
  client.Send(dnsstub::Framed(dnsstub::MakeQuery({"small.example"})));
  ASSERT_TRUE(client.ReceiveMessage(seconds(60)));
  const std::uint16_t old_udp = udp_port_;
  const std::uint16_t old_tcp = tcp_port_;
  Adopt("sandbox/2");
  relay_->Release("sandbox/1");
  EXPECT_EQ(client.Receive(seconds(60)), "");
  EXPECT_FALSE(dnsstub::TcpSocket(old_tcp).ok());
  // The port is free again: nobody holds the socket.
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(kLoopback);
  address.sin_port = htons(old_udp);
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  close(fd);
  dnsstub::UdpSocket other(udp_port_);
  other.Send(dnsstub::MakeQuery({"small.example"}));
  EXPECT_TRUE(other.Receive(seconds(60)));
}

// What never ends from one sandbox may not keep the relay from the others, nor
// from closing.
TEST_F(DnsRelayTest, AFloodIsReleased) {
  constexpr int kClients = 3;
  std::atomic<bool> stop = false;
  std::atomic<int> flooding = 0;
  std::vector<std::thread> clients;
  const std::uint16_t port = udp_port_;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      const dnsstub::UdpSocket client(port);
      for (int sent = 0; !stop; ++sent) {
        flooding += sent == 1000 ? 1 : 0;
        ::send(client.fd(), "x", 1, MSG_NOSIGNAL);
      }
    });
  }
  while (flooding < kClients) {
    std::this_thread::yield();
  }
  Adopt("sandbox/2");
  dnsstub::TcpSocket beside(tcp_port_);
  beside.Send(dnsstub::Framed(dnsstub::MakeQuery({"small.example"})));
  EXPECT_TRUE(beside.ReceiveMessage(seconds(60)));
  relay_->Release("sandbox/1");
  stop = true;
  for (std::thread& client : clients) {
    client.join();
  }
}

TEST_F(DnsRelayTest, AcceptsOnceThereAreDescriptorsAgain) {
  dnsstub::TcpSocket first(tcp_port_);  // To see that it is at rest.
  first.Send(dnsstub::Framed(dnsstub::MakeQuery({"small.example"})));
  ASSERT_TRUE(first.ReceiveMessage(seconds(60)));
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int lowest_free = fcntl(client, F_DUPFD_CLOEXEC, 0);
  close(lowest_free);
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit full = {static_cast<rlim_t>(lowest_free), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &full), 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(kLoopback);
  address.sin_port = htons(tcp_port_);
  EXPECT_EQ(
      connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address),
      0);
  // Time for the relay to find that it cannot; were it too short, less would
  // be tested, and nothing fail.
  std::this_thread::sleep_for(milliseconds(50));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  const std::string query =
      dnsstub::Framed(dnsstub::MakeQuery({"small.example"}));
  EXPECT_EQ(send(client, query.data(), query.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(query.size()));
  pollfd wait = {client, POLLIN, 0};
  EXPECT_EQ(poll(&wait, 1, 60000), 1);
  char octet = 0;
  EXPECT_EQ(recv(client, &octet, 1, 0), 1);
  close(client);
}

// The name server is gone: clients hear nothing, and the relay lives on.
TEST_F(DnsRelayTest, OutlivesItsNameServer) {
  server_.reset();
  dnsstub::UdpSocket datagrams(udp_port_);
  datagrams.Send(dnsstub::MakeQuery({"small.example"}));
  dnsstub::TcpSocket stream(tcp_port_);
  EXPECT_EQ(stream.Receive(seconds(60)).value_or(""), "");
  relay_->Release("sandbox/1");
  EXPECT_FALSE(dnsstub::TcpSocket(tcp_port_).ok());
}

}  // namespace
}  // namespace dkimspec::runners
