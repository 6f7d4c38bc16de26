// What DNSSEC adds to answers: signatures, and proof that a name or a type is
// not there (RFC 4035 section 3.1). The records are those of zones that were
// signed elsewhere; nothing is signed here.
#ifndef DKIMSPEC_DNSSTUB_SIGNED_ZONES_H_
#define DKIMSPEC_DNSSTUB_SIGNED_ZONES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dnsstub/record_set.h"
#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

inline constexpr std::uint16_t kTypeRrsig = 46;
inline constexpr std::uint16_t kTypeNsec = 47;

class SignedZones {
 public:
  // Takes note of RRSIG, NSEC and SOA records; all others are of no concern. A
  // name with SOA and NSEC is the top of a signed zone.
  void Add(const RecordSet& records);

  // Completes the right answer to a question. In a signed zone, negative
  // answers get its own SOA. Where the query had DO set, signatures follow the
  // records that they cover, and NSEC records prove what is absent.
  void Complete(Message& message) const;

 private:
  // Labels from the right, in lower case: the order of RFC 4034 section 6.1.
  using Labels = std::vector<std::string>;

  static Labels LabelsOf(std::string_view wire_name);
  const Record* FindSoa(std::string_view lower) const;
  void Prove(const Message& message, const std::string& apex,
             std::vector<Record>& proof) const;
  const Record* FindNsec(const Labels& name, const Labels& apex) const;
  bool Exists(const Labels& name) const;
  void Sign(std::vector<Record>& section) const;

  std::map<std::string, Record> soas_;  // By name in lower case.
  std::map<Labels, Record> nsecs_;
  // By name in lower case and type covered.
  std::map<std::pair<std::string, std::uint16_t>, std::vector<Record>>
      signatures_;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_SIGNED_ZONES_H_
