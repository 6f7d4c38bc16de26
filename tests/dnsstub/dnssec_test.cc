// The signed zone: what the server adds to answers, and what a validator makes
// of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dnsstub/config.h"
#include "dnsstub/server.h"
#include "reference/base/file.h"
#include "reference/unbound_key_source.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using Status = KeyAnswer::Status;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int kSoa = 6;
constexpr int kRrsig = 46;
constexpr int kNsec = 47;
constexpr int kDnskey = 48;

std::string KeyName(const std::string& kind) {
  return "s1._domainkey." + kind + ".signed.example";
}

std::string TrustAnchor() {
  auto text = ReadFile(DKIMSPEC_SIGNED_ZONE "/trust-anchor.txt");
  EXPECT_TRUE(text) << text.error().ToString();
  return text ? text->substr(0, text->find('\n')) : "";
}

class DnssecTest : public testing::Test {
 protected:
  void SetUp() override {
    auto config = ReadConfigFile(DKIMSPEC_SIGNED_ZONE "/zone.json");
    ASSERT_TRUE(config) << config.error().ToString();
    auto server = Server::Start({});
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
    server_->Load(*config);
  }

  KeyAnswer Lookup(const std::string& name, bool validating = true) const {
    return Lookup(name, validating ? std::vector<std::string>{TrustAnchor()}
                                   : std::vector<std::string>{});
  }

  // libunbound gives up after some fractions of a second, and anything may take
  // longer on a machine that is too busy; it is looked up again then.
  KeyAnswer Lookup(const std::string& name,
                   const std::vector<std::string>& anchors) const {
    auto source = UnboundKeySource::ForTests(
        "127.0.0.1:" + std::to_string(server_->port()),
        std::chrono::seconds(60), anchors);
    EXPECT_TRUE(source);
    KeyAnswer answer = (*source)->Lookup(name);
    for (int i = 1; i < 5 && answer.status == Status::kTemporary &&
                    answer.detail != "bogus";
         ++i) {
      answer = (*source)->Lookup(name);
    }
    return answer;
  }

  // With EDNS. Its flags are the last but two octets of OPT.
  Reply AskFor(const std::string& name, int type, bool dnssec_ok) const {
    std::string query =
        MakeQuery({name, static_cast<std::uint16_t>(type), 7, 4096});
    query[query.size() - 4] = dnssec_ok ? '\x80' : '\0';
    UdpSocket socket(server_->port());
    socket.Send(query);
    const auto octets = socket.Receive(std::chrono::seconds(60));
    EXPECT_TRUE(octets);
    const auto reply = Decode(octets.value_or(""));
    EXPECT_TRUE(reply);
    return reply.value_or(Reply());
  }

  std::unique_ptr<Server> server_;
};

std::vector<int> TypesOf(const std::vector<Reply::Record>& section) {
  std::vector<int> types;
  for (const Reply::Record& record : section) {
    types.push_back(record.type);
  }
  return types;
}

std::vector<std::string> OwnersOf(const std::vector<Reply::Record>& section,
                                  int type) {
  std::vector<std::string> owners;
  for (const Reply::Record& record : section) {
    if (record.type == type) {
      owners.push_back(record.name);
    }
  }
  return owners;
}

TEST_F(DnssecTest, SignaturesComeToThoseWhoAskForThem) {
  const std::string name = KeyName("secure");
  EXPECT_THAT(TypesOf(AskFor(name, kTxt, true).answers),
              ElementsAre(kTxt, kRrsig));
  EXPECT_THAT(TypesOf(AskFor(name, kTxt, false).answers), ElementsAre(kTxt));
  EXPECT_THAT(TypesOf(AskFor("signed.example", kDnskey, true).answers),
              ElementsAre(kDnskey, kRrsig));
  EXPECT_THAT(TypesOf(AskFor(KeyName("unsigned"), kTxt, true).answers),
              ElementsAre(kTxt));
}

TEST_F(DnssecTest, AskedTwiceTheAnswerStaysTheSame) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(AskFor(KeyName("secure"), kTxt, true).answers.size(), 2u);
    EXPECT_EQ(AskFor(KeyName("secure"), kTxt, false).answers.size(), 1u);
  }
}

