// The log as JSON Lines: one query a line (docs/dns-faults.md).
#ifndef DKIMSPEC_DNSSTUB_LOG_JSON_H_
#define DKIMSPEC_DNSSTUB_LOG_JSON_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "dnsstub/server.h"

namespace dkimspec::dnsstub {

// Octets of a name that are not ASCII are escaped already; the result is
// always valid UTF-8.
nlohmann::ordered_json ToJson(const LogEntry& entry);
std::string ToJsonLines(const std::vector<LogEntry>& log);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_LOG_JSON_H_
