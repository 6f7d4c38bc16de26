#include "dnsstub/fault.h"

#include <algorithm>

#include "dnsstub/txt.h"

namespace dkimspec::dnsstub {
namespace {

// Silence of any kind is a timeout to those who cannot see packets.
bool IsSilent(const std::vector<Step>& steps) {
  constexpr std::chrono::seconds kPatience{20};
  return std::all_of(steps.begin(), steps.end(),
                     [&](const Step& step) { return step.delay > kPatience; });
}

ZoneEntry::Kind ProjectedKind(const Fault& fault) {
  switch (fault.outcome) {
    case Outcome::kAnswer:
      return ZoneEntry::Kind::kTxt;
    case Outcome::kNoRecord:
      return fault.name.find("nxdomain") != std::string_view::npos ||
                     fault.name == "cname-dangling"
                 ? ZoneEntry::Kind::kNxDomain
                 : ZoneEntry::Kind::kNoData;
    case Outcome::kTemporary:
      break;
  }
  return IsSilent(fault.plan.udp) || IsSilent(fault.plan.tcp)
             ? ZoneEntry::Kind::kTimeout
             : ZoneEntry::Kind::kServFail;
}

// The records as the first query over TCP finds them: some presets change
// them, and a client that sees no packets must see the same.
std::vector<TxtRecord> Changed(const Plan& plan,
                               const std::vector<TxtRecord>& txt) {
  const bool met = plan.applies == nullptr || plan.applies(1);
  if (!met || plan.tcp.empty() || !plan.tcp[0].shape) {
    return txt;
  }
  Message message;
  for (const TxtRecord& record : txt) {
    message.answers.push_back({"", kTypeTxt, EncodeTxt(record)});
  }
  plan.tcp[0].shape(message);
  std::vector<TxtRecord> changed;
  for (const Record& record : message.answers) {
    if (record.type == kTypeTxt) {
      changed.push_back(DecodeTxt(record.rdata));
    }
  }
  return changed.empty() ? txt : changed;
}

}  // namespace

std::string_view ToString(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswer:
      return "answer";
    case Outcome::kNoRecord:
      return "no record";
    case Outcome::kTemporary:
      break;
  }
  return "temporary";
}

std::optional<ZoneEntry> Project(const ZoneEntry& entry) {
  if (entry.kind != ZoneEntry::Kind::kFault) {
    return entry;
  }
  const Fault* fault = FindFault(entry.fault);
  if (fault == nullptr || !fault->survives_recursor ||
      (fault->needs_txt && entry.txt.empty())) {
    return std::nullopt;
  }
  ZoneEntry projected;
  projected.kind = ProjectedKind(*fault);
  if (projected.kind == ZoneEntry::Kind::kTxt) {
    projected.txt = Changed(fault->plan, entry.txt);
  }
  return projected;
}

}  // namespace dkimspec::dnsstub
