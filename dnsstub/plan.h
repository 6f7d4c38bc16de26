// What a fault does: plain data, one plan per preset.
#ifndef DKIMSPEC_DNSSTUB_PLAN_H_
#define DKIMSPEC_DNSSTUB_PLAN_H_

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

// What happens to a TCP connection once a reply is out. UDP has none.
enum class After { kKeep, kClose, kReset };

// How a reply is handed to TCP: `first` octets, then pieces of `rest` octets,
// `gap` apart. All at once if `first` is 0.
struct Pace {
  std::size_t first = 0;
  std::size_t rest = 0;
  std::chrono::milliseconds gap{0};
};

// Changes the right answer before it becomes octets.
using Shape = std::function<void(Message& message)>;
// Changes the octets. Accepts any.
using Damage = std::function<void(std::string& octets)>;

// One packet, or one end of a connection.
struct Step {
  std::chrono::milliseconds delay{0};
  Shape shape = nullptr;      // May be null.
  Damage damage = nullptr;    // May be null.
  Damage frame = nullptr;     // TCP: the same with the length in front.
  bool any_size = false;      // UDP: beyond what the client said it can take.
  bool send = true;           // False: only `after`.
  unsigned loss_percent = 0;  // UDP: so often nothing is sent.
  // UDP: from 127.0.0.9; over IPv6, whose loopback has one address only, from
  // another port (RFC 5452 section 9.1 has clients check both).
  bool elsewhere = false;
  Pace pace = {};  // TCP.
  After after = After::kKeep;
  // Answers for this name instead, in the owner's place; a name on the wire.
  std::string answer_of = {};
};

// No step: silence. Over TCP that is a connection which stays open.
struct Plan {
  std::vector<Step> udp = {};
  std::vector<Step> tcp = {};
  // Whether the n-th query for the name, from 1, meets the fault; null: all do.
  bool (*applies)(std::size_t nth) = nullptr;
  bool only_edns = false;  // Queries without an OPT record do not meet it.
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_PLAN_H_
