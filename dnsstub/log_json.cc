#include "dnsstub/log_json.h"

#include <nlohmann/json.hpp>

#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

nlohmann::ordered_json ToJson(const LogEntry& entry) {
  nlohmann::ordered_json json;
  json["t_us"] = entry.at.count();
  json["endpoint"] = entry.endpoint;
  json["network"] = entry.network;
  json["transport"] = entry.tcp ? "tcp" : "udp";
  json["port"] = entry.port;
  json["id"] = entry.id;
  json["qname"] = entry.name;
  json["qtype"] = TypeName(entry.type);
  json["nth"] = entry.nth;
  json["rd"] = entry.recursion_desired;
  json["cd"] = entry.checking_disabled;
  json["do"] = entry.dnssec_ok;
  json["edns_size"] = entry.edns_size;
  json["fault"] = entry.fault;
  json["rcode"] = entry.rcode < 0 ? nlohmann::ordered_json()
                                  : nlohmann::ordered_json(entry.rcode);
  json["tc"] = entry.truncated;
  json["answers"] = entry.answers;
  json["octets"] = entry.octets;
  json["packets"] = entry.packets;
  json["sent"] = entry.sent;
  return json;
}

std::string ToJsonLines(const std::vector<LogEntry>& log) {
  std::string lines;
  for (const LogEntry& entry : log) {
    lines += ToJson(entry).dump(
        -1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    lines += '\n';
  }
  return lines;
}

}  // namespace dkimspec::dnsstub
