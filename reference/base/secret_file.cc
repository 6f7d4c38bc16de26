#include "reference/base/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace dkimspec {
namespace {

// 0 or an errno value.
int WriteAll(int descriptor, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t count = write(descriptor, octets.data(), octets.size());
    if (count < 0 && errno != EINTR) {
      return errno;
    }
    octets.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
  }
  return fsync(descriptor) == 0 ? 0 : errno;
}

int WriteNew(const std::string& path, std::string_view octets) {
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return errno;
  }
  // The umask may have taken the owner's rights away.
  int error = fchmod(descriptor, 0600) == 0 ? 0 : errno;
  error = error == 0 ? WriteAll(descriptor, octets) : error;
  return close(descriptor) != 0 && error == 0 ? errno : error;
}

// link(), unlike rename(), fails where something stands already.
int MoveInto(const std::string& from, const std::string& to,
             IfExists if_exists) {
  const bool done = if_exists == IfExists::kReplace
                        ? std::rename(from.c_str(), to.c_str()) == 0
                        : link(from.c_str(), to.c_str()) == 0;
  return done ? 0 : errno;
}

tl::unexpected<Error> CannotWrite(const std::string& path, int error) {
  switch (error) {
    case EEXIST:
      return Fail(path, "exists already and is left as it is");
    case ENOENT:
      return Fail(path, "cannot be written: its folder does not exist");
    case EISDIR:
      return Fail(path, "is a folder, not a file");
    default:
      return Fail(
          path, "cannot be written: " + std::generic_category().message(error));
  }
}

}  // namespace

Expected<void> WriteSecretFile(const std::string& path, std::string_view octets,
                               IfExists if_exists) {
  const std::string temporary = path + "." + std::to_string(getpid()) + ".tmp";
  int error = WriteNew(temporary, octets);
  const bool is_ours = error != EEXIST;
  error = error == 0 ? MoveInto(temporary, path, if_exists) : error;
  if (is_ours) {
    unlink(temporary.c_str());  // Gone already after rename().
  }
  if (error != 0) {
    return CannotWrite(is_ours ? path : temporary, error);
  }
  return {};
}

}  // namespace dkimspec
