// The loop's datagrams.
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <utility>

#include "dnsstub/batch.h"
#include "dnsstub/loop.h"

namespace dkimspec::dnsstub {
namespace {

// Makes the kernel send from 127.0.0.9 whatever the socket is bound to.
struct OtherSource {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in_pktinfo))> space{};

  void Apply(msghdr& header) {
    header.msg_control = space.data();
    header.msg_controllen = space.size();
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = IPPROTO_IP;
    control->cmsg_type = IP_PKTINFO;
    control->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(0x7f000009);
    std::memcpy(CMSG_DATA(control), &info, sizeof info);
  }
};

// What cannot be sent is lost, as UDP loses it: a full buffer, a client that
// is gone.
void SendAll(int fd, mmsghdr* headers, std::size_t count) {
  std::size_t at = 0;
  while (at < count) {
    const int sent =
        sendmmsg(fd, headers + at, static_cast<unsigned>(count - at),
                 MSG_NOSIGNAL | MSG_DONTWAIT);
    at += sent > 0 ? static_cast<std::size_t>(sent) : 1;
  }
}

}  // namespace

void Loop::ReceiveDatagrams(const Socket& socket, Number number) {
  batch_->Prepare();
  const int count = recvmmsg(socket.fd.get(), batch_->headers.data(), kBatch,
                             MSG_DONTWAIT, nullptr);
  if (count <= 0) {
    return;  // Nothing there, or an ICMP error from an earlier reply.
  }
  batch_->used = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < batch_->used; ++i) {
    const std::size_t size = responder_.ReactAtOnce(
        batch_->packet(i), socket.network, PortOf(batch_->peers[i]),
        batch_->replies[batch_->ready].data());
    if (size > 0) {
      batch_->Reply(i, size);
    } else {
      Answer(i, socket, number);
    }
  }
  SendAll(socket.fd.get(), batch_->reply_headers.data(), batch_->ready);
  if (!replies_.empty()) {
    SendDatagrams(socket, replies_);
    replies_.clear();
  }
}

void Loop::Answer(std::size_t i, const Socket& socket, Number number) {
  const Peer peer{batch_->peers[i], batch_->headers[i].msg_hdr.msg_namelen};
  for (Delivery& delivery :
       responder_.React(batch_->packet(i), false, socket.network, peer.port(),
                        peer.host())) {
    if (!delivery.send) {
      continue;
    }
    Datagram reply{peer, std::move(delivery.octets), delivery.elsewhere};
    if (delivery.delay.count() == 0) {
      replies_.push_back(std::move(reply));
      continue;
    }
    Later(delivery.delay, [this, number, reply = std::move(reply)] {
      auto found = sockets_.find(number);
      if (found != sockets_.end()) {
        std::vector<Datagram> late{reply};
        SendDatagrams(found->second, late);
      }
    });
  }
}

void Loop::SendDatagrams(const Socket& socket,
                         std::vector<Datagram>& datagrams) {
  OtherSource other;
  std::vector<iovec> parts(datagrams.size());
  std::vector<mmsghdr> headers;
  headers.reserve(datagrams.size());
  for (std::size_t i = 0; i < datagrams.size(); ++i) {
    Datagram& datagram = datagrams[i];
    if (datagram.elsewhere && !datagram.peer.ipv4()) {
      SendFromOtherPort(socket.fd.get(), datagram.peer, datagram.octets);
      continue;
    }
    parts[i] = {datagram.octets.data(), datagram.octets.size()};
    msghdr& header = headers.emplace_back().msg_hdr;
    header.msg_name = &datagram.peer.address;
    header.msg_namelen = datagram.peer.size;
    header.msg_iov = &parts[i];
    header.msg_iovlen = 1;
    if (datagram.elsewhere) {
      other.Apply(header);
    }
  }
  SendAll(socket.fd.get(), headers.data(), headers.size());
}

}  // namespace dkimspec::dnsstub
