// An implementation under test, as the runner sees it: something that is asked
// about a message and answers in its own words.
//
// An adapter reports what the implementation said; runners/judge.h judges it.
// Requests carry no expectation and a random id, so that neither an adapter nor
// the code behind it can see the answer it is meant to give.
#ifndef DKIMSPEC_RUNNERS_IMPLEMENTATION_H_
#define DKIMSPEC_RUNNERS_IMPLEMENTATION_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fixtures/case.h"
#include "reference/base/expected.h"

namespace dkimspec::runners {

enum class DnsWay { kRequest, kNameserver, kSandbox };
enum class Reports { kEach, kFirst, kOneForAll };

// What an implementation says of itself: the "start" answer of a worker,
// completed by its implementation.json.
struct Description {
  std::string name;    // "go-msgauth"; unique in a run.
  std::string family;  // Shared code: dkimpy and dkimpy-milter are one.
  std::string version;
  std::string language;
  std::vector<std::string> ops;       // "verify", "sign".
  std::vector<std::string> features;  // "rsa-sha256", "ed25519-sha256", "eai".
  std::vector<std::string> policies;  // "rejects-l", ...
  std::map<std::string, std::string> words;  // Its own word -> RFC 8601 word.
  bool takes_now = false;
  DnsWay dns = DnsWay::kRequest;
  Reports reports = Reports::kEach;
  int in_flight = 1;
};

// What is asked. `zone` is present for DnsWay::kRequest only.
struct Request {
  std::uint64_t id = 0;  // Random, unrelated to the case.
  std::string message;
  fixtures::Envelope envelope;
  std::int64_t now = 0;
  std::optional<Zone> zone;
  std::string nameserver;  // DnsWay::kNameserver: "127.0.0.1:5353".
  bool may_wait = false;   // For a DNS timeout. Never told to a worker.
};

struct SignatureAnswer {
  std::string sdid;             // d=, where told.
  std::string selector;         // s=, where told.
  std::string signature_start;  // b=, first octets, where told.
  std::string word;             // The program's own word.
  std::string result;  // RFC 8601 word; empty if the word is not mapped.
  std::string says;    // Its explanation, verbatim.
};

struct Answer {
  enum class Status {
    kSaid,
    kSilent,
    kUnsupported,
    kError,
    kTimedOut,
    kDied,
    kGivenUp,  // Not asked: it died or hung too often in a row.
  };
  Status status = Status::kError;
  std::vector<SignatureAnswer> signatures;
  std::string detail;  // What is unsupported, the error, how it died.
  std::string log;     // The end of its stderr, and lines that were noise.
  std::chrono::milliseconds elapsed{0};
  // TXT queries our DNS saw for the case's names; absent without sockets.
  std::optional<std::size_t> queries;
  // How often it was asked before this was the answer. 0: not for this answer,
  // because too much had gone wrong before; another process may know better.
  int times_asked = 1;
};

// Something that can be asked. One thread uses an object at a time.
class Implementation {
 public:
  virtual ~Implementation() = default;
  virtual const Description& description() const = 0;

  // Asks all `requests`, in an order it chooses, and calls `done` once for each
  // with its index. Returns when all are answered, failed or given up.
  using Done = std::function<void(std::size_t index, Answer answer)>;
  virtual void Ask(const std::vector<Request>& requests, const Done& done) = 0;
};

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_IMPLEMENTATION_H_
