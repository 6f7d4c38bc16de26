#include "dnsstub/signed_zones.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace dkimspec::dnsstub {
namespace {

// The first field of RRSIG (RFC 4034 section 3.1).
std::uint16_t TypeCovered(std::string_view rdata) {
  return rdata.size() < 2 ? std::uint16_t{0}
                          : static_cast<std::uint16_t>(
                                static_cast<unsigned char>(rdata[0]) << 8 |
                                static_cast<unsigned char>(rdata[1]));
}

// What an answer ends at: the name asked for, or where its CNAMEs lead.
std::string FinalName(const Message& message) {
  if (!message.answers.empty() && message.answers.back().type == kTypeCname) {
    return LowerName(message.answers.back().rdata);
  }
  return message.question ? LowerName(message.question->name) : "";
}

template <typename Labels>
bool IsBelow(const Labels& name, const Labels& above) {
  return name.size() >= above.size() &&
         std::equal(above.begin(), above.end(), name.begin());
}

}  // namespace

SignedZones::Labels SignedZones::LabelsOf(std::string_view wire_name) {
  Labels labels;
  for (std::string lower = LowerName(wire_name); lower.size() > 1;) {
    const auto length = static_cast<unsigned char>(lower[0]);
    labels.insert(labels.begin(), lower.substr(1, length));
    lower.erase(0, length + std::size_t{1});
  }
  return labels;
}

void SignedZones::Add(const RecordSet& records) {
  const std::optional<std::string> name = ToWireName(records.name);
  if (!name || records.rdata.empty()) {
    return;
  }
  const std::string lower = LowerName(*name);
  Record record{*name, records.type, records.rdata[0], records.ttl};
  if (records.type == kTypeSoa) {
    soas_[lower] = record;
  } else if (records.type == kTypeNsec) {
    nsecs_[LabelsOf(lower)] = record;
  } else if (records.type == kTypeRrsig) {
    for (const std::string& rdata : records.rdata) {
      record.rdata = rdata;
      signatures_[{lower, TypeCovered(rdata)}].push_back(record);
    }
  }
}

// Of the zone that `lower` lies in; nullptr if that is not a signed one.
const Record* SignedZones::FindSoa(std::string_view lower) const {
  for (std::string_view name = lower; name.size() > 1; name = Parent(name)) {
    const auto found = soas_.find(std::string(name));
    if (found != soas_.end()) {
      return nsecs_.count(LabelsOf(name)) != 0 ? &found->second : nullptr;
    }
  }
  return nullptr;
}

// The NSEC record of `name`, or else the one whose span it falls into.
const Record* SignedZones::FindNsec(const Labels& name,
                                    const Labels& apex) const {
  const auto after = nsecs_.upper_bound(name);
  if (after == nsecs_.begin() || !IsBelow(std::prev(after)->first, apex)) {
    return nullptr;
  }
  return &std::prev(after)->second;
}

// As a name with records, or above one.
bool SignedZones::Exists(const Labels& name) const {
  const auto found = nsecs_.lower_bound(name);
  return found != nsecs_.end() && IsBelow(found->first, name);
}

// RFC 4035 sections 3.1.3.1 and 3.1.3.2: the name's own NSEC record shows which
// types are there; that none spans the name shows that it does not exist, and
// then no wildcard may stand for it.
void SignedZones::Prove(const Message& message, const std::string& apex,
                        std::vector<Record>& proof) const {
  const Labels top = LabelsOf(apex);
  Labels name = LabelsOf(FinalName(message));
  const Record* own = FindNsec(name, top);
  if (own == nullptr) {
    return;
  }
  proof.push_back(*own);
  if (message.rcode != kNxDomain) {
    return;
  }
  while (name.size() > top.size() && !Exists(name)) {
    name.pop_back();
  }
  name.emplace_back("*");
  const Record* wildcard = FindNsec(name, top);
  if (wildcard != nullptr && wildcard->name != own->name) {
    proof.push_back(*wildcard);
  }
}

// Puts signatures behind each set of records.
void SignedZones::Sign(std::vector<Record>& section) const {
  std::vector<Record> result;
  for (std::size_t i = 0; i < section.size(); ++i) {
    const std::string owner = LowerName(section[i].name);
    const std::uint16_t type = section[i].type;
    result.push_back(section[i]);
    const bool last = std::none_of(
        section.begin() + static_cast<std::ptrdiff_t>(i) + 1, section.end(),
        [&](const Record& other) {
          return other.type == type && LowerName(other.name) == owner;
        });
    const auto found = signatures_.find({owner, type});
    if (last && found != signatures_.end()) {
      result.insert(result.end(), found->second.begin(), found->second.end());
    }
  }
  section = std::move(result);
}

void SignedZones::Complete(Message& message) const {
  if (soas_.empty() && signatures_.empty()) {
    return;
  }
  if (!message.authorities.empty() && message.authorities[0].type == kTypeSoa) {
    if (const Record* soa = FindSoa(FinalName(message))) {
      message.authorities = {*soa};
      if (message.dnssec_ok) {
        Prove(message, soa->name, message.authorities);
      }
    }
  }
  if (message.dnssec_ok) {
    Sign(message.answers);
    Sign(message.authorities);
  }
}

}  // namespace dkimspec::dnsstub
