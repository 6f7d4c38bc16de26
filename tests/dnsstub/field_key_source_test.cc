// The setting for the field: servers from resolv.conf, our own deadline. A
// program of its own, because libunbound keeps its limits process-wide.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "dnsstub/server.h"
#include "reference/unbound_key_source.h"

namespace dkimspec {
namespace {

using dnsstub::Server;
using Kind = ZoneEntry::Kind;
using Status = KeyAnswer::Status;
using std::chrono::milliseconds;

class FieldKeySourceTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = Server::Start({});
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
    server_->SetZone({{"k.example", {Kind::kTxt, {{"x", "y"}}, "", ""}},
                      {"empty.example", {Kind::kNoData, {}, "", ""}},
                      {"broken.example", {Kind::kServFail, {}, "", ""}},
                      {"silent.example", {Kind::kTimeout, {}, "", ""}}});
    std::string folder = testing::TempDir() + "/dkimspec-XXXXXX";
    folder_ = mkdtemp(folder.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // "address@port" is how libunbound writes a port.
  auto Source(milliseconds deadline) {
    const std::string path = folder_ / "resolv.conf";
    std::ofstream(path)
        << "# comment\nsearch example.org\nnameserver 127.0.0.1@"
        << server_->port() << "\noptions timeout:1\n";
    auto source = UnboundKeySource::ForField(deadline, path);
    EXPECT_TRUE(source) << source.error().ToString();
    return std::move(*source);
  }

  std::filesystem::path folder_;
  std::unique_ptr<Server> server_;
};

// libunbound gives up after some fractions of a second, and anything may take
// longer on a machine that is too busy; it is looked up again then.
KeyAnswer LookUp(UnboundKeySource& source, const std::string& name) {
  KeyAnswer answer = source.Lookup(name);
  for (int i = 1; i < 5 && answer.status == Status::kTemporary; ++i) {
    answer = source.Lookup(name);
  }
  return answer;
}

TEST_F(FieldKeySourceTest, AsksTheServersOfResolvConf) {
  const auto source = Source(std::chrono::seconds(10));
  const KeyAnswer found = LookUp(*source, "k.example");
  EXPECT_EQ(found.status, Status::kFound) << found.detail;
  EXPECT_EQ(found.records, std::vector<std::string>{"xy"});
  EXPECT_EQ(LookUp(*source, "none.example").detail, "NXDOMAIN");
  EXPECT_EQ(LookUp(*source, "empty.example").detail, "NODATA");
  const KeyAnswer broken = LookUp(*source, "broken.example");
  EXPECT_EQ(broken.status, Status::kTemporary);
  EXPECT_EQ(broken.detail, "SERVFAIL");
}

// libunbound (1.17.1) hands on no more of these than that they are empty.
TEST_F(FieldKeySourceTest, TellsAnEmptyAnswerWithoutSoaFromNoData) {
  const auto source = Source(std::chrono::seconds(10));
  for (const char* fault :
       {"empty-answer-no-soa", "badvers", "referral-to-root"}) {
    server_->SetZone({{"k.example", {Kind::kFault, {{"x"}}, "", fault}}});
    EXPECT_EQ(LookUp(*source, "k.example").detail,
              "an empty answer without SOA")
        << fault;
  }
}

TEST_F(FieldKeySourceTest, KeepsTheDeadline) {
  const auto source = Source(milliseconds(300));
  const auto start = std::chrono::steady_clock::now();
  const KeyAnswer answer = source->Lookup("silent.example");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(9));
  EXPECT_EQ(answer.status, Status::kTemporary);
  EXPECT_EQ(answer.detail, "timeout");
}

TEST_F(FieldKeySourceTest, SaysWhichFileNamesNoServers) {
  const std::string path = folder_ / "missing";
  const auto source = UnboundKeySource::ForField(std::chrono::seconds(1), path);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().place, path);
}

}  // namespace
}  // namespace dkimspec
