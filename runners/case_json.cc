#include "runners/case_json.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "reference/base/base64.h"
#include "reference/base/file.h"
#include "reference/json/zone_json.h"

namespace dkimspec::runners {
namespace {

namespace fs = std::filesystem;

using fixtures::Case;
using Json = nlohmann::ordered_json;

Json ToJson(const fixtures::Tolerance& tolerance) {
  Json json = {{"verdict", fixtures::ToString(tolerance.verdict)},
               {"cite", tolerance.citation},
               {"because", tolerance.because}};
  if (!tolerance.policy.empty()) {
    json["policy"] = tolerance.policy;
  }
  return json;
}

Json ToJson(const fixtures::Subject& subject) {
  Json json = {{"label", subject.label},
               {"expected", fixtures::ToString(subject.expected)}};
  if (subject.position) {
    json["d"] = subject.sdid;
    json["s"] = subject.selector;
    json["b"] = subject.signature_start;
    json["position"] = *subject.position;
  }
  json["tolerate"] = Json::array();
  for (const fixtures::Tolerance& tolerance : subject.tolerate) {
    json["tolerate"].push_back(ToJson(tolerance));
  }
  return json;
}

Json ToJson(const fixtures::QueryRange& range) {
  return {{"label", range.label},
          {"name", range.name},
          {"count", fixtures::ToString(range.count)},
          {"least", range.least},
          {"most", range.most ? Json(*range.most) : Json()},
          {"cite", range.citation},
          {"because", range.because}};
}

Json ToJson(const fixtures::Envelope& envelope) {
  Json json = {{"mail_from", nullptr}, {"rcpt_to", envelope.rcpt_to}};
  if (envelope.mail_from) {
    json["mail_from"] = *envelope.mail_from;
  }
  return json;
}

std::string Dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

Expected<void> MakeFolder(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) {
    return Fail(folder.string(),
                fmt::format("cannot be made: {}", problem.message()));
  }
  return {};
}

Expected<void> WriteCase(const Case& test, const fs::path& folder) {
  Expected<void> done = MakeFolder(folder);
  if (done) {
    done = WriteFileAtomically((folder / "message.eml").string(), test.message);
  }
  if (done) {
    done = WriteFileAtomically((folder / "case.json").string(),
                               Dump(CaseToJson(test), 2));
  }
  return done;
}

Expected<void> WriteAll(const std::vector<Case>& cases,
                        const fs::path& folder) {
  Expected<void> done = MakeFolder(folder);
  for (const Case& test : cases) {
    if (done) {
      done = WriteCase(test, folder / test.id);
    }
  }
  return done;
}

Expected<void> RenameTo(const fs::path& from, const fs::path& to) {
  std::error_code problem;
  fs::rename(from, to, problem);  // Replaces an empty folder.
  if (problem) {
    return Fail(to.string(),
                fmt::format("cannot be put in place: {}", problem.message()));
  }
  return {};
}

}  // namespace

Json CaseToJson(const Case& test) {
  Json json = {{"id", test.id},
               {"track", test.track},
               {"covers", test.covers},
               {"level", fixtures::ToString(test.level)},
               {"why", test.why}};
  json["means"] = {{"permanent", test.means_permanent},
                   {"pass", test.means_pass}};
  json["forgery"] = test.forgery;
  json["now"] = test.now;
  json["envelope"] = ToJson(test.envelope);
  json["zone"] = ZoneToJson(test.zone);
  json["subjects"] = Json::array();
  for (const fixtures::Subject& subject : test.subjects) {
    json["subjects"].push_back(ToJson(subject));
  }
  if (!test.queries.empty()) {
    json["queries"] = Json::array();
    for (const fixtures::QueryRange& range : test.queries) {
      json["queries"].push_back(ToJson(range));
    }
  }
  json["features"] = test.features;
  json["needs_sockets"] = test.needs_sockets;
  json["slow"] = test.slow;
  json["raw_octets"] = test.raw_octets;
  json["is_control"] = test.is_control;
  if (test.control) {
    json["control"] = *test.control;
  }
  return json;
}

std::string CasesAsJsonLines(const std::vector<Case>& cases) {
  std::string text;
  for (const Case& test : cases) {
    Json json = CaseToJson(test);
    json["message"] = Base64Encode(test.message);
    text += Dump(json, -1);
  }
  return text;
}

Expected<void> ExportCases(const std::vector<Case>& cases,
                           const std::string& folder) {
  std::error_code problem;
  if (fs::exists(folder, problem) &&
      (!fs::is_directory(folder, problem) || !fs::is_empty(folder, problem))) {
    return Fail(folder, "exists and is no empty folder; name another one");
  }
  fs::path target = fs::path(folder).lexically_normal();
  target = target.has_filename() ? target : target.parent_path();
  fs::path temporary = target;
  temporary += ".part";
  fs::remove_all(temporary, problem);
  Expected<void> done = WriteAll(cases, temporary);
  if (done) {
    done = RenameTo(temporary, target);
  }
  if (!done) {
    fs::remove_all(temporary, problem);
  }
  return done;
}

}  // namespace dkimspec::runners
