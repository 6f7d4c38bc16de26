// The libunbound key source against the stub server: every outcome.
#include "reference/unbound_key_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "dnsstub/fault.h"
#include "dnsstub/server.h"

namespace dkimspec {
namespace {

using dnsstub::Fault;
using dnsstub::Outcome;
using dnsstub::Server;
using Kind = ZoneEntry::Kind;
using Status = KeyAnswer::Status;
using std::chrono::milliseconds;
using testing::ElementsAre;

class UnboundKeySourceTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = Server::Start({});
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
    source_ = Source("127.0.0.1");
  }

  std::unique_ptr<UnboundKeySource> Source(
      const std::string& host, milliseconds deadline = milliseconds(5000)) {
    auto source = UnboundKeySource::ForTests(
        host + ":" + std::to_string(server_->port()), deadline);
    EXPECT_TRUE(source) << source.error().ToString();
    return std::move(*source);
  }

  KeyAnswer Get(const ZoneEntry& entry) {
    server_->Reset();  // Some presets count.
    server_->SetZone({{"s._domainkey.a.example", entry}});
    return source_->Lookup("s._domainkey.a.example");
  }

  // As Get(), of what is found by one query. libunbound asks again after a
  // fraction of a second, and gives up after some; on a machine that is too
  // busy it does so whatever comes.
  KeyAnswer Find(const ZoneEntry& entry) {
    KeyAnswer answer = Get(entry);
    for (int i = 1;
         i < 5 && (answer.status == Status::kTemporary ||
                   server_->QueriesFor("s._domainkey.a.example") > 1);
         ++i) {
      answer = Get(entry);
    }
    return answer;
  }

  std::unique_ptr<Server> server_;
  std::unique_ptr<UnboundKeySource> source_;
};

ZoneEntry Txt(std::vector<TxtRecord> txt) {
  return {Kind::kTxt, std::move(txt), "", ""};
}

TEST_F(UnboundKeySourceTest, JoinsStringsAndKeepsRecordsApart) {
  KeyAnswer answer = Find(Txt({{"v=DKIM1; ", "p="}, {""}, {"x"}}));
  EXPECT_EQ(answer.status, Status::kFound);
  EXPECT_THAT(answer.records, ElementsAre("v=DKIM1; p=", "", "x"));
  EXPECT_EQ(server_->QueriesFor("s._domainkey.a.example"), 1u);
  EXPECT_EQ(server_->unexpected(), 0u);
}

TEST_F(UnboundKeySourceTest, TakesLongRecordsOverTcp) {
  std::string text(5000, 'x');
  EXPECT_THAT(Get(Txt({SplitAt255(text)})).records, ElementsAre(text));
  EXPECT_TRUE(server_->Log().back().tcp);
}

TEST_F(UnboundKeySourceTest, FollowsCnames) {
  server_->SetZone({{"a.example", {Kind::kCname, {}, "b.example", ""}},
                    {"b.example", Txt({{"x"}})},
                    {"c.example", {Kind::kCname, {}, "d.example", ""}},
                    {"e.example", {Kind::kCname, {}, "e.example", ""}}});
  EXPECT_THAT(source_->Lookup("a.example").records, ElementsAre("x"));
  EXPECT_EQ(source_->Lookup("c.example").status, Status::kNoRecord);
  EXPECT_EQ(source_->Lookup("e.example").status, Status::kTemporary);
}

TEST_F(UnboundKeySourceTest, ZoneWords) {
  KeyAnswer missing = Get({Kind::kNxDomain, {}, "", ""});
  EXPECT_EQ(missing.status, Status::kNoRecord);
  EXPECT_EQ(missing.detail, "NXDOMAIN");
  KeyAnswer empty = Get({Kind::kNoData, {}, "", ""});
  EXPECT_EQ(empty.status, Status::kNoRecord);
  EXPECT_EQ(empty.detail, "NODATA");
  KeyAnswer failed = Get({Kind::kServFail, {}, "", ""});
  EXPECT_EQ(failed.status, Status::kTemporary);
  EXPECT_EQ(failed.detail, "SERVFAIL");
  EXPECT_EQ(Get({Kind::kTimeout, {}, "", ""}).status, Status::kTemporary);
}

Status Expected(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswer:
      return Status::kFound;
    case Outcome::kNoRecord:
      return Status::kNoRecord;
    case Outcome::kTemporary:
      break;
  }
  return Status::kTemporary;
}

// Where libunbound ends up elsewhere, and why that is no mistake of the table.
struct Difference {
  std::string_view fault;
  Status status;
  std::string_view why;
};
constexpr Difference kDifferences[] = {
    {"badvers", Status::kNoRecord, "looks at the header's RCODE, which is 0"},
    {"edns-badvers", Status::kNoRecord, "the same"},
    {"referral-to-root", Status::kNoRecord,
     "takes a referral from a forwarder for an empty answer"},
    {"wrong-question-then-right", Status::kTemporary,
     "gives up on a server after a reply to another question"},
    {"pointer-forward", Status::kNoRecord, "reads the owner there: the root"},
    {"pointer-into-header", Status::kNoRecord, "the same"},
    {"delay-300ms", Status::kTemporary, "gives up earlier, so bounded"},
    {"delay-500ms", Status::kTemporary, "gives up earlier, so bounded"},
    {"delay-1s", Status::kTemporary, "gives up earlier, so bounded"},
    {"delay-2s", Status::kTemporary, "gives up earlier, so bounded"},
    {"delay-6s", Status::kTemporary, "gives up earlier, so bounded"},
};

