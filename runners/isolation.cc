#include <fmt/format.h>

#include <fstream>
#include <optional>

#include "runners/sandbox.h"

namespace dkimspec::runners {
namespace {

std::optional<long> Setting(const char* path) {
  std::ifstream file(path);
  long value = 0;
  if (file >> value) {
    return value;
  }
  return std::nullopt;
}

// What forbids namespaces here, where the machine says so.
std::string Remedy() {
  struct Row {
    const char* path;
    long forbids;
    const char* remedy;
  };
  constexpr Row kRows[] = {
      {"/proc/sys/user/max_user_namespaces", 0,
       "user namespaces are off: sysctl user.max_user_namespaces=10000"},
      {"/proc/sys/kernel/unprivileged_userns_clone", 0,
       "user namespaces are for root only here: sysctl "
       "kernel.unprivileged_userns_clone=1"},
      {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
       "AppArmor restricts user namespaces: sysctl "
       "kernel.apparmor_restrict_unprivileged_userns=0, or run as root"},
  };
  for (const Row& row : kRows) {
    if (Setting(row.path) == row.forbids) {
      return row.remedy;
    }
  }
  return "in a container, its seccomp filter may forbid it: run it with "
         "--security-opt seccomp=unconfined, or --privileged; Linux 5.12 is "
         "the least";
}

std::string TryOnce() {
  ProcessOptions options;
  options.argv = {"true"};
  options.environment = CleanEnvironment();
  auto process = Process::Start(options);
  if (!process) {
    return fmt::format("{} ({})", process.error().ToString(), Remedy());
  }
  if (!(*process)->WaitFor(std::chrono::seconds(10))) {
    return "a program that does nothing did not end within 10 seconds";
  }
  const std::string how = (*process)->HowItEnded();
  return how == "exit status 0" ? "" : "a trial run ended with " + how;
}

}  // namespace

std::string WhyNoIsolation() {
  static const std::string why = TryOnce();
  return why;
}

}  // namespace dkimspec::runners
