// Space for many datagrams from one system call. Private to the loop.
#ifndef DKIMSPEC_DNSSTUB_BATCH_H_
#define DKIMSPEC_DNSSTUB_BATCH_H_

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "dnsstub/answer_cache.h"
#include "dnsstub/loop.h"

namespace dkimspec::dnsstub {

// So that one busy socket cannot keep the loop from the others.
inline constexpr int kBatch = 64;
// No resolver sends longer queries; what is longer is cut, and then malformed.
inline constexpr std::size_t kMaxQuery = 4096;

struct Loop::Batch {
  // Not a power of two: else all buffers would compete for the same lines of
  // the processor's cache.
  using QuerySpace = std::array<char, kMaxQuery + 64>;
  using ReplySpace = std::array<char, kMaxReadyAnswer>;

  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> parts{};
  std::array<sockaddr_storage, kBatch> peers{};
  std::array<QuerySpace, kBatch> octets;
  std::size_t used = kBatch;  // Of the above.

  // Answers that were ready.
  std::array<mmsghdr, kBatch> reply_headers{};
  std::array<iovec, kBatch> reply_parts{};
  std::array<ReplySpace, kBatch> replies;
  std::size_t ready = 0;

  // Ready to receive: the kernel changes sizes.
  void Prepare() {
    for (std::size_t i = 0; i < used; ++i) {
      parts[i] = {octets[i].data(), kMaxQuery};
      headers[i] = {};
      headers[i].msg_hdr.msg_name = &peers[i];
      headers[i].msg_hdr.msg_namelen = sizeof peers[i];
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    used = 0;
    ready = 0;
  }

  std::string_view packet(std::size_t i) const {
    return {octets[i].data(), headers[i].msg_len};
  }

  // The next of `replies`, `size` octets, goes to the sender of packet `i`.
  void Reply(std::size_t i, std::size_t size) {
    reply_parts[ready] = {replies[ready].data(), size};
    msghdr& header = reply_headers[ready].msg_hdr;
    header = headers[i].msg_hdr;
    header.msg_iov = &reply_parts[ready];
    header.msg_flags = 0;
    ++ready;
  }
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_BATCH_H_
