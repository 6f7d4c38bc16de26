#include "dnsstub/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace dkimspec::dnsstub {
namespace {

// Beyond this much unread by the client, no further query is taken from it.
constexpr std::size_t kMaxQueued = std::size_t{256} << 10;
constexpr std::size_t kMaxInput = 2 + kMaxMessage;
constexpr int kMaxExpected = 1024;

}  // namespace

Connection::~Connection() { close(fd_); }

void Connection::MakeReset() {
  linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool Connection::wants_read() const {
  return !peer_done_ && !over_ && queued_ <= kMaxQueued &&
         expected_ < kMaxExpected;
}

bool Connection::finished() const {
  return over_ || (peer_done_ && queue_.empty() && expected_ == 0);
}

bool Connection::Idle(std::chrono::milliseconds limit) const {
  return expected_ == 0 && Clock::now() - last_message_ >= limit;
}

// One piece from the socket; false if there was none.
bool Connection::Fill() {
  char piece[16384];
  ssize_t size = recv(fd_, piece, sizeof piece, 0);
  if (size > 0) {
    input_.append(piece, static_cast<std::size_t>(size));
    return true;
  }
  if (size == 0) {
    peer_done_ = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    over_ = true;
  }
  return false;
}

void Connection::TakeQueries(const OnQuery& on_query) {
  std::size_t at = 0;
  while (wants_read() && input_.size() - at >= 2) {
    std::size_t size =
        static_cast<std::size_t>(static_cast<unsigned char>(input_[at]) << 8 |
                                 static_cast<unsigned char>(input_[at + 1]));
    if (input_.size() - at - 2 < size) {
      break;
    }
    last_message_ = Clock::now();
    on_query(std::string_view(input_).substr(at + 2, size));
    at += 2 + size;
  }
  input_.erase(0, at);
}

void Connection::Read(const OnQuery& on_query) {
  TakeQueries(on_query);  // What an earlier, full queue held up.
  while (wants_read() && input_.size() < kMaxInput && Fill()) {
    TakeQueries(on_query);
  }
}

void Connection::Send(Delivery delivery) {
  queued_ += delivery.octets.size();
  queue_.push_back(std::move(delivery));
  Write();
}

// How many octets of the front may be out by now.
std::size_t Connection::Allowance() {
  const Delivery& front = queue_.front();
  const Pace& pace = front.pace;
  if (pace.first == 0) {
    return front.octets.size();
  }
  const Clock::time_point now = Clock::now();
  if (allowed_ == 0) {
    allowed_ = pace.first;
  } else if (resume_ && *resume_ <= now) {
    allowed_ += pace.rest;
    resume_.reset();
  }
  return std::min(allowed_, front.octets.size());
}

void Connection::Write() {
  while (!queue_.empty() && !over_) {
    Delivery& front = queue_.front();
    const std::size_t left = Allowance() - written_;
    ssize_t size = left == 0 ? 0
                             : send(fd_, front.octets.data() + written_, left,
                                    MSG_NOSIGNAL);
    if (size < 0) {
      over_ = errno != EAGAIN && errno != EINTR;
      return;
    }
    written_ += static_cast<std::size_t>(size);
    if (written_ < front.octets.size()) {
      if (written_ == Allowance() && !resume_) {
        resume_ = Clock::now() + front.pace.gap;
      }
      if (resume_) {
        return;
      }
      continue;
    }
    last_message_ = Clock::now();
    if (front.after == After::kReset) {
      MakeReset();
    }
    over_ = front.after != After::kKeep;
    queued_ -= front.octets.size();
    written_ = 0;
    allowed_ = 0;
    resume_.reset();
    queue_.pop_front();
  }
}

}  // namespace dkimspec::dnsstub
