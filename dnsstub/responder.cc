#include "dnsstub/responder.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "dnsstub/fault_shapes.h"
#include "dnsstub/perform.h"
#include "dnsstub/server.h"

namespace dkimspec::dnsstub {
namespace {

// An error that has nothing to do with the zone; kNoError if there is none.
int ProtocolError(const Query& query) {
  if (query.status == Query::Status::kFormatError) {
    return kFormErr;
  }
  if (query.opcode != 0) {
    return kNotImp;
  }
  if (query.edns && query.edns_version != 0) {
    return kBadVers;  // RFC 6891 section 6.1.3.
  }
  return query.qclass == kClassIn ? kNoError : kRefused;
}

// FNV-1a. The same for the same name wherever it runs.
std::uint64_t Mix(std::uint64_t hash, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) {
    hash = (hash ^ (value >> 8 * i & 0xff)) * 1099511628211u;
  }
  return hash;
}

// Whether the n-th query is lost: a function of what was asked alone, so that
// queries in another order, or at the same time, meet the same.
bool IsLost(const Step& step, std::uint64_t seed, const std::string& lower,
            std::uint16_t type, std::size_t nth) {
  if (step.loss_percent == 0) {
    return false;
  }
  std::uint64_t hash = Mix(14695981039346656037u, seed);
  for (char c : lower) {
    hash = Mix(hash, static_cast<unsigned char>(c));
  }
  hash = Mix(Mix(hash, type), nth);
  return (hash >> 32) % 100 < step.loss_percent;
}

bool Applies(const Plan& plan, const Query& query, std::size_t nth) {
  return (plan.applies == nullptr || plan.applies(nth)) &&
         (!plan.only_edns || query.edns);
}

const Plan& RightPlan() {
  static const Plan plan{.udp = {Step{}}, .tcp = {Step{}}};
  return plan;
}

}  // namespace

// What is right to say, faults aside.
Message Responder::MakeAnswer(const Query& query, const Source& source,
                              Resolution& resolution, std::size_t nth) const {
  Message message;
  message.id = query.id;
  message.opcode = query.opcode;
  message.recursion_desired = query.recursion_desired;
  message.checking_disabled = query.checking_disabled;
  message.edns = query.edns;
  message.dnssec_ok = query.dnssec_ok;
  message.authoritative = log_.network(source.network).authoritative;
  message.recursion_available = !message.authoritative;
  message.rcode = resolution.rcode;
  message.nth = nth;
  message.seed = manners_.seed;
  if (!query.name.empty()) {
    message.question = Question{query.name, query.type, query.qclass};
  }
  message.answers = std::move(resolution.answers);
  if (resolution.negative) {
    message.authorities.push_back(MakeSoa(message));
  }
  if (resolution.order == Order::kRotate) {
    Rotate(message);
  } else if (resolution.order == Order::kShuffle) {
    Shuffle(message);
  }
  zone_.signed_zones().Complete(message);
  return message;
}

// The number of queries that the rule counts together with this one.
std::size_t Responder::CountFor(const Rule& rule, const Query& query,
                                const Source& source, const Case& found) {
  const CountBy& by = rule.count_by;
  if (by == CountBy()) {
    return found.nth;
  }
  // Parts of a fixed size first: no two keys can be confused.
  std::string key;
  auto add = [&key](std::size_t number) { key += fmt::format("{},", number); };
  add(reinterpret_cast<std::uintptr_t>(&rule));
  add(by.type ? query.type : 0);
  add(by.network ? static_cast<std::size_t>(source.network) : 0);
  add(by.transport && source.tcp ? 1 : 0);
  add(by.client ? source.client.size() : 0);
  key += by.client ? source.client : "";
  key += by.name ? found.lower : "";
  auto count = rule_counts_.find(key);
  if (count == rule_counts_.end()) {
    if (rule_counts_.size() == QueryLog::kMaxForeignNames) {
      return 1;
    }
    count = rule_counts_.emplace(std::move(key), 0).first;
  }
  return ++count->second;
}

