// A folder that goes when the test does.
#ifndef DKIMSPEC_TESTS_RUNNERS_TEMPORARY_FOLDER_H_
#define DKIMSPEC_TESTS_RUNNERS_TEMPORARY_FOLDER_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace dkimspec {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string path =
        (std::filesystem::path(::testing::TempDir()) / "dkimspec-XXXXXX")
            .string();
    path_ = mkdtemp(path.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string Path(const std::string& name = "") const {
    return (path_ / name).string();
  }

  // Writes a file, and the folders it lies in; returns its path.
  std::string Write(const std::string& name, std::string_view octets) const {
    const std::filesystem::path path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << octets;
    return path.string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_TESTS_RUNNERS_TEMPORARY_FOLDER_H_
