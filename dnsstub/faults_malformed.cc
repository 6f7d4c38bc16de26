// Presets: octets that are not a DNS message, or not quite.
#include <algorithm>

#include "dnsstub/fault_shapes.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::size_t kQuestionTail = 4;  // QTYPE and QCLASS.
constexpr std::size_t kToLength = 10;     // From a pointer owner to RDLENGTH.

// Where the first record starts: its owner, a pointer. The end of the octets
// if there is none.
std::size_t FirstRecord(const std::string& octets) {
  std::size_t at = kHeaderSize;
  while (at < octets.size() && octets[at] != 0) {
    at += static_cast<unsigned char>(octets[at]) + std::size_t{1};
  }
  return std::min(octets.size(), at + 1 + kQuestionTail);
}

Damage Count(std::size_t at, unsigned value) {
  return [at, value](std::string& octets) { Set16(octets, at, value); };
}
constexpr std::size_t kQdCount = 4;
constexpr std::size_t kAnCount = 6;
constexpr std::size_t kNsCount = 8;
constexpr std::size_t kArCount = 10;

Damage OwnerPointer(unsigned (*target)(std::size_t at, std::size_t size)) {
  return [target](std::string& octets) {
    const std::size_t at = FirstRecord(octets);
    Set16(octets, at, 0xc000u | (target(at, octets.size()) & 0x3fffu));
  };
}

Damage RdLength(unsigned value) {
  return [value](std::string& octets) {
    Set16(octets, FirstRecord(octets) + kToLength, value);
  };
}

// Puts other octets in the place of the first owner name.
Damage Owner(const std::string& name) {
  return [name](std::string& octets) {
    const std::size_t at = FirstRecord(octets);
    if (at + 2 <= octets.size()) {
      octets.replace(at, 2, name);
    }
  };
}

// 255 octets are the most (RFC 1035 section 3.1); these are 321.
std::string LongName() {
  std::string name;
  for (int label = 0; label < 5; ++label) {
    name += static_cast<char>(63);
    name.append(63, 'x');
  }
  return name + std::string(1, '\0');
}

void CutWithinRecord(std::string& octets) {
  octets.resize(std::min(octets.size(), FirstRecord(octets) + 6));
}

void HeaderOnly(std::string& octets) {
  octets.resize(kHeaderSize);
  octets.replace(4, 8, 8, '\0');
}

void AllOnes(std::string& octets) {
  octets.replace(3, octets.size() - 3, octets.size() - 3, '\xff');
}

