#include "runners/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "reference/json/strict_reader.h"
#include "runners/in_process.h"
#include "runners/worker_candidate.h"

namespace dkimspec::runners {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPython = "/usr/bin/python3";

std::string Absolute(const fs::path& path) {
  std::error_code problem;
  const fs::path absolute = fs::absolute(path, problem);
  return (problem ? path : absolute).lexically_normal().string();
}

// {here}, {peers}, {build} and {python}, as implementation.schema.json has
// them.
class Placeholders {
 public:
  Placeholders(const RegistryFolders& folders, const fs::path& here)
      : values_{{"{here}", Absolute(here)},
                {"{peers}", Absolute(folders.peers)},
                {"{build}", Absolute(folders.build)},
                {"{python}", std::string(kPython)}} {}

  std::string Fill(std::string text) const {
    for (const auto& [name, value] : values_) {
      for (std::size_t at = text.find(name); at != std::string::npos;
           at = text.find(name, at + value.size())) {
        text.replace(at, name.size(), value);
      }
    }
    return text;
  }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// An object whose members are all strings.
std::map<std::string, std::string> StringMembers(const Json& json,
                                                 const std::string& place,
                                                 const std::string& pointer,
                                                 Expected<void>& problem) {
  std::map<std::string, std::string> members;
  ObjectReader reader(json, place, pointer);
  if (json.is_object()) {
    for (const auto& item : json.items()) {
      members[item.key()] = reader.String(item.key());
    }
  }
  if (Expected<void> done = reader.Finish(); !done && problem) {
    problem = done;
  }
  return members;
}

// What fetch.py reads, and nobody else.
void SkipFetching(ObjectReader& reader) {
  reader.OptionalValue("$schema");
  reader.OptionalValue("needs");
  reader.OptionalValue("fetched-as");
  reader.OptionalValue("fetch");
  reader.OptionalValue("known");
}

Description ReadDescription(ObjectReader& reader) {
  Description who;
  who.name = reader.String("name");
  who.family = reader.String("family");
  who.language = reader.String("language");
  who.dns =
      DnsWayFrom(reader.OneOf("dns", {"request", "nameserver", "sandbox"}))
          .value_or(DnsWay::kRequest);
  who.reports =
      ReportsFrom(reader.OneOf("reports", {"each", "first", "one-for-all"}))
          .value_or(Reports::kEach);
  who.features = reader.Strings("features");
  who.policies = reader.OptionalStrings("policies");
  return who;
}

Expected<void> ReadStart(const Json& json, const std::string& place,
                         const Placeholders& placeholders,
                         ImplementationFile& file) {
  ObjectReader reader(json, place, "/start");
  for (const std::string& argument : reader.Strings("argv")) {
    file.argv.push_back(placeholders.Fill(argument));
  }
  if (file.argv.empty()) {
    reader.Refuse("argv", "must name a program");
  }
  Expected<void> problem;
  if (const Json* environment = reader.OptionalValue("environment")) {
    for (const auto& [name, value] :
         StringMembers(*environment, place, "/start/environment", problem)) {
      file.environment.emplace_back(name, placeholders.Fill(value));
    }
  }
  Expected<void> done = reader.Finish();
  return done ? problem : done;
}

Expected<ImplementationFile> ReadOne(const fs::path& path,
                                     const RegistryFolders& folders) {
  const std::string place = path.string();
  Expected<Json> json = ReadJsonFile(place);
  if (!json) {
    return tl::unexpected(json.error());
  }
  ObjectReader reader(*json, place);
  ImplementationFile file;
  file.description = ReadDescription(reader);
  file.homepage = reader.String("homepage");
  file.note = reader.OptionalString("note").value_or("");
  reader.OneOf("transport", {"worker"});
  SkipFetching(reader);
  const Json& start = reader.Value("start");
  const Json* words = reader.OptionalValue("words");
  if (file.description.name != path.parent_path().filename()) {
    reader.Refuse("name", "must be the name of the folder");
  }
  Expected<void> done = reader.Finish();
  if (done && words != nullptr) {
    file.description.words = StringMembers(*words, place, "/words", done);
  }
  if (done) {
    done = ReadStart(start, place, Placeholders(folders, path.parent_path()),
                     file);
  }
  return done ? Expected<ImplementationFile>(std::move(file))
              : tl::unexpected(done.error());
}

// What fetch.py says of each; empty if it never ran.
Expected<Json> ReadStatus(const std::string& peers) {
  const fs::path path = fs::path(peers) / "status.json";
  std::error_code problem;
  if (!fs::exists(path, problem)) {
    return Json::object();
  }
  Expected<Json> status = ReadJsonFile(path.string());
  if (status && !status->is_object()) {
    return Fail(path.string(), "must be an object; run fetch.py again");
  }
  return status;
}

std::string MemberOr(const Json& json, const char* name,
                     const std::string& fallback) {
  return json.is_object() && json.contains(name) && json[name].is_string()
             ? json[name].get<std::string>()
             : fallback;
}

void ApplyStatus(const Json& status, Candidate& candidate) {
  const std::string& name = candidate.description.name;
  if (!status.contains(name)) {
    candidate.why_not =
        "was not fetched; runners/implementations/fetch.py does that";
    return;
  }
  const Json& own = status[name];
  candidate.description.version = MemberOr(own, "version", "");
  if (MemberOr(own, "state", "") != "ready") {
    candidate.why_not = MemberOr(own, "why", "could not be fetched");
  }
}

Candidate ReferenceCandidate(DnsWay dns) {
  Candidate candidate;
  candidate.description = DescribeReference(dns);
  candidate.start =
      [dns](const StartContext&) -> Expected<std::unique_ptr<Implementation>> {
    return MakeReference(dns);
  };
  return candidate;
}

std::string FromEnvironment(const char* name, const fs::path& fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback.string();
}

}  // namespace

RegistryFolders DefaultFolders() {
  std::error_code problem;
  const fs::path program = fs::read_symlink("/proc/self/exe", problem);
  const fs::path build = problem ? fs::path(".") : program.parent_path();
  const fs::path source = DKIMSPEC_SOURCE_FOLDER;
  const fs::path installed =
      build.parent_path() / "share/dkimspec/implementations";
  const bool here = fs::exists(installed, problem);
  return {
      FromEnvironment("DKIMSPEC_IMPLEMENTATIONS",
                      here ? installed : source / "runners/implementations"),
      FromEnvironment("DKIMSPEC_PEERS", source / "build/peers"),
      build.string()};
}

Expected<std::vector<ImplementationFile>> ReadImplementationFiles(
    const RegistryFolders& folders) {
  std::error_code problem;
  std::set<fs::path> paths;
  for (fs::directory_iterator entry(folders.implementations, problem), end;
       !problem && entry != end; entry.increment(problem)) {
    const fs::path path = entry->path() / "implementation.json";
    if (std::error_code absent; fs::exists(path, absent)) {
      paths.insert(path);
    }
  }
  if (problem) {
    return Fail(folders.implementations,
                fmt::format("cannot be read: {}", problem.message()));
  }
  std::vector<ImplementationFile> files;
  for (const fs::path& path : paths) {
    Expected<ImplementationFile> file = ReadOne(path, folders);
    if (!file) {
      return tl::unexpected(file.error());
    }
    files.push_back(std::move(*file));
  }
  return files;
}

Expected<std::vector<Candidate>> AllCandidates(const RegistryFolders& folders) {
  Expected<std::vector<ImplementationFile>> files =
      ReadImplementationFiles(folders);
  if (!files) {
    return tl::unexpected(files.error());
  }
  Expected<Json> status = ReadStatus(folders.peers);
  if (!status) {
    return tl::unexpected(status.error());
  }
  std::vector<Candidate> candidates = {ReferenceCandidate(DnsWay::kRequest),
                                       ReferenceCandidate(DnsWay::kNameserver)};
  const std::vector<std::string> visible = {Absolute(folders.implementations),
                                            Absolute(folders.peers),
                                            Absolute(folders.build)};
  for (const ImplementationFile& file : *files) {
    Candidate candidate = WorkerCandidate(
        {file.argv, file.environment, file.description, "/", true, visible});
    ApplyStatus(*status, candidate);
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

Expected<std::vector<Candidate>> ChooseCandidates(
    std::vector<Candidate> all, const std::vector<std::string>& names) {
  std::set<std::string> wanted(names.begin(), names.end());
  const bool everyone = wanted.empty() || wanted.erase("all") > 0;
  std::vector<std::string> known;
  for (const Candidate& candidate : all) {
    known.push_back(candidate.description.name);
  }
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Fail(
          fmt::format("--implementations {}", name),
          fmt::format("is not known; there are {}", fmt::join(known, ", ")));
    }
  }
  std::erase_if(all, [&](const Candidate& candidate) {
    return !everyone && wanted.count(candidate.description.name) == 0;
  });
  return all;
}

}  // namespace dkimspec::runners
