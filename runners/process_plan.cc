#include "runners/process_plan.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>

namespace dkimspec::runners {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTemporary = "mode=1777,size=512m";
constexpr const char* kPlain = "mode=0755,size=512m";

std::string Normal(const fs::path& path) {
  std::string text = path.lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') {
    text.pop_back();
  }
  return text;
}

std::string Real(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::weakly_canonical(path, error);
  return error ? Normal(path) : Normal(real);
}

bool IsFolder(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool Exists(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0;
}

bool IsBeneath(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() &&
         path.compare(0, folder.size(), folder) == 0 &&
         path[folder.size()] == '/';
}

const std::string* ValueOf(const ProcessOptions& options,
                           std::string_view name) {
  for (const auto& [key, value] : options.environment) {
    if (key == name) {
      return &value;
    }
  }
  return nullptr;
}

std::vector<std::string> PathFolders(const ProcessOptions& options) {
  const std::string* given = ValueOf(options, "PATH");
  const char* ours = std::getenv("PATH");
  std::istringstream path(given != nullptr  ? *given
                          : ours != nullptr ? ours
                                            : "/usr/bin:/bin");
  std::vector<std::string> folders;
  for (std::string folder; std::getline(path, folder, ':');) {
    if (!folder.empty() && folder.front() == '/') {
      folders.push_back(folder);
    }
  }
  return folders;
}

bool IsProgram(const std::string& path) {
  return !IsFolder(path) && access(path.c_str(), X_OK) == 0;
}

Expected<std::string> FindProgram(const ProcessOptions& options) {
  const std::string& name = options.argv.front();
  if (name.find('/') != std::string::npos) {
    std::string path = Normal(fs::path(options.working_folder) / name);
    if (!Exists(path)) {
      return Fail(path, "does not exist");
    }
    if (!IsProgram(path)) {
      return Fail(path, "is not an executable file");
    }
    return path;
  }
  for (const std::string& folder : PathFolders(options)) {
    if (std::string path = Normal(fs::path(folder) / name); IsProgram(path)) {
      return path;
    }
  }
  return Fail(name, "is in no folder of PATH; install it or give its path");
}

// `path`, what it links to, and so on.
std::vector<fs::path> LinksFrom(fs::path path) {
  std::vector<fs::path> found = {path};
  std::error_code error;
  while (found.size() < 16) {
    const fs::path target = fs::read_symlink(path, error);
    if (error) {
      break;
    }
    path = (path.parent_path() / target).lexically_normal();
    found.push_back(path);
  }
  return found;
}

// Collects what must stay visible. A path is kept as it is spelled and as it
// really is: interpreters are reached through symbolic links.
class Visible {
 public:
  void Add(const fs::path& path) {
    paths_.push_back(Normal(path));
    paths_.push_back(Real(path));
  }

  // The folder of a program, and the prefix around it: /opt/x for /opt/x/bin,
  // but not all of somebody's home for bin in it.
  void AddPrefix(const fs::path& folder) {
    const std::string last = folder.filename().string();
    const bool inner = last == "bin" || last == "sbin" || last == "shims";
    const fs::path parent = folder.parent_path();
    const bool home = parent == "/root" || parent.parent_path() == "/home";
    Add(inner && !home ? parent : folder);
  }

  // A program and every symbolic link on the way to it: env/bin/python3 may
  // name another folder's python3.11.
  void AddProgram(const fs::path& program) {
    for (const fs::path& link : LinksFrom(program)) {
      AddPrefix(link.parent_path());
    }
  }

  // A file named on the command line needs its neighbours; but a file that
  // lies in /tmp itself is shown alone.
  void AddArgument(const fs::path& path) {
    for (const fs::path& link : LinksFrom(path)) {
      const fs::path parent = link.parent_path();
      const bool alone = IsFolder(link.string()) || parent == "/tmp" ||
                         parent == "/var/tmp" || parent == "/run";
      Add(alone ? link : parent);
    }
  }

  // Sorted; nothing twice, nothing beneath another. A folder around a private
  // one, such as "/", is no reason to show what the private one hides.
  std::vector<std::string> Outermost(const std::vector<Private>& privates) {
    std::sort(paths_.begin(), paths_.end());
    std::vector<std::string> kept;
    for (std::string& path : paths_) {
      const bool covered =
          std::any_of(kept.begin(), kept.end(), [&](const std::string& other) {
            return path == other || IsBeneath(path, other);
          });
      const bool around = std::any_of(
          privates.begin(), privates.end(), [&](const Private& folder) {
            return path == "/" || IsBeneath(folder.path, path) ||
                   (folder.always && folder.path == path);
          });
      if (!covered && !around && Exists(path)) {
        kept.push_back(std::move(path));
      }
    }
    return kept;
  }

 private:
  std::vector<std::string> paths_;
};

std::vector<Private> PrivateFolders() {
  std::vector<Private> found;
  const Private wanted[] = {
      {"/tmp", kTemporary, true}, {"/var/tmp", kTemporary, true},
      {"/home", kPlain, false},   {"/root", kPlain, false},
      {"/run", kPlain, true},
  };
  for (const auto& [path, mount_options, always] : wanted) {
    // A symbolic link, such as /home to /var/home, is followed.
    std::string real = Real(path);
    const bool seen =
        std::any_of(found.begin(), found.end(),
                    [&](const Private& other) { return other.path == real; });
    if (IsFolder(real) && !seen) {
      found.push_back({std::move(real), mount_options, always});
    }
  }
  return found;
}

const Private* PrivateAround(const Plan& plan, const std::string& path) {
  for (const Private& folder : plan.privates) {
    if (IsBeneath(path, folder.path)) {
      return &folder;
    }
  }
  return nullptr;
}

Bind MakeBind(const std::string& path, const std::string& root, bool writable) {
  Bind bind{.path = path,
            .writable = writable,
            .is_folder = IsFolder(path),
            .ancestors = {}};
  for (std::size_t slash = path.find('/', root.size() + 1);
       slash != std::string::npos; slash = path.find('/', slash + 1)) {
    bind.ancestors.push_back(path.substr(0, slash));
  }
  return bind;
}

std::vector<std::string> VisiblePaths(const ProcessOptions& options,
                                      const Plan& plan) {
  Visible visible;
  visible.Add(options.working_folder);
  visible.AddProgram(plan.program);
  for (std::size_t i = 1; i < options.argv.size(); ++i) {
    fs::path path = fs::path(options.working_folder) / options.argv[i];
    if (!options.argv[i].empty() && Exists(path.string())) {
      visible.AddArgument(path.lexically_normal());
    }
  }
  for (const std::string& folder : PathFolders(options)) {
    visible.AddPrefix(folder);
  }
  for (const std::string& path : options.visible) {
    visible.Add(path);
  }
  return visible.Outermost(plan.privates);
}

// A private folder that is itself to be seen stays, read-only.
void KeepWholeFolders(Plan& plan, const std::vector<std::string>& visible) {
  std::erase_if(plan.privates, [&](const Private& folder) {
    return std::find(visible.begin(), visible.end(), folder.path) !=
           visible.end();
  });
}

void PlanFolders(Plan& plan, const ProcessOptions& options) {
  plan.privates = PrivateFolders();
  const std::vector<std::string> visible = VisiblePaths(options, plan);
  KeepWholeFolders(plan, visible);
  for (const std::string& path : visible) {
    if (const Private* around = PrivateAround(plan, path)) {
      plan.binds.push_back(MakeBind(path, around->path, false));
    }
  }
  for (const std::string& given : options.writable) {
    const std::string path = Real(given);
    const Private* around = PrivateAround(plan, path);
    plan.binds.push_back(
        MakeBind(path, around != nullptr ? around->path : path, true));
  }
}

void PlanResolver(Plan& plan, const ProcessOptions& options) {
  plan.resolv_conf = "nameserver 127.0.0.1\n";
  if (!options.resolver_options.empty()) {
    plan.resolv_conf += "options " + options.resolver_options + "\n";
  }
  if (!Exists("/etc/resolv.conf")) {
    return;  // Without one, resolvers ask 127.0.0.1.
  }
  plan.resolv_conf_path = Real("/etc/resolv.conf");
  if (const Private* around = PrivateAround(plan, plan.resolv_conf_path)) {
    plan.resolv_conf_private = true;
    plan.resolv_conf_place =
        MakeBind(plan.resolv_conf_path, around->path, false);
  }
}

void PlanDevices(Plan& plan) {
  for (const char* path : {"/dev/null", "/dev/zero", "/dev/full",
                           "/dev/urandom", "/dev/random", "/dev/tty"}) {
    if (Exists(path)) {
      plan.devices.push_back(MakeBind(path, "/dev", true));
    }
  }
}

void PlanStrings(Plan& plan, const ProcessOptions& options) {
  plan.argv_text = options.argv;
  for (const auto& [name, value] : options.environment) {
    plan.environment_text.push_back(name + "=" + value);
  }
  for (std::string& text : plan.argv_text) {
    plan.argv.push_back(text.data());
  }
  for (std::string& text : plan.environment_text) {
    plan.environment.push_back(text.data());
  }
  plan.argv.push_back(nullptr);
  plan.environment.push_back(nullptr);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> CleanEnvironment() {
  const char* path = std::getenv("PATH");
  return {{"PATH", path != nullptr ? path : "/usr/bin:/bin"},
          {"HOME", "/tmp"},
          {"TMPDIR", "/tmp"},
          {"LANG", "C.UTF-8"},
          {"TZ", "UTC"}};
}

Expected<Plan> MakePlan(const ProcessOptions& options) {
  if (options.argv.empty() || options.argv.front().empty()) {
    return Fail("", "no program is given to start");
  }
  if (!IsFolder(options.working_folder)) {
    return Fail(options.working_folder,
                "is no folder, so no program can be started in it");
  }
  Plan plan;
  auto program = FindProgram(options);
  if (!program) {
    return tl::unexpected(program.error());
  }
  plan.program = *std::move(program);
  plan.isolated = options.isolated;
  plan.working_folder = options.working_folder;
  plan.memory_limit = options.memory_limit;
  for (const std::string& folder : options.writable) {
    if (!IsFolder(folder)) {
      return Fail(folder, "is no folder, so it cannot be kept writable");
    }
  }
  PlanStrings(plan, options);
  if (plan.isolated) {
    PlanFolders(plan, options);
    PlanResolver(plan, options);
    PlanDevices(plan);
  }
  return plan;
}

}  // namespace dkimspec::runners
