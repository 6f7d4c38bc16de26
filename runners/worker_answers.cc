// The reading half of the worker protocol.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "reference/base/base64.h"
#include "runners/worker_protocol.h"

namespace dkimspec::runners {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMostInFlight = 1024;

Json Parse(std::string_view line) {
  return Json::parse(line, nullptr, /*allow_exceptions=*/false);
}

// Reads members of one object; the first problem wins. Members that nobody
// asks for are left alone: members may be added in later versions. null is as
// good as absent: many languages write it for what they do not have.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {}

  bool Has(const char* name) const { return Find(name) != nullptr; }

  std::string Text(const char* name, bool required = false) {
    const Json* value = Find(name);
    if (value != nullptr && value->is_string()) {
      return value->get<std::string>();
    }
    if (value != nullptr) {
      Refuse(name, "must be a string");
    } else if (required) {
      Refuse(name, "is missing");
    }
    return "";
  }

  std::vector<std::string> Texts(const char* name) {
    std::vector<std::string> texts;
    for (const Json& item : List(name)) {
      if (item.is_string()) {
        texts.push_back(item.get<std::string>());
      } else {
        Refuse(name, "must be a list of strings");
      }
    }
    return texts;
  }

  Json List(const char* name) {
    const Json* value = Find(name);
    if (value == nullptr) {
      return Json::array();
    }
    if (!value->is_array()) {
      Refuse(name, "must be a list");
      return Json::array();
    }
    return *value;
  }

  std::int64_t Number(const char* name, std::int64_t otherwise,
                      std::int64_t least, std::int64_t most) {
    const Json* value = Find(name);
    if (value == nullptr) {
      return otherwise;
    }
    const bool fits = value->is_number_integer() &&
                      value->get<std::int64_t>() >= least &&
                      value->get<std::int64_t>() <= most;
    if (!fits) {
      Refuse(name,
             fmt::format("must be a whole number from {} to {}", least, most));
      return otherwise;
    }
    return value->get<std::int64_t>();
  }

  std::map<std::string, std::string> Table(const char* name) {
    std::map<std::string, std::string> table;
    const Json* value = Find(name);
    if (value == nullptr) {
      return table;
    }
    if (!value->is_object()) {
      Refuse(name, "must be an object");
      return table;
    }
    for (const auto& [word, result] : value->items()) {
      if (!result.is_string() || !IsResultWord(result.get<std::string>())) {
        Refuse(name, fmt::format("must give \"{}\" a word of RFC 8601", word));
        continue;
      }
      table[word] = result.get<std::string>();
    }
    return table;
  }

  void Refuse(const char* name, const std::string& problem) {
    if (problem_.empty()) {
      problem_ = fmt::format("\"{}\" {}", name, problem);
    }
  }

  const std::string& problem() const { return problem_; }

 private:
  const Json* Find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  const Json& object_;
  std::string problem_;
};

template <typename Value, std::size_t kSize>
Value Choice(Members& members, const char* name,
             const std::array<std::pair<const char*, Value>, kSize>& choices) {
  if (!members.Has(name)) {
    return choices.front().second;
  }
  const std::string word = members.Text(name);
  std::string all;
  for (const auto& [text, value] : choices) {
    if (word == text) {
      return value;
    }
    all += fmt::format("{}\"{}\"", all.empty() ? "" : ", ", text);
  }
  members.Refuse(name, "must be one of " + all);
  return choices.front().second;
}

Description ReadDescription(Members& members) {
  constexpr std::array<std::pair<const char*, DnsWay>, 3> kWays = {
      {{"request", DnsWay::kRequest},
       {"nameserver", DnsWay::kNameserver},
       {"sandbox", DnsWay::kSandbox}}};
  constexpr std::array<std::pair<const char*, Reports>, 3> kReports = {
      {{"each", Reports::kEach},
       {"first", Reports::kFirst},
       {"one-for-all", Reports::kOneForAll}}};
  Description who;
  who.name = members.Text("name", /*required=*/true);
  who.version = members.Text("version");
  who.language = members.Text("language");
  who.family = members.Text("family");
  who.ops = members.Texts("ops");
  if (!members.Has("ops")) {
    who.ops = {"verify"};
  }
  who.features = members.Texts("features");
  who.policies = members.Texts("policies");
  who.words = members.Table("words");
  const std::vector<std::string> takes = members.Texts("takes");
  who.takes_now = std::find(takes.begin(), takes.end(), "now") != takes.end();
  who.dns = Choice(members, "dns", kWays);
  who.reports = Choice(members, "reports", kReports);
  who.in_flight =
      static_cast<int>(members.Number("in_flight", 1, 1, kMostInFlight));
  return who;
}

