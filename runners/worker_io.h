// Lines to and from a process, without ever blocking on one pipe while another
// needs attention, and without keeping more than a bounded amount of what it
// says.
#ifndef DKIMSPEC_RUNNERS_WORKER_IO_H_
#define DKIMSPEC_RUNNERS_WORKER_IO_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "runners/sandbox.h"

namespace dkimspec::runners {

inline constexpr std::size_t kLongestLine = std::size_t{16} << 20;
inline constexpr std::size_t kLogKept = std::size_t{64} << 10;

// write(), which does not kill us where nobody reads the pipe any more: EPIPE.
// The program that uses this library may want SIGPIPE for itself.
ssize_t WriteQuietly(int fd, const char* data, std::size_t size);

class LineLink {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LineLink(std::unique_ptr<Process> process);

  // Queues `line`, which ends in LF; Next() writes it.
  void Send(std::string_view line);

  struct Event {
    enum class Kind {
      kLine,     // `text` is it, without CR and LF.
      kEnded,    // `text` says how.
      kTooLong,  // A line beyond kLongestLine; the link is of no more use.
      kQuiet,    // The deadline came first.
    };
    Kind kind = Kind::kQuiet;
    std::string text;
  };
  Event Next(Clock::time_point until);

  // The end of what came on stderr and /dev/log, and noise, since the last
  // call; at most kLogKept octets.
  void AddToLog(std::string_view text);
  std::string TakeLog();

  Process& process() { return *process_; }

 private:
  bool TakeLine(std::string& line);
  Event End();
  void Pump(Clock::time_point until);
  void Write();
  void ReadLog(int fd, bool& open);
  void ReadDatagrams();
  void ReadLines();

  std::unique_ptr<Process> process_;
  std::string outgoing_;
  std::size_t written_ = 0;  // Of outgoing_.
  std::string incoming_;
  std::size_t consumed_ = 0;  // Of incoming_.
  std::size_t searched_ = 0;  // No LF before this offset.
  std::string log_;
  bool stdout_open_ = true;
  bool stderr_open_ = true;
};

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_WORKER_IO_H_
