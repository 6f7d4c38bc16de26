#include "runners/worker_io.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace dkimspec::runners {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kPiece = std::size_t{64} << 10;

bool IsTransient(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

ssize_t WriteQuietly(int fd, const char* data, std::size_t size) {
  sigset_t pipe_signal;
  sigset_t before;
  sigset_t pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const ssize_t written = write(fd, data, size);
  const int error = errno;
  if (written < 0 && error == EPIPE && !was_pending) {
    const timespec now = {};
    while (sigtimedwait(&pipe_signal, nullptr, &now) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

LineLink::LineLink(std::unique_ptr<Process> process)
    : process_(std::move(process)) {}

void LineLink::Send(std::string_view line) {
  outgoing_.erase(0, written_);
  written_ = 0;
  outgoing_ += line;
}

LineLink::Event LineLink::Next(Clock::time_point until) {
  while (true) {
    Event event;
    if (TakeLine(event.text)) {
      event.kind = Event::Kind::kLine;
      return event;
    }
    if (incoming_.size() - consumed_ > kLongestLine) {
      return {Event::Kind::kTooLong, ""};
    }
    if (!stdout_open_) {
      return End();
    }
    if (Clock::now() >= until) {
      return event;
    }
    Pump(until);
  }
}

bool LineLink::TakeLine(std::string& line) {
  std::size_t end = incoming_.find('\n', std::max(searched_, consumed_));
  if (end == std::string::npos) {
    searched_ = incoming_.size();
    if (stdout_open_ || consumed_ == incoming_.size()) {
      return false;
    }
    end = incoming_.size();  // A last line without LF is a line.
  }
  line = incoming_.substr(consumed_, end - consumed_);
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  consumed_ = std::min(end + 1, incoming_.size());
  searched_ = consumed_;
  return true;
}

LineLink::Event LineLink::End() {
  Event event{Event::Kind::kEnded, "closed its standard output"};
  if (process_->WaitFor(milliseconds(1000))) {
    event.text = process_->HowItEnded();
  }
  process_->Kill();
  ReadLog(process_->stderr_fd(), stderr_open_);
  ReadDatagrams();
  return event;
}

void LineLink::Pump(Clock::time_point until) {
  const bool writing = written_ < outgoing_.size();
  pollfd wait[4] = {
      {process_->stdout_fd(), POLLIN, 0},
      {stderr_open_ ? process_->stderr_fd() : -1, POLLIN, 0},
      {process_->log_fd(), POLLIN, 0},
      {writing ? process_->stdin_fd() : -1, POLLOUT, 0},
  };
  const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
  const auto patience =
      std::clamp<std::int64_t>(left.count(), 0, 60 * 60 * 1000);
  if (poll(wait, 4, static_cast<int>(patience)) <= 0) {
    return;
  }
  // The log first: what was said before an answer belongs to it.
  if (wait[1].revents != 0) {
    ReadLog(process_->stderr_fd(), stderr_open_);
  }
  if (wait[2].revents != 0) {
    ReadDatagrams();
  }
  if (wait[0].revents != 0) {
    ReadLines();
  }
  if (wait[3].revents != 0) {
    Write();
  }
}

void LineLink::Write() {
  const ssize_t written =
      WriteQuietly(process_->stdin_fd(), outgoing_.data() + written_,
                   outgoing_.size() - written_);
  if (written >= 0) {
    written_ += static_cast<std::size_t>(written);
  } else if (!IsTransient(errno)) {
    outgoing_.clear();  // Nobody reads; the end will show on stdout.
    written_ = 0;
  }
}

void LineLink::ReadLog(int fd, bool& open) {
  // Not to the end of what it may write without end.
  for (std::size_t total = 0; total < 2 * kLogKept;) {
    char piece[4096];
    const ssize_t got = read(fd, piece, sizeof piece);
    if (got <= 0) {
      open = open && got < 0 && IsTransient(errno);
      return;
    }
    AddToLog({piece, static_cast<std::size_t>(got)});
    total += static_cast<std::size_t>(got);
  }
}

void LineLink::ReadDatagrams() {
  for (int i = 0; i < 64 && process_->log_fd() >= 0; ++i) {
    char piece[8192];
    const ssize_t got =
        recv(process_->log_fd(), piece, sizeof piece, MSG_DONTWAIT);
    if (got <= 0) {
      return;
    }
    AddToLog({piece, static_cast<std::size_t>(got)});
    AddToLog("\n");
  }
}

void LineLink::ReadLines() {
  incoming_.erase(0, consumed_);
  searched_ -= consumed_;
  consumed_ = 0;
  const std::size_t before = incoming_.size();
  incoming_.resize(before + kPiece);
  const ssize_t got =
      read(process_->stdout_fd(), incoming_.data() + before, kPiece);
  incoming_.resize(before +
                   static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got == 0 || (got < 0 && !IsTransient(errno))) {
    stdout_open_ = false;
  }
}

void LineLink::AddToLog(std::string_view text) {
  log_ += text;
  if (log_.size() > 2 * kLogKept) {
    log_.erase(0, log_.size() - kLogKept);
  }
}

std::string LineLink::TakeLog() {
  std::string log = std::move(log_);
  log_.clear();
  if (log.size() > kLogKept) {
    log.erase(0, log.size() - kLogKept);
  }
  return log;
}

}  // namespace dkimspec::runners
