#include "runners/dns_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "dnsstub/sockets.h"

namespace dkimspec::runners {
namespace {

using Clock = std::chrono::steady_clock;
using dnsstub::Descriptor;

constexpr std::size_t kPiece = 65535;  // The longest datagram, and more.
constexpr std::chrono::seconds kPatience{60};  // For an answer over UDP.
constexpr std::size_t kMostQueries = 512;      // Older ones are forgotten.
constexpr std::size_t kMostConnections = 128;  // Further ones wait.
constexpr int kMostAtOnce = 64;  // Datagrams, before others have their turn.
constexpr std::chrono::milliseconds kTick{1000};

struct Listener {
  std::string network;
  bool tcp = false;
  Descriptor socket;
};

// A datagram on its way: each has a socket of its own, so that answers need no
// looking into to find their client.
struct Query {
  std::string network;
  int listener = -1;  // Not owned; closed by the same Release as this.
  sockaddr_storage client = {};
  socklen_t client_length = 0;
  Clock::time_point until;
  Descriptor upstream;
  bool done = false;
};

struct Connection {
  std::string network;
  Descriptor ends[2];      // The client's, the name server's.
  std::string waiting[2];  // From that end, for the other.
  bool ended[2] = {false, false};
  bool done = false;
};

Descriptor Connect(std::uint16_t port, int type) {
  Descriptor made(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (made.valid() &&
      connect(made.get(), reinterpret_cast<sockaddr*>(&address),
              sizeof address) != 0 &&
      errno != EINPROGRESS) {
    return Descriptor();
  }
  return made;
}

// Nothing to read now, which is no end.
bool IsPause() { return errno == EAGAIN || errno == EINTR; }

// From one end into the other's buffer, up to the end of the stream.
void ReadEnd(Connection& connection, int from) {
  char piece[kPiece];
  const ssize_t got = recv(connection.ends[from].get(), piece, sizeof piece, 0);
  if (got > 0) {
    connection.waiting[from].assign(piece, static_cast<std::size_t>(got));
  } else if (got == 0) {
    connection.ended[from] = true;
    shutdown(connection.ends[1 - from].get(), SHUT_WR);
  } else {
    connection.done = !IsPause();
  }
}

void WriteEnd(Connection& connection, int to) {
  std::string& text = connection.waiting[1 - to];
  const ssize_t sent =
      send(connection.ends[to].get(), text.data(), text.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    text.erase(0, static_cast<std::size_t>(sent));
  } else {
    connection.done = !IsPause();
  }
}

// An end is read once the other has taken what was read before.
short Interest(const Connection& connection, int end) {
  const bool reads = !connection.ended[end] && connection.waiting[end].empty();
  const bool writes = !connection.waiting[1 - end].empty();
  return static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
}

void Serve(Connection& connection, const pollfd (&events)[2]) {
  for (int end : {0, 1}) {
    if ((events[end].revents & POLLOUT) != 0) {
      WriteEnd(connection, end);
    }
    if (!connection.done && (events[end].revents & POLLIN) != 0) {
      ReadEnd(connection, end);
    }
    connection.done |= (events[end].revents & (POLLERR | POLLNVAL)) != 0 &&
                       (events[end].revents & POLLIN) == 0;
  }
  connection.done |= connection.ended[0] && connection.ended[1];
}

}  // namespace

struct DnsRelay::Impl {
  std::uint16_t port = 0;
  Descriptor wake;
  std::thread thread;

  // Touched by the thread alone.
  std::vector<Listener> listeners;
  std::vector<Query> queries;
  std::vector<Connection> connections;
  Clock::time_point accept_from;  // Before, there were no descriptors left.

  std::mutex mutex;
  std::condition_variable released;
  std::vector<Listener> adopted;
  std::vector<std::string> to_release;
  bool stopping = false;

