#include "runners/run.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "reference/base/base64.h"
#include "reference/crypto.h"
#include "runners/name_service.h"
#include "runners/pool.h"
#include "runners/questioning.h"

namespace dkimspec::runners {
namespace {

using fixtures::Case;
using fixtures::Suite;

// Processes beside the first one, for cases that wait for the DNS.
constexpr std::size_t kHands = 12;

std::int64_t ClockTime() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string Sha256Hex(std::string_view octets) {
  return HexEncode(Hash(HashAlgorithm::kSha256, octets));
}

// From the cases, not from the file suite.lock, which may be stale.
Expected<std::string> LockHash(const Suite& suite) {
  return fixtures::Build(suite, fixtures::kLockTime, "")
      .map([](const std::vector<Case>& cases) {
        return Sha256Hex(fixtures::WriteLock(cases));
      });
}

std::uint64_t SeedFrom(std::string_view text) {
  const std::string digest = Hash(HashAlgorithm::kSha256, text);
  std::uint64_t seed = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    seed = seed << 8 | static_cast<unsigned char>(digest[i]);
  }
  return seed;
}

bool MatchesAny(const std::vector<std::string>& globs, std::string_view id) {
  return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) {
    return fixtures::MatchesGlob(glob, id);
  });
}

// The cases for programs that are told the time, and for those that read the
// clock; one set where both are the same.
struct CaseSets {
  std::vector<Case> told;
  std::optional<std::vector<Case>> clock;

  const std::vector<Case>& For(const Description& who) const {
    return who.takes_now || !clock ? told : *clock;
  }
};

Expected<std::vector<Case>> BuildSelected(const Suite& suite, std::int64_t now,
                                          const RunOptions& options) {
  Expected<std::vector<Case>> cases = fixtures::Build(suite, now, options.salt);
  return cases ? SelectCases(std::move(*cases), options.globs) : cases;
}

Expected<CaseSets> BuildSets(const Suite& suite, const RunOptions& options) {
  const std::int64_t clock = ClockTime();
  CaseSets sets;
  auto told = BuildSelected(suite, options.now.value_or(clock), options);
  if (!told) {
    return tl::unexpected(told.error());
  }
  sets.told = std::move(*told);
  if (options.now && *options.now != clock) {
    auto real = BuildSelected(suite, clock, options);
    if (!real) {
      return tl::unexpected(real.error());
    }
    sets.clock = std::move(*real);
  }
  return sets;
}

class Run {
 public:
  Run(const CaseSets& sets, const RunOptions& options,
      std::vector<Candidate> candidates)
      : sets_(sets),
        options_(options),
        candidates_(std::move(candidates)),
        contestants_(candidates_.size()),
        found_(candidates_.size()) {}

  // Sandboxes share one server: their sockets tell them apart.
  Expected<void> StartSharedServer() {
    const bool wanted = std::any_of(
        candidates_.begin(), candidates_.end(), [](const Candidate& one) {
          return one.why_not.empty() && one.description.dns == DnsWay::kSandbox;
        });
    if (!wanted || options_.resolver) {
      return {};
    }
    // Both sets have the same names; keys do not change with time.
    auto server = ServeZones(sets_.told);
    if (!server) {
      return tl::unexpected(server.error());
    }
    shared_ = std::move(*server);
    return {};
  }

