// What a fault does: plain data, one plan per preset.
#ifndef DKIMSPEC_DNSSTUB_PLAN_H_
#define DKIMSPEC_DNSSTUB_PLAN_H_

#include <chrono>
#include <string>
#include <vector>

#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

// What happens to a TCP connection once a reply is out. UDP has none.
enum class After { kKeep, kClose, kReset };

// One packet, or one end of a connection.
struct Step {
  std::chrono::milliseconds delay{0};
  // Changes the right answer before it becomes octets; may be null.
  void (*shape)(Message& message) = nullptr;
  // Changes the octets; may be null.
  void (*damage)(std::string& octets) = nullptr;
  bool any_size = false;  // UDP: beyond what the client said it can take.
  bool send = true;       // False: only `after`.
  bool half = false;      // TCP: the true length, then half of the octets.
  After after = After::kKeep;
};

// No step: silence. Over TCP that is a connection which stays open.
struct Plan {
  std::vector<Step> udp;
  std::vector<Step> tcp;
  std::size_t only_first = 0;  // Queries for the name it applies to; 0: all.
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_PLAN_H_
