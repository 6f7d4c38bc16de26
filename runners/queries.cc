#include "runners/queries.h"

#include <fmt/format.h>

#include <chrono>

#include "reference/base/ascii.h"

namespace dkimspec::runners {
namespace {

using dnsstub::LogEntry;
using fixtures::QueryRange;

constexpr std::uint16_t kTxtType = 16;

// TXT queries for one name, as far as the log holds them in order.
struct Seen {
  std::string network;
  std::uint64_t udp = 0;
  std::uint64_t tcp = 0;
  std::chrono::microseconds first{0};
  std::chrono::microseconds last{0};

  void Add(const LogEntry& entry) {
    if (udp + tcp == 0 || entry.network != network) {
      *this = {entry.network, 0, 0, entry.at, entry.at};
    }
    ++(entry.tcp ? tcp : udp);
    last = entry.at;
  }

  std::uint64_t Get(QueryRange::Count count) const {
    switch (count) {
      case QueryRange::Count::kTotal:
        return udp + tcp;
      case QueryRange::Count::kUdp:
        return udp;
      case QueryRange::Count::kTcp:
        return tcp;
      case QueryRange::Count::kSpanMs:
        break;
    }
    return static_cast<std::uint64_t>((last - first).count() / 1000);
  }
};

bool IsFor(const LogEntry& entry, std::string_view name) {
  std::string_view asked = entry.name;
  if (asked.ends_with('.')) {
    asked.remove_suffix(1);
  }
  return entry.type == kTxtType && EqualsIgnoringCase(asked, name);
}

Seen QueriesFor(std::string_view name, const std::vector<LogEntry>& log,
                std::string_view network) {
  Seen seen;
  for (const LogEntry& entry : log) {
    if (entry.network.starts_with(network) && IsFor(entry, name)) {
      seen.Add(entry);
    }
  }
  return seen;
}

}  // namespace

std::string QueryFinding::ToString() const {
  const std::string range = !most ? fmt::format("{} or more", least)
                            : least == *most
                                ? fmt::format("{}", least)
                                : fmt::format("{} to {}", least, *most);
  return fmt::format("{} {}, expected {}", fixtures::ToString(count), seen,
                     range);
}

std::vector<QueryFinding> FindQueries(const fixtures::Case& test,
                                      const std::vector<LogEntry>& log,
                                      std::string_view network) {
  std::vector<QueryFinding> findings;
  for (const QueryRange& range : test.queries) {
    const Seen seen = QueriesFor(range.name, log, network);
    findings.push_back({range.label, range.count, seen.Get(range.count),
                        range.least, range.most,
                        fmt::format("{}: {}", range.citation, range.because)});
  }
  return findings;
}

}  // namespace dkimspec::runners
