// A zone, ready to be asked: names on the wire, records encoded.
#ifndef DKIMSPEC_DNSSTUB_ZONE_INDEX_H_
#define DKIMSPEC_DNSSTUB_ZONE_INDEX_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dnsstub/fault.h"
#include "dnsstub/wire.h"
#include "reference/base/zone.h"

namespace dkimspec::dnsstub {

// CNAMEs followed in one answer; a longer chain, or a loop, is SERVFAIL.
inline constexpr int kMaxCnames = 11;

// The right answer to a question, before any fault.
struct Resolution {
  int rcode = kNoError;
  std::vector<Record> answers;
  bool negative = false;         // NXDOMAIN or NODATA: an SOA belongs to it.
  const Fault* fault = nullptr;  // What the final name asks for; may be null.
  bool expected = true;          // The name asked for is known to the zone.
};

class ZoneIndex {
 public:
  // Adds or replaces names. A name that cannot be asked for (a label above 63
  // octets, say) is left out.
  void Add(const Zone& zone);

  Resolution Resolve(const std::string& name, std::uint16_t type) const;

 private:
  struct Node {
    ZoneEntry::Kind kind = ZoneEntry::Kind::kNxDomain;
    std::vector<std::string> rdata;
    std::string target;            // On the wire.
    const Fault* fault = nullptr;  // Also for kServFail and kTimeout.
    bool broken = false;           // Preset or target that we do not know.
  };

  static Node MakeNode(const ZoneEntry& entry);
  void Finish(const Node& node, const std::string& owner, std::uint16_t type,
              Resolution& resolution) const;
  void FinishUnknown(const std::string& lower, Resolution& resolution) const;

  std::unordered_map<std::string, Node> nodes_;  // By name in lower case.
  std::unordered_set<std::string> parents_;      // Names with names below.
  std::unordered_set<std::string> targets_;      // Where CNAMEs point to.
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_ZONE_INDEX_H_