// What meets the query where no rule has a phase for it.
void Responder::Decide(const Query& query, const RuleSet::Found& met,
                       Case& found) {
  Resolution& resolution = found.resolution;
  if (!resolution.expected && rules_.IsAboveNames(found.lower)) {
    resolution.rcode = kNoError;  // RFC 8020 section 2.
    resolution.expected = true;
  }
  if (!resolution.expected && met.rule == nullptr) {
    log_.CountUnexpected();
  } else if (resolution.fault != nullptr && query.type == kTypeTxt) {
    found.plan = &resolution.fault->plan;
    found.label = resolution.fault->name;
  }
}

// Looks the name up and counts; forgets the fault where it does not apply.
Responder::Case Responder::Ask(const Query& query, const Source& source) {
  Case found;
  found.plan = &RightPlan();
  found.resolution.rcode = ProtocolError(query);
  if (found.resolution.rcode != kNoError) {
    return found;
  }
  found.lower = LowerName(query.name);
  found.counter = log_.CounterFor(found.lower, query.type,
                                  [&] { return zone_.Holds(found.lower); });
  found.nth = log_.Count(found.counter, source.network);
  std::size_t turn = found.nth;
  const RuleSet::Found met = rules_.Find(query, found.lower, source.tcp);
  const Phase* phase = nullptr;
  if (met.rule != nullptr) {
    turn = CountFor(*met.rule, query, source, found);
    phase = met.rule->PhaseFor(turn, epoch_);
  }
  const bool by_name = phase != nullptr && phase->by_name;
  const bool follow = !log_.network(source.network).authoritative;
  found.resolution = zone_.Resolve(query.name, found.lower, query.type, follow,
                                   by_name ? &met.fit : nullptr);
  if (phase != nullptr && !by_name) {
    found.plan = &phase->plan;
    found.label = met.rule->id;
  } else {
    Decide(query, met, found);
    found.steady = found.label.empty() && found.resolution.expected &&
                   found.resolution.order == Order::kFixed &&
                   !rules_.MayMeet(found.lower);
  }
  if (!Applies(*found.plan, query, turn)) {
    found.plan = &RightPlan();
    found.label = {};
  }
  return found;
}

// The answer of another name, as if it were the one asked for.
Message Responder::AnswerFor(const Query& query, const Source& source,
                             const std::string& other, const Case& found) {
  Resolution resolution = zone_.Resolve(other, LowerName(other), query.type);
  for (Record& record : resolution.answers) {
    if (record.name == other) {
      record.name = query.name;
    }
  }
  return MakeAnswer(query, source, resolution, found.nth);
}

std::vector<Delivery> Responder::React(std::string_view packet, bool tcp,
                                       int network, std::uint16_t port,
                                       std::string_view client) {
  std::vector<Delivery> deliveries;
  const Query query = ParseQuery(packet);
  const Source source{network, tcp, port, client};
  Sent sent;
  std::unique_lock<std::mutex> lock(mutex_);
  if (query.status == Query::Status::kIgnore) {
    sent.fault = "not a query";
    log_.Add(log_.MakeRow(source, query, sent), query.name, 0);
    return deliveries;
  }
  Case found = Ask(query, source);
  sent.fault = found.label;
  Message right = MakeAnswer(query, source, found.resolution, found.nth);
  const std::vector<Step>& steps = tcp ? found.plan->tcp : found.plan->udp;
  for (const Step& step : steps) {
    if (!tcp &&
        IsLost(step, manners_.seed, found.lower, query.type, found.nth)) {
      continue;
    }
    Message message = step.answer_of.empty()
                          ? (&step == &steps.back() ? std::move(right) : right)
                          : AnswerFor(query, source, step.answer_of, found);
    deliveries.push_back(
        Perform(step, std::move(message),
                Limit(query, tcp, step.any_size, manners_.udp_max), tcp, sent));
  }
  const LogRow row = log_.MakeRow(source, query, sent);
  log_.Add(row, query.name, found.nth);
  if (waiting_ > 0) {
    arrived_.notify_all();
  }
  if (found.steady && !tcp) {
    Keep(packet, query, row, found, deliveries[0].octets);
  }
  return deliveries;
}

