// The table of fault presets. To add one, add a row, and a line to
// docs/dns-faults.md (a test compares them).
#include <array>

#include "dnsstub/fault.h"
#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;

constexpr bool kCore = true;
constexpr bool kWire = false;
constexpr bool kNeedsTxt = true;
constexpr bool kSlow = true;

// Shapes: changes to the answer before it becomes octets.

void Empty(Message& message) {
  message.answers.clear();
  message.authorities.clear();
}

template <int rcode>
void Fails(Message& message) {
  Empty(message);
  message.rcode = rcode;
}

// CNAMEs that led here stay: the final name is the one without records.
template <int rcode>
void NoRecord(Message& message) {
  std::erase_if(message.answers,
                [](const Record& record) { return record.type == kTypeTxt; });
  message.authorities = {MakeSoa(message)};
  message.rcode = rcode;
}

void Truncate(Message& message) {
  Empty(message);
  message.truncated = true;
}

// The answer keeps its true owner name.
void AskedSomethingElse(Message& message) {
  if (message.question && message.question->name.size() > 1) {
    char& letter = message.question->name[1];
    letter = letter == 'x' ? 'y' : 'x';
  }
}

void NoQuestion(Message& message) { message.question.reset(); }

void EmptyRdata(Message& message) {
  for (Record& record : message.answers) {
    if (record.type == kTypeTxt) {
      record.rdata.clear();
    }
  }
}

// Lets the last character-string claim 255 octets where fewer are left.
void LieAboutLastString(std::string& rdata) {
  std::size_t at = 0;
  std::size_t length = static_cast<unsigned char>(rdata[0]);
  while (at + 1 + length < rdata.size()) {
    at += 1 + length;
    length = static_cast<unsigned char>(rdata[at]);
  }
  rdata[at] = '\xff';
  if (length == 255) {
    rdata.pop_back();
  }
}

void LyingStringLength(Message& message) {
  for (Record& record : message.answers) {
    if (record.type == kTypeTxt && !record.rdata.empty()) {
      LieAboutLastString(record.rdata);
    }
  }
}

// Damage: changes to the octets.

void WrongId(std::string& octets) {
  octets[0] = static_cast<char>(octets[0] ^ 0x55);
  octets[1] = static_cast<char>(octets[1] ^ 0x55);
}

void NotAResponse(std::string& octets) {
  octets[2] = static_cast<char>(octets[2] & 0x7f);
}

void Garbage(std::string& octets) {
  octets.clear();
  unsigned state = 1;
  for (int i = 0; i < 60; ++i) {
    state = state * 1103515245u + 12345u;
    octets.push_back(static_cast<char>(state >> 16));
  }
}

void ThreeOctets(std::string& octets) { octets.resize(3); }

void HeaderOnly(std::string& octets) {
  octets.resize(kHeaderSize);
  octets.replace(4, 8, 8, '\0');
}

void NoOctets(std::string& octets) { octets.clear(); }

void TrailingOctets(std::string& octets) { octets.append(8, '\xaa'); }

// The same packets over both transports.
Plan Both(Step step) { return {.udp = {step}, .tcp = {step}}; }

Plan Shaped(void (*shape)(Message&)) { return Both({.shape = shape}); }

Plan Damaged(void (*damage)(std::string&)) { return Both({.damage = damage}); }

Plan Delayed(milliseconds delay) { return Both({.delay = delay}); }

Plan Once(Plan plan) {
  plan.only_first = 1;
  return plan;
}

// TC over UDP; over TCP, what is given.
Plan Truncated(std::vector<Step> tcp) {
  return {.udp = {{.shape = Truncate}}, .tcp = std::move(tcp)};
}

