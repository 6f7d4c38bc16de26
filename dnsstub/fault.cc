#include "dnsstub/fault.h"

#include <algorithm>

namespace dkimspec::dnsstub {
namespace {

// Silence of any kind is a timeout to those who cannot see packets.
bool IsSilent(const Plan& plan) {
  constexpr std::chrono::seconds kPatience{20};
  auto too_late = [&](const Step& step) { return step.delay > kPatience; };
  return plan.tcp.empty() ||
         std::all_of(plan.tcp.begin(), plan.tcp.end(), too_late);
}

ZoneEntry::Kind ProjectedKind(const Fault& fault) {
  switch (fault.outcome) {
    case Outcome::kAnswer:
      return ZoneEntry::Kind::kTxt;
    case Outcome::kNoRecord:
      return fault.name.starts_with("nxdomain") ? ZoneEntry::Kind::kNxDomain
                                                : ZoneEntry::Kind::kNoData;
    case Outcome::kTemporary:
      break;
  }
  return IsSilent(fault.plan) ? ZoneEntry::Kind::kTimeout
                              : ZoneEntry::Kind::kServFail;
}

}  // namespace

const Fault* FindFault(std::string_view name) {
  for (const Fault& fault : AllFaults()) {
    if (fault.name == name) {
      return &fault;
    }
  }
  return nullptr;
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
    projected.txt = entry.txt;
  }
  return projected;
}

}  // namespace dkimspec::dnsstub
