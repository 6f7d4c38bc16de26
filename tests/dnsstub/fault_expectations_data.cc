// Presets whose answers are legal, and those that depend on what came before.
#include "tests/dnsstub/fault_expectations.h"

namespace dkimspec::dnsstub {
namespace {

// "abc; n=xxx" of `size` octets, in strings of at most 255.
std::string Filled(std::size_t size) {
  std::string text = "abc; n=";
  text.append(size - text.size(), 'x');
  std::string rdata;
  for (std::size_t at = 0; at < size; at += 255) {
    const std::string part = text.substr(at, 255);
    rdata += static_cast<char>(part.size());
    rdata += part;
  }
  return rdata;
}

Expected Long(const std::string& fault, std::size_t size) {
  const std::string whole = Answer({Txt(Filled(size))});
  return size > 450 ? AfterTruncation(fault, whole) : Same(fault, whole);
}

std::string Txt2(const std::string& rdata) {
  return "c00c 0010 0001 00000000" + rdata;
}

const std::string kSpf = Txt2("000c 0b 763d73706631202d616c6c");

std::vector<Expected> Sizes() {
  return {Long("text-255", 255),
          Long("text-256", 256),
          Long("text-600", 600),
          Long("text-1300", 1300),
          Long("text-4096", 4096),
          Long("text-64000", 64000),
          AfterTruncation("text-70000", kTruncated)};
}

std::vector<Expected> Records() {
  std::string octets = "ff";
  for (int octet = 1; octet < 256; ++octet) {
    octets += Hex(std::string(1, static_cast<char>(octet)));
  }
  return {
      Same("strings-of-1", Answer({Txt2("0006 016101620163")})),
      Same("strings-of-100", kRight),
      Same("empty-string-first", Answer({Txt2("0005 0003616263")})),
      Same("empty-string-last", Answer({Txt2("0005 0361626300")})),
      Same("empty-strings-between", Answer({Txt2("0006 0261620001 63")})),
      Same("records-rotate", kRight),
      Same("records-shuffled", kRight),
      Same("records-reversed", kRight),
      Same("records-twice", Answer({kRecord, kRecord})),
      Same("foreign-record-first", Answer({kSpf, kRecord})),
      Same("foreign-record-last", Answer({kRecord, kSpf})),
      Same("empty-record-first", Answer({Txt2("0001 00"), kRecord})),
      Same("binary-record-last", Answer({kRecord, Txt2("0100" + octets)})),
      Same("revoked-record-last", Answer({kRecord, kForged})),
      Same("mixed-types",
           Answer({"c00c ff00 0001 00000000 0003 010203", kRecord,
                   "c00c 0001 0001 00000000 0004 7f000001"})),
      Same("other-sections",
           "1234 8180 0001 0001 0001 0001" + kQuestion + kRecord +
               "c00e 0002 0001 00000000 000c 026e73076578616d706c6500"
               "026e73c00e 0001 0001 00000000 0004 7f000001"),
      Same("uncompressed",
           Answer({kOwner + "0010 0001 00000000 0004 03616263"})),
      Same("ttl-1-day", Answer({"c00c 0010 0001 00015180 0004 03616263"})),
      Same("ttl-2-31", Answer({"c00c 0010 0001 80000000 0004 03616263"})),
      Same("ttl-max", Answer({"c00c 0010 0001 7fffffff 0004 03616263"})),
  };
}

// The `hop`-th CNAME: its owner is a pointer to where the name stood first,
// its RDATA "c<hop>.k.example" in full, 14 octets for one digit.
std::string CnameRecord(const std::string& owner, const std::string& label) {
  const std::size_t size = 1 + label.size() + 11;
  return owner + "0005 0001 00000000 00" +
         Hex(std::string(1, static_cast<char>(size))) +
         Hex(std::string(1, static_cast<char>(label.size()))) + Hex(label) +
         kOwner;
}

// A chain of `hops`: RDATA of the first stands at 39, and each record behind
// the first is 12 octets and its RDATA.
std::string Chain(int hops) {
  std::vector<std::string> records;
  std::string owner = "c00c";
  unsigned at = 27;
  for (int hop = 1; hop <= hops; ++hop) {
    const std::string label = "c" + std::to_string(hop);
    records.push_back(CnameRecord(owner, label));
    const unsigned data = at + 12;
    owner = "c" + Hex(std::string(1, static_cast<char>(data >> 8))).substr(1) +
            Hex(std::string(1, static_cast<char>(data)));
    at = data + 12 + static_cast<unsigned>(label.size());
  }
  records.push_back(owner + "0010 0001 00000000 0004 03616263");
  return Answer(records);
}

}  // namespace

std::vector<Expected> DataExpectations() {
  std::vector<Expected> all = Sizes();
  for (Expected& expected : Records()) {
    all.push_back(std::move(expected));
  }
  return all;
}

std::vector<Expected> AliasExpectations() {
  const std::string cname = CnameRecord("c00c", "c1");
  const std::string at_target = "c027 0010 0001 00000000 0004 03616263";
  return {
      Same("cname", Chain(1)),
      Same("cname-chain-3", Chain(3)),
      Same("cname-chain-8", Chain(8)),
      Same("cname-chain-11", Chain(11)),
      Same("cname-chain-12", Bare("8182")),
      Same("cname-dangling",
           "1234 8183 0001 0001 0001 0000" + kQuestion + cname + kSoa),
      Same("cname-nodata",
           "1234 8180 0001 0001 0001 0000" + kQuestion + cname + kSoa),
      Same("cname-servfail", Bare("8182")),
      Same("cname-to-itself", Bare("8182")),
      Same("cname-loop", Bare("8182")),
      Same("cname-only", Answer({cname})),
      Same("cname-beside-txt", Answer({cname, kRecord, at_target})),
      // "c1" in full before a pointer; the alias after it.
      Same("cname-last", Answer({"026331 c00c 0010 0001 00000000 0004 03616263",
                                 CnameRecord("c00c", "c1")})),
      // The parent is "example"; its DNAME leads to "moved".
      Same("dname", Answer({"c00e 0027 0001 00000000 0007 056d6f76656400",
                            "c00c 0005 0001 00000000 0009 016b056d6f76656400",
                            // RDATA of the second: 27 + 12 + 7 + 12.
                            "c03a 0010 0001 00000000 0004 03616263"})),
  };
}

std::vector<Expected> SequenceExpectations() {
  auto then = [](std::string fault, std::size_t before,
                 const std::string& message) {
    Expected expected = Same(std::move(fault), message);
    expected.before = before;
    return expected;
  };
  Expected drop_second{"drop-twice", {}, ""};
  drop_second.before = 1;
  Expected drop_later{"good-then-drop", {}, ""};
  drop_later.before = 1;
  Expected flap_drop{"flapping-drop", {}, ""};
  flap_drop.before = 3;
  const std::string revoked = Answer({kForged});
  return {
      then("servfail-once", 0, Bare("8182")),
      then("servfail-once", 1, kRight),
      then("servfail-twice", 1, Bare("8182")),
      then("servfail-twice", 2, kRight),
      then("refused-once", 0, Bare("8185")),
      then("refused-once", 1, kRight),
      then("nxdomain-once", 0, "1234 8183" + kNegative),
      then("nxdomain-once", 1, kRight),
      then("nodata-once", 0, "1234 8180" + kNegative),
      then("nodata-once", 1, kRight),
      {"drop-once", {}, ""},
      then("drop-once", 1, kRight),
      drop_second,
      then("drop-twice", 2, kRight),
      then("wrong-id-once", 0, kWrongId),
      then("wrong-id-once", 1, kRight),
      then("garbage-once", 1, kRight),
      then("good-then-servfail", 0, kRight),
      then("good-then-servfail", 1, Bare("8182")),
      then("good-then-nxdomain", 0, kRight),
      then("good-then-nxdomain", 1, "1234 8183" + kNegative),
      then("good-then-revoked", 0, kRight),
      then("good-then-revoked", 1, revoked),
      then("good-then-drop", 0, kRight),
      drop_later,
      then("flapping", 2, kRight),
      then("flapping", 3, Bare("8182")),
      then("flapping-drop", 2, kRight),
      flap_drop,
  };
}

}  // namespace dkimspec::dnsstub
