// Presets: names that lead to other names (CNAME, DNAME). The other names are
// in the zone too, because resolvers ask for them.
#include <algorithm>

#include "dnsstub/fault_shapes.h"

namespace dkimspec::dnsstub {
namespace {

using Kind = ZoneEntry::Kind;
using Txt = std::vector<TxtRecord>;

ZoneEntry Cname(std::string target) {
  return {Kind::kCname, {}, std::move(target), ""};
}

// "c2.k.example" for the second name behind "k.example".
std::string Behind(const std::string& name, int hop) {
  return "c" + std::to_string(hop) + "." + name;
}

// `hops` CNAMEs, and at their end what is given.
Zone Chain(const std::string& name, int hops, const ZoneEntry& end) {
  Zone zone;
  std::string here = name;
  for (int hop = 1; hop <= hops; ++hop) {
    const std::string next = Behind(name, hop);
    zone[here] = Cname(next);
    here = next;
  }
  zone[here] = end;
  return zone;
}

template <int hops>
Zone ChainToTxt(const std::string& name, const Txt& txt) {
  return Chain(name, hops, {Kind::kTxt, txt, "", ""});
}

template <Kind kind>
Zone ChainTo(const std::string& name, const Txt&) {
  return Chain(name, 1, {kind, {}, "", ""});
}

Zone Dangling(const std::string& name, const Txt&) {
  // Said outright: in the fault zone every name exists, and is such an alias.
  return {{name, Cname(Behind(name, 1))},
          {Behind(name, 1), {Kind::kNxDomain, {}, "", ""}}};
}

Zone Self(const std::string& name, const Txt&) { return {{name, Cname(name)}}; }

Zone Loop(const std::string& name, const Txt&) {
  return {{name, Cname(Behind(name, 1))}, {Behind(name, 1), Cname(name)}};
}

// "s.moved.a.example" for "s._domainkey.a.example", as a DNAME makes it.
std::string Moved(const std::string& name) {
  const std::size_t dot = name.find('.');
  const std::size_t next = name.find('.', dot + 1);
  return name.substr(0, dot) + ".moved" +
         (next == std::string::npos ? "" : name.substr(next));
}

Zone Redirected(const std::string& name, const Txt& txt) {
  return {{name, Cname(Moved(name))}, {Moved(name), {Kind::kTxt, txt, "", ""}}};
}

// False when the last name of the chain is asked for itself.
bool StartsWithAlias(const Message& message) {
  return !message.answers.empty() && message.answers[0].type == kTypeCname;
}

// RFC 6672 section 3.1: the DNAME stands before the CNAME made from it.
void InsertDname(Message& message) {
  if (!StartsWithAlias(message)) {
    return;
  }
  const Record& cname = message.answers[0];
  message.answers.insert(message.answers.begin(),
                         {std::string(Parent(cname.name)), kTypeDname,
                          std::string(Parent(cname.rdata))});
}

void OnlyFirst(Message& message) {
  if (StartsWithAlias(message)) {
    message.answers.resize(1);
  }
}

// The record stands at the alias as well (RFC 1034 section 3.6.2 forbids it).
void CnameAndTxt(Message& message) {
  if (!StartsWithAlias(message)) {
    return;
  }
  std::vector<Record> both;
  for (const Record& record : message.answers) {
    if (record.type == kTypeTxt) {
      both.push_back(record);
      both.back().name = message.answers[0].name;
    }
  }
  message.answers.insert(message.answers.begin() + 1, both.begin(), both.end());
}

void CnameLast(Message& message) {
  std::stable_partition(
      message.answers.begin(), message.answers.end(),
      [](const Record& record) { return record.type == kTypeTxt; });
}

Plan Plain() { return Both(Step{}); }

}  // namespace

std::vector<Fault> AliasFaults() {
  using enum Outcome;
  return {
      {"cname", "The name is an alias.", "CNAME to c1.NAME, and its TXT.",
       kCore, kAnswer, kNeedsTxt, !kSlow, Plain(), ChainToTxt<1>},
      {"cname-chain-3", "An alias of an alias of an alias.",
       "CNAMEs to c1.NAME, c2.NAME, c3.NAME, and its TXT.", kCore, kAnswer,
       kNeedsTxt, !kSlow, Plain(), ChainToTxt<3>},
      {"cname-chain-8", "Eight aliases, one after the other.",
       "8 CNAMEs up to c8.NAME, and its TXT.", kCore, kAnswer, kNeedsTxt,
       !kSlow, Plain(), ChainToTxt<8>},
      {"cname-chain-11", "Eleven aliases: more than some follow.",
       "11 CNAMEs up to c11.NAME, and its TXT.", kWire, kAnswer, kNeedsTxt,
       !kSlow, Plain(), ChainToTxt<11>},
      {"cname-chain-12", "Twelve aliases: more than we follow.",
       "RCODE 2, no records.", kCore, kTemporary, kNeedsTxt, !kSlow, Plain(),
       ChainToTxt<12>},
      {"cname-dangling", "The alias leads to a name that does not exist.",
       "CNAME to c1.NAME; RCODE 3, SOA in AUTHORITY.", kCore, kNoRecord,
       !kNeedsTxt, !kSlow, Plain(), Dangling},
      {"cname-nodata", "The alias leads to a name without TXT record.",
       "CNAME to c1.NAME; RCODE 0, SOA in AUTHORITY.", kCore, kNoRecord,
       !kNeedsTxt, !kSlow, Plain(), ChainTo<Kind::kNoData>},
      {"cname-servfail", "The alias leads to a name that fails.",
       "RCODE 2, no records.", kCore, kTemporary, !kNeedsTxt, !kSlow,
       Shaped(Fails(kServFail)), ChainTo<Kind::kServFail>},
      {"cname-to-itself", "The alias leads to itself.", "RCODE 2, no records.",
       kCore, kTemporary, !kNeedsTxt, !kSlow, Plain(), Self},
      {"cname-loop", "Two aliases lead to each other.", "RCODE 2, no records.",
       kCore, kTemporary, !kNeedsTxt, !kSlow, Plain(), Loop},
      {"cname-only", "The alias comes without what it leads to.",
       "CNAME to c1.NAME; the client must ask for that.", kWire, kAnswer,
       kNeedsTxt, !kSlow, Shaped(OnlyFirst), ChainToTxt<1>},
      {"cname-beside-txt", "The alias has a record of its own.",
       "CNAME to c1.NAME, the same TXT at NAME and at c1.NAME.", kWire, kAnswer,
       kNeedsTxt, !kSlow, Shaped(CnameAndTxt), ChainToTxt<1>},
      {"cname-last", "The alias follows what it leads to.",
       "TXT of c1.NAME, and the CNAME to it.", kWire, kAnswer, kNeedsTxt,
       !kSlow, Shaped(CnameLast), ChainToTxt<1>},
      {"dname", "The name's parent leads elsewhere.",
       "DNAME of the parent to moved.GRANDPARENT, the CNAME made from it, TXT.",
       kCore, kAnswer, kNeedsTxt, !kSlow, Shaped(InsertDname), Redirected},
  };
}

}  // namespace dkimspec::dnsstub
