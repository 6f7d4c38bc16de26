// One TCP connection: queries in, replies out through one queue, so that no
// two replies can mix (RFC 7766 section 6.2.1.1 lets clients pipeline).
#ifndef DKIMSPEC_DNSSTUB_CONNECTION_H_
#define DKIMSPEC_DNSSTUB_CONNECTION_H_

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "dnsstub/peer.h"
#include "dnsstub/plan.h"
#include "dnsstub/responder.h"

namespace dkimspec::dnsstub {

class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  using OnQuery = std::function<void(std::string_view query)>;

  // Owns `fd`, which does not block.
  Connection(int fd, int network, const Peer& peer = {})
      : fd_(fd), network_(network), peer_(peer) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  int network() const { return network_; }
  const Peer& peer() const { return peer_; }

  // Reads what is there and hands out complete queries, as long as replies
  // still fit the queue.
  void Read(const OnQuery& on_query);

  // Appends to the queue and writes what the client takes.
  void Send(Delivery delivery);
  void Write();

  // A reply that will come later keeps the connection open.
  void Expect() { ++expected_; }
  void Arrived() { --expected_; }

  // Makes closing send RST instead of FIN.
  void MakeReset();

  bool wants_read() const;
  bool wants_write() const { return !queue_.empty() && !resume_; }
  // When the next piece of a reply in pieces is due: call Write then.
  std::optional<Clock::time_point> resume() const { return resume_; }
  // Nothing more can happen: close it.
  bool finished() const;
  // Since the last complete query or reply; octets in drips do not count.
  bool Idle(std::chrono::milliseconds limit) const;

 private:
  bool Fill();
  std::size_t Allowance();
  void TakeQueries(const OnQuery& on_query);

  int fd_;
  int network_;
  Peer peer_;
  std::string input_;
  std::deque<Delivery> queue_;
  std::size_t queued_ = 0;   // Octets in `queue_`.
  std::size_t written_ = 0;  // Octets of its front already written.
  std::size_t allowed_ = 0;  // Octets of its front that may be written.
  std::optional<Clock::time_point> resume_;
  int expected_ = 0;
  bool peer_done_ = false;
  bool over_ = false;
  Clock::time_point last_message_ = Clock::now();
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_CONNECTION_H_
