// One worker's process through its deaths and restarts, for runners/worker.cc.
#ifndef DKIMSPEC_RUNNERS_WORKER_PROCESS_H_
#define DKIMSPEC_RUNNERS_WORKER_PROCESS_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runners/worker.h"
#include "runners/worker_io.h"

namespace dkimspec::runners {

// "20 s"
std::string InSeconds(std::chrono::milliseconds time);

// A folder for messages too long for a line, removed with all that is in it.
class MessageFolder {
 public:
  static Expected<MessageFolder> Make();
  MessageFolder(MessageFolder&& other) noexcept;
  MessageFolder& operator=(MessageFolder&& other) noexcept;
  ~MessageFolder();
  const std::string& path() const { return path_; }

 private:
  explicit MessageFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

class WorkerProcess {
 public:
  WorkerProcess(WorkerOptions options, MessageFolder folder);
  ~WorkerProcess();

  // Starts the process, if it is not running, and asks it who it is.
  Expected<void> EnsureRunning();
  // Kills the process; the next EnsureRunning starts another.
  void Stop();
  // What was said since the last call, also by processes that are gone.
  std::string TakeLog();

  const WorkerOptions& options() const { return options_; }
  const Description& who() const { return who_; }
  LineLink& link() { return *link_; }  // While it runs.
  std::string PathFor(std::uint64_t id) const;

  // What persists from one exchange to the next.
  bool ever_answered = false;
  int strikes = 0;   // Crashes and time-outs in a row.
  int breaches = 0;  // Of the protocol, in a row.
  int failed_starts = 0;
  std::optional<Answer> given_up;  // The answer to all further requests.

 private:
  Expected<Description> Greet();
  Expected<Description> Complete(Expected<Description> who) const;

  WorkerOptions options_;
  MessageFolder folder_;
  Description who_;
  std::unique_ptr<LineLink> link_;
  std::string log_;
};

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_WORKER_PROCESS_H_
