// Presets: replies that a client must not take for its own (RFC 5452), and
// header flags that do not matter to a stub resolver.
#include "dnsstub/fault_shapes.h"
#include "reference/base/ascii.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t kClassChaos = 3;

// The answer keeps its true owner name.
void AskedSomethingElse(Message& message) {
  if (message.question && message.question->name.size() > 1) {
    char& letter = message.question->name[1];
    letter = letter == 'x' ? 'y' : 'x';
  }
}

Shape ChangeQuestion(void (*change)(Question& question)) {
  return [change](Message& message) {
    if (message.question) {
      change(*message.question);
    }
  };
}

// Owner names stay as asked; without pointers they can differ from QUESTION.
Shape QuestionCase(char (*change)(char c)) {
  return [change](Message& message) {
    if (message.question) {
      for (char& c : message.question->name) {
        c = change(c);
      }
    }
    message.compress = false;
  };
}

char Lower(char c) { return ToLower(c); }

// Length octets are below 64 and no letters.
char Flip(char c) { return IsAlpha(c) ? static_cast<char>(c ^ 0x20) : c; }

void OtherOwner(Message& message) {
  EachTxt([](Record& record) {
    record.name = std::string("\5other\7example\0", 15);
  })(message);
}

void NotAResponse(std::string& octets) {
  if (octets.size() > 2) {
    octets[2] = static_cast<char>(octets[2] & 0x7f);
  }
}

void ReservedBit(std::string& octets) {
  if (octets.size() > 3) {
    octets[3] = static_cast<char>(octets[3] | 0x40);
  }
}

// The same, then the right answer 20 ms later.
Plan Race(Step forged) {
  return Udp({std::move(forged), {.delay = milliseconds(20)}});
}

}  // namespace

