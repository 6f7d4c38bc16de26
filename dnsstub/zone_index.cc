#include "dnsstub/zone_index.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dnsstub/txt.h"

namespace dkimspec::dnsstub {
namespace {

using Kind = ZoneEntry::Kind;

// Names made for clients, in each of two halves.
constexpr std::size_t kMaxMade = 20000;

// RFC 8463 appendix A.2.
constexpr const char* kTestKey =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

}  // namespace

ZoneIndex::Node ZoneIndex::MakeNode(const ZoneEntry& entry) {
  Node node;
  node.kind = entry.kind;
  if (!entry.txt.empty()) {
    node.sets.emplace_back();
  }
  for (const TxtRecord& record : entry.txt) {
    node.sets[0].rdata.push_back(EncodeTxt(record));
  }
  switch (entry.kind) {
    case Kind::kServFail:
      node.fault = FindFault("servfail");
      break;
    case Kind::kTimeout:
      node.fault = FindFault("drop");
      break;
    case Kind::kFault:
      node.fault = FindFault(entry.fault);
      node.broken = node.fault == nullptr;
      break;
    case Kind::kCname: {
      std::optional<std::string> target = ToWireName(entry.target);
      node.broken = !target;
      node.target = target.value_or("");
      break;
    }
    default:
      break;
  }
  return node;
}

void ZoneIndex::Names::AddParents(std::string_view lower) {
  std::string_view parent = Parent(lower);
  while (parents.emplace(parent).second) {
    parent = Parent(parent);
  }
}

void ZoneIndex::Names::Store(std::string lower, Node node) {
  AddParents(lower);
  if (!node.target.empty()) {
    targets.insert(LowerName(node.target));
  }
  wildcards = wildcards || lower.starts_with("\1*");
  nodes.insert_or_assign(std::move(lower), std::move(node));
}

// Some presets are made of several names.
void ZoneIndex::Names::AddFault(const std::string& name,
                                const ZoneEntry& entry) {
  const Fault* fault = FindFault(entry.fault);
  for (const auto& [each, part] : fault->zone(name, entry.txt)) {
    if (std::optional<std::string> wire = ToWireName(each)) {
      Node node = MakeNode(part);
      if (part.kind != Kind::kCname) {
        node.fault = fault;
      }
      Store(LowerName(*wire), std::move(node));
    }
  }
}

void ZoneIndex::Names::AddEntry(const std::string& name,
                                const ZoneEntry& entry) {
  std::optional<std::string> wire = ToWireName(name);
  if (!wire) {
    return;
  }
  Node node = MakeNode(entry);
  if (node.fault != nullptr && node.fault->zone != nullptr) {
    AddFault(name, entry);
  } else {
    Store(LowerName(*wire), std::move(node));
  }
}

void ZoneIndex::Add(const Zone& zone) {
  own_.nodes.reserve(own_.nodes.size() + zone.size());
  for (const auto& [name, entry] : zone) {
    own_.AddEntry(name, entry);
  }
}

void ZoneIndex::Add(const RecordSet& records) {
  std::optional<std::string> wire = ToWireName(records.name);
  if (!wire) {
    return;
  }
  signed_.Add(records);
  std::string lower = LowerName(*wire);
  Node& node = own_.nodes[lower];
  node.kind = node.kind == Kind::kNxDomain ? Kind::kNoData : node.kind;
  if (records.type == kTypeCname && !records.rdata.empty()) {
    node.kind = Kind::kCname;
    node.target = records.rdata[0];
    node.ttl = records.ttl;
    own_.targets.insert(LowerName(node.target));
  } else if (records.type == kTypeDname && !records.rdata.empty()) {
    node.dname = records.rdata[0];
    node.ttl = records.ttl;
    dnames_ = true;
  } else if (!records.rdata.empty()) {
    node.kind = Kind::kTxt;
    node.sets.push_back(records);
  }
  own_.AddParents(lower);
  own_.wildcards = own_.wildcards || lower.starts_with("\1*");
}

const ZoneIndex::Node* ZoneIndex::Find(const Scope& scope,
                                       const std::string& lower) const {
  for (const Names* names : scope) {
    if (auto found = names->nodes.find(lower); found != names->nodes.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

const ZoneIndex::Node* ZoneIndex::FindOwn(const std::string& lower) const {
  const auto found = own_.nodes.find(lower);
  return found == own_.nodes.end() ? nullptr : &found->second;
}

// RFC 4592 section 3.3.1: the wildcard below the closest name that exists.
const ZoneIndex::Node* ZoneIndex::FindWildcard(const std::string& lower) const {
  if (!own_.wildcards || own_.parents.count(lower) != 0) {
    return nullptr;
  }
  std::string_view encloser = lower;
  while (encloser.size() > 1) {
    encloser = Parent(encloser);
    std::string name(encloser);
    if (const Node* node = FindOwn("\1*" + name)) {
      return node;
    }
    if (own_.parents.count(name) != 0 || own_.nodes.count(name) != 0) {
      return nullptr;
    }
  }
  return nullptr;
}

void ZoneIndex::MakeFault(const std::string& lower, const Pattern::Fit& fit) {
  ZoneEntry entry{Kind::kFault, {{kTestKey}}, "", std::string(fit.fault->name)};
  const Node* own = FindOwn(fit.rest);
  if (own != nullptr && !own->sets.empty()) {
    entry.txt.clear();
    for (const std::string& rdata : own->sets[0].rdata) {
      entry.txt.push_back(DecodeTxt(rdata));
    }
  }
  if (made_.nodes.size() >= kMaxMade) {
    made_before_ = std::exchange(made_, Names());
  }
  made_.AddEntry(ToText(lower), entry);
}

// RFC 6672 section 3.1.
std::string ZoneIndex::Redirect(const std::string& owner,
                                const std::string& lower,
                                Resolution& resolution) const {
  for (std::string_view up = lower; dnames_ && up.size() > 1;) {
    up = Parent(up);
    const Node* node = FindOwn(std::string(up));
    if (node != nullptr && !node->dname.empty()) {
      std::string at = owner.substr(owner.size() - up.size());
      std::string target =
          owner.substr(0, owner.size() - up.size()) + node->dname;
      resolution.answers.push_back({at, kTypeDname, node->dname, node->ttl});
      resolution.answers.push_back({owner, kTypeCname, target, node->ttl});
      return target.size() <= 255 ? target : "";
    }
  }
  return "";
}

Resolution ZoneIndex::Resolve(const std::string& name, const std::string& lower,
                              std::uint16_t type, bool follow,
                              const Pattern::Fit* made) {
  const std::array<const Names*, 3> all{&own_, &made_, &made_before_};
  const Scope scope(all.data(), made != nullptr ? all.size() : 1);
  if (made != nullptr) {
    if (Find(scope, lower) == nullptr) {
      MakeFault(lower, *made);
    }
  }
  Resolution resolution;
  std::string owner = name;
  std::string here = lower;
  for (int hop = 0; hop <= options_.max_cnames; ++hop) {
    const Node* node = Find(scope, here);
    if (node == nullptr) {
      node = FindWildcard(here);
    }
    std::string next;
    if (node == nullptr) {
      next = Redirect(owner, here, resolution);
      if (next.empty()) {
        FinishUnknown(scope, here, resolution);
        resolution.expected = resolution.expected || hop > 0;
        return resolution;
      }
    } else if (node->kind != Kind::kCname || node->broken) {
      Finish(*node, owner, type, resolution);
      return resolution;
    } else {
      next = node->target;
      resolution.answers.push_back({owner, kTypeCname, next, node->ttl});
    }
    if (!follow || type == kTypeCname || type == kTypeAny) {
      return resolution;
    }
    owner = std::move(next);
    here = LowerName(owner);
  }
  if (options_.loops_fail) {
    resolution.answers.clear();
    resolution.rcode = kServFail;
  }
  return resolution;
}

void ZoneIndex::FinishUnknown(const Scope& scope, const std::string& lower,
                              Resolution& resolution) const {
  resolution.negative = true;
  auto in_scope = [&](auto member) {
    return std::any_of(scope.begin(), scope.end(), [&](const Names* names) {
      return (names->*member).count(lower) != 0;
    });
  };
  if (in_scope(&Names::parents)) {
    return;  // An empty non-terminal exists: RFC 8020 section 2, RFC 4592 2.2.2
  }
  resolution.rcode = kNxDomain;
  resolution.expected = in_scope(&Names::targets);
}

void ZoneIndex::Finish(const Node& node, const std::string& owner,
                       std::uint16_t type, Resolution& resolution) const {
  if (node.broken) {
    resolution.answers.clear();
    resolution.rcode = kServFail;
    return;
  }
  resolution.negative = true;
  if (node.kind == Kind::kNxDomain) {
    resolution.rcode = kNxDomain;
    return;
  }
  if (!node.dname.empty() && (type == kTypeDname || type == kTypeAny)) {
    resolution.answers.push_back({owner, kTypeDname, node.dname, node.ttl});
    resolution.negative = false;
  }
  for (const RecordSet& set : node.sets) {
    if (type != set.type && type != kTypeAny) {
      continue;
    }
    for (const std::string& rdata : set.rdata) {
      resolution.answers.push_back({owner, set.type, rdata, set.ttl});
    }
    resolution.order = set.order;
    resolution.negative = false;
  }
  if (type == kTypeTxt || type == kTypeAny) {
    resolution.fault = node.fault;
  }
}

}  // namespace dkimspec::dnsstub
