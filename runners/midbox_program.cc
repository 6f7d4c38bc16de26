// Finds an unbound and asks it for its version, which shows that it starts.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>

#include "runners/midbox.h"
#include "runners/sandbox.h"

namespace dkimspec::runners {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};
constexpr std::string_view kRemedy =
    "runners/implementations/fetch.py --only unbound fetches one";

bool IsThere(const fs::path& path) {
  std::error_code absent;
  return fs::exists(path, absent);
}

// Where Debian's libraries lie below `root`: lib and usr/lib, each with a
// folder for the architecture.
std::string LibraryFolders(const fs::path& root) {
  std::set<std::string> folders;
  for (const char* parent : {"lib", "usr/lib"}) {
    std::error_code problem;
    for (fs::directory_iterator entry(root / parent, problem), end;
         !problem && entry != end; entry.increment(problem)) {
      if (entry->path().filename().string().ends_with("-linux-gnu")) {
        folders.insert(entry->path().string());
      }
    }
  }
  std::string joined;
  for (const std::string& folder : folders) {
    joined += (joined.empty() ? "" : ":") + folder;
  }
  return joined;
}

// All that the program writes, until it ends.
std::string OutputOf(Process& process, Clock::time_point until) {
  std::string text;
  char piece[4096];
  while (Clock::now() < until) {
    pollfd wait = {process.stdout_fd(), POLLIN, 0};
    poll(&wait, 1, 100);
    const ssize_t got = read(wait.fd, piece, sizeof piece);
    if (got > 0) {
      text.append(piece, static_cast<std::size_t>(got));
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      break;
    }
  }
  return text;
}

// "1.17.1" of "Version 1.17.1"; empty if it does not start.
std::string VersionOf(const UnboundProgram& program) {
  ProcessOptions options;
  options.argv = {program.path, "-V"};
  options.environment = CleanEnvironment();
  if (!program.libraries.empty()) {
    options.environment.emplace_back("LD_LIBRARY_PATH", program.libraries);
  }
  options.isolated = false;
  auto process = Process::Start(options);
  if (!process) {
    return "";
  }
  const std::string text = OutputOf(**process, Clock::now() + kPatience);
  constexpr std::string_view kWord = "Version ";
  const std::size_t at = text.find(kWord);
  return at == std::string::npos
             ? ""
             : text.substr(at + kWord.size(),
                           text.find('\n', at) - at - kWord.size());
}

}  // namespace

Expected<UnboundProgram> FindUnbound(const std::string& peers) {
  const fs::path root = fs::absolute(fs::path(peers) / "unbound/root");
  const fs::path own = root / "usr/sbin/unbound";
  UnboundProgram program;
  if (IsThere(own)) {
    program.path = own.string();
    program.libraries = LibraryFolders(root);
  } else {
    for (const char* path : {"/usr/sbin/unbound", "/usr/local/sbin/unbound"}) {
      program.path =
          program.path.empty() && IsThere(path) ? path : program.path;
    }
  }
  if (program.path.empty()) {
    return Fail("--resolver unbound",
                fmt::format("not run: needs the program unbound, which is "
                            "neither in {} nor in /usr/sbin; {}",
                            peers, kRemedy));
  }
  program.version = VersionOf(program);
  if (program.version.empty()) {
    return Fail("--resolver unbound",
                fmt::format("not run: {} does not start (\"{} -V\" names no "
                            "version); {}",
                            program.path, program.path, kRemedy));
  }
  return program;
}

}  // namespace dkimspec::runners
