#include "dnsstub/private_network.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "dnsstub/sockets.h"

namespace dkimspec::dnsstub {
namespace {

constexpr const char* kOwn = "/proc/thread-self/ns/net";
constexpr const char* kFirst = "/proc/1/ns/net";
// The user namespace that the kernel starts with has always this number
// (PROC_USER_INIT_INO in the kernel's sources).
constexpr ino_t kFirstUserNamespace = 0xeffffffd;

std::optional<std::vector<NetworkFacts::Interface>> Interfaces() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) {
    return std::nullopt;
  }
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
  std::vector<NetworkFacts::Interface> interfaces;
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    // An interface appears once for itself, and again for each address.
    interfaces.push_back({each->ifa_name, (each->ifa_flags & IFF_LOOPBACK) != 0,
                          (each->ifa_flags & IFF_UP) != 0});
  }
  return interfaces;
}

bool DiffersFromProcess1() {
  struct stat own {};
  struct stat first {};
  return stat(kOwn, &own) == 0 && stat(kFirst, &first) == 0 &&
         (own.st_dev != first.st_dev || own.st_ino != first.st_ino);
}

// False as well if the owner is out of our sight: then it is above us.
bool MadeByUser() {
  const Descriptor own(open(kOwn, O_RDONLY | O_CLOEXEC));
  if (!own.valid()) {
    return false;
  }
  const Descriptor owner(ioctl(own.get(), NS_GET_USERNS));
  struct stat facts {};
  return owner.valid() && fstat(owner.get(), &facts) == 0 &&
         facts.st_ino != kFirstUserNamespace;
}

}  // namespace

NetworkFacts LookAtNetwork() {
  return {Interfaces(), DiffersFromProcess1(), MadeByUser()};
}

std::string WhyNotPrivate(const NetworkFacts& facts) {
  if (!facts.interfaces || facts.interfaces->empty()) {
    return "the network interfaces cannot be read";
  }
  const auto out =
      std::find_if(facts.interfaces->begin(), facts.interfaces->end(),
                   [](const auto& each) { return each.up && !each.loopback; });
  if (out != facts.interfaces->end()) {
    return "the interface " + out->name + " is up";
  }
  if (!facts.differs_from_process_1 && !facts.made_by_user) {
    return "this may be the machine's own network namespace";
  }
  return "";
}

}  // namespace dkimspec::dnsstub
