#include "runners/report/html.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "reference/json/zone_json.h"
#include "runners/consensus.h"
#include "runners/report/page.h"
#include "runners/tally.h"

namespace dkimspec::runners {
namespace {

using Json = nlohmann::json;

// One character for each octet, so that the page can show any message.
std::string OctetsAsCharacters(std::string_view octets) {
  std::string utf8;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xC0 | octet >> 6);
      utf8 += static_cast<char>(0x80 | (octet & 0x3F));
    }
  }
  return utf8;
}

Json SubjectsToJson(const fixtures::Case& test) {
  Json subjects = Json::array();
  for (const fixtures::Subject& subject : test.subjects) {
    Json tolerate = Json::array();
    for (const fixtures::Tolerance& tolerance : subject.tolerate) {
      tolerate.push_back({{"verdict", ToString(tolerance.verdict)},
                          {"citation", tolerance.citation},
                          {"because", tolerance.because},
                          {"policy", tolerance.policy}});
    }
    subjects.push_back({{"label", subject.label},
                        {"expected", ToString(subject.expected)},
                        {"tolerate", tolerate}});
  }
  return subjects;
}

Json CaseToJson(const fixtures::Case& test) {
  return {{"id", test.id},
          {"why", test.why},
          {"covers", test.covers},
          {"means_permanent", test.means_permanent},
          {"means_pass", test.means_pass},
          {"subjects", SubjectsToJson(test)},
          {"message", OctetsAsCharacters(test.message)},
          {"zone", ZoneToJson(test.zone)}};
}

// What is known of a case from the results alone.
Json CaseToJson(const CaseResult& result) {
  Json subjects = Json::array();
  for (const SubjectJudgement& judgement : result.judgement.subjects) {
    subjects.push_back({{"label", judgement.label},
                        {"expected", ToString(judgement.expected)},
                        {"tolerate", Json::array()}});
  }
  return {{"id", result.case_id},    {"why", ""},
          {"covers", result.covers}, {"means_permanent", ""},
          {"means_pass", ""},        {"subjects", subjects},
          {"message", ""},           {"zone", Json::object()}};
}

Json AnswerToJson(const CaseResult& result) {
  Json subjects = Json::array();
  for (const SubjectJudgement& subject : result.judgement.subjects) {
    subjects.push_back({{"label", subject.label},
                        {"outcome", ToString(subject.outcome)},
                        {"said", subject.said},
                        {"says", subject.says},
                        {"reason", subject.reason}});
  }
  Json answer = {{"outcome", ToString(result.judgement.outcome)},
                 {"subjects", subjects},
                 {"queries", nullptr},
                 {"surprises", Json::array()}};
  if (result.queries) {
    answer["queries"] = *result.queries;
  }
  for (const QueryFinding& finding : result.query_findings) {
    if (!finding.Holds()) {
      Json surprise = {{"label", finding.label}};
      surprise["text"] =
          fmt::format("{} ({})", finding.ToString(), finding.reason);
      answer["surprises"].push_back(std::move(surprise));
    }
  }
  return answer;
}

// Where keys come with the request, nobody resolves anything.
std::string ResolverOf(const Contestant& contestant) {
  return contestant.description.dns == DnsWay::kRequest ? "direct (request)"
                                                        : contestant.resolver;
}

Json ContestantsToJson(const Results& results) {
  std::map<std::string, std::string> headlines;
  for (const Tally& tally : TallyUp(results)) {
    headlines[tally.implementation] = Headline(tally);
  }
  Json contestants = Json::array();
  for (const Contestant& contestant : results.implementations) {
    const Description& who = contestant.description;
    contestants.push_back({{"name", who.name},
                           {"version", who.version},
                           {"resolver", ResolverOf(contestant)},
                           {"state", contestant.ran ? "ran" : "not-run"},
                           {"why", contestant.why},
                           {"must", headlines[who.name]}});
  }
  return contestants;
}

Json ReportToJson(const Results& results,
                  const std::vector<fixtures::Case>& cases) {
  std::map<std::string, Json> pages;
  Json answers = Json::object();
  for (const Contestant& contestant : results.implementations) {
    answers[contestant.description.name] = Json::object();
  }
  for (const CaseResult& result : results.cases) {
    pages.try_emplace(result.case_id, CaseToJson(result));
    answers[result.implementation][result.case_id] = AnswerToJson(result);
  }
  for (const fixtures::Case& test : cases) {
    if (const auto page = pages.find(test.id); page != pages.end()) {
      page->second = CaseToJson(test);
    }
  }
  const auto consensus = FindConsensus(results);
  Json list = Json::array();
  for (auto& [id, page] : pages) {
    const Consensus& opinions = consensus.at(id);
    page["status"] = ToString(opinions.status);
    page["conforming"] = opinions.conforming;
    page["against"] = opinions.against;
    list.push_back(std::move(page));
  }
  return {{"suite", results.suite_version},
          {"lock", results.lock_hash},
          {"now", results.now},
          {"salt", results.salt},
          {"implementations", ContestantsToJson(results)},
          {"cases", list},
          {"answers", answers}};
}

// Inside <script>, "<" could end the element; JSON has an escape for it.
std::string ForScript(const Json& json) {
  std::string text =
      json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) {
    text.replace(at, 1, "\\u003c");
  }
  return text;
}

}  // namespace

std::string WriteHtml(const Results& results,
                      const std::vector<fixtures::Case>& cases) {
  constexpr std::string_view kMark = "@DATA@";
  std::string page(kPage);
  page.replace(page.find(kMark), kMark.size(),
               ForScript(ReportToJson(results, cases)));
  return page;
}

}  // namespace dkimspec::runners
