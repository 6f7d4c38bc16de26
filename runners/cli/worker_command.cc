// The reference as a worker: docs/worker-protocol.md, seen from the other side.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "reference/base/base64.h"
#include "reference/base/file.h"
#include "reference/json/strict_reader.h"
#include "reference/json/zone_json.h"
#include "reference/key_source.h"
#include "runners/cli/command.h"
#include "runners/in_process.h"
#include "runners/results.h"

namespace dkimspec::cli {
namespace {

using Line = nlohmann::ordered_json;

Line StartLine() {
  const runners::Description who =
      runners::DescribeReference(runners::DnsWay::kRequest);
  return {{"protocol", 1},
          {"name", "reference-worker"},
          {"version", who.version},
          {"language", who.language},
          {"ops", who.ops},
          {"features", who.features},
          {"policies", who.policies},
          {"takes", {"now"}},
          {"dns", runners::ToString(who.dns)},
          {"reports", runners::ToString(who.reports)}};
}

Line SignatureLine(const runners::SignatureAnswer& answer) {
  Line line = {{"d", answer.sdid}, {"s", answer.selector}};
  if (!answer.signature_start.empty()) {
    line["b"] = answer.signature_start;
  }
  line["result"] = answer.result;
  line["says"] = answer.says;
  return line;
}

// The octets of "message" (base64) or of the file "message_path".
Expected<std::string> MessageOf(const Json& request) {
  if (request.contains("message_path") && request["message_path"].is_string()) {
    return ReadFile(request["message_path"].get<std::string>());
  }
  std::optional<std::string> message;
  if (request.contains("message") && request["message"].is_string()) {
    message = Base64Decode(request["message"].get<std::string>());
  }
  if (!message) {
    return Fail("request#/message", "must be a message in base64");
  }
  return std::move(*message);
}

Expected<runners::Answer> Verify(const Json& request) {
  Expected<std::string> message = MessageOf(request);
  if (!message) {
    return tl::unexpected(message.error());
  }
  Expected<Zone> zone =
      ZoneFromJson(request.contains("zone") ? request["zone"] : Json::object(),
                   "request#/zone");
  if (!zone) {
    return tl::unexpected(zone.error());
  }
  for (const auto& [name, entry] : *zone) {
    if (entry.kind == ZoneEntry::Kind::kFault) {
      return Fail("request#/zone/" + name,
                  "is a fault that only a DNS server can show");
    }
  }
  runners::Request question;
  question.message = std::move(*message);
  question.now = request.contains("now") && request["now"].is_number_integer()
                     ? request["now"].get<std::int64_t>()
                     : ClockTime();
  ZoneKeySource keys(*zone);
  return runners::AskReference(question, keys);
}

Line VerifyLine(const Json& request) {
  Line line = {{"id", request.contains("id") ? request["id"] : Json()}};
  Expected<runners::Answer> answer = Verify(request);
  if (!answer) {
    line["error"] = answer.error().ToString();
  } else {  // The reference is never silent: no signatures, an empty list.
    line["signatures"] = Line::array();
    for (const runners::SignatureAnswer& signature : answer->signatures) {
      line["signatures"].push_back(SignatureLine(signature));
    }
  }
  return line;
}

Line Reply(const std::string& text) {
  Expected<Json> request = ParseJson(text, "request");
  if (!request || !request->is_object()) {
    return {{"error", request ? "request: must be a JSON object"
                              : request.error().ToString()}};
  }
  const Json op = request->contains("op") ? (*request)["op"] : Json();
  if (op == "start") {
    return StartLine();
  }
  if (op == "verify") {
    return VerifyLine(*request);
  }
  return {{"id", request->contains("id") ? (*request)["id"] : Json()},
          {"error", "request#/op: must be \"start\" or \"verify\""}};
}

int Work() {
  for (std::string text; std::getline(std::cin, text);) {
    const int printed =
        Print(Reply(text).dump(-1, ' ', false, Line::error_handler_t::replace) +
              "\n");
    if (printed != kFine) {
      return printed;
    }
  }
  return kFine;
}

}  // namespace

void AddWorker(CLI::App& app, int& status) {
  CLI::App* sub = app.add_subcommand(
      "worker", "The reference as a worker, on stdin and stdout.");
  sub->group("");  // For the runner, not for people.
  sub->callback([&status] { status = Work(); });
}

}  // namespace dkimspec::cli
