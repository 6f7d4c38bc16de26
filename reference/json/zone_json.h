// The one zone notation (DESIGN: recipes, worker requests, batch, --zone):
//
//   {"sel._domainkey.d.example": ["v=DKIM1; p=..."],       one TXT record
//    "two":      ["first record", ["second ", "in strings"]],
//    "binary":   [{"hex": "00ff"}, ["text ", {"hex": "ff"}]],
//    "gone":     "nxdomain" | "nodata" | "servfail" | "timeout",
//    "alias":    {"cname": "other.example"},
//    "broken":   {"fault": "tc-reset", "txt": ["v=DKIM1; p=..."]}}
//
// A record given as one text longer than 255 octets is cut at 255.
#ifndef DKIMSPEC_REFERENCE_JSON_ZONE_JSON_H_
#define DKIMSPEC_REFERENCE_JSON_ZONE_JSON_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reference/base/expected.h"
#include "reference/base/zone.h"

namespace dkimspec {

// `place` is prefixed to error places: a file name, "request 7".
Expected<Zone> ZoneFromJson(const nlohmann::json& value,
                            const std::string& place);
Expected<ZoneEntry> ZoneEntryFromJson(const nlohmann::json& value,
                                      const std::string& place);

// ZoneFromJson(ZoneToJson(zone)) equals zone. Octets that are not UTF-8 or are
// control characters become {"hex"}; a record that SplitAt255 would cut in the
// same places becomes one text.
nlohmann::json ZoneToJson(const Zone& zone);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_JSON_ZONE_JSON_H_
