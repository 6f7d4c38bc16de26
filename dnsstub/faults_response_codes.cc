// Presets: what the server says about the name without giving a record.
#include "dnsstub/fault_shapes.h"

namespace dkimspec::dnsstub {
namespace {

constexpr int kYxDomain = 6;
constexpr int kNotAuth = 9;
constexpr int kReserved = 12;    // RFC 6895 section 2.3: unassigned.
constexpr int kBadCookie = 23;   // RFC 7873.
constexpr int kLargest = 0xfff;  // RFC 6895 section 2.3: reserved.

Shape WithRcode(int rcode) {
  return [rcode](Message& message) { message.rcode = rcode; };
}

// RFC 6891 section 6.1.3: the upper bits of the RCODE need an OPT record.
Shape Extended(int rcode) {
  return [rcode](Message& message) {
    Fails(rcode)(message);
    message.edns = true;
  };
}

// A server that knows nothing points upwards.
void ReferUpwards(Message& message) {
  Empty(message);
  const std::string root(1, '\0');
  message.authorities = {{root, kTypeNs, "\2ns\7example" + root}};
  message.recursion_available = false;
}

// RFC 8914: an OPT option 15 with INFO-CODE 6, "DNSSEC Bogus".
void SaysBogus(Message& message) {
  Fails(kServFail)(message);
  message.edns = true;
  message.edns_options = std::string("\0\x0f\0\2\0\6", 6);
}

void LongNegativeTtl(Message& message) {
  NoRecord(kNxDomain)(message);
  Record& soa = message.authorities.front();
  soa.ttl = 86400;
  soa.rdata.replace(soa.rdata.size() - 4, 4, std::string("\0\1\x51\x80", 4));
}

}  // namespace

std::vector<Fault> ResponseCodeFaults() {
  using enum Outcome;
  return {
      {"nxdomain", "The name does not exist.", "RCODE 3, SOA in AUTHORITY.",
       kCore, kNoRecord, !kNeedsTxt, !kSlow, Shaped(NoRecord(kNxDomain))},
      {"nxdomain-without-soa", "The name does not exist; no SOA says so.",
       "RCODE 3, no records.", kCore, kNoRecord, !kNeedsTxt, !kSlow,
       Shaped(Fails(kNxDomain))},
      {"nxdomain-long-ttl", "The name does not exist, and that for a day.",
       "RCODE 3, SOA in AUTHORITY with TTL and MINIMUM 86400.", kCore,
       kNoRecord, !kNeedsTxt, !kSlow, Shaped(LongNegativeTtl)},
      {"nxdomain-with-answer", "The name does not exist, and has a record.",
       "The answer with RCODE 3.", kWire, kNoRecord, kNeedsTxt, !kSlow,
       Shaped(WithRcode(kNxDomain))},
      {"nodata", "The name exists and has no TXT record.",
       "RCODE 0, SOA in AUTHORITY.", kCore, kNoRecord, !kNeedsTxt, !kSlow,
       Shaped(NoRecord(kNoError))},
      {"empty-answer-no-soa", "The name exists, has no TXT record and no SOA.",
       "RCODE 0, no records.", kCore, kNoRecord, !kNeedsTxt, !kSlow,
       Shaped(Fails(kNoError))},
      {"referral-to-root", "The server knows nothing and points upwards.",
       "RCODE 0, RA=0; AUTHORITY: the root's NS is ns.example.", kWire,
       kTemporary, !kNeedsTxt, !kSlow, Shaped(ReferUpwards)},
      {"servfail", "The server fails.", "RCODE 2, no records.", kCore,
       kTemporary, !kNeedsTxt, !kSlow, Shaped(Fails(kServFail))},
      {"servfail-bogus", "The server fails, because validation did.",
       "RCODE 2, no records; OPT with Extended DNS Error 6 (RFC 8914).", kCore,
       kTemporary, !kNeedsTxt, !kSlow, Shaped(SaysBogus)},
      {"servfail-with-answer", "The server fails and gives the record.",
       "The answer with RCODE 2.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Shaped(WithRcode(kServFail))},
      {"refused", "The server refuses.", "RCODE 5, no records.", kCore,
       kTemporary, !kNeedsTxt, !kSlow, Shaped(Fails(kRefused))},
      {"refused-with-answer", "The server refuses and gives the record.",
       "The answer with RCODE 5.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Shaped(WithRcode(kRefused))},
      {"formerr", "The server does not understand the query.",
       "RCODE 1, no records.", kCore, kTemporary, !kNeedsTxt, !kSlow,
       Shaped(Fails(kFormErr))},
      {"formerr-header-only", "The server understands nothing of the query.",
       "RCODE 1, QDCOUNT 0, no records, no OPT.", kWire, kTemporary, !kNeedsTxt,
       !kSlow, Shaped([](Message& message) {
         Fails(kFormErr)(message);
         message.question.reset();
         message.edns = false;
       })},
      {"notimp", "The server does not do queries.", "RCODE 4, no records.",
       kCore, kTemporary, !kNeedsTxt, !kSlow, Shaped(Fails(kNotImp))},
      {"yxdomain", "A name exists when it should not.", "RCODE 6, no records.",
       kWire, kTemporary, !kNeedsTxt, !kSlow, Shaped(Fails(kYxDomain))},
      {"notauth", "The server has no authority here.", "RCODE 9, no records.",
       kWire, kTemporary, !kNeedsTxt, !kSlow, Shaped(Fails(kNotAuth))},
      {"rcode-12", "A response code that nobody has defined.",
       "RCODE 12, no records.", kWire, kTemporary, !kNeedsTxt, !kSlow,
       Shaped(Fails(kReserved))},
      {"badvers", "The server claims not to know the EDNS version.",
       "RCODE 16 (header 0, OPT 1), no records.", kWire, kTemporary, !kNeedsTxt,
       !kSlow, Shaped(Extended(kBadVers))},
      {"badcookie", "The server wants another cookie.",
       "RCODE 23 (header 7, OPT 1), no records.", kWire, kTemporary, !kNeedsTxt,
       !kSlow, Shaped(Extended(kBadCookie))},
      {"rcode-4095", "The largest response code.",
       "RCODE 4095 (header 15, OPT 255), no records.", kWire, kTemporary,
       !kNeedsTxt, !kSlow, Shaped(Extended(kLargest))},
  };
}

}  // namespace dkimspec::dnsstub
