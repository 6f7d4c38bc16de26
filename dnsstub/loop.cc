#include "dnsstub/loop.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "dnsstub/batch.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::size_t kMaxTimers = 1u << 16;
constexpr std::chrono::milliseconds kAcceptPause{50};

}  // namespace

Loop::Loop(Responder& responder, std::chrono::milliseconds hang_limit,
           std::size_t max_connections)
    : responder_(responder),
      hang_limit_(hang_limit),
      max_connections_(max_connections),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      batch_(std::make_unique<Batch>()) {
  if (valid()) {
    Watch(EPOLL_CTL_ADD, wake_.get(), EPOLLIN, 0);
  }
}

Loop::~Loop() = default;

void Loop::Watch(int operation, int fd, std::uint32_t events,
                 Number number) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = number;
  epoll_ctl(epoll_.get(), operation, fd, &event);
}

void Loop::Run() {
  std::array<epoll_event, kBatch> events;
  while (!stopping_) {
    int count = epoll_wait(epoll_.get(), events.data(), kBatch, timers_.Wait());
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      Dispatch(event.data.u64, event.events);
    }
    timers_.Run();
  }
  clients_.clear();
  sockets_.clear();
}

void Loop::Post(std::function<void()> command) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    commands_.push_back(std::move(command));
  }
  std::uint64_t one = 1;
  // Fails only if the counter is full, and then the loop is awake anyway.
  [[maybe_unused]] ssize_t written = write(wake_.get(), &one, sizeof one);
}

void Loop::Stop() {
  Post([this] { stopping_ = true; });
}

void Loop::RunCommands() {
  std::uint64_t count = 0;
  [[maybe_unused]] ssize_t size = read(wake_.get(), &count, sizeof count);
  std::vector<std::function<void()>> commands;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    commands.swap(commands_);
  }
  for (const std::function<void()>& command : commands) {
    command();
  }
}

void Loop::AddSocket(Descriptor fd, bool tcp, int network, bool resets) {
  int flags = fcntl(fd.get(), F_GETFL);
  if (flags < 0) {
    return;
  }
  fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK);
  fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
  Number number = next_++;
  Watch(EPOLL_CTL_ADD, fd.get(), tcp && !accepting_ ? 0u : EPOLLIN, number);
  sockets_.emplace(number, Socket{std::move(fd), tcp, network, resets});
}

void Loop::RemoveNetworks(const std::function<bool(int network)>& which) {
  std::erase_if(sockets_,
                [&](const auto& item) { return which(item.second.network); });
  std::erase_if(clients_, [&](const auto& item) {
    return which(item.second.connection->network());
  });
}

// Events may be left over from a socket closed earlier in the same round: its
// number is gone by then.
void Loop::Dispatch(Number number, std::uint32_t events) {
  if (number == 0) {
    RunCommands();
    return;
  }
  if (auto found = sockets_.find(number); found != sockets_.end()) {
    if (found->second.tcp) {
      Accept(found->second);
    } else {
      ReceiveDatagrams(found->second, number);
    }
    return;
  }
  Serve(number, events);
}

void Loop::Later(std::chrono::milliseconds delay,
                 std::function<void()> action) {
  if (timers_.size() < kMaxTimers) {
    timers_.After(delay, std::move(action));
  }
}

void Loop::SetAccepting(bool on) {
  accepting_ = on;
  for (const auto& [number, socket] : sockets_) {
    if (socket.tcp) {
      Watch(EPOLL_CTL_MOD, socket.fd.get(), on ? EPOLLIN : 0u, number);
    }
  }
}

// Clients wait in the listener's queue until others are done.
void Loop::PauseAccepting() {
  SetAccepting(false);
  timers_.After(kAcceptPause, [this] { SetAccepting(true); });
}

void Loop::Accept(const Socket& listener) {
  for (int i = 0; i < kBatch && accepting_; ++i) {
    if (clients_.size() >= max_connections_) {
      PauseAccepting();
      return;
    }
    Peer peer;
    peer.size = sizeof peer.address;
    int fd =
        accept4(listener.fd.get(), reinterpret_cast<sockaddr*>(&peer.address),
                &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
          errno == ENOMEM) {
        PauseAccepting();
      }
      return;
    }
    if (listener.resets) {
      Connection(fd, listener.network).MakeReset();
      continue;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Number number = next_++;
    Watch(EPOLL_CTL_ADD, fd, EPOLLIN, number);
    clients_[number] = {
        std::make_unique<Connection>(fd, listener.network, peer), EPOLLIN,
        false};
    timers_.After(hang_limit_, [this, number] { CheckIdle(number); });
  }
}

void Loop::Serve(Number number, std::uint32_t events) {
  auto found = clients_.find(number);
  if (found == clients_.end()) {
    return;
  }
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    clients_.erase(found);
    return;
  }
  Connection& connection = *found->second.connection;
  connection.Write();
  ReadQueries(number, connection);
  Settle(number);
}

void Loop::ReadQueries(Number number, Connection& connection) {
  connection.Read([&](std::string_view query) {
    for (Delivery& delivery :
         responder_.React(query, true, connection.network(),
                          connection.peer().port(), connection.peer().host())) {
      if (delivery.delay.count() == 0) {
        connection.Send(std::move(delivery));
        continue;
      }
      connection.Expect();
      auto late = std::make_shared<Delivery>(std::move(delivery));
      timers_.After(late->delay, [this, number, late] {
        auto found = clients_.find(number);
        if (found != clients_.end()) {
          found->second.connection->Arrived();
          found->second.connection->Send(std::move(*late));
          ReadQueries(number, *found->second.connection);
          Settle(number);
        }
      });
    }
  });
}

// Closes the connection if it is done, else asks for the events it needs.
void Loop::Settle(Number number) {
  auto found = clients_.find(number);
  if (found == clients_.end()) {
    return;
  }
  Connection& connection = *found->second.connection;
  if (connection.finished()) {
    clients_.erase(found);
    return;
  }
  if (connection.resume() && !found->second.paced) {
    found->second.paced = true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        *connection.resume() - Connection::Clock::now());
    timers_.After(std::max(left, std::chrono::milliseconds(0)),
                  [this, number] { WritePiece(number); });
  }
  std::uint32_t interest = (connection.wants_read() ? EPOLLIN : 0u) |
                           (connection.wants_write() ? EPOLLOUT : 0u);
  if (interest != found->second.interest) {
    found->second.interest = interest;
    Watch(EPOLL_CTL_MOD, connection.fd(), interest, number);
  }
}

void Loop::WritePiece(Number number) {
  auto found = clients_.find(number);
  if (found != clients_.end()) {
    found->second.paced = false;
    found->second.connection->Write();
    ReadQueries(number, *found->second.connection);
    Settle(number);
  }
}

void Loop::CheckIdle(Number number) {
  auto found = clients_.find(number);
  if (found == clients_.end()) {
    return;
  }
  if (found->second.connection->Idle(hang_limit_)) {
    found->second.connection->MakeReset();
    clients_.erase(found);
    return;
  }
  timers_.After(std::max(hang_limit_ / 4, std::chrono::milliseconds(1)),
                [this, number] { CheckIdle(number); });
}

}  // namespace dkimspec::dnsstub
