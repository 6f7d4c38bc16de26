#include "runners/results.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace dkimspec::runners {
namespace {

using Json = nlohmann::ordered_json;

// Programs say what they like; what is not UTF-8 is replaced.
void AppendLine(std::string& text, const Json& line) {
  text += line.dump(-1, ' ', false, Json::error_handler_t::replace);
  text += '\n';
}

Json ToJson(const Contestant& contestant) {
  const Description& who = contestant.description;
  Json json = {{"name", who.name},
               {"family", who.family},
               {"version", who.version},
               {"language", who.language},
               {"dns", ToString(who.dns)},
               {"resolver", contestant.resolver},
               {"features", who.features},
               {"policies", who.policies},
               {"reports", ToString(who.reports)},
               {"takes_now", who.takes_now},
               {"state", contestant.ran ? "ran" : "not-run"}};
  if (!contestant.ran) {
    json["why"] = contestant.why;
  }
  return json;
}

Json HeaderOf(const Results& results) {
  Json implementations = Json::array();
  for (const Contestant& contestant : results.implementations) {
    implementations.push_back(ToJson(contestant));
  }
  Json requirements = Json::object();
  for (const auto& [id, level] : results.requirements) {
    requirements[id] = fixtures::ToString(level);
  }
  return {{"format", "dkimspec-results/2"},
          {"suite",
           {{"version", results.suite_version}, {"lock", results.lock_hash}}},
          {"now", results.now},
          {"salt", results.salt},
          {"resolver", results.resolver},
          {"machine", {{"os", results.os}, {"arch", results.arch}}},
          {"requirements", std::move(requirements)},
          {"implementations", std::move(implementations)}};
}

Json ToJson(const SubjectJudgement& subject) {
  return {{"label", subject.label},
          {"expected", fixtures::ToString(subject.expected)},
          {"said", subject.said},
          {"result", subject.result},
          {"says", subject.says},
          {"outcome", ToString(subject.outcome)},
          {"reason", subject.reason}};
}

Json ToJson(const QueryFinding& finding) {
  return {{"label", finding.label},
          {"count", fixtures::ToString(finding.count)},
          {"seen", finding.seen},
          {"least", finding.least},
          {"most", finding.most ? Json(*finding.most) : Json()},
          {"holds", finding.Holds()},
          {"reason", finding.reason}};
}

Json ToJson(const CaseResult& result) {
  Json subjects = Json::array();
  for (const SubjectJudgement& subject : result.judgement.subjects) {
    subjects.push_back(ToJson(subject));
  }
  Json json = {{"case", result.case_id},
               {"implementation", result.implementation},
               {"outcome", ToString(result.judgement.outcome)},
               {"level", fixtures::ToString(result.level)},
               {"covers", result.covers},
               {"forgery", result.forgery},
               {"subjects", std::move(subjects)},
               {"elapsed_ms", result.elapsed.count()}};
  if (result.queries) {
    json["queries"] = *result.queries;
  }
  if (!result.query_findings.empty()) {
    json["asked"] = Json::array();
    for (const QueryFinding& finding : result.query_findings) {
      json["asked"].push_back(ToJson(finding));
    }
  }
  if (!result.log.empty()) {
    json["log"] = result.log;
  }
  return json;
}

}  // namespace

std::string_view ToString(DnsWay way) {
  switch (way) {
    case DnsWay::kRequest:
      return "request";
    case DnsWay::kNameserver:
      return "nameserver";
    case DnsWay::kSandbox:
      break;
  }
  return "sandbox";
}

std::string_view ToString(Reports reports) {
  switch (reports) {
    case Reports::kEach:
      return "each";
    case Reports::kFirst:
      return "first";
    case Reports::kOneForAll:
      break;
  }
  return "one-for-all";
}

std::optional<DnsWay> DnsWayFrom(std::string_view word) {
  for (DnsWay way : {DnsWay::kRequest, DnsWay::kNameserver, DnsWay::kSandbox}) {
    if (ToString(way) == word) {
      return way;
    }
  }
  return std::nullopt;
}

std::optional<Reports> ReportsFrom(std::string_view word) {
  for (Reports reports :
       {Reports::kEach, Reports::kFirst, Reports::kOneForAll}) {
    if (ToString(reports) == word) {
      return reports;
    }
  }
  return std::nullopt;
}

std::string WriteResults(const Results& results) {
  std::string text;
  AppendLine(text, HeaderOf(results));
  for (const CaseResult& result : results.cases) {
    AppendLine(text, ToJson(result));
  }
  AppendLine(text, {{"end", true}});
  return text;
}

}  // namespace dkimspec::runners
