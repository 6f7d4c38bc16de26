// Any octets, over either transport, must do no harm; and whatever is answered
// must repeat the ID.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dnsstub/responder.h"
#include "dnsstub/server.h"

namespace {

using dkimspec::Zone;
using dkimspec::ZoneEntry;
using dkimspec::dnsstub::Responder;

Responder& Target() {
  static Responder responder(64);
  static const bool ready = [] {
    Zone zone;
    zone["k.example"] = {ZoneEntry::Kind::kTxt, {{"abc"}}, "", ""};
    zone["c.example"] = {ZoneEntry::Kind::kCname, {}, "k.example", ""};
    responder.SetZone(zone);
    responder.AddNetwork({});
    return true;
  }();
  static_cast<void>(ready);
  return responder;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::string_view packet(reinterpret_cast<const char*>(data), size);
  for (bool tcp : {false, true}) {
    for (const auto& delivery : Target().React(packet, tcp, 0)) {
      std::size_t frame = tcp ? 2 : 0;
      if (delivery.octets.size() < frame + 12 ||
          delivery.octets.substr(frame, 2) != packet.substr(0, 2)) {
        std::abort();
      }
    }
  }
  Target().Log();
  Target().Reset();
  return 0;
}
