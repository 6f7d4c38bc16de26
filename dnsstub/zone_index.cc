#include "dnsstub/zone_index.h"

#include <utility>

namespace dkimspec::dnsstub {
namespace {

// RFC 1035 section 3.3.14. A string above 255 octets, which no zone should
// hold, is cut.
std::string EncodeTxt(const TxtRecord& record) {
  std::string rdata;
  for (const std::string& text : record) {
    for (const std::string& part : SplitAt255(text)) {
      rdata += static_cast<char>(part.size());
      rdata += part;
    }
  }
  return rdata.empty() ? std::string(1, '\0') : rdata;
}

}  // namespace

ZoneIndex::Node ZoneIndex::MakeNode(const ZoneEntry& entry) {
  Node node;
  node.kind = entry.kind;
  for (const TxtRecord& record : entry.txt) {
    node.rdata.push_back(EncodeTxt(record));
  }
  switch (entry.kind) {
    case ZoneEntry::Kind::kServFail:
      node.fault = FindFault("servfail");
      break;
    case ZoneEntry::Kind::kTimeout:
      node.fault = FindFault("drop");
      break;
    case ZoneEntry::Kind::kFault:
      node.fault = FindFault(entry.fault);
      node.broken = node.fault == nullptr;
      break;
    case ZoneEntry::Kind::kCname: {
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

void ZoneIndex::Add(const Zone& zone) {
  for (const auto& [name, entry] : zone) {
    std::optional<std::string> wire = ToWireName(name);
    if (!wire) {
      continue;
    }
    std::string lower = LowerName(*wire);
    std::string_view parent = Parent(lower);
    while (parents_.emplace(parent).second) {
      parent = Parent(parent);
    }
    Node node = MakeNode(entry);
    if (!node.target.empty()) {
      targets_.insert(LowerName(node.target));
    }
    nodes_.insert_or_assign(std::move(lower), std::move(node));
  }
}

Resolution ZoneIndex::Resolve(const std::string& name,
                              std::uint16_t type) const {
  Resolution resolution;
  std::string owner = name;
  for (int hop = 0; hop <= kMaxCnames; ++hop) {
    std::string lower = LowerName(owner);
    auto found = nodes_.find(lower);
    if (found == nodes_.end()) {
      FinishUnknown(lower, resolution);
      resolution.expected = resolution.expected || hop > 0;
      return resolution;
    }
    const Node& node = found->second;
    if (node.kind != ZoneEntry::Kind::kCname || node.broken) {
      Finish(node, owner, type, resolution);
      return resolution;
    }
    resolution.answers.push_back({owner, kTypeCname, node.target});
    if (type == kTypeCname || type == kTypeAny) {
      return resolution;
    }
    owner = node.target;
  }
  resolution.answers.clear();
  resolution.rcode = kServFail;
  return resolution;
}

void ZoneIndex::FinishUnknown(const std::string& lower,
                              Resolution& resolution) const {
  resolution.negative = true;
  if (parents_.count(lower) != 0) {
    return;  // An empty non-terminal exists: RFC 8020 section 2, RFC 4592 2.2.2
  }
  resolution.rcode = kNxDomain;
  resolution.expected = targets_.count(lower) != 0;
}

void ZoneIndex::Finish(const Node& node, const std::string& owner,
                       std::uint16_t type, Resolution& resolution) const {
  if (node.broken) {
    resolution.answers.clear();
    resolution.rcode = kServFail;
    return;
  }
  bool wants_txt = type == kTypeTxt || type == kTypeAny;
  if (node.kind == ZoneEntry::Kind::kNxDomain) {
    resolution.rcode = kNxDomain;
  } else if (wants_txt) {
    for (const std::string& rdata : node.rdata) {
      resolution.answers.push_back({owner, kTypeTxt, rdata});
    }
    resolution.fault = node.fault;
  }
  resolution.negative =
      resolution.answers.empty() || resolution.answers.back().type != kTypeTxt;
}

}  // namespace dkimspec::dnsstub
