#include "runners/namespaces.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace dkimspec::runners {
namespace {

// Mounting by file descriptor (Linux 5.2, 5.12). The C library has had these
// only since 2.36, so they are called by number, which all machines but Alpha
// share.
constexpr long kOpenTree = 428;
constexpr long kMoveMount = 429;
constexpr long kMountSetattr = 442;
constexpr unsigned kOpenTreeClone = 1;
constexpr unsigned kMoveMountFromDescriptor = 4;
constexpr unsigned kRecursive = 0x8000;
constexpr unsigned kEmptyPath = 0x1000;
constexpr std::uint64_t kReadOnly = 1;

struct MountAttributes {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  std::uint64_t propagation = 0;
  std::uint64_t user_namespace = 0;
};

constexpr int kMostBinds = 256;
constexpr std::uint16_t kDnsPort = 53;
constexpr const char* kResolverFile = "/dev/.resolv.conf";

bool Refuse(Failure& failure, const char* what, const char* path) {
  failure = {what, path, errno};
  return false;
}

// A copy of the mounts at `path`, attached nowhere; -1 if there is none.
int CopyTree(const char* path) {
  return static_cast<int>(syscall(kOpenTree, AT_FDCWD, path,
                                  kOpenTreeClone | kRecursive | O_CLOEXEC));
}

bool MakeReadOnly(int directory, const char* path, unsigned flags) {
  const MountAttributes attributes{.set = kReadOnly};
  return syscall(kMountSetattr, directory, path, flags | kRecursive,
                 &attributes, sizeof attributes) == 0;
}

bool Attach(int tree, const char* path) {
  return syscall(kMoveMount, tree, "", AT_FDCWD, path,
                 kMoveMountFromDescriptor) == 0;
}

bool MakeFolder(const char* path) {
  return mkdir(path, 0755) == 0 || errno == EEXIST;
}

bool MakeFile(const char* path) {
  const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) {
    return false;
  }
  close(file);
  return true;
}

// Creates what `bind` is mounted on. Where it exists already, even read-only,
// nothing is needed.
bool MakePlace(const Bind& bind) {
  for (const std::string& folder : bind.ancestors) {
    if (!MakeFolder(folder.c_str())) {
      return false;
    }
  }
  if (access(bind.path.c_str(), F_OK) == 0) {
    return true;
  }
  return bind.is_folder ? MakeFolder(bind.path.c_str())
                        : MakeFile(bind.path.c_str());
}

bool RaiseLoopback() {
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) {
    return false;
  }
  ifreq request = {};
  std::memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool done = ioctl(control, SIOCSIFFLAGS, &request) == 0;
  const int error = errno;
  close(control);
  errno = error;
  return done;
}

int BindSocket(int family, int type) {
  const int made = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) {
    return -1;
  }
  sockaddr_storage address = {};
  socklen_t length = 0;
  if (family == AF_INET) {
    auto* inner = reinterpret_cast<sockaddr_in*>(&address);
    inner->sin_family = AF_INET;
    inner->sin_port = htons(kDnsPort);
    inner->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    length = sizeof *inner;
  } else {
    const int on = 1;
    setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    auto* inner = reinterpret_cast<sockaddr_in6*>(&address);
    inner->sin6_family = AF_INET6;
    inner->sin6_port = htons(kDnsPort);
    inner->sin6_addr = in6addr_loopback;
    length = sizeof *inner;
  }
  if (bind(made, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
      (type != SOCK_STREAM || listen(made, 128) == 0)) {
    return made;
  }
  const int error = errno;
  close(made);
  errno = error;
  return -1;
}

// Copies taken before anything is covered: what lies beneath a private folder
// is out of reach afterwards.
struct Copies {
  int binds[kMostBinds];
  int devices[16];
};

bool TakeCopies(const Plan& plan, Copies& copies, Failure& failure) {
  if (plan.binds.size() > kMostBinds) {
    errno = E2BIG;
    return Refuse(failure, "keep visible", plan.binds.back().path.c_str());
  }
  for (std::size_t i = 0; i < plan.binds.size(); ++i) {
    const Bind& bind = plan.binds[i];
    copies.binds[i] = CopyTree(bind.path.c_str());
    if (copies.binds[i] < 0 ||
        (!bind.writable && !MakeReadOnly(copies.binds[i], "", kEmptyPath))) {
      return Refuse(failure, "keep visible", bind.path.c_str());
    }
  }
  for (std::size_t i = 0; i < plan.devices.size(); ++i) {
    copies.devices[i] = CopyTree(plan.devices[i].path.c_str());
    if (copies.devices[i] < 0) {
      return Refuse(failure, "keep device", plan.devices[i].path.c_str());
    }
  }
  return true;
}

