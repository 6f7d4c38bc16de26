// From a message to what goes over the wire: one step of a plan.
#ifndef DKIMSPEC_DNSSTUB_PERFORM_H_
#define DKIMSPEC_DNSSTUB_PERFORM_H_

#include <chrono>
#include <cstddef>
#include <string>

#include "dnsstub/plan.h"
#include "dnsstub/query_log.h"
#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

// One packet to send, or the end of a connection.
struct Delivery {
  std::chrono::milliseconds delay{0};
  bool send = true;
  bool elsewhere = false;  // UDP: from another address.
  std::string octets;      // Over TCP with their length in front.
  Pace pace;               // TCP.
  After after = After::kKeep;
};

// Octets that an answer may have. `any_size`: whatever the client said it can
// take.
std::size_t Limit(const Query& query, bool tcp, bool any_size,
                  std::size_t udp_max);

// `sent` is told of what will be sent.
Delivery Perform(const Step& step, Message message, std::size_t limit, bool tcp,
                 Sent& sent);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_PERFORM_H_
