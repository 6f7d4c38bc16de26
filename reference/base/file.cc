#include "reference/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace dkimspec {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;

std::string Why(int error) {
  switch (error) {
    case ENOENT:
      return "does not exist";
    case EISDIR:
      return "is a folder, not a file";
    default:
      return "cannot be read: " + std::generic_category().message(error);
  }
}

tl::unexpected<Error> CannotWrite(const std::string& path, int error) {
  if (error == EISDIR) {
    return Fail(path, "is a folder, not a file");
  }
  if (error == ENOENT) {
    return Fail(path, "cannot be written: its folder does not exist");
  }
  return Fail(path,
              "cannot be written: " + std::generic_category().message(error));
}

// Writes everything and closes; 0 or an errno value. Closing counts: a full
// disk may show only there.
int WriteAndClose(FileHandle file, std::string_view octets) {
  const bool written =
      std::fwrite(octets.data(), 1, octets.size(), file.get()) == octets.size();
  const int error = written ? 0 : errno;
  if (std::fclose(file.release()) != 0 && error == 0) {
    return errno;
  }
  return error;
}

// Unlike mkstemp, this leaves the permissions to the umask, so that a result
// file can be read by whom any other new file can.
FileHandle CreateTemporary(const std::string& path) {
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  return FileHandle(descriptor < 0 ? nullptr : fdopen(descriptor, "wb"));
}

std::string TemporaryNameFor(const std::string& path) {
  static std::atomic<unsigned> counter{0};
  return path + "." + std::to_string(getpid()) + "." +
         std::to_string(counter++) + ".tmp";
}

bool IsSpecialFile(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

Expected<void> WriteInPlace(const std::string& path, std::string_view octets) {
  FileHandle file(std::fopen(path.c_str(), "wb"));
  const int error = file ? WriteAndClose(std::move(file), octets) : errno;
  if (error != 0) {
    return CannotWrite(path, error);
  }
  return {};
}

}  // namespace

Expected<std::string> ReadFile(const std::string& path) {
  const FileHandle file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    return Fail(path, Why(errno));
  }
  std::string octets;
  char buffer[65536];
  while (const std::size_t count =
             std::fread(buffer, 1, sizeof buffer, file.get())) {
    octets.append(buffer, count);
  }
  if (std::ferror(file.get()) != 0) {
    return Fail(path, Why(errno));
  }
  return octets;
}

Expected<void> WriteFileAtomically(const std::string& path,
                                   std::string_view octets) {
  if (IsSpecialFile(path)) {
    return WriteInPlace(path, octets);
  }
  const std::string temporary = TemporaryNameFor(path);
  FileHandle file = CreateTemporary(temporary);
  if (!file) {
    return CannotWrite(path, errno);
  }
  int error = WriteAndClose(std::move(file), octets);
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    std::remove(temporary.c_str());
    return CannotWrite(path, error);
  }
  return {};
}

}  // namespace dkimspec
