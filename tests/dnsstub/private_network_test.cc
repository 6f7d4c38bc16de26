// Addresses other than loopback are bound in private networks, and nowhere
// else.
#include "dnsstub/private_network.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>

#include "dnsstub/server.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using testing::HasSubstr;
using Interfaces = std::vector<NetworkFacts::Interface>;

const Interfaces kOnlyLoopback{{"lo", true, true}};

TEST(PrivateNetworkTest, NeedsBothProofs) {
  EXPECT_EQ(WhyNotPrivate({kOnlyLoopback, true, false}), "");
  EXPECT_EQ(WhyNotPrivate({kOnlyLoopback, false, true}), "");
  EXPECT_EQ(WhyNotPrivate({Interfaces{{"lo", true, false}}, true, true}), "");
  EXPECT_EQ(
      WhyNotPrivate({Interfaces{{"lo", true, true}, {"tunl0", false, false}},
                     true, true}),
      "");
  // A machine that is offline.
  EXPECT_THAT(WhyNotPrivate({kOnlyLoopback, false, false}),
              HasSubstr("machine's own"));
  // A container with a network.
  EXPECT_THAT(
      WhyNotPrivate(
          {Interfaces{{"lo", true, true}, {"eth0", false, true}}, true, true}),
      HasSubstr("eth0"));
  // What cannot be found out.
  EXPECT_THAT(WhyNotPrivate({std::nullopt, true, true}), HasSubstr("read"));
  EXPECT_THAT(WhyNotPrivate({Interfaces{}, true, true}), HasSubstr("read"));
}

Expected<std::unique_ptr<Server>> StartAt(const std::string& address) {
  ServerOptions options;
  options.endpoints.emplace_back();
  options.endpoints[0].addresses = {address};
  return Server::Start(options);
}

TEST(PrivateNetworkTest, ElsewhereOtherAddressesAreRefused) {
  if (WhyNotPrivate(LookAtNetwork()).empty()) {
    GTEST_SKIP() << "the tests run in a private network";
  }
  for (const char* address : {"0.0.0.0", "192.0.2.1", "::", "::ffff:1.2.3.4"}) {
    const auto server = StartAt(address);
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().place, address);
    EXPECT_THAT(server.error().message, HasSubstr("loopback"));
    EXPECT_THAT(server.error().message, HasSubstr("unshare"));
  }
}

TEST(PrivateNetworkTest, NamesAreNoAddresses) {
  for (const char* address : {"localhost", "", "127.0.0.1 ", "1.2.3"}) {
    const auto server = StartAt(address);
    ASSERT_FALSE(server) << address;
    EXPECT_THAT(server.error().message, HasSubstr("is no address"));
  }
}

constexpr int kNoNamespace = 77;

// Root within, so that programs keep their rights when they start others.
bool BecomeRoot(uid_t outside) {
  std::ofstream map("/proc/self/uid_map");
  map << "0 " << outside << " 1" << std::flush;
  return map.good();
}

// Runs `body` in a process with a user and network namespace of its own, in
// which loopback is up; its status, or kNoNamespace.
int InPrivateNetwork(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    ifreq lo{};
    std::strcpy(lo.ifr_name, "lo");
    lo.ifr_flags = IFF_UP;
    const uid_t outside = geteuid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 || !BecomeRoot(outside) ||
        ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &lo) != 0) {
      _exit(kNoNamespace);
    }
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// 0 if the server answers at `address` over IPv4's loopback.
int ServeAt(const std::string& address, int family) {
  const auto server = StartAt(address);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().ToString().c_str());
    return 1;
  }
  (*server)->SetZone({{"k.example", {ZoneEntry::Kind::kTxt, {{"x"}}, "", ""}}});
  const Ask ask{"k.example"};
  return AskUdp((*server)->port(), ask, family).answers.size() == 1 &&
                 AskTcp((*server)->port(), ask, family).answers.size() == 1
             ? 0
             : 2;
}

TEST(PrivateNetworkTest, InsideAnyAddressIsBound) {
  const int status = InPrivateNetwork([] {
    const int ipv4 = ServeAt("0.0.0.0", AF_INET);
    return ipv4 != 0 ? ipv4 : ServeAt("::", AF_INET6);
  });
  if (status == kNoNamespace) {
    GTEST_SKIP() << "namespaces are not allowed here";
  }
  EXPECT_EQ(status, 0);
}

TEST(PrivateNetworkTest, NotWithAWayOut) {
  constexpr int kNoInterface = 78;
  const int status = InPrivateNetwork([] {
    if (std::system("ip link add out0 type veth peer name out1 2>/dev/null && "
                    "ip link set out0 up") != 0) {
      return kNoInterface;
    }
    const auto server = StartAt("0.0.0.0");
    return !server && server.error().message.find("out0") != std::string::npos
               ? 0
               : 1;
  });
  if (status == kNoNamespace || status == kNoInterface) {
    GTEST_SKIP() << "namespaces or interfaces cannot be made here";
  }
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace dkimspec::dnsstub
