#include "runners/questioning.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "dnsstub/fault.h"
#include "mutators/rng.h"
#include "runners/judge.h"
#include "runners/queries.h"
#include "runners/worker_protocol.h"

namespace dkimspec::runners {
namespace {

using fixtures::Case;

constexpr std::size_t kLogKept = 4096;  // Octets, the end of it.
constexpr std::uint16_t kTxtType = 16;

// What a resolver hook can show of a zone; nullopt if it takes a socket.
std::optional<Zone> ProjectZone(const Zone& zone) {
  Zone projected;
  for (const auto& [name, entry] : zone) {
    std::optional<ZoneEntry> plain = dnsstub::Project(entry);
    if (!plain) {
      return std::nullopt;
    }
    projected.emplace(name, std::move(*plain));
  }
  return projected;
}

// A fault that only those meet who ask the failing server themselves.
const dnsstub::Fault* FaultOnTheWire(const Zone& zone) {
  for (const auto& [name, entry] : zone) {
    const dnsstub::Fault* fault = entry.kind == ZoneEntry::Kind::kFault
                                      ? dnsstub::FindFault(entry.fault)
                                      : nullptr;
    if (fault != nullptr && !fault->survives_recursor) {
      return fault;
    }
  }
  return nullptr;
}

// TXT queries by name, as far as they came from one implementation.
using QueryCounts = std::map<std::string, std::size_t, DnsNameLess>;

QueryCounts CountQueries(const QuestioningOptions& options) {
  QueryCounts counts;
  for (const dnsstub::LogEntry& entry : options.dns->Log()) {
    if (entry.type == kTxtType && entry.network.starts_with(options.network)) {
      std::string name = entry.name;
      if (!name.empty() && name.back() == '.') {
        name.pop_back();
      }
      ++counts[name];
    }
  }
  return counts;
}

std::size_t QueriesOf(const Case& test, const QueryCounts& counts) {
  std::set<std::string, DnsNameLess> names;
  for (const auto& item : test.zone) {
    names.insert(item.first);
  }
  for (const fixtures::Subject& subject : test.subjects) {
    if (subject.position) {
      names.insert(subject.selector + "._domainkey." + subject.sdid);
    }
  }
  std::size_t sum = 0;
  for (const std::string& name : names) {
    const auto found = counts.find(name);
    sum += found == counts.end() ? 0 : found->second;
  }
  return sum;
}

class Questioner {
 public:
  Questioner(Implementation& implementation, const std::vector<Case>& cases,
             const QuestioningOptions& options)
      : implementation_(implementation),
        who_(implementation.description()),
        cases_(cases),
        options_(options),
        answers_(cases.size()),
        judgements_(cases.size()),
        findings_(cases.size()) {}

  std::vector<CaseResult> Run() {
    std::vector<std::size_t> asked = WhatToAsk();
    Shuffle(asked);
    total_ = asked.size();
    AskAbout(asked, answers_);
    LearnAboutDns(asked);
    LookAtQueries(asked);
    for (std::size_t i : asked) {
      judgements_[i] = Judge(cases_[i], who_, answers_[i], evidence_);
    }
    AskAgain(asked);
    ApplyControls();
    return Collect();
  }

 private:
  // Settles what this implementation cannot be asked.
  std::vector<std::size_t> WhatToAsk() {
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const std::string why = WhyUnsupported(cases_[i]);
      if (why.empty()) {
        asked.push_back(i);
      } else {
        judgements_[i] =
            WithoutAnswer(cases_[i], who_, Outcome::kUnsupported, why);
      }
    }
    return asked;
  }

  std::string WhyUnsupported(const Case& test) const {
    for (const std::string& feature : test.features) {
      if (std::find(who_.features.begin(), who_.features.end(), feature) ==
          who_.features.end()) {
        return "needs " + feature;
      }
    }
    if (who_.dns == DnsWay::kRequest &&
        (test.needs_sockets || !ProjectZone(test.zone))) {
      return "needs a DNS socket";
    }
    if (options_.through_resolver) {
      if (const dnsstub::Fault* fault = FaultOnTheWire(test.zone)) {
        return fmt::format("no resolver passes on what {} sends", fault->name);
      }
    }
    return "";
  }

  // A control next to its case would tell which is which.
  void Shuffle(std::vector<std::size_t>& indexes) const {
    mutators::Rng rng(options_.order_seed);
    for (std::size_t i = indexes.size(); i > 1; --i) {
      std::swap(indexes[i - 1],
                indexes[static_cast<std::size_t>(rng.Below(i))]);
    }
  }

  Request RequestFor(const Case& test) const {
    Request request;
    request.id = RandomRequestId();
    request.message = test.message;
    request.envelope = test.envelope;
    request.now = test.now;
    request.may_wait = who_.dns != DnsWay::kRequest && MayWaitForDns(test);
    if (who_.dns == DnsWay::kRequest) {
      request.zone = ProjectZone(test.zone);
    } else if (who_.dns == DnsWay::kNameserver) {
      request.nameserver = options_.nameserver;
    }
    return request;
  }

