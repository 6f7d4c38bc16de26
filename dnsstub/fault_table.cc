// All presets, joined from the tables by topic. To add one, add a row to its
// topic's table and write docs/dns-faults.md anew: run the documentation test
// with DKIMSPEC_REBASE=1.
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dnsstub/fault_shapes.h"

namespace dkimspec::dnsstub {
namespace {

struct Topic {
  std::string_view title;
  std::vector<Fault> (*rows)();
};

constexpr Topic kTopics[] = {
    {"Response codes", ResponseCodeFaults},
    {"Silence and time", TimeFaults},
    {"Transport", TransportFaults},
    {"EDNS", EdnsFaults},
    {"Spoofing and flags", SpoofingFaults},
    {"Malformed messages", MalformedFaults},
    {"Data", DataFaults},
    {"Aliases", AliasFaults},
    {"Sequences", SequenceFaults},
};

const std::vector<Fault>& Table() {
  static const std::vector<Fault> table = [] {
    std::vector<Fault> all;
    for (const Topic& topic : kTopics) {
      for (Fault& fault : topic.rows()) {
        fault.topic = topic.title;
        all.push_back(std::move(fault));
      }
    }
    return all;
  }();
  return table;
}

}  // namespace

std::span<const Fault> AllFaults() { return Table(); }

const Fault* FindFault(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const Fault*> map;
    for (const Fault& fault : Table()) {
      map.emplace(fault.name, &fault);
    }
    return map;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

}  // namespace dkimspec::dnsstub
