// A server's configuration, as files give it (docs/dns-config.schema.json):
// endpoints, records, rules, epochs.
#ifndef DKIMSPEC_DNSSTUB_CONFIG_H_
#define DKIMSPEC_DNSSTUB_CONFIG_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "dnsstub/record_set.h"
#include "dnsstub/responder.h"
#include "dnsstub/rule.h"
#include "dnsstub/server.h"
#include "dnsstub/zone_index.h"
#include "reference/base/expected.h"
#include "reference/base/zone.h"

namespace dkimspec::dnsstub {

struct Config {
  ServerOptions server;  // Endpoints, limits.
  Zone zone;             // The shorthand.
  std::vector<RecordSet> records;
  std::vector<Rule> rules;
  std::vector<std::string> epochs;  // The first one is where it starts.
  ZoneOptions zone_options;
  Manners manners;
};

// `place` is prefixed to error places; files named in the configuration are
// relative to `folder`. Strict: a member that nobody knows is an error.
Expected<Config> ConfigFromJson(const nlohmann::json& value,
                                const std::string& place,
                                const std::string& folder = ".");

// A configuration, or just a zone in the one zone notation: told apart by the
// member "format".
Expected<Config> ReadConfigFile(const std::string& path);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_CONFIG_H_
