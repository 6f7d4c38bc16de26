#include "dnsstub/query_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dnsstub/server.h"
#include "reference/base/ascii.h"

namespace dkimspec::dnsstub {
namespace {

// For types other than TXT, the type follows the root's octet.
std::string CounterKey(std::string key, std::uint16_t type) {
  key += static_cast<char>(type >> 8);
  key += static_cast<char>(type & 0xff);
  return key;
}

}  // namespace

std::string Sent::ToString() const {
  std::string text(fault);
  auto add = [&text](std::string_view word) {
    text += (text.empty() ? "" : " ");
    text += word;
  };
  if (rcode < 0) {
    return text.empty() ? "no reply" : text;
  }
  if (!text.empty()) {
    text += ':';
  }
  add(RcodeName(rcode));
  if (truncated) {
    add("TC");
  }
  if (answers > 0) {
    add(fmt::format("{} {}", answers, TypeName(type)));
  }
  add(fmt::format("{} octets", octets));
  if (packets > 1) {
    add(fmt::format("in {} packets", int{packets}));
  }
  if (delay_ms > 0) {
    add(fmt::format("after {} ms", delay_ms));
  }
  return text;
}

QueryLog::QueryLog(std::size_t capacity)
    : capacity_(capacity),
      start_(std::chrono::steady_clock::now()),
      ring_(capacity),
      labels_(1) {}

int QueryLog::AddNetwork(Network network) {
  networks_.push_back({std::move(network)});
  return static_cast<int>(networks_.size()) - 1;
}

QueryCounter* QueryLog::CounterFor(const std::string& lower_name,
                                   std::uint16_t type,
                                   const std::function<bool()>& stored) {
  std::string other;
  if (type != kTypeTxt) {
    other = CounterKey(lower_name, type);
  }
  const std::string& key = type == kTypeTxt ? lower_name : other;
  auto found = counters_.find(key);
  if (found == counters_.end()) {
    if (type != kTypeTxt || !stored()) {
      if (foreign_names_ == kMaxForeignNames) {
        return nullptr;
      }
      ++foreign_names_;
    }
    found = counters_.try_emplace(key).first;
  }
  return &found->second;
}

void QueryLog::JoinRetired(QueryCounter& counter) const {
  std::erase_if(counter.parts, [&](const QueryCounter::Part& part) {
    const auto number = static_cast<std::size_t>(part.network);
    const bool retired = networks_[number].retired;
    counter.earlier += retired ? part.queries : 0;
    return retired;
  });
}

std::size_t QueryLog::Count(QueryCounter* counter, int network) {
  if (counter == nullptr) {
    return 1;
  }
  auto& parts = counter->parts;
  auto part = std::find_if(parts.begin(), parts.end(), [&](const auto& each) {
    return each.network == network;
  });
  if (part != parts.end()) {
    return ++part->queries;
  }
  if (parts.size() == parts.capacity()) {
    JoinRetired(*counter);
  }
  parts.push_back({network, 1});
  return 1;
}

std::uint32_t QueryLog::LabelNumber(std::string_view label) {
  if (label.empty()) {
    return 0;
  }
  const auto next = static_cast<std::uint32_t>(labels_.size());
  const auto [found, added] =
      label_numbers_.try_emplace(std::string(label), next);
  if (added) {
    labels_.emplace_back(label);
  }
  return found->second;
}

LogRow QueryLog::MakeRow(const Source& source, const Query& query,
                         const Sent& sent) {
  LogRow row;
  row.octets = sent.octets;
  row.delay_ms = sent.delay_ms;
  row.network = static_cast<std::uint32_t>(source.network);
  row.label = LabelNumber(sent.fault);
  row.port = source.port;
  row.id = query.id;
  row.type = query.type;
  row.edns_size = query.edns ? std::max<std::uint16_t>(query.edns_size, 1) : 0;
  row.answers = sent.answers;
  row.answer_type = sent.type;
  row.rcode = sent.rcode;
  row.packets = sent.packets;
  row.truncated = sent.truncated;
  row.tcp = source.tcp;
  row.recursion_desired = query.recursion_desired;
  row.checking_disabled = query.checking_disabled;
  row.dnssec_ok = query.dnssec_ok;
  return row;
}

void QueryLog::Add(LogRow row, std::string_view name, std::size_t nth) {
  ++total_;
  if (capacity_ == 0) {
    return;
  }
  row.at_us = std::chrono::duration_cast<std::chrono::microseconds>(
                  std::chrono::steady_clock::now() - start_)
                  .count();
  row.nth = static_cast<std::uint32_t>(nth);
  ring_.Add(row, name);
}

LogEntry QueryLog::Describe(const LogRow& row, std::string_view name) const {
  const Sent sent{labels_[row.label], row.rcode,   row.answers, row.answer_type,
                  row.truncated,      row.packets, row.octets,  row.delay_ms};
  const Network& from = network(static_cast<int>(row.network));
  LogEntry entry;
  entry.at = std::chrono::microseconds(row.at_us);
  entry.network = from.name;
  entry.endpoint = from.endpoint;
  entry.tcp = row.tcp;
  entry.name = name.empty() ? "" : ToText(name);
  entry.type = row.type;
  entry.id = row.id;
  entry.port = row.port;
  entry.edns_size = row.edns_size;
  entry.recursion_desired = row.recursion_desired;
  entry.checking_disabled = row.checking_disabled;
  entry.dnssec_ok = row.dnssec_ok;
  entry.nth = row.nth;
  entry.fault = sent.fault;
  entry.rcode = sent.rcode;
  entry.truncated = sent.truncated;
  entry.answers = sent.answers;
  entry.octets = sent.octets;
  entry.packets = sent.packets;
  entry.sent = sent.ToString();
  return entry;
}

std::vector<LogEntry> QueryLog::All() const {
  std::vector<LogEntry> entries;
  ring_.Each([&](const LogRow& row, std::string_view name) {
    entries.push_back(Describe(row, name));
  });
  return entries;
}

std::vector<LogEntry> QueryLog::For(const std::string& lower_name) const {
  std::vector<LogEntry> entries;
  ring_.Each([&](const LogRow& row, std::string_view name) {
    if (EqualsIgnoringCase(name, lower_name)) {
      entries.push_back(Describe(row, name));
    }
  });
  return entries;
}

std::size_t QueryLog::CountFor(const std::string& lower_name) const {
  const auto found = counters_.find(lower_name);
  if (found == counters_.end()) {
    return 0;
  }
  std::size_t sum = found->second.earlier;
  for (const QueryCounter::Part& part : found->second.parts) {
    sum += part.queries;
  }
  return sum;
}

void QueryLog::Clear() {
  ring_.Clear();
  counters_.clear();
  foreign_names_ = 0;
  unexpected_ = 0;
  total_ = 0;
}

}  // namespace dkimspec::dnsstub