const auto& Table() {
  using enum Outcome;
  static const std::array table = std::to_array<Fault>({
      {"nxdomain", "The name does not exist.", "RCODE 3, SOA in AUTHORITY.",
       kCore, kNoRecord, !kNeedsTxt, !kSlow, Shaped(NoRecord<kNxDomain>)},
      {"nxdomain-without-soa", "The name does not exist; no SOA says so.",
       "RCODE 3, no records.", kCore, kNoRecord, !kNeedsTxt, !kSlow,
       Shaped(Fails<kNxDomain>)},
      {"nodata", "The name exists and has no TXT record.",
       "RCODE 0, SOA in AUTHORITY.", kCore, kNoRecord, !kNeedsTxt, !kSlow,
       Shaped(NoRecord<kNoError>)},
      {"empty-answer-no-soa", "The name exists, has no TXT record and no SOA.",
       "RCODE 0, no records.", kCore, kNoRecord, !kNeedsTxt, !kSlow,
       Shaped(Fails<kNoError>)},
      {"servfail", "The server fails.", "RCODE 2, no records.", kCore,
       kTemporary, !kNeedsTxt, !kSlow, Shaped(Fails<kServFail>)},
      {"refused", "The server refuses.", "RCODE 5, no records.", kCore,
       kTemporary, !kNeedsTxt, !kSlow, Shaped(Fails<kRefused>)},
      {"formerr", "The server does not understand the query.",
       "RCODE 1, no records.", kCore, kTemporary, !kNeedsTxt, !kSlow,
       Shaped(Fails<kFormErr>)},
      {"notimp", "The server does not do queries.", "RCODE 4, no records.",
       kCore, kTemporary, !kNeedsTxt, !kSlow, Shaped(Fails<kNotImp>)},
      {"servfail-once", "The server fails once and then answers.",
       "First query for the name: as servfail. Later ones: the answer.", kWire,
       kAnswer, kNeedsTxt, !kSlow, Once(Shaped(Fails<kServFail>))},
      {"drop", "No reply ever comes.",
       "UDP: nothing. TCP: the query is read and never answered.", kCore,
       kTemporary, !kNeedsTxt, kSlow, Plan{}},
      {"drop-once", "The first query is lost.",
       "First query for the name: as drop. Later ones: the answer.", kCore,
       kAnswer, kNeedsTxt, kSlow, Once(Plan{})},
      {"delay-100ms", "The answer is a little late.",
       "The answer, 100 ms after the query.", kCore, kAnswer, kNeedsTxt, !kSlow,
       Delayed(milliseconds(100))},
      {"delay-500ms", "The answer is late.",
       "The answer, 500 ms after the query.", kCore, kAnswer, kNeedsTxt, !kSlow,
       Delayed(milliseconds(500))},
      {"delay-2s", "The answer is very late.",
       "The answer, 2 s after the query.", kCore, kAnswer, kNeedsTxt, kSlow,
       Delayed(milliseconds(2000))},
      {"delay-30s", "The answer comes when nobody waits any more.",
       "The answer, 30 s after the query.", kCore, kTemporary, kNeedsTxt, kSlow,
       Delayed(milliseconds(30000))},
      {"tc-tcp", "The answer is given over TCP only.",
       "UDP: TC=1, no records. TCP: the answer.", kCore, kAnswer, kNeedsTxt,
       !kSlow, Truncated({Step{}})},
      {"tc-reset",
       "Truncated, and TCP is of no use. Server and listener are shared with "
       "other names, so TCP is reset once it asks for this one; an endpoint "
       "without TCP refuses it outright.",
       "UDP: TC=1, no records. TCP: RST after the query is read.", kCore,
       kTemporary, !kNeedsTxt, !kSlow,
       Truncated({{.send = false, .after = After::kReset}})},
      {"tc-close", "Truncated, and TCP ends without an answer.",
       "UDP: TC=1, no records. TCP: FIN after the query is read.", kCore,
       kTemporary, !kNeedsTxt, !kSlow,
       Truncated({{.send = false, .after = After::kClose}})},
      {"tc-hang", "Truncated, and TCP never answers.",
       "UDP: TC=1, no records. TCP: the query is read and never answered.",
       kCore, kTemporary, !kNeedsTxt, kSlow, Truncated({})},
      {"tc-servfail", "Truncated, and the server fails over TCP.",
       "UDP: TC=1, no records. TCP: RCODE 2, no records.", kCore, kTemporary,
       !kNeedsTxt, !kSlow, Truncated({{.shape = Fails<kServFail>}})},
      {"tc-loop", "Truncated over TCP as well.",
       "UDP and TCP: TC=1, no records.", kWire, kTemporary, !kNeedsTxt, !kSlow,
       Truncated({{.shape = Truncate}})},
      {"tc-short", "The answer over TCP breaks off.",
       "UDP: TC=1, no records. TCP: the true length, half of the answer, FIN.",
       kWire, kTemporary, kNeedsTxt, !kSlow,
       Truncated({{.half = true, .after = After::kClose}})},
      {"wrong-id", "The reply is to another query.",
       "The answer with both octets of ID xor 55.", kWire, kTemporary,
       kNeedsTxt, kSlow, Damaged(WrongId)},
      {"wrong-id-then-right",
       "A forged reply comes first.",
       "UDP: as wrong-id, and the answer 20 ms later. TCP: the answer.",
       kWire,
       kAnswer,
       kNeedsTxt,
       !kSlow,
       {.udp = {{.damage = WrongId}, {.delay = milliseconds(20)}},
        .tcp = {Step{}}}},
      {"wrong-question", "The reply repeats another question.",
       "The answer; in QUESTION the name's first letter is changed.", kWire,
       kTemporary, kNeedsTxt, kSlow, Shaped(AskedSomethingElse)},
      {"no-question", "The reply repeats no question.",
       "The answer with QDCOUNT 0.", kWire, kTemporary, kNeedsTxt, kSlow,
       Shaped(NoQuestion)},
      {"noqr", "The reply says it is a query.", "The answer with QR=0.", kWire,
       kTemporary, kNeedsTxt, kSlow, Damaged(NotAResponse)},
      {"garbage", "The reply is noise.", "60 octets, always the same.", kWire,
       kTemporary, !kNeedsTxt, kSlow, Damaged(Garbage)},
      {"short", "The reply is shorter than a header.",
       "The first 3 octets of the answer.", kWire, kTemporary, !kNeedsTxt,
       kSlow, Damaged(ThreeOctets)},
      {"header-only", "The reply is a header and nothing else.",
       "The header of the answer, all counts 0.", kWire, kTemporary, !kNeedsTxt,
       kSlow, Damaged(HeaderOnly)},
      {"empty-datagram", "The reply has no octets.",
       "UDP: a datagram of 0 octets. TCP: a message of length 0.", kWire,
       kTemporary, !kNeedsTxt, kSlow, Damaged(NoOctets)},
      {"lying-string-length", "A string of the record is longer than it.",
       "The last string's length octet is 255, beyond RDLENGTH.", kWire,
       kTemporary, kNeedsTxt, !kSlow, Shaped(LyingStringLength)},
      {"empty-rdata", "The record holds no string at all.",
       "The answer with RDLENGTH 0.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Shaped(EmptyRdata)},
      {"trailing-octets", "Something follows the message.",
       "The answer and 8 octets AA.", kWire, kAnswer, kNeedsTxt, !kSlow,
       Damaged(TrailingOctets)},
      {"any-size",
       "The answer is larger than the client said it takes.",
       "UDP: the whole answer, up to 65507 octets. TCP: the answer.",
       kWire,
       kAnswer,
       kNeedsTxt,
       !kSlow,
       {.udp = {{.any_size = true}}, .tcp = {Step{}}}},
  });
  return table;
}

}  // namespace

std::span<const Fault> AllFaults() { return Table(); }

}  // namespace dkimspec::dnsstub