SignatureAnswer ReadSignature(const Json& value, Members& reply,
                              const std::map<std::string, std::string>& words) {
  SignatureAnswer signature;
  if (!value.is_object()) {
    reply.Refuse("signatures", "must be a list of objects");
    return signature;
  }
  Members members(value);
  signature.sdid = members.Text("d");
  signature.selector = members.Text("s");
  signature.signature_start = members.Text("b");
  signature.word = members.Text("result", /*required=*/true);
  signature.says = members.Text("says");
  if (!members.problem().empty()) {
    reply.Refuse("signatures", "has an item whose " + members.problem());
  }
  if (IsResultWord(signature.word)) {
    signature.result = signature.word;
  } else if (const auto found = words.find(signature.word);
             found != words.end()) {
    signature.result = found->second;
  }
  return signature;
}

// Exactly one of these says what kind of answer it is.
constexpr const char* kKinds[] = {"signatures", "unsupported", "error",
                                  "silent", "message"};

void ReadSignedMessage(Members& members, Reply& reply) {
  auto message = Base64Decode(members.Text("message"));
  if (!message) {
    members.Refuse("message", "is not base64");
    return;
  }
  reply.message = *std::move(message);
  reply.answer.status = Answer::Status::kSaid;
}

void ReadReply(const Json& object, Members& members,
               const std::map<std::string, std::string>& words, Reply& reply) {
  Answer& answer = reply.answer;
  if (members.Has("signatures")) {
    answer.status = Answer::Status::kSaid;
    for (const Json& value : members.List("signatures")) {
      answer.signatures.push_back(ReadSignature(value, members, words));
    }
  } else if (members.Has("unsupported")) {
    answer.status = Answer::Status::kUnsupported;
    answer.detail = members.Text("unsupported");
  } else if (members.Has("error")) {
    answer.status = Answer::Status::kError;
    answer.detail = members.Text("error");
  } else if (members.Has("message")) {
    ReadSignedMessage(members, reply);
  } else {
    answer.status = Answer::Status::kSilent;
    if (object.at("silent") != true) {
      members.Refuse("silent", "must be true where it is given");
    }
    answer.detail = members.Text("says");
  }
}

// The beginning of a line, for people.
std::string Quote(std::string_view line) {
  constexpr std::size_t kEnough = 200;
  return line.size() <= kEnough ? std::string(line)
                                : std::string(line.substr(0, kEnough)) + "...";
}

}  // namespace

bool IsJsonObject(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && line[first] == '{' &&
         Parse(line).is_object();
}

Expected<Description> DecodeDescription(std::string_view line) {
  const Json object = Parse(line);
  if (!object.is_object()) {
    return Fail("start answer", "is not a JSON object: " + Quote(line));
  }
  Members members(object);
  if (members.Has("error")) {
    return Fail("start answer", members.Text("error"));
  }
  if (members.Number("protocol", 0, 0, INT32_MAX) != kWorkerProtocol) {
    return Fail("start answer",
                fmt::format("must have \"protocol\":{}, as asked: {}",
                            kWorkerProtocol, Quote(line)));
  }
  Description who = ReadDescription(members);
  if (members.problem().empty() && who.name.empty()) {
    members.Refuse("name", "must not be empty");
  }
  if (!members.problem().empty()) {
    return Fail("start answer", members.problem());
  }
  return who;
}

std::optional<std::uint64_t> IdOf(std::string_view line) {
  const Json object = Parse(line);
  if (!object.is_object()) {
    return std::nullopt;
  }
  const auto id = object.find("id");
  if (id == object.end() || !id->is_number()) {
    return std::nullopt;
  }
  // Some languages write every number as a floating-point one.
  const double number = id->get<double>();
  if (number < 0 || number >= static_cast<double>(kIdLimit)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(number);
}

Expected<Reply> DecodeReply(std::string_view line,
                            const std::map<std::string, std::string>& words) {
  const Json object = Parse(line);
  if (!object.is_object()) {
    return Fail("answer", "is not a JSON object: " + Quote(line));
  }
  const std::optional<std::uint64_t> id = IdOf(line);
  if (!id) {
    return Fail("answer", "has no \"id\" of its request: " + Quote(line));
  }
  Members members(object);
  const auto kinds =
      std::count_if(std::begin(kKinds), std::end(kKinds),
                    [&](const char* kind) { return members.Has(kind); });
  if (kinds != 1) {
    return Fail("answer",
                "must have exactly one of \"signatures\", \"message\", "
                "\"unsupported\", \"error\" and \"silent\": " +
                    Quote(line));
  }
  Reply reply;
  reply.id = *id;
  ReadReply(object, members, words, reply);
  if (!members.problem().empty()) {
    return Fail("answer", members.problem());
  }
  return reply;
}

}  // namespace dkimspec::runners
