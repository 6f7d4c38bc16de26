// A zone says the same over the wire and in memory: the server and
// ZoneKeySource agree on every name of many small zones.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "dnsstub/server.h"
#include "reference/key_source.h"
#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using Kind = ZoneEntry::Kind;
using Status = KeyAnswer::Status;

// Every name of at most three labels, each a, b or *, below "example".
std::vector<std::string> AllNames() {
  std::vector<std::string> names{"example"};
  for (std::size_t i = 0; i < 1 + 3 + 9; ++i) {
    for (const char* label : {"a", "b", "*"}) {
      names.push_back(std::string(label) + "." + names[i]);
    }
  }
  names.push_back("a.other");
  return names;
}

// Numbers in a fixed order on every machine.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t Below(std::size_t n) { return engine_() % n; }

 private:
  std::mt19937 engine_;
};

ZoneEntry RandomEntry(Dice& dice, const std::string& name,
                      const std::vector<std::string>& names) {
  switch (dice.Below(8)) {
    case 0:
      return {Kind::kNoData, {}, "", ""};
    case 1:
      return {Kind::kNxDomain, {}, "", ""};
    case 2:
      return {Kind::kServFail, {}, "", ""};
    case 3:
    case 4:
      return {Kind::kCname, {}, names[dice.Below(names.size())], ""};
    default:
      return {Kind::kTxt, {{name, "!"}, {"second"}}, "", ""};
  }
}

Zone RandomZone(Dice& dice, const std::vector<std::string>& names) {
  Zone zone;
  const std::size_t size = 1 + dice.Below(6);
  for (std::size_t i = 0; i < size; ++i) {
    const std::string& name = names[dice.Below(names.size())];
    zone[name] = RandomEntry(dice, name, names);
  }
  return zone;
}

// Cut into strings as they came; joined here.
std::string Joined(const std::string& rdata) {
  std::string text;
  for (std::size_t at = 0; at < rdata.size();) {
    const std::size_t size = static_cast<unsigned char>(rdata[at]);
    text += rdata.substr(at + 1, size);
    at += 1 + size;
  }
  return text;
}

KeyAnswer OverTheWire(const Server& server, const std::string& name) {
  const Reply reply = AskUdp(server.port(), {name, kTxt, 7, 1232});
  KeyAnswer answer;
  if (reply.rcode() != 0 && reply.rcode() != 3) {
    return answer;
  }
  for (const Reply::Record& record : reply.answers) {
    if (record.type == kTxt) {
      answer.records.push_back(Joined(record.rdata));
    }
  }
  answer.status = answer.records.empty() ? Status::kNoRecord : Status::kFound;
  return answer;
}

std::string Describe(const Zone& zone) {
  std::string text;
  for (const auto& [name, entry] : zone) {
    text += fmt::format("  {}: {} {}\n", name, static_cast<int>(entry.kind),
                        entry.target);
  }
  return text;
}

TEST(ZoneAgreementTest, TheServerAndTheKeySourceSayTheSame) {
  auto server = Server::Start({});
  ASSERT_TRUE(server) << server.error().ToString();
  const std::vector<std::string> names = AllNames();
  std::set<Status> seen;
  int from_wildcards = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Dice dice(seed);
    const Zone zone = RandomZone(dice, names);
    (*server)->SetZone(zone);
    ZoneKeySource source(zone);
    for (const std::string& name : names) {
      const KeyAnswer wanted = source.Lookup(name);
      const KeyAnswer got = OverTheWire(**server, name);
      ASSERT_EQ(got.status, wanted.status)
          << name << " of seed " << seed << "\n"
          << Describe(zone) << wanted.detail;
      ASSERT_EQ(got.records, wanted.records)
          << name << " of seed " << seed << "\n"
          << Describe(zone);
      seen.insert(got.status);
      from_wildcards += got.status == Status::kFound && !zone.contains(name);
    }
  }
  EXPECT_EQ(seen.size(), 3u);
  EXPECT_GT(from_wildcards, 100) << "else little was tried";
}

// RFC 4592 section 2.2.1, the example zone and what it says of it.
TEST(ZoneAgreementTest, TheExampleOfTheRfc) {
  const ZoneEntry txt{Kind::kTxt, {{"wild"}}, "", ""};
  const ZoneEntry nodata{Kind::kNoData, {}, "", ""};
  const Zone zone{{"*.example", txt},
                  {"sub.*.example", {Kind::kTxt, {{"sub"}}, "", ""}},
                  {"host1.example", nodata},
                  {"_ssh._tcp.host1.example", nodata},
                  {"_ssh._tcp.host2.example", nodata},
                  {"subdel.example", nodata}};
  auto server = Server::Start({});
  ASSERT_TRUE(server) << server.error().ToString();
  (*server)->SetZone(zone);
  ZoneKeySource source(zone);
  const std::pair<const char*, Status> kTable[] = {
      {"host3.example", Status::kFound},
      {"foo.bar.example", Status::kFound},
      {"host1.example", Status::kNoRecord},
      {"sub.*.example", Status::kFound},
      {"_telnet._tcp.host1.example", Status::kNoRecord},
      {"_tcp.host2.example", Status::kNoRecord},
      {"host2.example", Status::kNoRecord},
      {"ghost.*.example", Status::kNoRecord},
  };
  for (const auto& [name, status] : kTable) {
    EXPECT_EQ(source.Lookup(name).status, status) << name;
    EXPECT_EQ(OverTheWire(**server, name).status, status) << name;
  }
}

}  // namespace
}  // namespace dkimspec::dnsstub
