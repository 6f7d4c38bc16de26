// Records as a configuration gives them: any type, any order, any TTL.
#ifndef DKIMSPEC_DNSSTUB_RECORD_SET_H_
#define DKIMSPEC_DNSSTUB_RECORD_SET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

enum class Order {
  kFixed,    // As given.
  kRotate,   // The n-th query begins with record n.
  kShuffle,  // By seed and n.
};

struct RecordSet {
  std::string name;  // Without final dot.
  // CNAME and DNAME: one RDATA, a name on the wire.
  std::uint16_t type = kTypeTxt;
  std::vector<std::string> rdata;  // None: the name exists, and no more.
  std::uint32_t ttl = 0;           // Seconds.
  Order order = Order::kFixed;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_RECORD_SET_H_