// Lets the last character-string claim 255 octets where fewer are left.
void LieAboutLastString(Record& record) {
  std::string& rdata = record.rdata;
  if (rdata.empty()) {
    return;
  }
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

// What is left of the last string is one octet, which claims to be a string.
void OctetLeftOver(Record& record) { record.rdata += '\1'; }

Plan PointerFault(unsigned (*target)(std::size_t, std::size_t)) {
  return Damaged(OwnerPointer(target));
}

// Two pointers that point to each other: the owner's and the TXT record's data.
void PointerPair(std::string& octets) {
  const std::size_t at = FirstRecord(octets);
  const std::size_t data = at + kToLength + 2;
  Set16(octets, at, 0xc000u | static_cast<unsigned>(data));
  Set16(octets, data, 0xc000u | static_cast<unsigned>(at));
}

std::vector<Fault> Fragments() {
  using enum Outcome;
  return {
      {"garbage", "The reply is noise.", "60 octets, always the same.", kWire,
       kTemporary, !kNeedsTxt, kSlow, Damaged(Noise)},
      {"all-ones", "The reply is noise behind a right ID.",
       "The answer; from its fourth octet on, each is FF.", kWire, kTemporary,
       kNeedsTxt, kSlow, Damaged(AllOnes)},
      {"empty-datagram", "The reply has no octets.",
       "UDP: a datagram of 0 octets. TCP: a message of length 0.", kWire,
       kTemporary, !kNeedsTxt, kSlow, Damaged(Resized(0))},
      {"one-octet", "The reply is one octet.", "The first octet of the answer.",
       kWire, kTemporary, !kNeedsTxt, kSlow, Damaged(Resized(1))},
      {"short", "The reply is shorter than a header.",
       "The first 3 octets of the answer.", kWire, kTemporary, !kNeedsTxt,
       kSlow, Damaged(Resized(3))},
      {"eleven-octets", "The reply lacks an octet of a header.",
       "The first 11 octets of the answer.", kWire, kTemporary, !kNeedsTxt,
       kSlow, Damaged(Resized(11))},
      {"header-only", "The reply is a header and nothing else.",
       "The header of the answer, all counts 0.", kWire, kTemporary, !kNeedsTxt,
       kSlow, Damaged(HeaderOnly)},
      {"cut-after-header", "A header promises what does not come.",
       "The header of the answer, its counts as they were.", kWire, kTemporary,
       kNeedsTxt, !kSlow, Damaged(Resized(kHeaderSize))},
      {"cut-within-record", "The reply ends within the record's header.",
       "The answer up to the record's CLASS.", kWire, kTemporary, kNeedsTxt,
       !kSlow, Damaged(CutWithinRecord)},
      {"cut-last-octet", "The reply lacks its last octet.",
       "The answer without its last octet.", kWire, kTemporary, kNeedsTxt,
       !kSlow, Damaged([](std::string& octets) { octets.pop_back(); })},
      {"trailing-octets", "Something follows the message.",
       "The answer and 8 octets AA.", kWire, kAnswer, kNeedsTxt, !kSlow,
       Damaged([](std::string& octets) { octets.append(8, '\xaa'); })},
  };
}

std::vector<Fault> LyingCounts() {
  using enum Outcome;
  return {
      {"answer-missing", "The answer is counted and is not there.",
       "ANCOUNT 1, no records.", kWire, kTemporary, !kNeedsTxt, !kSlow,
       Both({.shape = Empty, .damage = Count(kAnCount, 1)})},
      {"ancount-zero", "The record is there and is not counted.",
       "The answer with ANCOUNT 0.", kWire, kNoRecord, kNeedsTxt, !kSlow,
       Damaged(Count(kAnCount, 0))},
      {"ancount-too-high", "More records are counted than there are.",
       "The answer with ANCOUNT 65535.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Damaged(Count(kAnCount, 0xffff))},
      {"qdcount-two", "Two questions are counted.",
       "The answer with QDCOUNT 2.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Damaged(Count(kQdCount, 2))},
      {"nscount-too-high", "An authority is counted and is not there.",
       "The answer with NSCOUNT 7.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Damaged(Count(kNsCount, 7))},
      {"arcount-too-high", "Additional records are counted and not there.",
       "The answer with ARCOUNT 7.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Damaged(Count(kArCount, 7))},
  };
}

std::vector<Fault> LyingNames() {
  using enum Outcome;
  return {
      {"pointer-to-itself", "The owner name points to itself.",
       "The answer; the owner is a pointer to its own place.", kWire,
       kTemporary, kNeedsTxt, !kSlow, PointerFault([](std::size_t at, auto) {
         return static_cast<unsigned>(at);
       })},
      {"pointer-loop", "Two names point to each other.",
       "The answer; the owner points to RDATA, whose first two octets point "
       "back.",
       kWire, kTemporary, kNeedsTxt, !kSlow, Damaged(PointerPair)},
      {"pointer-forward", "The owner name points ahead.",
       "The answer; the owner points to the octet behind it.", kWire,
       kTemporary, kNeedsTxt, !kSlow, PointerFault([](std::size_t at, auto) {
         return static_cast<unsigned>(at + 2);
       })},
      {"pointer-beyond-end", "The owner name points beyond the message.",
       "The answer; the owner points to the octet after the last.", kWire,
       kTemporary, kNeedsTxt, !kSlow, PointerFault([](auto, std::size_t size) {
         return static_cast<unsigned>(size);
       })},
      {"pointer-into-header", "The owner name points into the header.",
       "The answer; the owner points to octet 4, which is 00.", kWire,
       kTemporary, kNeedsTxt, !kSlow,
       PointerFault([](std::size_t, std::size_t) { return 4u; })},
      {"label-type-reserved", "The owner has a label of a reserved kind.",
       "The answer; the owner is the octets 41 78 00.", kWire, kTemporary,
       kNeedsTxt, !kSlow, Damaged(Owner(std::string("\x41x\0", 3)))},
      {"name-too-long", "The owner name is longer than a name may be.",
       "The answer; the owner is five labels of 63 octets.", kWire, kTemporary,
       kNeedsTxt, !kSlow, Damaged(Owner(LongName()))},
  };
}

std::vector<Fault> LyingData() {
  using enum Outcome;
  return {
      {"rdlength-too-long", "The record is longer than the message.",
       "The answer with RDLENGTH 32767.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Damaged(RdLength(0x7fff))},
      {"rdlength-too-short", "The record ends within its string.",
       "The answer with RDLENGTH 1.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Damaged(RdLength(1))},
      {"empty-rdata", "The record holds no string at all.",
       "The answer with RDLENGTH 0.", kWire, kTemporary, kNeedsTxt, !kSlow,
       Shaped(EachTxt([](Record& record) { record.rdata.clear(); }))},
      {"lying-string-length", "A string of the record is longer than it.",
       "The last string's length octet is 255, beyond RDLENGTH.", kWire,
       kTemporary, kNeedsTxt, !kSlow, Shaped(EachTxt(LieAboutLastString))},
      {"string-cut-off", "The record ends in the length of a string.",
       "The answer; RDATA has one more octet, 01, and RDLENGTH counts it.",
       kWire, kTemporary, kNeedsTxt, !kSlow, Shaped(EachTxt(OctetLeftOver))},
  };
}

}  // namespace

std::vector<Fault> MalformedFaults() {
  std::vector<Fault> all = Fragments();
  for (auto part : {LyingCounts, LyingNames, LyingData}) {
    for (Fault& fault : part()) {
      all.push_back(std::move(fault));
    }
  }
  return all;
}

}  // namespace dkimspec::dnsstub
