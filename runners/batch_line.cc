// One line of a batch and its answer.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "dnsstub/fault.h"
#include "reference/base/base64.h"
#include "reference/json/strict_reader.h"
#include "reference/json/zone_json.h"
#include "runners/batch.h"

namespace dkimspec::runners {
namespace {

using Ordered = nlohmann::ordered_json;

struct Request {
  Json id;
  std::optional<std::string> message;  // Absent: it lies in `path`.
  std::string path;
  Zone zone;
  std::int64_t now = 0;
};

// What a client that resolves correctly makes of the zone.
Expected<Zone> ReadZone(const Json& json, const std::string& place) {
  Expected<Zone> zone = ZoneFromJson(json, place);
  if (!zone) {
    return zone;
  }
  for (auto& [name, entry] : *zone) {
    std::optional<ZoneEntry> plain = dnsstub::Project(entry);
    if (!plain) {
      return Fail(MemberPlace(place, name),
                  "is a fault that only a socket can show; it has no place in "
                  "a batch");
    }
    entry = std::move(*plain);
  }
  return zone;
}

void ReadMessage(ObjectReader& reader, const BatchSettings& settings,
                 Request& request) {
  const auto base64 = reader.OptionalString("message_base64");
  const auto path = reader.OptionalString("message_path");
  if (base64.has_value() == path.has_value()) {
    reader.Refuse("message_base64",
                  "give either this or \"message_path\", and not both");
  } else if (base64) {
    request.message = Base64Decode(*base64);
    if (!request.message) {
      reader.Refuse("message_base64", "is not base64 (RFC 4648 section 4)");
    }
  } else {
    request.path =
        (std::filesystem::path(settings.folder) / std::filesystem::path(*path))
            .string();
  }
}

Expected<Request> ReadRequest(const Json& json, const std::string& place,
                              const BatchSettings& settings) {
  ObjectReader reader(json, place);
  Request request;
  request.id = reader.Value("id");
  if (!request.id.is_string() && !request.id.is_number_integer()) {
    reader.Refuse("id", "must be a text or a whole number");
  }
  ReadMessage(reader, settings, request);
  const Json& dns = reader.Value("dns");
  request.now = reader.OptionalInteger("now").value_or(settings.policy.now);
  if (request.now < 0) {
    reader.Refuse("now", "must be 0 or more: seconds since 1970");
  }
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  Expected<Zone> zone = ReadZone(dns, MemberPlace(place, "dns"));
  if (!zone) {
    return tl::unexpected(zone.error());
  }
  request.zone = *std::move(zone);
  return request;
}

// In pieces: a message in a file may be larger than memory.
Expected<void> PushFile(const std::string& path, Verifier& verifier) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Fail(path, "is a folder, not a file");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Fail(path, "cannot be opened");
  }
  std::array<char, 65536> block;
  while (in) {
    in.read(block.data(), block.size());
    verifier.Push({block.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (in.bad()) {
    return Fail(path, "cannot be read to its end");
  }
  return {};
}

Expected<std::vector<Verification>> VerifyRequest(const Request& request,
                                                  VerifierPolicy policy,
                                                  KeyCache* cache) {
  policy.now = request.now;
  ZoneKeySource keys(request.zone);
  Verifier verifier(keys, policy, cache);
  if (request.message) {
    verifier.Push(*request.message);
  } else if (auto done = PushFile(request.path, verifier); !done) {
    return tl::unexpected(done.error());
  }
  return verifier.Finish();
}

Ordered ToJson(const Verification& verification) {
  const auto& signature = verification.signature;
  return {{"sdid", verification.identity.sdid},
          {"selector", verification.identity.selector},
          {"algorithm", signature ? ToString(signature->algorithm) : ""},
          {"state", ToString(verification.state)},
          {"reason", Info(verification.reason).id},
          {"result", ToString(ResultOf(verification))},
          {"detail", verification.detail},
          {"body_hash", ToString(verification.body_hash)},
          {"header_signature", ToString(verification.header_signature)}};
}

std::string ToLine(const Ordered& json) {
  return json.dump(-1, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

BatchAnswer Refuse(const Json& id, std::size_t number, const Error& error) {
  Ordered json = {{"line", number}, {"error", error.ToString()}};
  if (id.is_string() || id.is_number_integer()) {
    json = {{"id", id}, {"line", number}, {"error", error.ToString()}};
  }
  return {ToLine(json), true};
}

// Even of a line that is refused, so that the answer can be told apart.
Json FindId(const Json& json) {
  const auto id = json.is_object() ? json.find("id") : json.end();
  return json.is_object() && id != json.end() ? *id : Json();
}

}  // namespace

Result OverallResult(const std::vector<Verification>& verifications) {
  for (const Verification& verification : verifications) {
    if (verification.state == State::kSuccess) {
      return Result::kPass;
    }
  }
  return verifications.empty() ? Result::kNone : ResultOf(verifications[0]);
}

BatchAnswer AnswerBatchLine(std::string_view line, std::size_t number,
                            const BatchSettings& settings, KeyCache* cache) {
  const std::string place = fmt::format("line {}", number);
  const Expected<Json> json = ParseJson(line, place);
  if (!json) {
    return Refuse(nullptr, number, json.error());
  }
  const Expected<Request> request = ReadRequest(*json, place, settings);
  if (!request) {
    return Refuse(FindId(*json), number, request.error());
  }
  const auto verifications = VerifyRequest(*request, settings.policy, cache);
  if (!verifications) {
    return Refuse(request->id, number, verifications.error());
  }
  Ordered answer = {{"id", request->id},
                    {"result", ToString(OverallResult(*verifications))},
                    {"signatures", Ordered::array()}};
  for (const Verification& verification : *verifications) {
    answer["signatures"].push_back(ToJson(verification));
  }
  return {ToLine(answer), false};
}

}  // namespace dkimspec::runners
