#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "reference/json/strict_reader.h"
#include "runners/results.h"

namespace dkimspec::runners {
namespace {

template <typename T>
T OrRefuse(ObjectReader& reader, std::string_view name, std::optional<T> value,
           const std::string& word) {
  if (!value) {
    reader.Refuse(name, fmt::format("does not know the word \"{}\"", word));
  }
  return value.value_or(T{});
}

template <typename T, typename From>
T Word(ObjectReader& reader, std::string_view name, From from) {
  const std::string word = reader.String(name);
  return OrRefuse<T>(reader, name, from(word), word);
}

std::optional<fixtures::Level> LevelFrom(std::string_view word) {
  using fixtures::Level;
  for (Level level : {Level::kMust, Level::kShould, Level::kAdvisory}) {
    if (fixtures::ToString(level) == word) {
      return level;
    }
  }
  return std::nullopt;
}

// Reads the lines one after the other; `place_` is that of the line.
class LineReader {
 public:
  explicit LineReader(std::string file) : file_(std::move(file)) {}

  Expected<void> Line(std::string_view line) {
    ++number_;
    place_ = fmt::format("{} line {}", file_, number_);
    Expected<Json> json = ParseJson(line, place_);
    if (!json) {
      return tl::unexpected(json.error());
    }
    if (json->contains("format")) {
      return Header(*json);
    }
    if (!in_block_) {
      return Fail(place_,
                  "is not the header of a results file (a line with "
                  "\"format\": \"dkimspec-results/2\")");
    }
    if (json->contains("end")) {
      in_block_ = false;
      return {};
    }
    return Case(*json);
  }

  Expected<Results> Finish() {
    if (number_ == 0) {
      return Fail(file_, "is empty; a run writes results.jsonl when it ends");
    }
    if (in_block_) {
      return Fail(file_, "has no end line, so it was cut short; run again");
    }
    std::stable_sort(results_.cases.begin(), results_.cases.end(),
                     [](const CaseResult& a, const CaseResult& b) {
                       return a.case_id < b.case_id;
                     });
    return std::move(results_);
  }

 private:
  Expected<void> Header(const Json& json) {
    if (in_block_) {
      return Fail(place_,
                  "a header, but the results before it have no end line: they "
                  "were cut short; run again");
    }
    ObjectReader reader(json, place_);
    if (reader.String("format") != "dkimspec-results/2") {
      return Fail(place_,
                  "is in a format this program does not know; it reads "
                  "dkimspec-results/2");
    }
    Results header;
    header.resolver = reader.String("resolver");
    header.now = reader.Integer("now");
    header.salt = reader.String("salt");
    const Json& suite = reader.Value("suite");
    const Json& machine = reader.Value("machine");
    const Json& requirements = reader.Value("requirements");
    const Json& implementations = reader.Value("implementations");
    Expected<void> done = reader.Finish();
    done = done ? Suite(suite, header) : done;
    done = done ? Machine(machine, header) : done;
    done = done ? Requirements(requirements, header) : done;
    done = done ? Implementations(implementations, header) : done;
    return done ? Merge(std::move(header)) : done;
  }

  Expected<void> Suite(const Json& json, Results& header) {
    ObjectReader reader(json, place_, "/suite");
    header.suite_version = reader.String("version");
    header.lock_hash = reader.String("lock");
    return reader.Finish();
  }

  Expected<void> Machine(const Json& json, Results& header) {
    ObjectReader reader(json, place_, "/machine");
    header.os = reader.String("os");
    header.arch = reader.String("arch");
    return reader.Finish();
  }

  Expected<void> Requirements(const Json& json, Results& header) {
    ObjectReader reader(json, place_, "/requirements");
    if (json.is_object()) {
      for (const auto& item : json.items()) {
        header.requirements[item.key()] =
            Word<fixtures::Level>(reader, item.key(), LevelFrom);
      }
    }
    return reader.Finish();
  }

  Expected<void> Implementations(const Json& json, Results& header) {
    if (!json.is_array()) {
      return Fail(place_ + "#/implementations", "must be an array");
    }
    for (std::size_t i = 0; i < json.size(); ++i) {
      ObjectReader reader(json[i], place_,
                          fmt::format("/implementations/{}", i));
      header.implementations.push_back(ReadContestant(reader));
      if (Expected<void> done = reader.Finish(); !done) {
        return done;
      }
    }
    return {};
  }

  static Contestant ReadContestant(ObjectReader& reader) {
    Contestant contestant;
    Description& who = contestant.description;
    who.name = reader.String("name");
    who.family = reader.String("family");
    who.version = reader.String("version");
    who.language = reader.String("language");
    who.dns = Word<DnsWay>(reader, "dns", DnsWayFrom);
    contestant.resolver = reader.String("resolver");
    who.features = reader.Strings("features");
    who.policies = reader.Strings("policies");
    who.reports = Word<Reports>(reader, "reports", ReportsFrom);
    who.takes_now = reader.Bool("takes_now");
    contestant.ran = reader.OneOf("state", {"ran", "not-run"}) == "ran";
    contestant.why = reader.OptionalString("why").value_or("");
    return contestant;
  }

