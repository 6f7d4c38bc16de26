// One round of questions to a worker, for runners/worker.cc: what is held,
// what must be asked again, and who is to blame.
#ifndef DKIMSPEC_RUNNERS_WORKER_EXCHANGE_H_
#define DKIMSPEC_RUNNERS_WORKER_EXCHANGE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runners/worker_process.h"
#include "runners/worker_protocol.h"

namespace dkimspec::runners {

// Verifying and signing differ in how a request is written, nothing else.
struct WorkerJob {
  std::uint64_t id = 0;
  const std::string* message = nullptr;
  bool may_wait = false;  // For a DNS timeout: silence is no surprise.
  std::function<std::string(const std::string& message_path)> encode;
};

class WorkerExchange {
 public:
  using Finished = std::function<void(std::size_t index, Reply reply)>;

  WorkerExchange(WorkerProcess& worker, std::vector<WorkerJob> jobs,
                 bool signing, Finished finished);
  void Run();

 private:
  struct Held {
    std::size_t index = 0;
    LineLink::Clock::time_point sent;
  };

  // With nothing held, a process that has ended blames no request.
  bool Restart();
  void Fill();
  void Send(std::deque<std::size_t>& from);
  void Step();
  LineLink::Clock::time_point Deadline() const;
  void OnLine(const std::string& line);
  bool Fits(const Reply& reply) const;
  void OnReply(Held held, Reply reply);
  void OnNoise(const std::string& line);
  void OnDeath(const std::string& how);
  void OnQuiet();
  // How long to wait for its answer: half the time when it is asked again.
  std::chrono::milliseconds Patience(std::size_t index) const;
  // A machine that is busy elsewhere may keep anyone silent for once.
  bool MayBeAskedAgain(std::size_t index) const;

  // After a breach nobody knows what the next line would answer.
  void OnBreach(const std::string& what);
  void Strike(Held held, Answer::Status status, const std::string& detail);
  void AskAlone();
  void FinishUnasked();
  void Finish(std::size_t index, Reply reply);
  void Forget(std::size_t index);
  static Reply ErrorReply(const std::string& detail);
  static std::chrono::milliseconds Since(LineLink::Clock::time_point begin);

  WorkerProcess& worker_;
  std::vector<WorkerJob> jobs_;
  std::vector<int> deaths_;       // While it was the only one held.
  std::vector<int> asked_;        // How often.
  std::vector<bool> was_silent_;  // While it was the only one held.
  bool signing_;
  Finished finished_;
  std::deque<std::size_t> pending_;
  std::deque<std::size_t> alone_;  // To be asked again, one at a time.
  std::vector<Held> held_;         // Oldest first.
  std::optional<LineLink::Clock::time_point> noise_until_;
  std::string first_noise_;
};

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_WORKER_EXCHANGE_H_
