#include "dnsstub/config.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "dnsstub/config_reader.h"
#include "reference/json/zone_json.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::string_view kFormat = "dkimspec-dns/1";

std::int64_t Within(ObjectReader& reader, std::string_view member,
                    std::int64_t fallback, std::int64_t low,
                    std::int64_t high) {
  const std::int64_t value = reader.OptionalInteger(member).value_or(fallback);
  if (value < low || value > high) {
    reader.Refuse(member, "must be from " + std::to_string(low) + " to " +
                              std::to_string(high));
  }
  return std::clamp(value, low, high);
}

Expected<void> ReadDefaults(const Json& value, const std::string& place,
                            Config& config, ConfigContext& context) {
  ObjectReader reader(value, place);
  if (const auto zone = reader.OptionalString("fault_zone")) {
    config.server.fault_zone = *zone;
    if (!zone->empty()) {
      NameMember(reader, "fault_zone", *zone);
    }
  }
  context.ttl = static_cast<std::uint32_t>(
      Within(reader, "ttl", 0, 0, std::int64_t{0xffffffff}));
  config.manners.udp_max = static_cast<std::size_t>(
      Within(reader, "udp_max", kEdnsSize, kUdpSize, 65507));
  config.manners.seed =
      static_cast<std::uint64_t>(Within(reader, "seed", 0, 0, INT64_MAX));
  config.zone_options.max_cnames =
      static_cast<int>(Within(reader, "max_cnames", kMaxCnames, 1, 100));
  config.server.hang_limit =
      std::chrono::milliseconds(Within(reader, "hang_ms", 30000, 10, 3600000));
  if (reader.Has("loops")) {
    config.zone_options.loops_fail =
        reader.OneOf("loops", {"servfail", "chain"}) == "servfail";
  }
  return reader.Finish();
}

TcpMode ToTcpMode(std::string_view word) {
  return word == "closed"  ? TcpMode::kClosed
         : word == "reset" ? TcpMode::kReset
         : word == "hole"  ? TcpMode::kHole
                           : TcpMode::kServe;
}

Expected<EndpointOptions> EndpointFromJson(const Json& value,
                                           const std::string& place) {
  ObjectReader reader(value, place);
  EndpointOptions endpoint;
  endpoint.id = reader.String("id");
  if (reader.Has("addresses")) {
    endpoint.addresses = reader.Strings("addresses");
  }
  endpoint.port =
      static_cast<std::uint16_t>(Within(reader, "port", 0, 0, 65535));
  endpoint.udp = reader.OptionalBool("udp").value_or(true);
  if (reader.Has("tcp")) {
    endpoint.tcp =
        ToTcpMode(reader.OneOf("tcp", {"serve", "closed", "reset", "hole"}));
  }
  if (reader.Has("personality")) {
    endpoint.authoritative =
        reader.OneOf("personality", {"recursive", "authoritative"}) ==
        "authoritative";
  }
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  return endpoint;
}

Expected<void> CheckEpochs(const Config& config, const std::string& place) {
  std::set<std::string> seen;
  for (const std::string& epoch : config.epochs) {
    if (epoch.empty() || !seen.insert(epoch).second) {
      return Fail(place, "epochs must have names, each its own");
    }
  }
  return {};
}

// Stores what was read, or hands on what was wrong.
template <typename Value>
Expected<void> Keep(Expected<Value>&& read, Value& into) {
  if (!read) {
    return tl::unexpected(read.error());
  }
  into = std::move(*read);
  return {};
}

Expected<void> ReadContents(ObjectReader& reader, const ConfigContext& context,
                            Config& config) {
  if (const Json* zone = reader.OptionalValue("zone")) {
    if (auto kept =
            Keep(ZoneFromJson(*zone, reader.PlaceOf("zone")), config.zone);
        !kept) {
      return kept;
    }
  }
  auto record = [&](const Json& value, const std::string& place) {
    return RecordSetFromJson(value, place, context);
  };
  auto rule = [&](const Json& value, const std::string& place) {
    return RuleFromJson(value, place, config.epochs);
  };
  if (auto kept =
          Keep(EachFromJson<RecordSet>(reader.OptionalValue("records"),
                                       reader.PlaceOf("records"), record),
               config.records);
      !kept) {
    return kept;
  }
  if (auto kept = Keep(EachFromJson<Rule>(reader.OptionalValue("rules"),
                                          reader.PlaceOf("rules"), rule),
                       config.rules);
      !kept) {
    return kept;
  }
  return Keep(EachFromJson<EndpointOptions>(reader.OptionalValue("endpoints"),
                                            reader.PlaceOf("endpoints"),
                                            EndpointFromJson),
              config.server.endpoints);
}

// What a configuration says if it says nothing.
Config Defaults() {
  Config config;
  config.server.fault_zone = "f.example";
  return config;
}

// Last, so that every rule of the configuration comes before it.
void AddFaultZone(Config& config) {
  for (Rule& rule : FaultZoneRules(config.server.fault_zone)) {
    config.rules.push_back(std::move(rule));
  }
}

}  // namespace

std::string NameMember(ObjectReader& reader, std::string_view member,
                       const std::string& text) {
  const std::optional<std::string> wire = ToWireName(text);
  if (!wire || text.ends_with('.')) {
    reader.Refuse(member, "\"" + text +
                              "\" is no DNS name: labels of 1 to 63 octets, "
                              "at most 253 in all, no final dot");
    return "";
  }
  return LowerName(*wire);
}

Expected<Config> ConfigFromJson(const nlohmann::json& value,
                                const std::string& place,
                                const std::string& folder) {
  Config config = Defaults();
  ConfigContext context{folder};
  ObjectReader reader(value, place);
  reader.OneOf("format", {kFormat});
  if (const Json* defaults = reader.OptionalValue("defaults")) {
    if (auto read = ReadDefaults(*defaults, reader.PlaceOf("defaults"), config,
                                 context);
        !read) {
      return tl::unexpected(read.error());
    }
  }
  config.epochs = reader.OptionalStrings("epochs");
  for (const auto& check : {CheckEpochs(config, reader.PlaceOf("epochs")),
                            ReadContents(reader, context, config)}) {
    if (!check) {
      return tl::unexpected(check.error());
    }
  }
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  AddFaultZone(config);
  return config;
}

Expected<Config> ReadConfigFile(const std::string& path) {
  Expected<Json> json = ReadJsonFile(path);
  if (!json) {
    return tl::unexpected(json.error());
  }
  if (json->is_object() && json->contains("format")) {
    const auto folder = std::filesystem::path(path).parent_path().string();
    return ConfigFromJson(*json, path, folder.empty() ? "." : folder);
  }
  Config config = Defaults();
  AddFaultZone(config);
  auto kept = Keep(ZoneFromJson(*json, path), config.zone);
  return kept ? Expected<Config>(std::move(config))
              : tl::unexpected(kept.error());
}

}  // namespace dkimspec::dnsstub
