// Presets that fail, wait or lie about who they are. The legal answers are in
// fault_expectations_data.cc.
#include "tests/dnsstub/fault_expectations.h"

#include <fmt/format.h>

namespace dkimspec::dnsstub {

using std::chrono::milliseconds;

Expected Same(std::string fault, const std::string& message) {
  return {std::move(fault), {message}, message};
}

Expected SameEdns(std::string fault, const std::string& message) {
  Expected expected = Same(std::move(fault), message);
  expected.edns = true;
  return expected;
}

Expected AfterTruncation(std::string fault, std::string tcp, End end) {
  return {std::move(fault), {kTruncated}, std::move(tcp), end};
}

Expected RawAfterTruncation(std::string fault, std::string framed, End end) {
  Expected expected = AfterTruncation(std::move(fault), std::move(framed), end);
  expected.framed = true;
  return expected;
}

Expected Late(std::string fault, int ms) {
  return {std::move(fault), {kRight}, kRight, End::kOpen, milliseconds(ms)};
}

Expected OnlyUdp(std::string fault, std::vector<std::string> datagrams) {
  return {std::move(fault), std::move(datagrams), kRight};
}

std::string Bare(const std::string& flags) {
  return "1234" + flags + "0001 0000 0000 0000" + kQuestion;
}

std::string Answer(const std::vector<std::string>& records) {
  std::string message =
      fmt::format("1234 8180 0001 {:04x} 0000 0000", records.size()) +
      kQuestion;
  for (const std::string& record : records) {
    message += record;
  }
  return message;
}

std::string Hex(const std::string& octets) {
  std::string hex;
  for (char c : octets) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return hex;
}

std::string Txt(const std::string& rdata) {
  return fmt::format("c00c 0010 0001 00000000 {:04x}", rdata.size()) +
         Hex(rdata);
}

std::vector<Expected> ResponseCodeExpectations() {
  const std::string edns_bare = "0001 0000 0000 0001" + kQuestion;
  return {
      Same("nxdomain", "1234 8183" + kNegative),
      Same("nxdomain-without-soa", Bare("8183")),
      Same("nxdomain-long-ttl", "1234 8183 0001 0000 0001 0000" + kQuestion +
                                    "c00e 0006 0001 00015180 0034" +
                                    kSoaData.substr(0, kSoaData.size() - 8) +
                                    "00015180"),
      Same("nxdomain-with-answer",
           "1234 8183 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("nodata", "1234 8180" + kNegative),
      Same("empty-answer-no-soa", Bare("8180")),
      Same("referral-to-root", "1234 8100 0001 0000 0001 0000" + kQuestion +
                                   "00 0002 0001 00000000 000c"
                                   "026e73 076578616d706c65 00"),
      Same("servfail", Bare("8182")),
      Same("servfail-bogus", "1234 8182" + edns_bare +
                                 "00 0029 04d0 00000000 0006"
                                 "000f 0002 0006"),
      Same("servfail-with-answer",
           "1234 8182 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("refused", Bare("8185")),
      Same("refused-with-answer",
           "1234 8185 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("formerr", Bare("8181")),
      SameEdns("formerr-header-only", "1234 8181 0000 0000 0000 0000"),
      Same("notimp", Bare("8184")),
      Same("yxdomain", Bare("8186")),
      Same("notauth", Bare("8189")),
      Same("rcode-12", Bare("818c")),
      Same("badvers", "1234 8180" + edns_bare + "00 0029 04d0 01000000 0000"),
      Same("badcookie", "1234 8187" + edns_bare + "00 0029 04d0 01000000 0000"),
      Same("rcode-4095",
           "1234 818f" + edns_bare + "00 0029 04d0 ff000000 0000"),
  };
}

std::vector<Expected> TimeExpectations() {
  Expected nxdomain = Same("delayed-nxdomain", "1234 8183" + kNegative);
  Expected servfail = Same("delayed-servfail", Bare("8182"));
  nxdomain.delay = servfail.delay = milliseconds(100);
  return {
      {"drop", {}, ""},
      OnlyUdp("drop-udp", {}),
      Late("delay-20ms", 20),
      Late("delay-100ms", 100),
      Late("delay-300ms", 300),
      Late("delay-500ms", 500),
      Late("delay-1s", 1000),
      Late("delay-2s", 2000),
      {"delay-6s", {}, ""},
      {"delay-30s", {}, ""},
      nxdomain,
      servfail,
      OnlyUdp("duplicate", {kRight, kRight}),
      OnlyUdp("late-duplicate", {kRight, kRight}),
      OnlyUdp("answer-then-servfail", {kRight, Bare("8182")}),
  };
}

std::vector<Expected> TransportExpectations() {
  const std::string framed = "002b" + kRight;  // 43 octets.
  const std::string tc_answer = "1234 8380 0001 0001 0000 0000" + kQuestion;
  Expected delayed = AfterTruncation("tc-delay", kRight);
  return {
      AfterTruncation("tc-tcp", kRight),
      OnlyUdp("tc-with-answer", {tc_answer + kRecord}),
      OnlyUdp("tc-with-forgery", {tc_answer + kForged}),
      AfterTruncation("tc-reset", "", End::kReset),
      AfterTruncation("tc-close", "", End::kFin),
      AfterTruncation("tc-hang", ""),
      AfterTruncation("tc-servfail", Bare("8182")),
      AfterTruncation("tc-nxdomain", "1234 8183" + kNegative),
      AfterTruncation("tc-loop", kTruncated),
      delayed,
      AfterTruncation("tc-split", kRight),
      AfterTruncation("tc-drip", kRight),
      RawAfterTruncation("tc-drip-slowly", "00", End::kOpen),
      AfterTruncation("tc-answer-close", kRight, End::kFin),
      RawAfterTruncation("tc-two-answers", framed + framed, End::kOpen),
      // 43 octets and the length are 45; 22 of them come.
      RawAfterTruncation("tc-short",
                         "002b 1234 8180 0001 0001 0000 0000 016b"
                         "076578616d70"),
      RawAfterTruncation("tc-half-length", "00"),
      RawAfterTruncation("tc-length-only", "002b"),
      RawAfterTruncation("tc-length-zero", "0000"),
      RawAfterTruncation("tc-length-too-long", "0035" + kRight),
      RawAfterTruncation("tc-length-too-short", "0029" + kRight),
      AfterTruncation("tc-wrong-id", kWrongId),
      Same("any-size", kRight),
  };
}

std::vector<Expected> EdnsExpectations() {
  const std::string one_more =
      "1234 8180 0001 0001 0000 0002" + kQuestion + kRecord + kOpt;
  const std::string answer =
      "1234 8180 0001 0001 0000 0001" + kQuestion + kRecord;
  Expected dropped{"edns-drop", {}, ""};
  dropped.edns = true;
  return {
      SameEdns("edns-formerr", Bare("8181")),
      SameEdns("edns-notimp", Bare("8184")),
      SameEdns("edns-servfail", Bare("8182")),
      dropped,
      SameEdns("edns-badvers", "1234 8180 0001 0000 0000 0001" + kQuestion +
                                   "00 0029 04d0 01008000 0000"),
      SameEdns("edns-ignored", kRight),
      Same("opt-unasked", answer + "00 0029 0200 00000000 0000"),
      SameEdns("opt-twice", "1234 8180 0001 0001 0000 0002" + kQuestion +
                                kRecord +
                                "00 0029 04d0 00008000 0000"
                                "00 0029 0200 00000000 0000"),
      SameEdns("opt-size-zero", answer + "00 0029 0000 00008000 0000"),
      SameEdns("opt-version-1", answer + "00 0029 04d0 00018000 0000"),
      SameEdns("opt-unknown-option", answer + "00 0029 04d0 00008000 0008"
                                              "fde9 0004 aaaaaaaa"),
      SameEdns("opt-rdlength-lies", answer + "00 0029 04d0 00008000 0028"),
  };
}

std::vector<Expected> SpoofingExpectations() {
  const std::string header = "1234 8180 0001 0001 0000 0000";
  const std::string plain = "0010 0001 00000000 0004 03616263";
  const std::string wrong_question = header +
                                     "0178 076578616d706c65 00 0010 0001"
                                     "016b c00e" +
                                     plain;
  return {
      Same("wrong-id", kWrongId),
      OnlyUdp("wrong-id-then-right", {kWrongId, kRight}),
      OnlyUdp("forged-key-then-right",
              {"4761 8180 0001 0001 0000 0000" + kQuestion + kForged, kRight}),
      OnlyUdp("forged-nxdomain-then-right", {"4761 8183" + kNegative, kRight}),
      OnlyUdp("right-then-forged", {kRight, header + kQuestion + kForged}),
      // The client is connected, so nothing from elsewhere comes through.
      OnlyUdp("wrong-source", {}),
      OnlyUdp("wrong-source-then-right", {kRight}),
      Same("wrong-question", wrong_question),
      OnlyUdp("wrong-question-then-right", {wrong_question, kRight}),
      Same("wrong-question-type", header + kOwner + "0001 0001" + kRecord),
      Same("wrong-question-class", header + kOwner + "0010 0003" + kRecord),
      Same("no-question", "1234 8180 0000 0001 0000 0000" + kOwner + plain),
      Same("question-lower-case", header + kQuestion + kOwner + plain),
      Same("question-case-flipped",
           header + "014b 074558414d504c45 00 0010 0001" + kOwner + plain),
      // "other", and a pointer to "example".
      Same("wrong-owner", header + kQuestion + "056f74686572 c00e" + plain),
      Same("wrong-class",
           header + kQuestion + "c00c 0010 0003 00000000 0004 03616263"),
      Same("wrong-type",
           header + kQuestion + "c00c 0063 0001 00000000 0004 03616263"),
      Same("noqr", "1234 0180 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("wrong-opcode",
           "1234 a180 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("ra-clear", "1234 8100 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("rd-clear", "1234 8080 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("aa-set", "1234 8580 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("ad-set", "1234 81a0 0001 0001 0000 0000" + kQuestion + kRecord),
      Same("z-set", "1234 81c0 0001 0001 0000 0000" + kQuestion + kRecord),
  };
}

std::vector<Expected> MalformedExpectations() {
  const std::string header = "1234 8180 0001 0001 0000 0000";
  const std::string plain = "0010 0001 00000000 0004 03616263";
  // The question ends at octet 27; RDATA begins at 39, the message is 43 long.
  auto owned = [&](const std::string& owner) {
    return header + kQuestion + owner + plain;
  };
  auto counts = [&](const std::string& four) {
    return "1234 8180" + four + kQuestion + kRecord;
  };
  auto length = [&](const std::string& rdlength, const std::string& rdata) {
    return header + kQuestion + "c00c 0010 0001 00000000" + rdlength + rdata;
  };
  std::string long_name;
  for (int label = 0; label < 5; ++label) {
    long_name += "3f" + Hex(std::string(63, 'x'));
  }
  return {
      Same("all-ones", "123481" + Hex(std::string(40, '\xff'))),
      Same("empty-datagram", ""),
      Same("one-octet", "12"),
      Same("short", "1234 81"),
      Same("eleven-octets", "1234 8180 0001 0001 0000 00"),
      Same("header-only", "1234 8180 0000 0000 0000 0000"),
      Same("cut-after-header", header),
      Same("cut-within-record", header + kQuestion + "c00c 0010 0001"),
      Same("cut-last-octet",
           header + kQuestion + "c00c 0010 0001 00000000 0004 036162"),
      Same("trailing-octets", kRight + "aaaaaaaaaaaaaaaa"),
      Same("answer-missing", header + kQuestion),
      Same("ancount-zero", counts("0001 0000 0000 0000")),
      Same("ancount-too-high", counts("0001 ffff 0000 0000")),
      Same("qdcount-two", counts("0002 0001 0000 0000")),
      Same("nscount-too-high", counts("0001 0001 0007 0000")),
      Same("arcount-too-high", counts("0001 0001 0000 0007")),
      Same("pointer-to-itself", owned("c01b")),
      Same("pointer-loop",
           header + kQuestion + "c027 0010 0001 00000000 0004 c01b6263"),
      Same("pointer-forward", owned("c01d")),
      Same("pointer-beyond-end", owned("c02b")),
      Same("pointer-into-header", owned("c004")),
      Same("label-type-reserved", owned("417800")),
      Same("name-too-long", owned(long_name + "00")),
      Same("rdlength-too-long", length("7fff", "03616263")),
      Same("rdlength-too-short", length("0001", "03616263")),
      Same("empty-rdata", length("0000", "")),
      Same("lying-string-length", length("0004", "ff616263")),
      Same("string-cut-off", length("0005", "0361626301")),
  };
}

}  // namespace dkimspec::dnsstub