  // The first header fixes what all of them must agree on.
  Expected<void> Merge(Results header) {
    in_block_ = true;
    repeated_.clear();
    for (const Contestant& contestant : header.implementations) {
      if (Expected<void> done = Enter(contestant, header.resolver); !done) {
        return done;
      }
    }
    std::erase_if(header.implementations, [&](const Contestant& contestant) {
      return repeated_.count(contestant.description.name) > 0;
    });
    if (results_.implementations.empty() && results_.lock_hash.empty()) {
      results_ = std::move(header);
      return {};
    }
    if (header.lock_hash != results_.lock_hash || header.now != results_.now ||
        header.salt != results_.salt) {
      return Fail(place_,
                  "comes from another suite, time or salt than the results "
                  "before it; such results cannot be merged");
    }
    results_.requirements.merge(header.requirements);
    std::move(header.implementations.begin(), header.implementations.end(),
              std::back_inserter(results_.implementations));
    return {};
  }

  // No resolver stands before an implementation without sockets, so that runs
  // with another one ask it the same again: the first answers stand.
  Expected<void> Enter(const Contestant& contestant,
                       const std::string& resolver) {
    const Description& who = contestant.description;
    const auto [entry, added] = names_.emplace(who.name, resolver);
    if (added) {
      return {};
    }
    if (who.dns != DnsWay::kRequest || entry->second == resolver) {
      return Fail(place_,
                  fmt::format("has results of {} for a second time", who.name));
    }
    repeated_.insert(who.name);
    return {};
  }

  Expected<void> Case(const Json& json) {
    ObjectReader reader(json, place_);
    CaseResult result;
    result.case_id = reader.String("case");
    result.implementation = reader.String("implementation");
    result.judgement.outcome =
        Word<Outcome>(reader, "outcome", OutcomeFromString);
    result.level = Word<fixtures::Level>(reader, "level", LevelFrom);
    result.covers = reader.Strings("covers");
    result.forgery = reader.Bool("forgery");
    result.elapsed = std::chrono::milliseconds(reader.Integer("elapsed_ms"));
    if (const auto queries = reader.OptionalInteger("queries")) {
      result.queries = static_cast<std::size_t>(*queries);
    }
    result.log = reader.OptionalString("log").value_or("");
    const Json& subjects = reader.Value("subjects");
    const Json* asked = reader.OptionalValue("asked");
    if (names_.count(result.implementation) == 0) {
      reader.Refuse(
          "implementation",
          fmt::format("is {}, which no header names", result.implementation));
    }
    Expected<void> done = reader.Finish();
    done = done ? Subjects(subjects, result.judgement) : done;
    if (done && asked != nullptr) {
      done = Asked(*asked, result.query_findings);
    }
    if (repeated_.count(result.implementation) == 0) {
      results_.cases.push_back(std::move(result));
    }
    return done;
  }

  Expected<void> Subjects(const Json& json, Judgement& judgement) {
    if (!json.is_array()) {
      return Fail(place_ + "#/subjects", "must be an array");
    }
    for (std::size_t i = 0; i < json.size(); ++i) {
      ObjectReader reader(json[i], place_, fmt::format("/subjects/{}", i));
      SubjectJudgement subject;
      subject.label = reader.String("label");
      subject.expected =
          Word<fixtures::Verdict>(reader, "expected", fixtures::VerdictFrom);
      subject.said = reader.String("said");
      subject.result = reader.String("result");
      subject.says = reader.String("says");
      subject.outcome = Word<Outcome>(reader, "outcome", OutcomeFromString);
      subject.reason = reader.String("reason");
      if (Expected<void> done = reader.Finish(); !done) {
        return done;
      }
      judgement.subjects.push_back(std::move(subject));
    }
    return {};
  }

  // "holds" follows from the numbers.
  Expected<void> Asked(const Json& json, std::vector<QueryFinding>& findings) {
    if (!json.is_array()) {
      return Fail(place_ + "#/asked", "must be an array");
    }
    for (std::size_t i = 0; i < json.size(); ++i) {
      ObjectReader reader(json[i], place_, fmt::format("/asked/{}", i));
      QueryFinding finding;
      finding.label = reader.String("label");
      finding.count = Word<fixtures::QueryRange::Count>(
          reader, "count", fixtures::QueryCountFrom);
      finding.seen = static_cast<std::uint64_t>(reader.Integer("seen"));
      finding.least = static_cast<std::uint64_t>(reader.Integer("least"));
      if (!reader.Value("most").is_null()) {
        finding.most = static_cast<std::uint64_t>(reader.Integer("most"));
      }
      reader.Bool("holds");
      finding.reason = reader.String("reason");
      if (Expected<void> done = reader.Finish(); !done) {
        return done;
      }
      findings.push_back(std::move(finding));
    }
    return {};
  }

  std::string file_;
  std::string place_;
  std::size_t number_ = 0;
  bool in_block_ = false;
  std::map<std::string, std::string> names_;  // Each with its run's resolver.
  std::set<std::string> repeated_;            // Of this block: to leave out.
  Results results_;
};

}  // namespace

Expected<Results> ReadResults(std::string_view text, const std::string& place) {
  LineReader reader(place);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    // The last line of a file that was cut short is no evidence of anything
    // but that.
    if (end == std::string_view::npos) {
      return Fail(place,
                  "ends in the middle of a line, so it was cut short; "
                  "run again");
    }
    if (Expected<void> done = reader.Line(text.substr(0, end)); !done) {
      return tl::unexpected(done.error());
    }
    text.remove_prefix(end + 1);
  }
  return reader.Finish();
}

}  // namespace dkimspec::runners
