#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "reference/base/file.h"

namespace dkimspec {
namespace {

namespace fs = std::filesystem;

// An empty folder of its own for each test.
class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ("dkimspec_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ / name; }

  fs::path folder_;
};

TEST_F(FileTest, WhatIsWrittenIsRead) {
  const std::string octets("a\r\n\0\xff", 5);
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "old, and longer than the new"));
  ASSERT_TRUE(WriteFileAtomically(Path("f"), octets));
  EXPECT_EQ(ReadFile(Path("f")), octets);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1)
      << "a temporary file was left behind";
}

TEST_F(FileTest, ReadingSaysWhatIsWrong) {
  const auto absent = ReadFile(Path("absent"));
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().place, Path("absent"));
  EXPECT_EQ(absent.error().message, "does not exist");
  const auto folder = ReadFile(folder_);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().message, "is a folder, not a file");
}

TEST_F(FileTest, FailedWritingLeavesNothing) {
  EXPECT_FALSE(WriteFileAtomically(folder_, "x"));
  EXPECT_FALSE(WriteFileAtomically(Path("no/such/folder"), "x"));
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST(WriteFileAtomically, WritesToADeviceWithoutReplacingIt) {
  ASSERT_TRUE(WriteFileAtomically("/dev/null", "x"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace dkimspec