  void AskAbout(const std::vector<std::size_t>& indexes,
                std::vector<Answer>& answers) {
    std::vector<Request> requests;
    for (std::size_t i : indexes) {
      requests.push_back(RequestFor(cases_[i]));
    }
    implementation_.Ask(requests, [&](std::size_t i, Answer answer) {
      answers[indexes[i]] = std::move(answer);
      ++done_;
      if (options_.progress && done_ <= total_) {
        options_.progress(done_, total_);
      }
    });
    NoteQueries(indexes, answers);
  }

  void NoteQueries(const std::vector<std::size_t>& indexes,
                   std::vector<Answer>& answers) const {
    if (options_.dns == nullptr || who_.dns == DnsWay::kRequest) {
      return;
    }
    const QueryCounts counts = CountQueries(options_);
    for (std::size_t i : indexes) {
      answers[i].queries = QueriesOf(cases_[i], counts);
    }
  }

  void LearnAboutDns(const std::vector<std::size_t>& asked) {
    for (std::size_t i : asked) {
      evidence_.asks_our_dns |= answers_[i].queries.value_or(0) > 0;
    }
  }

  // A process asked after another died has a network of its own, or, without
  // the sandbox, none: then the queries of both are one heap.
  bool TellsAttemptsApart(const Answer& answer) const {
    return who_.dns == DnsWay::kSandbox || answer.times_asked <= 1;
  }

  // Before anything is asked again. Behind a resolver, the queries are not the
  // implementation's.
  void LookAtQueries(const std::vector<std::size_t>& asked) {
    if (options_.dns == nullptr || who_.dns == DnsWay::kRequest ||
        options_.through_resolver) {
      return;
    }
    const std::vector<dnsstub::LogEntry> log = options_.dns->Log();
    for (std::size_t i : asked) {
      const Answer::Status status = answers_[i].status;
      if ((status == Answer::Status::kSaid ||
           status == Answer::Status::kSilent) &&
          TellsAttemptsApart(answers_[i])) {
        findings_[i] = FindQueries(cases_[i], log, options_.network);
      }
    }
  }

  // An outcome that does not come twice says nothing.
  void AskAgain(const std::vector<std::size_t>& asked) {
    std::vector<std::size_t> doubtful;
    for (std::size_t i : asked) {
      const Outcome outcome = judgements_[i].outcome;
      if (IsWrong(outcome) && outcome != Outcome::kCrash &&
          outcome != Outcome::kHang) {
        doubtful.push_back(i);
      }
    }
    if (doubtful.empty()) {
      return;
    }
    std::vector<Answer> second(cases_.size());
    AskAbout(doubtful, second);
    for (std::size_t i : doubtful) {
      Compare(judgements_[i], Judge(cases_[i], who_, second[i], evidence_));
    }
  }

  void ApplyControls() {
    std::map<std::string_view, std::size_t> by_id;
    bool accepts = false;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      by_id[cases_[i].id] = i;
      accepts |= Accepted(judgements_[i]);
    }
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const Case& test = cases_[i];
      if (!test.control) {
        if (!accepts) {
          MarkUnproven(judgements_[i], "it accepted nothing in this run");
        }
        continue;
      }
      const auto control = by_id.find(*test.control);
      ApplyControl(
          judgements_[i], test,
          control == by_id.end() ? Judgement{} : judgements_[control->second]);
    }
  }

  std::vector<CaseResult> Collect() {
    std::vector<CaseResult> results;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      if (!cases_[i].is_control) {
        results.push_back(ResultOf(i));
      }
    }
    return results;
  }

  CaseResult ResultOf(std::size_t i) {
    const Case& test = cases_[i];
    CaseResult result;
    result.case_id = test.id;
    result.implementation = who_.name;
    result.level = test.level;
    result.covers = test.covers;
    result.forgery = test.forgery;
    result.elapsed = answers_[i].elapsed;
    result.queries = answers_[i].queries;
    result.query_findings = std::move(findings_[i]);
    result.judgement = std::move(judgements_[i]);
    const Outcome outcome = result.judgement.outcome;
    if (IsWrong(outcome) || outcome == Outcome::kAdapterError) {
      const std::string& log = answers_[i].log;
      result.log = log.substr(log.size() - std::min(log.size(), kLogKept));
    }
    return result;
  }

  Implementation& implementation_;
  const Description who_;
  const std::vector<Case>& cases_;
  const QuestioningOptions& options_;
  std::vector<Answer> answers_;
  std::vector<Judgement> judgements_;
  std::vector<std::vector<QueryFinding>> findings_;
  Evidence evidence_;
  std::size_t done_ = 0;
  std::size_t total_ = 0;
};

}  // namespace

std::vector<CaseResult> Question(Implementation& implementation,
                                 const std::vector<Case>& cases,
                                 const QuestioningOptions& options) {
  return Questioner(implementation, cases, options).Run();
}

}  // namespace dkimspec::runners
