// The named faults that a zone entry of kind kFault may ask for.
//
// A preset is a row in one of the tables faults_*.cc, one for each topic:
// whatever the server, a recipe or docs/dns-faults.md needs to know about it is
// data.
//
// Faults meet queries for TXT only. Other types find the name as it would be
// without the fault, so that a resolver that explores the zone first is not
// turned away by a question that DKIM never asks.
#ifndef DKIMSPEC_DNSSTUB_FAULT_H_
#define DKIMSPEC_DNSSTUB_FAULT_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dnsstub/plan.h"
#include "reference/base/zone.h"

namespace dkimspec::dnsstub {

// What a client that resolves correctly ends up with.
enum class Outcome { kAnswer, kNoRecord, kTemporary };

struct Fault {
  std::string_view name;     // "tc-reset"
  std::string_view summary;  // One sentence.
  std::string_view wire;     // What goes over the wire, exactly.
  bool survives_recursor;    // True: `core`. False: `wire`.
  Outcome outcome;
  bool needs_txt;  // The entry must carry records.
  bool slow;       // Costs the client a timeout or a second.
  Plan plan;       // What the server does.
  // If not null: what the zone holds instead of this entry, `name` included.
  // The final name of its CNAMEs then meets the plan.
  Zone (*zone)(const std::string& name,
               const std::vector<TxtRecord>& txt) = nullptr;
  std::string_view topic = {};  // "Response codes"
};

std::string_view ToString(Outcome outcome);  // "answer", "no record", ...

std::span<const Fault> AllFaults();
const Fault* FindFault(std::string_view name);  // nullptr if unknown.

// What the entry means to a client that resolves correctly, for transports
// without sockets: kFault becomes kTxt, kNxDomain, kNoData, kServFail or
// kTimeout. nullopt: only a socket can show this fault, or it is unknown, or
// it needs records and has none.
std::optional<ZoneEntry> Project(const ZoneEntry& entry);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_FAULT_H_
