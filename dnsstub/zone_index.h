// A zone, ready to be asked: names on the wire, records encoded.
#ifndef DKIMSPEC_DNSSTUB_ZONE_INDEX_H_
#define DKIMSPEC_DNSSTUB_ZONE_INDEX_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dnsstub/fault.h"
#include "dnsstub/pattern.h"
#include "dnsstub/record_set.h"
#include "dnsstub/signed_zones.h"
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
  Order order = Order::kFixed;   // Of the TXT records.
};

struct ZoneOptions {
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

  // Whether it is a name of the zone, no synthesis.
  bool Holds(const std::string& lower) const {
    return own_.nodes.count(lower) != 0;
  }

  const SignedZones& signed_zones() const { return signed_; }

  // Follows CNAMEs unless told not to: an authoritative server gives one.
  // `made`: the name, if the zone does not hold it, meets this preset with the
  // records of `made->rest`, or where there are none with the key of RFC 8463.
  // Not const: such names are made when they are asked for.
  Resolution Resolve(const std::string& name, const std::string& lower,
                     std::uint16_t type, bool follow = true,
                     const Pattern::Fit* made = nullptr);

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

  // Some names, and what follows from them.
  struct Names {
    std::unordered_map<std::string, Node> nodes;  // By name in lower case.
    std::unordered_set<std::string> parents;      // Names with names below.
    std::unordered_set<std::string> targets;      // Where CNAMEs point to.
    bool wildcards = false;

    void Store(std::string lower, Node node);
    void AddParents(std::string_view lower);
    void AddEntry(const std::string& name, const ZoneEntry& entry);
    void AddFault(const std::string& name, const ZoneEntry& entry);
  };
  // Where a resolution looks: names that were made are there only for those
  // whom a rule sends there.
  using Scope = std::span<const Names* const>;

  static Node MakeNode(const ZoneEntry& entry);
  const Node* Find(const Scope& scope, const std::string& lower) const;
  const Node* FindOwn(const std::string& lower) const;
  const Node* FindWildcard(const std::string& lower) const;
  void MakeFault(const std::string& lower, const Pattern::Fit& fit);
  // Appends DNAME and CNAME; the new owner, or "".
  std::string Redirect(const std::string& owner, const std::string& lower,
                       Resolution& resolution) const;
  void Finish(const Node& node, const std::string& owner, std::uint16_t type,
              Resolution& resolution) const;
  void FinishUnknown(const Scope& scope, const std::string& lower,
                     Resolution& resolution) const;

  Names own_;
  // Clients can make up any number of names: the older half is forgotten when
  // the newer one is full, and made again if asked for.
  Names made_;
  Names made_before_;
  ZoneOptions options_;
  SignedZones signed_;
  bool dnames_ = false;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_ZONE_INDEX_H_
