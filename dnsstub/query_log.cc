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
    : capacity_(capacity), start_(std::chrono::steady_clock::now()) {}

int QueryLog::AddNetwork(Network network) {
  networks_.push_back(std::move(network));
  return static_cast<int>(networks_.size()) - 1;
}

std::size_t QueryLog::Count(const std::string& lower_name, std::uint16_t type,
                            int network, bool stored) {
  std::string other;
  if (type != kTypeTxt) {
    other = CounterKey(lower_name, type);
  }
  const std::string& key = type == kTypeTxt ? lower_name : other;
  auto found = counts_.find(key);
  if (found == counts_.end()) {
    if (!stored && ++foreign_names_ > kMaxForeignNames) {
      return 1;
    }
    found = counts_.emplace(key, std::map<int, std::size_t>()).first;
  }
  return ++found->second[network];
}

void QueryLog::Add(const Source& source, const Query& query, const Sent& sent,
                   std::size_t nth) {
  ++total_;
  if (capacity_ == 0) {
    return;
  }
  if (rows_.size() < capacity_) {
    rows_.emplace_back();
  } else {
    oldest_ = (oldest_ + 1) % capacity_;
  }
  Row& row = rows_[(oldest_ + rows_.size() - 1) % rows_.size()];
  row.at = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start_);
  row.name = query.name;
  row.sent = sent;
  row.nth = static_cast<std::uint32_t>(nth);
  row.network = static_cast<std::uint16_t>(source.network);
  row.port = source.port;
  row.id = query.id;
  row.type = query.type;
  row.edns_size = query.edns ? std::max<std::uint16_t>(query.edns_size, 1) : 0;
  row.tcp = source.tcp;
  row.rd = query.recursion_desired;
  row.cd = query.checking_disabled;
  row.dnssec_ok = query.dnssec_ok;
}

LogEntry QueryLog::Describe(const Row& row) const {
  LogEntry entry;
  const Network& from = network(row.network);
  entry.at = row.at;
  entry.network = from.name;
  entry.endpoint = from.endpoint;
  entry.tcp = row.tcp;
  entry.name = row.name.empty() ? "" : ToText(row.name);
  entry.type = row.type;
  entry.id = row.id;
  entry.port = row.port;
  entry.edns_size = row.edns_size;
  entry.recursion_desired = row.rd;
  entry.checking_disabled = row.cd;
  entry.dnssec_ok = row.dnssec_ok;
  entry.nth = row.nth;
  entry.fault = row.sent.fault;
  entry.rcode = row.sent.rcode;
  entry.truncated = row.sent.truncated;
  entry.answers = row.sent.answers;
  entry.octets = row.sent.octets;
  entry.packets = row.sent.packets;
  entry.sent = row.sent.ToString();
  return entry;
}

template <typename Visit>
void QueryLog::EachRow(Visit visit) const {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    visit(rows_[(oldest_ + i) % rows_.size()]);
  }
}

std::vector<LogEntry> QueryLog::All() const {
  std::vector<LogEntry> entries;
  entries.reserve(rows_.size());
  EachRow([&](const Row& row) { entries.push_back(Describe(row)); });
  return entries;
}

std::vector<LogEntry> QueryLog::For(const std::string& lower_name) const {
  std::vector<LogEntry> entries;
  EachRow([&](const Row& row) {
    if (EqualsIgnoringCase(row.name, lower_name)) {
      entries.push_back(Describe(row));
    }
  });
  return entries;
}

std::size_t QueryLog::CountFor(const std::string& lower_name) const {
  std::size_t sum = 0;
  auto found = counts_.find(lower_name);
  if (found != counts_.end()) {
    for (const auto& [network, count] : found->second) {
      sum += count;
    }
  }
  return sum;
}

void QueryLog::Clear() {
  rows_.clear();
  oldest_ = 0;
  counts_.clear();
  foreign_names_ = 0;
  unexpected_ = 0;
  total_ = 0;
}

}  // namespace dkimspec::dnsstub
