#include "dnsstub/query_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dnsstub/server.h"

namespace dkimspec::dnsstub {

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
    add(fmt::format("in {} packets", packets));
  }
  if (delay.count() > 0) {
    add(fmt::format("after {} ms", delay.count()));
  }
  return text;
}

QueryLog::QueryLog(std::size_t capacity)
    : capacity_(capacity), start_(std::chrono::steady_clock::now()) {}

int QueryLog::AddNetwork(const std::string& name) {
  networks_.push_back(name);
  return static_cast<int>(networks_.size()) - 1;
}

std::size_t QueryLog::Count(const std::string& lower_name, int network) {
  return ++counts_[lower_name][network];
}

void QueryLog::Add(int network, bool tcp, const Query& query,
                   const Sent& sent) {
  if (capacity_ == 0) {
    return;
  }
  if (rows_.size() >= capacity_) {
    // The row's number is the lowest that its name still holds.
    auto oldest = rows_for_.find(LowerName(rows_.front().name));
    oldest->second.pop_front();
    if (oldest->second.empty()) {
      rows_for_.erase(oldest);
    }
    rows_.pop_front();
    ++first_row_;
  }
  Row row;
  row.at = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start_);
  row.network = network;
  row.tcp = tcp;
  row.name = query.name;
  row.type = query.type;
  row.edns_size = query.edns ? std::max<std::uint16_t>(query.edns_size, 1) : 0;
  row.sent = sent;
  rows_for_[LowerName(query.name)].push_back(first_row_ + rows_.size());
  rows_.push_back(std::move(row));
}

LogEntry QueryLog::Describe(const Row& row) const {
  LogEntry entry;
  entry.at = row.at;
  entry.network = networks_[static_cast<std::size_t>(row.network)];
  entry.tcp = row.tcp;
  entry.name = row.name.empty() ? "" : ToText(row.name);
  entry.type = row.type;
  entry.edns_size = row.edns_size;
  entry.sent = row.sent.ToString();
  return entry;
}

std::vector<LogEntry> QueryLog::All() const {
  std::vector<LogEntry> entries;
  entries.reserve(rows_.size());
  for (const Row& row : rows_) {
    entries.push_back(Describe(row));
  }
  return entries;
}

std::vector<LogEntry> QueryLog::For(const std::string& lower_name) const {
  std::vector<LogEntry> entries;
  auto found = rows_for_.find(lower_name);
  if (found != rows_for_.end()) {
    for (std::uint64_t number : found->second) {
      entries.push_back(
          Describe(rows_[static_cast<std::size_t>(number - first_row_)]));
    }
  }
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
  first_row_ += rows_.size();
  rows_.clear();
  rows_for_.clear();
  counts_.clear();
  unexpected_ = 0;
}

}  // namespace dkimspec::dnsstub
