// The unbound daemon between implementations and our server.
#include "runners/midbox.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cerrno>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "dnsstub/fault.h"
#include "dnsstub/server.h"
#include "runners/registry.h"
#include "tests/dnsstub/raw_client.h"
#include "tests/runners/authoritative_stub.h"

namespace dkimspec::runners {
namespace {

using dnsstub::Reply;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = ZoneEntry::Kind;

ZoneEntry Txt(const std::string& text) {
  ZoneEntry entry;
  entry.kind = Kind::kTxt;
  entry.txt = {{text}};
  return entry;
}

ZoneEntry WithFault(std::string_view fault) {
  ZoneEntry entry = Txt("v=DKIM1; p=");
  entry.kind = Kind::kFault;
  entry.fault = fault;
  return entry;
}

ZoneEntry OfKind(Kind kind) {
  ZoneEntry entry;
  entry.kind = kind;
  return entry;
}

TEST(MidboxConfigurationTest, NamesThatFailAreZonesOfTheirOwn) {
  MidboxOptions options;
  options.stub_port = 5300;
  options.zone = {{"good.a.example", Txt("x")},
                  {"silent.a.example", OfKind(Kind::kTimeout)},
                  {"reset.b.test", WithFault("tc-reset")},
                  {"moved.b.test", WithFault("dname")},
                  {"\"\n.b.test", WithFault("drop")}};
  options.trust_anchors = {"signed.example. DS 1 13 2 00"};
  const std::string text = MidboxConfiguration(options, 5353, "ready.example");
  for (const char* line :
       {"  interface: 127.0.0.1@5353\n", "stub-zone:\n  name: \"example.\"\n",
        "  name: \"test.\"\n", "  name: \"silent.a.example.\"\n",
        "  name: \"reset.b.test.\"\n", "  stub-addr: 127.0.0.1@5300\n",
        "  trust-anchor: 'signed.example. DS 1 13 2 00'\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("good.a.example")));
  EXPECT_THAT(text, Not(HasSubstr("moved")));  // What it leads to lies beside.
  EXPECT_THAT(text, Not(HasSubstr("\"\n.b")));
}

TEST(FindUnboundTest, NeedsAProgramThatStarts) {
  const auto nowhere = FindUnbound("/nonexistent");
  if (!nowhere) {
    EXPECT_EQ(nowhere.error().place, "--resolver unbound");
    EXPECT_THAT(nowhere.error().message, HasSubstr("fetch.py --only unbound"));
  } else {
    EXPECT_THAT(nowhere->path, HasSubstr("sbin/unbound"));
    EXPECT_EQ(nowhere->libraries, "");
  }
}

class MidboxTest : public testing::Test {
 protected:
  void SetUp() override {
    auto program = FindUnbound(DefaultFolders().peers);
    if (!program) {
      GTEST_SKIP() << program.error().ToString();
    }
    options_.program = *program;
  }

  void Start(const Zone& zone) {
    auto server = StartAuthoritative();
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
    server_->SetZone(zone);
    options_.stub_port = server_->port();
    options_.zone = zone;
    auto midbox = Midbox::Start(options_);
    ASSERT_TRUE(midbox) << midbox.error().ToString();
    midbox_ = std::move(*midbox);
  }

  // Over UDP, once; clients of a resolver need no more. nullopt: silence.
  std::optional<Reply> Ask(const std::string& name) const {
    dnsstub::UdpSocket socket(midbox_->port());
    socket.Send(dnsstub::MakeQuery({name, dnsstub::kTxt, 7, 1232}));
    const auto octets = socket.Receive(seconds(60));
    return octets ? dnsstub::Decode(*octets) : std::nullopt;
  }

  // As OutcomeOf() below.
  Reply AskUntilFound(const std::string& name) const {
    std::optional<Reply> reply;
    for (int i = 0; i < 5 && (!reply || reply->rcode() != 0); ++i) {
      reply = Ask(name);
    }
    EXPECT_TRUE(reply) << name;
    return reply.value_or(Reply());
  }

  // "answer", "no record", "temporary", as fault tables say it.
  std::string OutcomeOnce(const std::string& name) const {
    const std::optional<Reply> reply = Ask(name);
    if (!reply) {
      return "silence";
    }
    const bool has_txt =
        std::any_of(reply->answers.begin(), reply->answers.end(),
                    [](const auto& one) { return one.type == dnsstub::kTxt; });
    switch (reply->rcode()) {
      case 0:
        return has_txt || reply->truncated() ? "answer" : "no record";
      case 3:
        return "no record";
      default:
        return "temporary";
    }
  }

  // unbound waits for a fraction of a second at first, and gives up after some.
  // On a machine that is too busy any name may be temporary that should not be,
  // and is asked for again.
  std::string OutcomeOf(const std::string& name,
                        std::string_view owed = "") const {
    std::string found = OutcomeOnce(name);
    for (int i = 1; i < 5 && found == "temporary" && found != owed; ++i) {
      found = OutcomeOnce(name);
    }
    return found;
  }

  MidboxOptions options_;
  std::unique_ptr<dnsstub::Server> server_;
  std::unique_ptr<Midbox> midbox_;
};

TEST_F(MidboxTest, ResolvesThroughTheStub) {
  ZoneEntry alias = OfKind(Kind::kCname);
  alias.target = "key.b.example";
  Start({{"key.b.example", Txt("v=DKIM1; p=")},
         {"alias.a.example", alias},
         {"empty.a.example", OfKind(Kind::kNoData)},
         {"down.a.example", OfKind(Kind::kServFail)}});
  EXPECT_EQ(OutcomeOf("key.b.example"), "answer");
  EXPECT_EQ(OutcomeOf("alias.a.example"), "answer");
  EXPECT_EQ(OutcomeOf("empty.a.example"), "no record");
  EXPECT_EQ(OutcomeOf("nothing.a.example"), "no record");
  EXPECT_EQ(OutcomeOf("nothing.anywhere"), "no record");
  EXPECT_EQ(OutcomeOf("down.a.example", "temporary"), "temporary");
  EXPECT_EQ(midbox_->WhyEnded(), "");
  // It follows aliases itself, one after the other.
  EXPECT_GE(server_->QueriesFor("alias.a.example"), 1u);
  EXPECT_EQ(AskUntilFound("alias.a.example").answers.size(), 2u);
}

TEST_F(MidboxTest, KeepsNothing) {
  Start({{"key.a.example", Txt("old")},
         {"down.a.example", WithFault("servfail")}});
  EXPECT_EQ(OutcomeOf("key.a.example"), "answer");
  EXPECT_EQ(OutcomeOf("down.a.example", "temporary"), "temporary");
  EXPECT_EQ(OutcomeOf("new.a.example"), "no record");
  server_->SetZone(
      {{"down.a.example", Txt("up")}, {"new.a.example", Txt("new")}});
  EXPECT_EQ(OutcomeOf("down.a.example"), "answer");
  EXPECT_EQ(OutcomeOf("new.a.example"), "answer");
  EXPECT_EQ(OutcomeOf("key.a.example"), "no record");
}

// What depends on how long unbound waits: docs/resolver.md.
bool DependsOnPatience(std::string_view fault) {
  return fault == "delay-500ms" || fault == "delay-1s" || fault == "delay-2s" ||
         fault == "delay-6s";
}

// All at once, so that a server which is silent for one name would be given up
// for the others, were they not apart.
TEST_F(MidboxTest, CoreFaultsSurvive) {
  Zone zone;
  std::vector<const dnsstub::Fault*> faults;
  for (const dnsstub::Fault& fault : dnsstub::AllFaults()) {
    if (fault.survives_recursor) {
      faults.push_back(&fault);
      zone[fmt::format("s._domainkey.{}.example", fault.name)] =
          WithFault(fault.name);
    }
  }
  ASSERT_GT(faults.size(), 50u);
  // Presets of several names are spread over the zone.
  Start(zone);
  std::atomic<std::size_t> next = 0;
  std::vector<std::string> found(faults.size());
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] {
      for (std::size_t k = next++; k < faults.size(); k = next++) {
        found[k] =
            OutcomeOf(fmt::format("s._domainkey.{}.example", faults[k]->name),
                      ToString(faults[k]->outcome));
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (DependsOnPatience(faults[i]->name)) {
      EXPECT_NE(found[i], "silence") << faults[i]->name;
    } else {
      EXPECT_EQ(found[i], ToString(faults[i]->outcome)) << faults[i]->name;
    }
  }
}

TEST_F(MidboxTest, LongAnswersAreTruncated) {
  Start({{"long.a.example", WithFault("text-4096")}});
  EXPECT_TRUE(AskUntilFound("long.a.example").truncated());
  std::optional<std::string> octets;
  for (int i = 0; i < 5 && octets.value_or("").size() <= 4096; ++i) {
    dnsstub::TcpSocket socket(midbox_->port());
    socket.Send(dnsstub::Framed(dnsstub::MakeQuery({"long.a.example"})));
    octets = socket.ReceiveMessage(seconds(60));
  }
  ASSERT_TRUE(octets);
  EXPECT_GT(octets->size(), 4096u);
}

TEST_F(MidboxTest, SeveralRunBesideEachOther) {
  Start({{"key.a.example", Txt("one")}});
  std::set<std::uint16_t> ports = {midbox_->port()};
  std::vector<std::unique_ptr<Midbox>> others;
  for (int i = 0; i < 3; ++i) {
    auto other = Midbox::Start(options_);
    ASSERT_TRUE(other) << other.error().ToString();
    ports.insert((*other)->port());
    others.push_back(std::move(*other));
  }
  EXPECT_EQ(ports.size(), 4u);
}

TEST_F(MidboxTest, EndsWithItsOwner) {
  Start({});
  const int pid = midbox_->pid();
  EXPECT_EQ(kill(pid, 0), 0);
  midbox_.reset();
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST_F(MidboxTest, SaysHowItEnded) {
  Start({});
  kill(midbox_->pid(), SIGKILL);  // And with it the resolver.
  std::string why;
  while ((why = midbox_->WhyEnded()).empty()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_THAT(why, HasSubstr("unbound ended: killed by signal 9"));
}

TEST(MidboxStartTest, WhatDoesNotStartSaysWhy) {
  MidboxOptions options;
  options.program.path = "/nonexistent/unbound";
  EXPECT_THAT(Midbox::Start(options).error().ToString(),
              HasSubstr("/nonexistent/unbound"));
  options.program.path = "/bin/false";
  EXPECT_THAT(Midbox::Start(options).error().ToString(),
              HasSubstr("does not start (exit status 1)"));
}

TEST_F(MidboxTest, AConfigurationThatIsRefusedSaysWhy) {
  options_.trust_anchors = {"this is no record"};
  const auto midbox = Midbox::Start(options_);
  ASSERT_FALSE(midbox);
  EXPECT_THAT(midbox.error().message, HasSubstr("this is no record"));
}

}  // namespace
}  // namespace dkimspec::runners