// RFC 4035 section 3.1.3.
TEST_F(DnssecTest, AbsenceIsProved) {
  const Reply no_type = AskFor(KeyName("secure"), 1, true);
  EXPECT_EQ(no_type.rcode(), 0);
  EXPECT_THAT(TypesOf(no_type.authorities),
              ElementsAre(kSoa, kRrsig, kNsec, kRrsig));
  EXPECT_THAT(OwnersOf(no_type.authorities, kNsec),
              ElementsAre(KeyName("secure")));
  EXPECT_THAT(OwnersOf(no_type.authorities, kSoa),
              ElementsAre("signed.example"));

  const Reply no_name = AskFor(KeyName("none"), kTxt, true);
  EXPECT_EQ(no_name.rcode(), 3);
  EXPECT_THAT(OwnersOf(no_name.authorities, kNsec),
              UnorderedElementsAre(KeyName("expired"), "signed.example"));

  const Reply between = AskFor("_domainkey.secure.signed.example", kTxt, true);
  EXPECT_EQ(between.rcode(), 0);  // It has names below it.
  EXPECT_THAT(OwnersOf(between.authorities, kNsec),
              ElementsAre(KeyName("expired")));

  const Reply plain = AskFor(KeyName("none"), kTxt, false);
  EXPECT_THAT(TypesOf(plain.authorities), ElementsAre(kSoa));
  EXPECT_THAT(OwnersOf(plain.authorities, kSoa), ElementsAre("signed.example"));
}

TEST_F(DnssecTest, OtherZonesStayAsTheyAre) {
  const Reply reply = AskFor("nothing.example", kTxt, true);
  EXPECT_THAT(TypesOf(reply.authorities), ElementsAre(kSoa));
  EXPECT_THAT(OwnersOf(reply.authorities, kSoa), ElementsAre("example"));
}

TEST_F(DnssecTest, AValidatorGetsTheSecureKey) {
  const KeyAnswer answer = Lookup(KeyName("secure"));
  ASSERT_EQ(answer.status, Status::kFound) << answer.detail;
  EXPECT_TRUE(answer.authenticated);
  ASSERT_EQ(answer.records.size(), 1u);
  EXPECT_EQ(answer.records[0].substr(0, 21), "v=DKIM1; k=ed25519; p");
}

// RFC 6376 section 6.1.2 step 2: what cannot be trusted is no answer.
TEST_F(DnssecTest, AValidatorGetsNoOtherKey) {
  for (const char* kind : {"bogus", "expired", "unsigned"}) {
    const KeyAnswer answer = Lookup(KeyName(kind));
    EXPECT_EQ(answer.status, Status::kTemporary) << kind;
    EXPECT_EQ(answer.detail, "bogus") << kind;
    EXPECT_FALSE(answer.authenticated);
    EXPECT_THAT(answer.records, IsEmpty());
  }
}

TEST_F(DnssecTest, AValidatorBelievesProofsOfAbsence) {
  for (const char* name :
       {"s1._domainkey.none.signed.example", "aaa.signed.example",
        "zzz.signed.example", "s2._domainkey.secure.signed.example",
        "_domainkey.secure.signed.example", "ns.signed.example"}) {
    EXPECT_EQ(Lookup(name).status, Status::kNoRecord) << name;
  }
}

TEST_F(DnssecTest, WithoutATrustAnchorEveryKeyServes) {
  for (const char* kind : {"secure", "bogus", "expired", "unsigned"}) {
    const KeyAnswer answer = Lookup(KeyName(kind), false);
    EXPECT_EQ(answer.status, Status::kFound) << kind;
    EXPECT_FALSE(answer.authenticated) << kind;
  }
}

TEST_F(DnssecTest, ATrustAnchorForAnotherKeyMakesAllBogus) {
  std::string anchor = TrustAnchor();
  anchor.back() = anchor.back() == '0' ? '1' : '0';
  const std::vector<std::string> anchors = {anchor};
  EXPECT_EQ(Lookup(KeyName("secure"), anchors).detail, "bogus");
}

TEST_F(DnssecTest, AnAnchorThatIsNoneIsTemporary) {
  auto source = UnboundKeySource::ForTests(
      "127.0.0.1:" + std::to_string(server_->port()), std::chrono::seconds(60),
      {"this is no record"});
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->Lookup(KeyName("secure")).status, Status::kTemporary);
}

}  // namespace
}  // namespace dkimspec::dnsstub
