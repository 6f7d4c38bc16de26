// What becomes of a signed zone behind a validating resolver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "dnsstub/config.h"
#include "dnsstub/server.h"
#include "reference/base/file.h"
#include "reference/crypto.h"
#include "reference/signer.h"
#include "reference/unbound_key_source.h"
#include "reference/verifier.h"
#include "runners/midbox.h"
#include "runners/registry.h"
#include "tests/dnsstub/raw_client.h"
#include "tests/runners/authoritative_stub.h"

namespace dkimspec::runners {
namespace {

using dnsstub::Reply;
using std::chrono::seconds;

constexpr int kAuthenticData = 0x20;  // RFC 4035 section 3.2.3.

std::string KeyName(const std::string& kind) {
  return "s1._domainkey." + kind + ".signed.example";
}

class MidboxDnssecTest : public testing::Test {
 protected:
  void SetUp() override {
    auto program = FindUnbound(DefaultFolders().peers);
    if (!program) {
      GTEST_SKIP() << program.error().ToString();
    }
    auto config = dnsstub::ReadConfigFile(DKIMSPEC_SIGNED_ZONE "/zone.json");
    ASSERT_TRUE(config) << config.error().ToString();
    auto server = StartAuthoritative();
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
    server_->Load(*config);
    Start(*program);
  }

  void Start(const UnboundProgram& program) {
    auto anchor = ReadFile(DKIMSPEC_SIGNED_ZONE "/trust-anchor.txt");
    ASSERT_TRUE(anchor) << anchor.error().ToString();
    anchor->pop_back();  // The line's end.
    MidboxOptions options{program, server_->port(), {}, {*anchor}};
    options.zone[KeyName("secure")] = {};
    auto midbox = Midbox::Start(options);
    ASSERT_TRUE(midbox) << midbox.error().ToString();
    midbox_ = std::move(*midbox);
  }

  Reply Ask(const std::string& name) const {
    dnsstub::UdpSocket socket(midbox_->port());
    socket.Send(dnsstub::MakeQuery({name, dnsstub::kTxt, 7, 1232}));
    const auto octets = socket.Receive(seconds(60));
    EXPECT_TRUE(octets);
    const auto reply = dnsstub::Decode(octets.value_or(""));
    EXPECT_TRUE(reply);
    return reply.value_or(Reply());
  }

  // unbound gives up after some fractions of a second, and anything may take
  // longer on a machine that is too busy; it is asked for again then.
  Reply AskPatiently(const std::string& name) const {
    Reply reply = Ask(name);
    for (int i = 1; i < 5 && reply.rcode() == 2; ++i) {
      reply = Ask(name);
    }
    return reply;
  }

  std::unique_ptr<dnsstub::Server> server_;
  std::unique_ptr<Midbox> midbox_;
};

TEST_F(MidboxDnssecTest, TheSecureKeyIsSaidToBeAuthentic) {
  const Reply reply = AskPatiently(KeyName("secure"));
  EXPECT_EQ(reply.rcode(), 0);
  EXPECT_FALSE(reply.answers.empty());
  EXPECT_NE(reply.flags & kAuthenticData, 0);
}

TEST_F(MidboxDnssecTest, WhatDoesNotValidateIsAServerFailure) {
  for (const char* kind : {"bogus", "expired", "unsigned"}) {
    const Reply reply = Ask(KeyName(kind));
    EXPECT_EQ(reply.rcode(), 2) << kind;
    EXPECT_TRUE(reply.answers.empty()) << kind;
  }
}

TEST_F(MidboxDnssecTest, AbsenceIsProved) {
  const Reply reply = AskPatiently(KeyName("none"));
  EXPECT_EQ(reply.rcode(), 3);
  EXPECT_NE(reply.flags & kAuthenticData, 0);
}

// The same message four times, but for d=.
std::string SignedBy(const std::string& sdid) {
  const std::string message =
      "From: a@" + sdid + "\r\nSubject: Hi\r\n\r\nHi.\r\n";
  const auto pem = ReadFile(DKIMSPEC_KEYS "/ed25519-a.pem");
  EXPECT_TRUE(pem);
  const auto key = PrivateKey::FromPem(*pem, "ed25519-a.pem");
  EXPECT_TRUE(key);
  SignerOptions options;
  options.sdid = sdid;
  options.selector = "s1";
  const auto field = Sign(message, *key, options);
  EXPECT_TRUE(field);
  return *field + message;
}

// RFC 6376 section 6.1.2 step 2.
TEST_F(MidboxDnssecTest, AKeyThatDoesNotValidateIsATemporaryError) {
  auto keys = UnboundKeySource::ForTests(midbox_->address(), seconds(60));
  ASSERT_TRUE(keys) << keys.error().ToString();
  const auto once = [&](const std::string& kind) {
    const auto found = Verify(SignedBy(kind + ".signed.example"), **keys, {});
    return found.size() == 1 ? std::string(ToString(ResultOf(found[0])))
                             : "not one signature";
  };
  const auto result = [&](const std::string& kind) {
    std::string found = once(kind);
    for (int i = 1; i < 5 && found == "temperror"; ++i) {
      found = once(kind);
    }
    return found;
  };
  EXPECT_EQ(result("secure"), "pass");
  EXPECT_EQ(result("bogus"), "temperror");
  EXPECT_EQ(result("expired"), "temperror");
  EXPECT_EQ(result("unsigned"), "temperror");
  EXPECT_EQ(result("none"), "permerror");
}

}  // namespace
}  // namespace dkimspec::runners