bool CoverPrivateFolders(const Plan& plan, Failure& failure) {
  for (const Private& folder : plan.privates) {
    if (mount("tmpfs", folder.path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV,
              folder.mount_options) != 0) {
      return Refuse(failure, "mount", folder.path.c_str());
    }
  }
  return true;
}

bool AttachBinds(const Plan& plan, const Copies& copies, Failure& failure) {
  for (std::size_t i = 0; i < plan.binds.size(); ++i) {
    const Bind& bind = plan.binds[i];
    if (!MakePlace(bind) || !Attach(copies.binds[i], bind.path.c_str())) {
      return Refuse(failure, "show", bind.path.c_str());
    }
    close(copies.binds[i]);
  }
  return true;
}

// Programs that tell their reasons to syslog alone are heard this way.
int ListenToLog() {
  const int log = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "/dev/log");
  if (log < 0 ||
      bind(log, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return -1;
  }
  chmod("/dev/log", 0666);
  return log;
}

bool SetUpDevices(const Plan& plan, const Copies& copies, InnerSockets& sockets,
                  Failure& failure) {
  if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC,
            "mode=0755,size=512m") != 0) {
    return Refuse(failure, "mount", "/dev");
  }
  for (std::size_t i = 0; i < plan.devices.size(); ++i) {
    const char* path = plan.devices[i].path.c_str();
    if (!MakeFile(path) || !Attach(copies.devices[i], path)) {
      return Refuse(failure, "show", path);
    }
    close(copies.devices[i]);
  }
  const bool linked = symlink("/proc/self/fd", "/dev/fd") == 0 &&
                      symlink("/proc/self/fd/0", "/dev/stdin") == 0 &&
                      symlink("/proc/self/fd/1", "/dev/stdout") == 0 &&
                      symlink("/proc/self/fd/2", "/dev/stderr") == 0;
  if (!linked || mkdir("/dev/shm", 0755) != 0 ||
      chmod("/dev/shm", 01777) != 0) {
    return Refuse(failure, "fill", "/dev");
  }
  sockets.log = ListenToLog();
  return sockets.log >= 0 || Refuse(failure, "listen on", "/dev/log");
}

bool WriteResolverFile(const char* path, const std::string& text) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) {
    return false;
  }
  const ssize_t written = write(file, text.data(), text.size());
  close(file);
  return written == static_cast<ssize_t>(text.size());
}

bool SetUpResolver(const Plan& plan, Failure& failure) {
  if (plan.resolv_conf_path.empty()) {
    return true;
  }
  const char* target = plan.resolv_conf_path.c_str();
  if (plan.resolv_conf_private) {
    return (MakePlace(plan.resolv_conf_place) &&
            WriteResolverFile(target, plan.resolv_conf)) ||
           Refuse(failure, "write", target);
  }
  if (!WriteResolverFile(kResolverFile, plan.resolv_conf)) {
    return Refuse(failure, "write", kResolverFile);
  }
  const int copy = CopyTree(kResolverFile);
  if (copy < 0 || !MakeReadOnly(copy, "", kEmptyPath) ||
      !Attach(copy, target)) {
    return Refuse(failure, "cover", target);
  }
  close(copy);
  unlink(kResolverFile);
  return true;
}

}  // namespace

bool SetUpNetwork(InnerSockets& sockets, Failure& failure) {
  if (!RaiseLoopback()) {
    return Refuse(failure, "raise the interface", "lo");
  }
  sockets.udp[0] = BindSocket(AF_INET, SOCK_DGRAM);
  sockets.tcp[0] = BindSocket(AF_INET, SOCK_STREAM);
  if (sockets.udp[0] < 0 || sockets.tcp[0] < 0) {
    return Refuse(failure, "bind", "127.0.0.1:53");
  }
  sockets.udp[1] = BindSocket(AF_INET6, SOCK_DGRAM);
  sockets.tcp[1] = BindSocket(AF_INET6, SOCK_STREAM);
  return true;
}

bool SetUpFiles(const Plan& plan, InnerSockets& sockets, Failure& failure) {
  Copies copies;
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return Refuse(failure, "make private", "/");
  }
  if (!TakeCopies(plan, copies, failure)) {
    return false;
  }
  if (!MakeReadOnly(AT_FDCWD, "/", 0)) {
    return Refuse(failure, "make read-only", "/");
  }
  // Where parts of /proc are masked, as in many containers, the kernel refuses
  // a fresh one. The old one serves: /proc/self is right in it, and it is
  // read-only by now; only the numbers of processes are those outside.
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
            nullptr) != 0 &&
      errno != EPERM) {
    return Refuse(failure, "mount", "/proc");
  }
  return CoverPrivateFolders(plan, failure) &&
         AttachBinds(plan, copies, failure) &&
         SetUpDevices(plan, copies, sockets, failure) &&
         SetUpResolver(plan, failure);
}

}  // namespace dkimspec::runners
