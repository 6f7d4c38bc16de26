// Presets: servers that know EDNS badly, or not (RFC 6891).
#include "dnsstub/fault_shapes.h"

namespace dkimspec::dnsstub {
namespace {

Shape WithoutOpt(Shape first = nullptr) {
  return [first = std::move(first)](Message& message) {
    if (first) {
      first(message);
    }
    message.edns = false;
  };
}

// RFC 6891 section 6.1.2: NAME, TYPE, CLASS (the size), TTL, RDLENGTH.
const std::string kOpt("\0\0\x29\x02\0\0\0\0\0\0\0", 11);

// Appends an OPT record, whether or not there is one.
void AppendOpt(std::string& octets) {
  if (octets.size() >= kHeaderSize) {
    octets += kOpt;
    Set8(octets, 11, static_cast<unsigned char>(octets[11]) + 1u);
  }
}

// The final record is OPT if there was one in the query: shape it there.
Damage OptField(std::size_t from_end, unsigned value) {
  return [from_end, value](std::string& octets) {
    if (octets.size() > kHeaderSize + kOpt.size() && octets[11] == 1) {
      Set16(octets, octets.size() - from_end, value);
    }
  };
}

}  // namespace

std::vector<Fault> EdnsFaults() {
  using enum Outcome;
  return {
      {"edns-formerr", "The server does not understand EDNS.",
       "To OPT: RCODE 1, no records, no OPT. Without: the answer.", kCore,
       kAnswer, kNeedsTxt, !kSlow,
       OnlyEdns(Shaped(WithoutOpt(Fails(kFormErr))))},
      {"edns-notimp", "The server does not do EDNS.",
       "To OPT: RCODE 4, no records, no OPT. Without: the answer.", kCore,
       kAnswer, kNeedsTxt, !kSlow,
       OnlyEdns(Shaped(WithoutOpt(Fails(kNotImp))))},
      {"edns-servfail", "The server fails at EDNS.",
       "To OPT: RCODE 2, no records, no OPT. Without: the answer.", kWire,
       kTemporary, kNeedsTxt, !kSlow,
       OnlyEdns(Shaped(WithoutOpt(Fails(kServFail))))},
      {"edns-drop", "Queries with EDNS are lost.",
       "To OPT: as drop. Without: the answer.", kWire, kTemporary, kNeedsTxt,
       kSlow, OnlyEdns(Plan{})},
      {"edns-badvers", "The server claims not to know the EDNS version.",
       "To OPT: as badvers. Without: the answer.", kWire, kTemporary, kNeedsTxt,
       !kSlow, OnlyEdns(Shaped(Fails(kBadVers)))},
      {"edns-ignored", "The server ignores EDNS.", "The answer without OPT.",
       kCore, kAnswer, kNeedsTxt, !kSlow, Shaped(WithoutOpt())},
      {"opt-unasked", "EDNS comes unasked.",
       "The answer with OPT, size 512, whether or not the query had one.",
       kWire, kAnswer, kNeedsTxt, !kSlow,
       Both({.shape = WithoutOpt(), .damage = AppendOpt})},
      {"opt-twice", "There are two OPT records.",
       "The answer and one more OPT, size 512, at its end.", kWire, kTemporary,
       kNeedsTxt, !kSlow, Damaged(AppendOpt)},
      {"opt-size-zero", "The server says it takes no octets.",
       "To OPT: the answer; OPT's size is 0.", kCore, kAnswer, kNeedsTxt,
       !kSlow, Damaged(OptField(8, 0))},
      {"opt-version-1", "The reply has a later EDNS version.",
       "To OPT: the answer; OPT's VERSION is 1, its flags are as they were.",
       kWire, kAnswer, kNeedsTxt, !kSlow, Damaged(OptField(6, 1))},
      {"opt-unknown-option", "EDNS carries an option that nobody knows.",
       "To OPT: the answer; OPT holds option 65001 with 4 octets AA.", kCore,
       kAnswer, kNeedsTxt, !kSlow, Shaped([](Message& message) {
         message.edns_options = std::string("\xfd\xe9\0\4\xaa\xaa\xaa\xaa", 8);
       })},
      {"opt-rdlength-lies", "The OPT record is longer than the message.",
       "To OPT: the answer; OPT's RDLENGTH is 40.", kWire, kTemporary,
       kNeedsTxt, !kSlow, Damaged(OptField(2, 40))},
  };
}

}  // namespace dkimspec::dnsstub
