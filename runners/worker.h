// An implementation that is a process of its own and speaks the worker
// protocol (docs/worker-protocol.md).
//
// Workers fail in every way, and no failure may cost a run more than it must:
//   * dies: what it held is asked again, one request at a time, of a fresh
//     process; kDied is said only of a request that killed two of them while
//     it was the only one held;
//   * is silent beyond the timeout: killed; kTimedOut is said only of a
//     request that was the only one held, and that was so twice, the second
//     time for half as long. Once is enough where it may wait for the DNS, and
//     right after another that died or was silent;
//   * breaks the protocol, or prints nothing but noise: kError, and restarted,
//     because nobody knows which request its next line would answer;
//   * five deaths or time-outs in a row: the rest is kGivenUp, unasked; three
//     breaches of the protocol in a row: the rest is kError, unasked.
#ifndef DKIMSPEC_RUNNERS_WORKER_H_
#define DKIMSPEC_RUNNERS_WORKER_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reference/base/expected.h"
#include "runners/implementation.h"
#include "runners/sandbox.h"
#include "runners/worker_protocol.h"

namespace dkimspec::runners {

class WorkerProcess;

struct WorkerOptions {
  ProcessOptions process;  // Without environment: CleanEnvironment().

  // What implementation.json says, over what the worker says. Empty, absent:
  // the worker's own. `words` and `policies` are added to the worker's.
  std::string name;
  std::string family;
  std::vector<std::string> policies;
  std::map<std::string, std::string> words;
  std::optional<DnsWay> dns;
  std::optional<Reports> reports;
  std::optional<std::vector<std::string>> features;

  std::chrono::milliseconds timeout{20000};  // For each answer.
  std::chrono::milliseconds start_timeout{30000};
  // After a line of noise, while it has never answered anything.
  std::chrono::milliseconds noise_patience{2000};
  std::size_t inline_limit = std::size_t{1} << 20;  // Then message_path.

  // Around every process, also those started again: the place to adopt its DNS
  // sockets and to release them. Called before the first line is sent, and when
  // the process has ended or is about to be killed.
  std::function<void(Process&)> on_process_started;
  std::function<void(Process&)> on_process_ended;
};

struct SignAnswer {
  Answer::Status status = Answer::Status::kError;
  std::string message;  // kSaid: the message with its signature.
  std::string detail;
  std::string log;
  std::chrono::milliseconds elapsed{0};
};

class Worker : public Implementation {
 public:
  // Starts the process and asks it who it is. Fails, with the end of what it
  // said on stderr, if it does not answer properly; or if it needs the
  // sandbox for DNS and is started without.
  static Expected<std::unique_ptr<Worker>> Start(WorkerOptions options);
  // Closes its stdin, gives it a second to end, and kills what is left.
  ~Worker() override;

  const Description& description() const override;
  void Ask(const std::vector<Request>& requests, const Done& done) override;

  using SignDone = std::function<void(std::size_t index, SignAnswer answer)>;
  void Sign(const std::vector<SignRequest>& requests, const SignDone& done);

 private:
  explicit Worker(std::unique_ptr<WorkerProcess> process);
  std::unique_ptr<WorkerProcess> process_;
};

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_WORKER_H_