  void Wake() const;
  bool TakeOrders();  // False: to stop.
  std::vector<pollfd> Watched() const;
  void Run();
  void Serve(const std::vector<pollfd>& events);
  void TakeQueries(const Listener& listener);
  void TakeConnection(const Listener& listener);
  static void PassAnswer(Query& query);
  void Clear();
};

void DnsRelay::Impl::Wake() const {
  const std::uint64_t one = 1;
  if (write(wake.get(), &one, sizeof one) < 0) {
    return;  // Full, so it wakes anyway.
  }
}

bool DnsRelay::Impl::TakeOrders() {
  std::uint64_t count = 0;
  const ssize_t got = read(wake.get(), &count, sizeof count);
  static_cast<void>(got);  // Nothing to read: it was time that woke us.
  const std::lock_guard lock(mutex);
  std::move(adopted.begin(), adopted.end(), std::back_inserter(listeners));
  adopted.clear();
  for (const std::string& network : to_release) {
    const auto belongs = [&](const auto& one) {
      return one.network == network;
    };
    std::erase_if(queries, belongs);
    std::erase_if(connections, belongs);
    std::erase_if(listeners, belongs);
  }
  to_release.clear();
  released.notify_all();
  return !stopping;
}

// The order of Serve: what wakes us, listeners, queries, connections.
std::vector<pollfd> DnsRelay::Impl::Watched() const {
  std::vector<pollfd> watched = {{wake.get(), POLLIN, 0}};
  const bool full =
      connections.size() >= kMostConnections || Clock::now() < accept_from;
  for (const Listener& listener : listeners) {
    const bool waits = listener.tcp && full;
    watched.push_back(
        {listener.socket.get(), static_cast<short>(waits ? 0 : POLLIN), 0});
  }
  for (const Query& query : queries) {
    watched.push_back({query.upstream.get(), POLLIN, 0});
  }
  for (const Connection& connection : connections) {
    for (int end : {0, 1}) {
      const short interest = Interest(connection, end);
      // An end that has hung up would wake us for ever.
      watched.push_back(
          {interest == 0 ? -1 : connection.ends[end].get(), interest, 0});
    }
  }
  return watched;
}

void DnsRelay::Impl::Run() {
  while (TakeOrders()) {
    std::vector<pollfd> events = Watched();
    poll(events.data(), events.size(), static_cast<int>(kTick.count()));
    Serve(events);
    Clear();
  }
}

void DnsRelay::Impl::Serve(const std::vector<pollfd>& events) {
  std::size_t at = 1;
  // What is added below was not watched yet.
  const std::size_t known_queries = queries.size();
  const std::size_t known_connections = connections.size();
  for (const Listener& listener : listeners) {
    if ((events[at++].revents & POLLIN) == 0) {
      continue;
    }
    if (listener.tcp) {
      TakeConnection(listener);
    } else {
      TakeQueries(listener);
    }
  }
  for (std::size_t i = 0; i < known_queries; ++i) {
    if (events[at++].revents != 0) {
      PassAnswer(queries[i]);
    }
  }
  for (std::size_t i = 0; i < known_connections; ++i, at += 2) {
    runners::Serve(connections[i], {events[at], events[at + 1]});
  }
}

void DnsRelay::Impl::TakeQueries(const Listener& listener) {
  char datagram[kPiece];
  for (int i = 0; i < kMostAtOnce; ++i) {
    Query query;
    query.client_length = sizeof query.client;
    const ssize_t got = recvfrom(
        listener.socket.get(), datagram, sizeof datagram, MSG_DONTWAIT,
        reinterpret_cast<sockaddr*>(&query.client), &query.client_length);
    if (got < 0) {
      return;
    }
    query.upstream = Connect(port, SOCK_DGRAM);
    if (!query.upstream.valid() ||
        send(query.upstream.get(), datagram, static_cast<std::size_t>(got),
             MSG_NOSIGNAL) != got) {
      continue;  // As good as lost on the way.
    }
    query.network = listener.network;
    query.listener = listener.socket.get();
    query.until = Clock::now() + kPatience;
    queries.push_back(std::move(query));
  }
}

void DnsRelay::Impl::TakeConnection(const Listener& listener) {
  Connection connection;
  connection.network = listener.network;
  connection.ends[0] = Descriptor(accept4(
      listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!connection.ends[0].valid()) {
    // The client still waits, and would wake us at once for nothing.
    if (errno == EMFILE || errno == ENFILE) {
      accept_from = Clock::now() + kTick;
    }
    return;
  }
  connection.ends[1] = Connect(port, SOCK_STREAM);
  if (connection.ends[1].valid()) {
    connections.push_back(std::move(connection));
  }
}

void DnsRelay::Impl::PassAnswer(Query& query) {
  char datagram[kPiece];
  const ssize_t got =
      recv(query.upstream.get(), datagram, sizeof datagram, MSG_DONTWAIT);
  if (got < 0 && IsPause()) {
    return;
  }
  query.done = true;
  if (got >= 0) {
    sendto(query.listener, datagram, static_cast<std::size_t>(got),
           MSG_NOSIGNAL | MSG_DONTWAIT,
           reinterpret_cast<const sockaddr*>(&query.client),
           query.client_length);
  }
}

void DnsRelay::Impl::Clear() {
  const auto now = Clock::now();
  std::erase_if(queries, [&](const Query& query) {
    return query.done || query.until < now;
  });
  if (queries.size() > kMostQueries) {
    const auto surplus =
        static_cast<std::ptrdiff_t>(queries.size() - kMostQueries);
    queries.erase(queries.begin(), queries.begin() + surplus);
  }
  std::erase_if(connections,
                [](const Connection& connection) { return connection.done; });
}

DnsRelay::DnsRelay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Expected<std::unique_ptr<DnsRelay>> DnsRelay::Start(std::uint16_t port) {
  auto impl = std::make_unique<Impl>();
  impl->port = port;
  impl->wake = Descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!impl->wake.valid()) {
    return Fail("DNS relay",
                std::string("no descriptor for it: ") + std::strerror(errno));
  }
  impl->thread = std::thread([raw = impl.get()] { raw->Run(); });
  return std::unique_ptr<DnsRelay>(new DnsRelay(std::move(impl)));
}

DnsRelay::~DnsRelay() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->Wake();
  impl_->thread.join();
}

void DnsRelay::Adopt(const std::string& network, std::vector<int> udp_fds,
                     std::vector<int> tcp_fds) {
  {
    const std::lock_guard lock(impl_->mutex);
    for (int fd : udp_fds) {
      impl_->adopted.push_back({network, false, Descriptor(fd)});
    }
    for (int fd : tcp_fds) {
      impl_->adopted.push_back({network, true, Descriptor(fd)});
    }
  }
  impl_->Wake();
}

void DnsRelay::Release(const std::string& network) {
  std::unique_lock lock(impl_->mutex);
  impl_->to_release.push_back(network);
  impl_->Wake();
  impl_->released.wait(lock, [&] {
    return std::find(impl_->to_release.begin(), impl_->to_release.end(),
                     network) == impl_->to_release.end();
  });
}

}  // namespace dkimspec::runners
