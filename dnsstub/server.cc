#include "dnsstub/server.h"

#include <cerrno>
#include <cstring>
#include <future>
#include <thread>
#include <unordered_map>
#include <utility>

#include "dnsstub/loop.h"
#include "dnsstub/responder.h"
#include "dnsstub/sockets.h"

namespace dkimspec::dnsstub {
namespace {

std::vector<Descriptor> Own(const std::vector<int>& fds) {
  std::vector<Descriptor> owned;
  for (int fd : fds) {
    owned.emplace_back(fd);
  }
  return owned;
}

}  // namespace

struct Server::Impl {
  explicit Impl(const ServerOptions& options)
      : responder(options.log_capacity),
        loop(responder, options.hang_limit, options.max_connections) {}

  ~Impl() {
    if (thread.joinable()) {
      loop.Stop();
      thread.join();
    }
  }

  void Add(std::vector<Descriptor> fds, bool tcp, int network) {
    for (Descriptor& fd : fds) {
      loop.AddSocket(std::move(fd), tcp, network);
    }
  }

  Responder responder;
  Loop loop;
  std::uint16_t port = 0;
  std::unordered_multimap<std::string, int> networks;  // The loop's thread.
  std::thread thread;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Expected<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  Expected<BoundSockets> bound = BindLoopback(options);
  if (!bound) {
    return tl::unexpected(bound.error());
  }
  auto impl = std::make_unique<Impl>(options);
  if (!impl->loop.valid()) {
    return Fail("dnsstub", std::string("no event queue from the kernel: ") +
                               std::strerror(errno));
  }
  impl->port = bound->port;
  int network = impl->responder.AddNetwork("");
  impl->Add(std::move(bound->udp), false, network);
  impl->Add(std::move(bound->tcp), true, network);
  impl->thread = std::thread([loop = &impl->loop] { loop->Run(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const { return impl_->port; }

void Server::SetZone(Zone zone) { impl_->responder.SetZone(zone); }

void Server::AddZone(const Zone& zone) { impl_->responder.AddZone(zone); }

void Server::Adopt(const std::string& network, std::vector<int> udp_fds,
                   std::vector<int> tcp_fds) {
  int number = impl_->responder.AddNetwork(network);
  // std::function copies, descriptors do not; hence shared.
  auto udp = std::make_shared<std::vector<Descriptor>>(Own(udp_fds));
  auto tcp = std::make_shared<std::vector<Descriptor>>(Own(tcp_fds));
  impl_->loop.Post([impl = impl_.get(), network, number, udp, tcp] {
    impl->networks.emplace(network, number);
    impl->Add(std::move(*udp), false, number);
    impl->Add(std::move(*tcp), true, number);
  });
}

void Server::Release(const std::string& network) {
  auto done = std::make_shared<std::promise<void>>();
  std::future<void> closed = done->get_future();
  impl_->loop.Post([impl = impl_.get(), network, done] {
    auto [first, last] = impl->networks.equal_range(network);
    for (auto item = first; item != last; ++item) {
      impl->loop.RemoveNetworks(
          [number = item->second](int each) { return each == number; });
    }
    impl->networks.erase(network);
    done->set_value();
  });
  closed.wait();
}

std::vector<LogEntry> Server::Log() const { return impl_->responder.Log(); }

std::size_t Server::QueriesFor(std::string_view name) const {
  return impl_->responder.QueriesFor(name);
}

std::vector<LogEntry> Server::LogFor(std::string_view name) const {
  return impl_->responder.LogFor(name);
}

std::uint64_t Server::unexpected() const {
  return impl_->responder.unexpected();
}

void Server::Reset() { impl_->responder.Reset(); }

}  // namespace dkimspec::dnsstub
