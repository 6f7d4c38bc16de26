// Who answers where an unbound of ours should, and does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "runners/midbox.h"
#include "tests/runners/temporary_folder.h"

namespace dkimspec::runners {
namespace {

using ::testing::HasSubstr;

// Found the port taken, and ends; but not before who has it repeated the
// question, as any DNS server would.
constexpr const char* kTaken = R"PY(#!/usr/bin/python3
import re, socket, sys

with open(__file__ + ".tries", "a") as tries:
    tries.write("x")
port = int(re.search(r"interface: 127.0.0.1@(\d+)", sys.stdin.read()).group(1))
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", port))
for _ in range(3):
    query, client = server.recvfrom(512)
    server.sendto(query[:2] + b"\x81\x83" + query[4:], client)
sys.exit("error: bind: address already in use")
)PY";

TEST(MidboxStartTest, AStrangerOnThePortIsNotTakenForOurs) {
  const TemporaryFolder folder;
  MidboxOptions options;
  options.program.path = folder.Write("unbound", kTaken);
  std::filesystem::permissions(options.program.path,
                               std::filesystem::perms::owner_all);
  const auto midbox = Midbox::Start(options);
  ASSERT_FALSE(midbox);
  EXPECT_THAT(midbox.error().message, HasSubstr("already in use"));
  // Each time with another port.
  EXPECT_EQ(std::filesystem::file_size(options.program.path + ".tries"), 5u);
}

}  // namespace
}  // namespace dkimspec::runners
