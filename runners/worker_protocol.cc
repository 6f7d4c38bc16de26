#include "runners/worker_protocol.h"

#include <sys/random.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "reference/base/base64.h"
#include "reference/json/zone_json.h"

namespace dkimspec::runners {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kWords[] = {
    "none", "pass", "fail", "policy", "neutral", "temperror", "permerror"};

// Text that is not UTF-8 cannot be said in JSON; what cannot be said is
// replaced by U+FFFD rather than refused.
std::string Line(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void PutMessage(Json& line, const std::string& message,
                const std::string& message_path) {
  if (message_path.empty()) {
    line["message"] = Base64Encode(message);
  } else {
    line["message_path"] = message_path;
  }
}

void PutText(Json& line, const char* name, const std::string& text) {
  if (!text.empty()) {
    line[name] = text;
  }
}

}  // namespace

std::uint64_t RandomRequestId() {
  std::uint64_t id = 0;
  while (id == 0) {
    if (getrandom(&id, sizeof id, 0) != sizeof id) {
      std::random_device device;  // Where the kernel has no such call.
      id = (std::uint64_t{device()} << 32) ^ device();
    }
    id %= kIdLimit;
  }
  return id;
}

std::string EncodeStart() {
  return Line({{"op", "start"}, {"protocol", kWorkerProtocol}});
}

std::string EncodeVerify(const Request& request,
                         const std::string& message_path) {
  Json line = {{"op", "verify"}, {"id", request.id}, {"now", request.now}};
  PutMessage(line, request.message, message_path);
  Json envelope = {{"mail_from", nullptr},
                   {"rcpt_to", request.envelope.rcpt_to}};
  if (request.envelope.mail_from) {
    envelope["mail_from"] = *request.envelope.mail_from;
  }
  line["envelope"] = std::move(envelope);
  if (request.zone) {
    line["zone"] = ZoneToJson(*request.zone);
  }
  PutText(line, "nameserver", request.nameserver);
  return Line(line);
}

std::string EncodeSign(const SignRequest& request,
                       const std::string& message_path) {
  Json line = {{"op", "sign"},
               {"id", request.id},
               {"domain", request.domain},
               {"selector", request.selector},
               {"key_pem", request.key_pem}};
  PutMessage(line, request.message, message_path);
  PutText(line, "algorithm", request.algorithm);
  PutText(line, "header_canonicalization", request.header_canonicalization);
  PutText(line, "body_canonicalization", request.body_canonicalization);
  PutText(line, "identity", request.identity);
  if (!request.signed_header_fields.empty()) {
    line["signed_header_fields"] = request.signed_header_fields;
  }
  if (request.now) {
    line["now"] = *request.now;
  }
  if (request.timestamp) {
    line["timestamp"] = *request.timestamp;
  }
  if (request.expiration) {
    line["expiration"] = *request.expiration;
  }
  return Line(line);
}

bool IsResultWord(std::string_view word) {
  return std::find(std::begin(kWords), std::end(kWords), word) !=
         std::end(kWords);
}

}  // namespace dkimspec::runners
