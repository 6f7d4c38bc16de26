// Where a verifier gets key records from.
#ifndef DKIMSPEC_REFERENCE_KEY_SOURCE_H_
#define DKIMSPEC_REFERENCE_KEY_SOURCE_H_

#include <string>
#include <string_view>
#include <vector>

#include "reference/base/zone.h"

namespace dkimspec {

// What the DNS said about the TXT records of one name.
struct KeyAnswer {
  enum class Status {
    kFound,      // `records` holds one or more.
    kNoRecord,   // NXDOMAIN or no TXT record there (RFC 6376 6.1.2 step 3).
    kTemporary,  // No answer, or a server failure (6.1.2 step 2).
  };
  Status status = Status::kTemporary;
  std::vector<std::string> records;  // Strings of each joined (3.6.2.2).
  std::string detail;                // "NXDOMAIN", "SERVFAIL", "timeout".
  bool authenticated = false;  // kFound: DNSSEC proved the records genuine.
};

class KeySource {
 public:
  virtual ~KeySource() = default;
  virtual KeyAnswer Lookup(std::string_view name) = 0;
};

// Answers from a Zone: no sockets, no clock. CNAMEs are followed, at most 11;
// "*" as a first label is a wildcard (RFC 4592), as on the stub server;
// a fault preset is unanswerable here and counts as kTemporary unless its
// effect on a client that resolves correctly is declared by the caller, who
// projects such entries first (dnsstub::Project).
class ZoneKeySource : public KeySource {
 public:
  explicit ZoneKeySource(const Zone& zone) : zone_(zone) {}
  KeyAnswer Lookup(std::string_view name) override;

 private:
  const Zone& zone_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_KEY_SOURCE_H_
