// Whether addresses other than loopback may be bound: only where nobody but
// the processes of this network namespace can reach them.
#ifndef DKIMSPEC_DNSSTUB_PRIVATE_NETWORK_H_
#define DKIMSPEC_DNSSTUB_PRIVATE_NETWORK_H_

#include <optional>
#include <string>
#include <vector>

namespace dkimspec::dnsstub {

// What is known of the calling thread's network namespace. What could not be
// found out is as bad as can be.
struct NetworkFacts {
  struct Interface {
    std::string name;
    bool loopback = false;
    bool up = false;
  };
  // nullopt: the kernel would not say.
  std::optional<std::vector<Interface>> interfaces;
  // It is not the namespace of process 1, which could be read.
  bool differs_from_process_1 = false;
  // It was made within a user namespace other than the system's first.
  bool made_by_user = false;
};

NetworkFacts LookAtNetwork();

// Why other addresses must not be bound; "" if they may. Two things must hold,
// because either alone can deceive: a machine that is offline has no interface
// that is up and will have one again, and a namespace of its own may have been
// given a way out.
std::string WhyNotPrivate(const NetworkFacts& facts);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_PRIVATE_NETWORK_H_