void Responder::Keep(std::string_view packet, const Query& query,
                     const LogRow& row, const Case& found,
                     const std::string& octets) {
  const auto network = static_cast<int>(row.network);
  const auto place =
      AnswerCache::PlaceOf(packet, log_.network(network).authoritative);
  if (found.counter != nullptr && cache_.Welcomes(place)) {
    cache_.Store(place, {"", octets, query.name.size(), row, found.counter});
  }
}

std::size_t Responder::ReactAtOnce(std::string_view packet, int network,
                                   std::uint16_t port, char* to) {
  std::lock_guard<std::mutex> lock(mutex_);
  const ReadyAnswer* ready = cache_.Find(
      AnswerCache::PlaceOf(packet, log_.network(network).authoritative));
  if (ready == nullptr) {
    return 0;
  }
  LogRow row = ready->row;
  row.network = static_cast<std::uint32_t>(network);
  row.port = port;
  row.id =
      static_cast<std::uint16_t>(static_cast<unsigned char>(packet[0]) << 8 |
                                 static_cast<unsigned char>(packet[1]));
  log_.Add(row, packet.substr(kHeaderSize, ready->name_size),
           log_.Count(ready->counter, network));
  if (waiting_ > 0) {
    arrived_.notify_all();
  }
  ready->octets.copy(to, kMaxReadyAnswer);
  packet.copy(to, 2);  // The ID.
  return ready->octets.size();
}

void Responder::Load(ZoneIndex zone, RuleSet rules, const Manners& manners) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::swap(zone_, zone);
  rules_ = std::move(rules);
  manners_ = manners;
  cache_.Clear();
  rule_counts_.clear();
  epoch_.clear();
}

void Responder::SetEpoch(const std::string& epoch) {
  std::lock_guard<std::mutex> lock(mutex_);
  epoch_ = epoch;
  cache_.Clear();
}

bool Responder::WaitFor(std::string_view name, std::size_t queries,
                        std::chrono::milliseconds timeout) const {
  const std::optional<std::string> wire = ToWireName(name);
  const std::string lower = wire ? LowerName(*wire) : "";
  std::unique_lock<std::mutex> lock(mutex_);
  ++waiting_;
  const bool enough = arrived_.wait_for(
      lock, timeout, [&] { return log_.CountFor(lower) >= queries; });
  --waiting_;
  return enough;
}

std::uint64_t Responder::total() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return log_.total();
}

void Responder::SetZone(const Zone& zone) {
  ZoneOptions options;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    options = zone_.options();
  }
  ZoneIndex fresh(std::move(options));
  fresh.Add(zone);
  std::lock_guard<std::mutex> lock(mutex_);
  std::swap(zone_, fresh);
  cache_.Clear();
}

void Responder::AddZone(const Zone& zone) {
  std::lock_guard<std::mutex> lock(mutex_);
  zone_.Add(zone);
  cache_.Clear();
}

int Responder::AddNetwork(Network network) {
  std::lock_guard<std::mutex> lock(mutex_);
  return log_.AddNetwork(std::move(network));
}

void Responder::Retire(int network) {
  std::lock_guard<std::mutex> lock(mutex_);
  log_.Retire(network);
}

std::vector<LogEntry> Responder::Log() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return log_.All();
}

std::vector<LogEntry> Responder::LogFor(std::string_view name) const {
  std::optional<std::string> wire = ToWireName(name);
  std::lock_guard<std::mutex> lock(mutex_);
  return wire ? log_.For(LowerName(*wire)) : std::vector<LogEntry>();
}

std::size_t Responder::QueriesFor(std::string_view name) const {
  std::optional<std::string> wire = ToWireName(name);
  std::lock_guard<std::mutex> lock(mutex_);
  return wire ? log_.CountFor(LowerName(*wire)) : 0;
}

std::uint64_t Responder::unexpected() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return log_.unexpected();
}

void Responder::Reset() {
  std::lock_guard<std::mutex> lock(mutex_);
  log_.Clear();
  cache_.Clear();
  rule_counts_.clear();
}

}  // namespace dkimspec::dnsstub
