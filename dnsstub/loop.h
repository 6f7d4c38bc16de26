// The event loop: one thread, one epoll, every socket.
#ifndef DKIMSPEC_DNSSTUB_LOOP_H_
#define DKIMSPEC_DNSSTUB_LOOP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "dnsstub/connection.h"
#include "dnsstub/peer.h"
#include "dnsstub/responder.h"
#include "dnsstub/sockets.h"
#include "dnsstub/timer_queue.h"

namespace dkimspec::dnsstub {

class Loop {
 public:
  Loop(Responder& responder, std::chrono::milliseconds hang_limit,
       std::size_t max_connections);

  ~Loop();

  // False if the kernel gives no epoll or eventfd; errno says why.
  bool valid() const { return epoll_.valid() && wake_.valid(); }

  // Runs until Stop, in the calling thread.
  void Run();

  // From any thread.
  void Post(std::function<void()> command);
  void Stop();

  // In the loop's thread, or before Run.
  // `resets`: connections are reset as soon as they are accepted.
  void AddSocket(Descriptor fd, bool tcp, int network, bool resets = false);
  void RemoveNetworks(const std::function<bool(int network)>& which);

 private:
  // Sockets and connections have numbers from one counter, never reused.
  using Number = std::uint64_t;

  struct Socket {
    Descriptor fd;
    bool tcp = false;
    int network = 0;
    bool resets = false;
  };
  struct Client {
    std::unique_ptr<Connection> connection;
    std::uint32_t interest = 0;
    bool paced = false;  // A timer will write the next piece.
  };
  struct Datagram {
    Peer peer;
    std::string octets;
    bool elsewhere = false;
  };
  struct Batch;  // Space for many datagrams from one system call.

  void RunCommands();
  void Dispatch(Number number, std::uint32_t events);
  void ReceiveDatagrams(const Socket& socket, Number number);
  void Answer(std::size_t i, const Socket& socket, Number number);
  void SendDatagrams(const Socket& socket, std::vector<Datagram>& datagrams);
  void Accept(const Socket& listener);
  void PauseAccepting();
  void SetAccepting(bool on);
  void Serve(Number number, std::uint32_t events);
  void ReadQueries(Number number, Connection& connection);
  void Settle(Number number);
  void CheckIdle(Number number);
  void WritePiece(Number number);
  void Later(std::chrono::milliseconds delay, std::function<void()> action);
  void Watch(int operation, int fd, std::uint32_t events, Number number) const;

  Responder& responder_;
  std::chrono::milliseconds hang_limit_;
  std::size_t max_connections_;
  Descriptor epoll_;
  Descriptor wake_;  // An eventfd, number 0.
  Number next_ = 1;
  bool stopping_ = false;
  bool accepting_ = true;
  std::unordered_map<Number, Socket> sockets_;
  std::unordered_map<Number, Client> clients_;
  TimerQueue timers_;
  std::unique_ptr<Batch> batch_;
  std::vector<Datagram> replies_;  // To be sent at once.

  std::mutex mutex_;
  std::vector<std::function<void()>> commands_;  // Guarded by mutex_.
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_LOOP_H_