Status ExpectedOfUnbound(const Fault& fault) {
  for (const Difference& difference : kDifferences) {
    if (difference.fault == fault.name) {
      return difference.status;
    }
  }
  return Expected(fault.outcome);
}

// libunbound resolves correctly, so every preset must end as its row says, and
// soon. What is on the edge of its patience may end either way; and any reply
// may miss that patience, a fraction of a second, on a machine that is too
// busy: then a lookup is temporary that should not be, and is made again.
TEST_F(UnboundKeySourceTest, EveryPresetEndsAsItsRowSays) {
  for (const Fault& fault : dnsstub::AllFaults()) {
    if (fault.name == "delay-100ms" || fault.name == "delay-300ms") {
      continue;
    }
    const Status expected = ExpectedOfUnbound(fault);
    KeyAnswer answer;
    for (int attempt = 0; attempt < 5; ++attempt) {
      const auto start = std::chrono::steady_clock::now();
      answer = Get({Kind::kFault, {{"v=DKIM1"}}, "", std::string(fault.name)});
      const auto elapsed = std::chrono::steady_clock::now() - start;
      EXPECT_LT(elapsed, std::chrono::seconds(15)) << fault.name;
      if (answer.status == expected || answer.status != Status::kTemporary) {
        break;
      }
    }
    EXPECT_EQ(answer.status, expected) << fault.name << ": " << answer.detail;
  }
}

TEST_F(UnboundKeySourceTest, ChecksTheBoundsOfStrings) {
  KeyAnswer answer =
      Get({Kind::kFault, {{"v=DKIM1"}}, "", "lying-string-length"});
  EXPECT_EQ(answer.status, Status::kTemporary);
  EXPECT_EQ(answer.detail, "malformed TXT record");
}

TEST_F(UnboundKeySourceTest, AFailureDoesNotReachTheNextLookup) {
  for (const char* fault : {"drop", "servfail", "tc-hang", "garbage"}) {
    Status next = Status::kTemporary;  // See Find(): after a failure each time.
    for (int i = 0; i < 5 && next == Status::kTemporary; ++i) {
      Get({Kind::kFault, {{"x"}}, "", fault});
      next = Get(Txt({{"x"}})).status;
    }
    EXPECT_EQ(next, Status::kFound) << fault;
  }
}

TEST_F(UnboundKeySourceTest, TheDeadlineIsKept) {
  auto source = Source("127.0.0.1", milliseconds(80));
  server_->SetZone({{"k.example", {Kind::kTimeout, {}, "", ""}}});
  auto start = std::chrono::steady_clock::now();
  KeyAnswer answer = source->Lookup("k.example");
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(4500));
  EXPECT_EQ(answer.status, Status::kTemporary);
  EXPECT_EQ(answer.detail, "timeout");
}

TEST_F(UnboundKeySourceTest, NamesThatDnsCannotHoldDoNotExist) {
  for (const std::string& name :
       {std::string(64, 'a') + ".example", std::string("a..example"),
        std::string("a\0.example", 10)}) {
    KeyAnswer answer = source_->Lookup(name);
    EXPECT_EQ(answer.status, Status::kNoRecord) << name;
  }
  EXPECT_TRUE(server_->Log().empty());
}

// libunbound answers for them itself: tests must use .example.
TEST_F(UnboundKeySourceTest, NamesUnderTestNeverLeave) {
  server_->SetZone({{"k.test", Txt({{"x"}})}, {"k.invalid", Txt({{"x"}})}});
  for (const char* name : {"k.test", "k.invalid"}) {
    EXPECT_EQ(source_->Lookup(name).status, Status::kNoRecord) << name;
  }
  EXPECT_TRUE(server_->Log().empty());
}

TEST_F(UnboundKeySourceTest, ABackslashIsAnOctet) {
  server_->SetZone({{"a\\046b.example", Txt({{"x"}})}});
  EXPECT_EQ(source_->Lookup("a\\046b.example").status, Status::kFound);
}

TEST_F(UnboundKeySourceTest, LooksUpFromSeveralThreads) {
  server_->SetZone({{"k.example", Txt({{"x"}})}});
  std::vector<std::thread> threads;
  std::atomic<int> found = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        found += source_->Lookup("k.example").status == Status::kFound ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(found, 40);
}

TEST(UnboundKeySourceAddressTest, RefusesWhatIsNoAddress) {
  for (const char* address :
       {"", "127.0.0.1", "localhost:53", "127.0.0.1:0", "127.0.0.1:65536",
        "127.0.0.1:5x", "::1:53", "[127.0.0.1]:53", "127.0.0.1@53"}) {
    auto source = UnboundKeySource::ForTests(address);
    ASSERT_FALSE(source) << address;
    EXPECT_EQ(source.error().place, address);
  }
  EXPECT_TRUE(UnboundKeySource::ForTests("[::1]:53"));
}

TEST(UnboundKeySourceAddressTest, NobodyListeningIsTemporary) {
  auto server = Server::Start({});
  ASSERT_TRUE(server);
  std::string address = "127.0.0.1:" + std::to_string((*server)->port());
  server->reset();
  auto source = UnboundKeySource::ForTests(address);
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->Lookup("k.example").status, Status::kTemporary);
}

}  // namespace
}  // namespace dkimspec