  void AskAll() {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < candidates_.size(); i = next++) {
        AskOne(i);
      }
    };
    std::vector<std::thread> pool;
    for (std::size_t i = 1; i < std::max<std::size_t>(options_.at_once, 1);
         ++i) {
      pool.emplace_back(work);
    }
    work();
    for (std::thread& thread : pool) {
      thread.join();
    }
  }

  void MoveInto(Results& results) {
    results.implementations = std::move(contestants_);
    for (std::vector<CaseResult>& found : found_) {
      std::move(found.begin(), found.end(), std::back_inserter(results.cases));
    }
    std::stable_sort(results.cases.begin(), results.cases.end(),
                     [](const CaseResult& a, const CaseResult& b) {
                       return a.case_id < b.case_id;
                     });
  }

 private:
  void AskOne(std::size_t i) {
    const Candidate& candidate = candidates_[i];
    Contestant& contestant = contestants_[i];
    Introduce(candidate.description, contestant);
    contestant.why = candidate.why_not;
    if (!contestant.why.empty()) {
      return;
    }
    NameService names;
    StartContext context{options_.timeout, nullptr, "", nullptr};
    if (Expected<void> ready = ProvideDns(candidate, names, context); !ready) {
      contestant.why = ready.error().ToString();
      return;
    }
    auto implementation = candidate.start(context);
    if (!implementation) {
      contestant.why = implementation.error().ToString();
      return;
    }
    Pool pool(
        std::move(*implementation),
        [&](std::size_t number) {
          StartContext other = context;
          other.network += fmt::format("{}/", number);
          return candidate.start(other);
        },
        context.dns == nullptr ? 0 : kHands);
    Interview(pool, context, names, i);
    // Without it, silence was the only answer there was.
    if (names.midbox != nullptr && !names.midbox->WhyEnded().empty()) {
      contestant.ran = false;
      contestant.why = names.midbox->WhyEnded();
      found_[i].clear();
    }
  }

  bool AsksResolver(const Description& who) const {
    return options_.resolver && who.dns != DnsWay::kRequest;
  }

  // Results of runs with and without a resolver stand beside each other, under
  // names that differ.
  void Introduce(Description who, Contestant& contestant) const {
    contestant.resolver = "direct";
    if (AsksResolver(who)) {
      who.name += "+unbound";
      contestant.resolver = "unbound " + options_.resolver->version;
    }
    contestant.description = std::move(who);
  }

  Expected<void> ProvideDns(const Candidate& candidate, NameService& names,
                            StartContext& context) {
    const Description& who = candidate.description;
    if (who.dns == DnsWay::kRequest) {
      return {};
    }
    context.network = who.dns == DnsWay::kSandbox ? who.name + "/" : "";
    if (who.dns == DnsWay::kSandbox && !options_.resolver) {
      context.dns = shared_.get();
      return {};
    }
    auto service = StartNameService(sets_.told, who.dns, options_.resolver);
    if (!service) {
      return tl::unexpected(service.error());
    }
    names = std::move(*service);
    context.dns = names.server.get();
    context.relay = names.relay.get();
    return {};
  }

  QuestioningOptions Questions(const Contestant& contestant,
                               const StartContext& context,
                               const NameService& names) {
    QuestioningOptions questioning;
    questioning.dns = context.dns;
    questioning.nameserver = names.Address();
    questioning.through_resolver = names.midbox != nullptr;
    // What a resolver asks comes from no sandbox.
    questioning.network = names.server != nullptr ? "" : context.network;
    questioning.order_seed = SeedFrom(options_.salt);
    questioning.progress = [&](std::size_t done, std::size_t total) {
      if (options_.progress) {
        const std::lock_guard lock(mutex_);
        options_.progress(contestant.description.name, done, total);
      }
    };
    return questioning;
  }

  void Interview(Implementation& implementation, const StartContext& context,
                 const NameService& names, std::size_t i) {
    Contestant& contestant = contestants_[i];
    Introduce(implementation.description(), contestant);
    const std::vector<std::string>& ops = contestant.description.ops;
    if (std::find(ops.begin(), ops.end(), "verify") == ops.end()) {
      contestant.why = "it does not offer to verify";
      return;
    }
    contestant.ran = true;
    found_[i] = Question(implementation, sets_.For(contestant.description),
                         Questions(contestant, context, names));
    for (CaseResult& result : found_[i]) {
      result.implementation = contestant.description.name;
    }
  }

  const CaseSets& sets_;
  const RunOptions& options_;
  std::vector<Candidate> candidates_;
  std::vector<Contestant> contestants_;
  std::vector<std::vector<CaseResult>> found_;
  std::unique_ptr<dnsstub::Server> shared_;
  std::mutex mutex_;
};

void DescribeRun(const Suite& suite, const CaseSets& sets,
                 const RunOptions& options, Results& results) {
  results.suite_version = DKIMSPEC_VERSION;
  results.salt = options.salt;
  results.resolver =
      options.resolver ? "unbound " + options.resolver->version : "direct";
  results.now = sets.told.front().now;
  struct utsname machine;
  if (uname(&machine) == 0) {
    results.os = machine.sysname;
    results.arch = machine.machine;
  }
  for (const Case& test : sets.told) {
    for (const std::string& row : test.covers) {
      const fixtures::Requirement* requirement = suite.ledger.Find(row);
      if (requirement != nullptr && !test.is_control) {
        results.requirements[row] = requirement->level;
      }
    }
  }
}

}  // namespace

Expected<std::vector<Case>> SelectCases(std::vector<Case> cases,
                                        const std::vector<std::string>& globs) {
  for (const std::string& glob : globs) {
    const bool found =
        std::any_of(cases.begin(), cases.end(), [&](const Case& test) {
          return !test.is_control && fixtures::MatchesGlob(glob, test.id);
        });
    if (!found) {
      return Fail(fmt::format("--cases {}", glob),
                  "matches no case; `dkimspec cases list` shows all ids");
    }
  }
  if (globs.empty()) {
    return cases;
  }
  std::set<std::string> wanted;
  for (const Case& test : cases) {
    if (!test.is_control && MatchesAny(globs, test.id)) {
      wanted.insert(test.id);
      wanted.insert(test.control.value_or(test.id));
    }
  }
  std::erase_if(cases,
                [&](const Case& test) { return wanted.count(test.id) == 0; });
  return cases;
}

Expected<Results> RunSuite(const Suite& suite, const RunOptions& options,
                           std::vector<Candidate> candidates) {
  // Building twice costs what a run in process costs; it waits for no one.
  auto lock = std::async(std::launch::async, [&] { return LockHash(suite); });
  Expected<CaseSets> sets = BuildSets(suite, options);
  if (!sets) {
    return tl::unexpected(sets.error());
  }
  if (sets->told.empty()) {
    return Fail(suite.folder, "holds no recipes, so there is nothing to ask");
  }
  Run run(*sets, options, std::move(candidates));
  if (Expected<void> ready = run.StartSharedServer(); !ready) {
    return tl::unexpected(ready.error());
  }
  run.AskAll();
  Results results;
  DescribeRun(suite, *sets, options, results);
  run.MoveInto(results);
  Expected<std::string> hash = lock.get();
  if (!hash) {
    return tl::unexpected(hash.error());
  }
  results.lock_hash = std::move(*hash);
  return results;
}

}  // namespace dkimspec::runners
