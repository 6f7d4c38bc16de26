// What a run found out, and the file it is kept in: results.jsonl, described in
// docs/results-format.md. Every report is a view of it.
#ifndef DKIMSPEC_RUNNERS_RESULTS_H_
#define DKIMSPEC_RUNNERS_RESULTS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/case.h"
#include "reference/base/expected.h"
#include "runners/implementation.h"
#include "runners/judge.h"
#include "runners/queries.h"

namespace dkimspec::runners {

// One implementation of a run.
struct Contestant {
  Description description;
  bool ran = false;
  std::string why;  // It did not run: why, and what would help.
  // What answered its DNS queries: "direct", our server or the request itself;
  // "unbound 1.17.1", which asked our server. Then its name ends in "+unbound".
  std::string resolver = "direct";
};

struct CaseResult {
  std::string case_id;
  std::string implementation;
  fixtures::Level level = fixtures::Level::kMust;
  std::vector<std::string> covers;
  bool forgery = false;  // A wrong pass here lets a forger through.
  Judgement judgement;
  std::chrono::milliseconds elapsed{0};
  std::optional<std::size_t> queries;
  // The case's ranges, where it was answered and our DNS saw its own queries.
  std::vector<QueryFinding> query_findings;
  std::string log;  // Only of wrong outcomes and adapter errors.
};

struct Results {
  std::string suite_version;
  std::string lock_hash;  // SHA-256 of the suite's lock, hexadecimal.
  std::int64_t now = 0;
  std::string salt;
  std::string resolver = "direct";  // Of implementations that use sockets.
  std::string os;
  std::string arch;
  // The ledger rows that the cases of this run cover.
  std::map<std::string, fixtures::Level> requirements;
  std::vector<Contestant> implementations;
  std::vector<CaseResult> cases;  // By case, then by implementation.
};

std::string_view ToString(DnsWay way);
std::string_view ToString(Reports reports);
std::optional<DnsWay> DnsWayFrom(std::string_view word);
std::optional<Reports> ReportsFrom(std::string_view word);

// The content of results.jsonl.
std::string WriteResults(const Results& results);

// Reads it back. Files of the same suite, time and salt may be concatenated.
// An implementation without sockets that took part in runs with different
// resolvers counts once: its first results stand. Errors name `place` and the
// line: a malformed line, an unknown format, an implementation that occurs
// twice, a file without its end.
Expected<Results> ReadResults(std::string_view text, const std::string& place);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_RESULTS_H_
