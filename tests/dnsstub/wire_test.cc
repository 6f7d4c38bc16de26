#include "dnsstub/wire.h"

#include <gtest/gtest.h>

#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {
namespace {

using Status = Query::Status;

TEST(WireNameTest, RefusesWhatDnsCannotHold) {
  EXPECT_EQ(ToWireName("A.b"), std::string("\1A\1b\0", 5));
  EXPECT_EQ(ToWireName(""), std::string(1, '\0'));
  EXPECT_EQ(ToWireName("."), std::string(1, '\0'));
  EXPECT_TRUE(ToWireName(std::string(63, 'a') + ".b"));
  EXPECT_FALSE(ToWireName(std::string(64, 'a') + ".b"));
  EXPECT_FALSE(ToWireName("a..b"));
  EXPECT_FALSE(ToWireName(".a"));
  EXPECT_FALSE(ToWireName("a."));
}

TEST(WireNameTest, HoldsAtMost255Octets) {
  std::string longest;
  for (int i = 0; i < 3; ++i) {
    longest += std::string(63, 'a') + ".";
  }
  EXPECT_TRUE(ToWireName(longest + std::string(61, 'b')));
  EXPECT_FALSE(ToWireName(longest + std::string(62, 'b')));
}

TEST(WireNameTest, EscapesInText) {
  EXPECT_EQ(ToText(std::string("\3a.b\2c\\\0", 8)), "a\\.b.c\\\\");
  EXPECT_EQ(ToText(std::string("\2\xc3\xa9\0", 4)), "\\195\\169");
  EXPECT_EQ(ToText(std::string(1, '\0')), ".");
}

TEST(ParseQueryTest, ReadsAPlainQuery) {
  Query query = ParseQuery(MakeQuery({"S1._Domainkey.a.example", 16, 0xbeef}));
  EXPECT_EQ(query.status, Status::kOk);
  EXPECT_EQ(query.id, 0xbeef);
  EXPECT_EQ(ToText(query.name), "S1._Domainkey.a.example");
  EXPECT_EQ(query.type, 16);
  EXPECT_EQ(query.qclass, 1);
  EXPECT_TRUE(query.recursion_desired);
  EXPECT_FALSE(query.edns);
}

TEST(ParseQueryTest, ReadsEdns) {
  Query query = ParseQuery(MakeQuery({"a.example", 16, 1, 4096}));
  EXPECT_EQ(query.status, Status::kOk);
  EXPECT_TRUE(query.edns);
  EXPECT_EQ(query.edns_size, 4096);
  EXPECT_TRUE(query.dnssec_ok);
}

TEST(ParseQueryTest, EveryCutIsRefused) {
  std::string whole = MakeQuery({"s1._domainkey.a.example", 16, 1, 1232});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Status status = ParseQuery(std::string_view(whole).substr(0, size)).status;
    EXPECT_EQ(status, size < 12 ? Status::kIgnore : Status::kFormatError)
        << size;
  }
}

TEST(ParseQueryTest, RepliesAreIgnored) {
  std::string packet = MakeQuery({"a.example"});
  packet[2] = static_cast<char>(packet[2] | 0x80);
  EXPECT_EQ(ParseQuery(packet).status, Status::kIgnore);
}

TEST(ParseQueryTest, RefusesOddQuestions) {
  const char* kTable[] = {
      "1234 0100 0000 0000 0000 0000",                            // None.
      "1234 0100 0002 0000 0000 0000 00 0010 0001 00 0010 0001",  // Two.
      "1234 0100 0001 0000 0000 0000 c00c 0010 0001",             // A pointer.
      "1234 0100 0001 0000 0000 0000 41 0010 0001",  // Label type 01.
      // Two OPT records; an OPT record that is not the root's.
      "1234 0100 0001 0000 0000 0002 00 0010 0001"
      "00 0029 0200 00000000 0000 00 0029 0200 00000000 0000",
      "1234 0100 0001 0000 0000 0001 00 0010 0001"
      "0161 00 0029 0200 00000000 0000",
  };
  for (const char* hex : kTable) {
    EXPECT_EQ(ParseQuery(FromHex(hex)).status, Status::kFormatError) << hex;
  }
}

TEST(ParseQueryTest, StepsOverOtherRecords) {
  Query query =
      ParseQuery(FromHex("1234 0100 0001 0001 0000 0001 0161 00 0010 0001"
                         "c00c 0001 0001 00000000 0004 7f000001"
                         "00 0029 0200 00000000 0000"));
  EXPECT_EQ(query.status, Status::kOk);
  EXPECT_EQ(query.edns_size, 512);
}

TEST(EncodeTest, CompressesOwnersAlongACnameChain) {
  Message message;
  message.question = Question{*ToWireName("a.example"), kTypeTxt, kClassIn};
  message.answers = {
      {*ToWireName("a.example"), kTypeCname, *ToWireName("b.other")},
      {*ToWireName("b.other"), kTypeTxt, std::string("\1x")}};
  EXPECT_EQ(Encode(message),
            FromHex("0000 8080 0001 0002 0000 0000"
                    "0161 076578616d706c65 00 0010 0001"
                    "c00c 0005 0001 00000000 0009 0162 056f74686572 00"
                    "c027 0010 0001 00000000 0002 0178"));
}

TEST(EncodeTest, UpperRcodeBitsTravelInOpt) {
  Message message;
  message.rcode = kBadVers;
  message.edns = true;
  EXPECT_EQ(Encode(message), FromHex("0000 8080 0000 0000 0000 0001"
                                     "00 0029 04d0 01000000 0000"));
}

}  // namespace
}  // namespace dkimspec::dnsstub
