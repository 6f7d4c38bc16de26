// A zone, ready to be asked: names on the wire, records encoded.
#ifndef DKIMSPEC_DNSSTUB_ZONE_INDEX_H_
#define DKIMSPEC_DNSSTUB_ZONE_INDEX_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dnsstub/fault.h"
#include "dnsstub/record_set.h"
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
  bool stored = false;           // It is a name of the zone, no synthesis.
  Order order = Order::kFixed;   // Of the TXT records.
};

struct ZoneOptions {
  // Below this name, "<any>.<fault>.<zone>" meets the preset called <fault>
  // with the records of "<any>.<zone>", or where there are none with RFC 8463's
  // test key. On the wire in lower case; "": nothing does.
  std::string fault_zone;
  // SERVFAIL for a CNAME loop and for chains that are too long; else the chain
  // as far as it goes, with RCODE 0.
  bool loops_fail = true;
  int max_cnames = kMaxCnames;
};

class ZoneIndex {
 public:
  explicit ZoneIndex(ZoneOptions options = {}) : options_(std::move(options)) {}
  const ZoneOptions& options() const { return options_; }

  // Adds or replaces names. A name that cannot be asked for (a label above 63
  // octets, say) is left out. "*" as first label is a wildcard (RFC 4592).
  void Add(const Zone& zone);
  // Adds to what the name holds.
  void Add(const RecordSet& records);

  // Follows CNAMEs unless told not to: an authoritative server gives one.
  // Not const: names below the fault zone are made when they are asked for.
  Resolution Resolve(const std::string& name, const std::string& lower,
                     std::uint16_t type, bool follow = true);

 private:
  struct Node {
    ZoneEntry::Kind kind = ZoneEntry::Kind::kNxDomain;
    std::vector<RecordSet> sets;
    std::string target;            // On the wire.
    std::string dname;             // On the wire.
    std::uint32_t ttl = 0;         // Of target and dname.
    const Fault* fault = nullptr;  // Also for kServFail and kTimeout.
    bool broken = false;           // Preset or target that we do not know.
  };

  static Node MakeNode(const ZoneEntry& entry);
  void Store(std::string lower, Node node);
  void AddParents(std::string_view lower);
  void AddFault(const std::string& name, const ZoneEntry& entry);
  const Node* Find(const std::string& lower) const;
  const Node* FindWildcard(const std::string& lower) const;
  bool MakeFault(const std::string& lower);
  // Appends DNAME and CNAME; the new owner, or "".
  std::string Redirect(const std::string& owner, const std::string& lower,
                       Resolution& resolution) const;
  void Finish(const Node& node, const std::string& owner, std::uint16_t type,
              Resolution& resolution) const;
  void FinishUnknown(const std::string& lower, Resolution& resolution) const;

  std::unordered_map<std::string, Node> nodes_;  // By name in lower case.
  std::unordered_set<std::string> parents_;      // Names with names below.
  std::unordered_set<std::string> targets_;      // Where CNAMEs point to.
  ZoneOptions options_;
  std::size_t made_ = 0;  // Names made for the fault zone.
  bool wildcards_ = false;
  bool dnames_ = false;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_ZONE_INDEX_H_
