#include "runners/cli/verify_keys.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

#include "dnsstub/fault.h"
#include "reference/json/strict_reader.h"
#include "reference/json/zone_json.h"
#include "reference/unbound_key_source.h"

namespace dkimspec::cli {
namespace {

Expected<Zone> ReadZone(const std::string& path) {
  Expected<Json> json = ReadJsonFile(path);
  Expected<Zone> zone =
      json ? ZoneFromJson(*json, path) : tl::unexpected(json.error());
  if (!zone) {
    return zone;
  }
  for (auto& [name, entry] : *zone) {
    std::optional<ZoneEntry> plain = dnsstub::Project(entry);
    if (!plain) {
      return Fail(fmt::format("{}#/{}", path, name),
                  "is a fault that only a socket can show; serve the zone with "
                  "`dkimspec dns` and use --nameserver");
    }
    entry = std::move(*plain);
  }
  return zone;
}

// A ZoneKeySource does not own its zone; this does.
class ZoneFile : public KeySource {
 public:
  explicit ZoneFile(Zone zone) : zone_(std::move(zone)), source_(zone_) {}
  KeyAnswer Lookup(std::string_view name) override {
    return source_.Lookup(name);
  }

 private:
  Zone zone_;
  ZoneKeySource source_;
};

class Offline : public KeySource {
 public:
  KeyAnswer Lookup(std::string_view) override {
    return {KeyAnswer::Status::kTemporary, {}, "not asked for (--offline)"};
  }
};

std::chrono::milliseconds Deadline(const KeyOptions& options,
                                   std::chrono::milliseconds otherwise) {
  const std::chrono::duration<double> seconds(options.dns_timeout);
  return options.dns_timeout > 0
             ? std::chrono::ceil<std::chrono::milliseconds>(seconds)
             : otherwise;
}

}  // namespace

Expected<std::unique_ptr<KeySource>> OpenKeys(const KeyOptions& options) {
  if (options.offline) {
    return std::make_unique<Offline>();
  }
  if (!options.nameserver.empty()) {
    return UnboundKeySource::ForTests(
        options.nameserver, Deadline(options, std::chrono::seconds(5)));
  }
  if (options.zone.empty()) {
    return UnboundKeySource::ForField(
        Deadline(options, std::chrono::seconds(10)));
  }
  Expected<Zone> zone = ReadZone(options.zone);
  if (!zone) {
    return tl::unexpected(zone.error());
  }
  return std::make_unique<ZoneFile>(*std::move(zone));
}

}  // namespace dkimspec::cli
