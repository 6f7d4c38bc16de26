// What the DNS holds for one case: a map from name to answer. The same Zone
// feeds the in-memory key source, worker requests and the stub server, so a
// case means the same on every transport. JSON: reference/json/zone_json.h.
#ifndef DKIMSPEC_REFERENCE_BASE_ZONE_H_
#define DKIMSPEC_REFERENCE_BASE_ZONE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dkimspec {

// One TXT resource record: its character-strings, each of at most 255 octets
// (RFC 1035 section 3.3.14). DKIM joins them with nothing between (RFC 6376
// section 3.6.2.2).
using TxtRecord = std::vector<std::string>;

// Joins the character-strings of one record.
std::string JoinStrings(const TxtRecord& record);

// Cuts a record's text into character-strings of at most 255 octets; the empty
// text is one empty string.
TxtRecord SplitAt255(std::string_view text);

struct ZoneEntry {
  enum class Kind {
    kTxt,       // `txt` holds one or more records.
    kNxDomain,  // The name does not exist.
    kNoData,    // The name exists and has no TXT record.
    kServFail,  // The server answers SERVFAIL.
    kTimeout,   // No answer ever comes.
    kCname,     // `target` names the owner of the answer.
    kFault,     // The stub's fault preset `fault`, over `txt` where it has one.
  };
  Kind kind = Kind::kNxDomain;
  std::vector<TxtRecord> txt;  // In the order served.
  std::string target;          // Without final dot.
  std::string fault;           // A preset's name, such as "tc-reset".

  friend bool operator==(const ZoneEntry&, const ZoneEntry&) = default;
};

// Orders names as DNS compares them: ASCII case does not matter (RFC 4343).
struct DnsNameLess {
  bool operator()(std::string_view a, std::string_view b) const;
  using is_transparent = void;
};

// Names are without final dot. A name that is absent does not exist.
using Zone = std::map<std::string, ZoneEntry, DnsNameLess>;

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BASE_ZONE_H_
