#include "dnsstub/server.h"

#include <cerrno>
#include <cstring>
#include <future>
#include <thread>
#include <unordered_map>
#include <utility>

#include "dnsstub/config.h"
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
        loop(responder, options.hang_limit, options.max_connections) {
    responder.Load(ZoneIndex(), RuleSet(FaultZoneRules(options.fault_zone)),
                   Manners());
  }

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

  void AddEndpoint(BoundEndpoint bound) {
    const EndpointOptions& options = bound.options;
    int network = responder.AddNetwork({"", options.id, options.authoritative});
    Add(std::move(bound.udp), false, network);
    for (Descriptor& fd : bound.tcp) {
      loop.AddSocket(std::move(fd), true, network,
                     options.tcp == TcpMode::kReset);
    }
    for (Descriptor& fd : bound.hold) {
      hold.push_back(std::move(fd));
    }
    endpoints.push_back(std::move(bound.endpoint));
  }

  Responder responder;
  Loop loop;
  std::vector<Endpoint> endpoints;
  std::vector<Descriptor> hold;
  std::unordered_multimap<std::string, int> networks;  // The loop's thread.
  std::thread thread;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Expected<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  Expected<std::vector<BoundEndpoint>> bound = BindSockets(options);
  if (!bound) {
    return tl::unexpected(bound.error());
  }
  auto impl = std::make_unique<Impl>(options);
  if (!impl->loop.valid()) {
    return Fail("dnsstub", std::string("no event queue from the kernel: ") +
                               std::strerror(errno));
  }
  for (BoundEndpoint& each : *bound) {
    impl->AddEndpoint(std::move(each));
  }
  impl->thread = std::thread([loop = &impl->loop] { loop->Run(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const { return impl_->endpoints[0].port; }

const std::vector<Endpoint>& Server::endpoints() const {
  return impl_->endpoints;
}

void Server::Load(const Config& config) {
  ZoneIndex zone(config.zone_options);
  zone.Add(config.zone);
  for (const RecordSet& records : config.records) {
    zone.Add(records);
  }
  impl_->responder.Load(std::move(zone), RuleSet(config.rules), config.manners);
  impl_->responder.SetEpoch(config.epochs.empty() ? "" : config.epochs[0]);
}

void Server::SetEpoch(const std::string& epoch) {
  impl_->responder.SetEpoch(epoch);
}

void Server::SetZone(Zone zone) { impl_->responder.SetZone(zone); }

void Server::AddZone(const Zone& zone) { impl_->responder.AddZone(zone); }

void Server::Adopt(const std::string& network, std::vector<int> udp_fds,
                   std::vector<int> tcp_fds) {
  int number = impl_->responder.AddNetwork({network, "", false});
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
      impl->responder.Retire(item->second);
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

bool Server::WaitFor(std::string_view name, std::size_t queries,
                     std::chrono::milliseconds timeout) const {
  return impl_->responder.WaitFor(name, queries, timeout);
}

std::uint64_t Server::total() const { return impl_->responder.total(); }

std::uint64_t Server::unexpected() const {
  return impl_->responder.unexpected();
}

void Server::Reset() { impl_->responder.Reset(); }

}  // namespace dkimspec::dnsstub