std::vector<Fault> SpoofingFaults() {
  using enum Outcome;
  return {
      {"wrong-id", "The reply is to another query.",
       "The answer with both octets of ID xor 55.", kWire, kTemporary,
       kNeedsTxt, kSlow, Damaged(WrongId)},
      {"wrong-id-then-right", "A forged reply comes first.",
       "UDP: as wrong-id, and the answer 20 ms later. TCP: the answer.", kWire,
       kAnswer, kNeedsTxt, !kSlow, Race({.damage = WrongId})},
      {"forged-key-then-right", "A forged key races the right one.",
       "UDP: as wrong-id with the record \"v=DKIM1; p=\", and the answer 20 ms "
       "later. TCP: the answer.",
       kWire, kAnswer, kNeedsTxt, !kSlow,
       Race({.shape = Forge, .damage = WrongId})},
      {"forged-nxdomain-then-right", "A forged denial races the answer.",
       "UDP: as nxdomain with both octets of ID xor 55, and the answer 20 ms "
       "later. TCP: the answer.",
       kWire, kAnswer, kNeedsTxt, !kSlow,
       Race({.shape = NoRecord(kNxDomain), .damage = WrongId})},
      {"right-then-forged", "A forged key comes too late.",
       "UDP: the answer, and the record \"v=DKIM1; p=\" 20 ms later. TCP: the "
       "answer.",
       kCore, kAnswer, kNeedsTxt, !kSlow,
       Udp({Step{}, {.delay = milliseconds(20), .shape = Forge}})},
      {"wrong-source", "The reply comes from another address.",
       "UDP: the answer from 127.0.0.9, over IPv6 from another port. TCP: the "
       "answer.",
       kWire, kTemporary, kNeedsTxt, kSlow, Udp({{.elsewhere = true}})},
      {"wrong-source-then-right", "A reply from another address comes first.",
       "UDP: as wrong-source with the record \"v=DKIM1; p=\", and the answer "
       "20 ms later. TCP: the answer.",
       kWire, kAnswer, kNeedsTxt, !kSlow,
       Race({.shape = Forge, .elsewhere = true})},
      {"wrong-question", "The reply repeats another question.",
       "The answer; in QUESTION the name's first letter is changed.", kWire,
       kTemporary, kNeedsTxt, kSlow, Shaped(AskedSomethingElse)},
      {"wrong-question-then-right", "A reply to another question comes first.",
       "UDP: as wrong-question, and the answer 20 ms later. TCP: the answer.",
       kWire, kAnswer, kNeedsTxt, !kSlow, Race({.shape = AskedSomethingElse})},
      {"wrong-question-type", "The reply repeats a question for another type.",
       "The answer; QTYPE is A.", kWire, kTemporary, kNeedsTxt, kSlow,
       Shaped(ChangeQuestion([](auto& question) { question.type = kTypeA; }))},
      {"wrong-question-class", "The reply repeats a question of another class.",
       "The answer; QCLASS is CH.", kWire, kTemporary, kNeedsTxt, kSlow,
       Shaped(ChangeQuestion(
           [](auto& question) { question.qclass = kClassChaos; }))},
      {"no-question", "The reply repeats no question.",
       "The answer with QDCOUNT 0.", kWire, kTemporary, kNeedsTxt, kSlow,
       Shaped([](Message& message) { message.question.reset(); })},
      {"question-lower-case", "The server changes the question to lower case.",
       "The answer; QUESTION in lower case, owner names as asked.", kCore,
       kAnswer, kNeedsTxt, !kSlow, Shaped(QuestionCase(Lower))},
      {"question-case-flipped", "The server changes the question's case.",
       "The answer; QUESTION with the case of each letter changed, owner names "
       "as asked.",
       kCore, kAnswer, kNeedsTxt, !kSlow, Shaped(QuestionCase(Flip))},
      {"wrong-owner", "The record belongs to another name.",
       "The answer; TXT is owned by other.example.", kWire, kNoRecord,
       kNeedsTxt, !kSlow, Shaped(OtherOwner)},
      {"wrong-class", "The record is of another class.",
       "The answer; TXT is of class CH.", kWire, kNoRecord, kNeedsTxt, !kSlow,
       Shaped(EachTxt([](auto& record) { record.rclass = kClassChaos; }))},
      {"wrong-type", "The record is of another type.",
       "The answer as type SPF (99).", kCore, kNoRecord, kNeedsTxt, !kSlow,
       Shaped(EachTxt([](auto& record) { record.type = 99; }))},
      {"noqr", "The reply says it is a query.", "The answer with QR=0.", kWire,
       kTemporary, kNeedsTxt, kSlow, Damaged(NotAResponse)},
      {"wrong-opcode", "The reply is to another kind of query.",
       "The answer with OPCODE 4 (NOTIFY).", kWire, kTemporary, kNeedsTxt,
       kSlow, Shaped([](Message& message) { message.opcode = 4; })},
      {"ra-clear", "The server offers no recursion.", "The answer with RA=0.",
       kWire, kAnswer, kNeedsTxt, !kSlow,
       Shaped([](Message& message) { message.recursion_available = false; })},
      {"rd-clear", "The reply forgets what was desired.",
       "The answer with RD=0.", kWire, kAnswer, kNeedsTxt, !kSlow,
       Shaped([](Message& message) { message.recursion_desired = false; })},
      {"aa-set", "The server claims authority.", "The answer with AA=1.", kCore,
       kAnswer, kNeedsTxt, !kSlow,
       Shaped([](Message& message) { message.authoritative = true; })},
      {"ad-set", "The server claims to have validated.",
       "The answer with AD=1.", kCore, kAnswer, kNeedsTxt, !kSlow,
       Shaped([](Message& message) { message.authentic = true; })},
      {"z-set", "A reserved bit is set.", "The answer with the bit Z set.",
       kWire, kAnswer, kNeedsTxt, !kSlow, Damaged(ReservedBit)},
  };
}

}  // namespace dkimspec::dnsstub
