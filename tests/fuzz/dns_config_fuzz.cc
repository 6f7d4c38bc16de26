// Any text must be refused or be a configuration that can be served.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dnsstub/config.h"
#include "dnsstub/responder.h"
#include "reference/json/strict_reader.h"

namespace {

using namespace dkimspec;           // NOLINT: a fuzz target
using namespace dkimspec::dnsstub;  // NOLINT

// "k.example TXT", as every client may ask.
constexpr std::string_view kQuery(
    "\x12\x34\x01\0\0\1\0\0\0\0\0\0\1k\7example\0\0\x10\0\1", 27);

void Serve(const Config& config) {
  ZoneIndex zone(config.zone_options);
  zone.Add(config.zone);
  for (const RecordSet& records : config.records) {
    zone.Add(records);
  }
  Responder responder(4);
  responder.AddNetwork({});
  responder.Load(std::move(zone), RuleSet(config.rules), config.manners);
  for (bool tcp : {false, true}) {
    responder.React(kQuery, tcp, 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = ParseJson(text, "config");
  if (!json) {
    return 0;
  }
  const auto config = ConfigFromJson(*json, "config", "no-such-folder");
  if (config) {
    Serve(*config);
  } else if (config.error().place.empty() || config.error().message.empty()) {
    std::abort();
  }
  return 0;
}
