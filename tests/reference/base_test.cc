#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "reference/base/ascii.h"
#include "reference/base/base64.h"
#include "reference/base/cursor.h"
#include "reference/base/file.h"
#include "reference/base/utf8.h"
#include "reference/base/zone.h"

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
  const auto written = WriteFileAtomically(Path("no/such/folder"), "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "cannot be written: its folder does not exist");
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST(WriteFileAtomically, WritesToADeviceWithoutReplacingIt) {
  ASSERT_TRUE(WriteFileAtomically("/dev/null", "x"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

// RFC 4648 section 10, and all octets.
TEST(Base64, TestVectors) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xff\xff\xbe", "//++"}};
  for (const auto& [octets, text] : rows) {
    EXPECT_EQ(Base64Encode(octets), text);
    EXPECT_EQ(Base64Decode(text), octets);
  }
}

TEST(Base64, RoundTripsEveryOctetAtEveryPosition) {
  std::string octets;
  for (int i = 0; i < 256; ++i) {
    for (std::size_t lead = 0; lead < 3; ++lead) {
      octets = std::string(lead, 'x') + static_cast<char>(i);
      EXPECT_EQ(Base64Decode(Base64Encode(octets)), octets);
      EXPECT_EQ(HexDecode(HexEncode(octets)), octets);
    }
  }
}

TEST(Base64, Refuses) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Z", "=", "====", "Zg==Zg==", "Z=g=", "=Zg=",
        "Zm9v ", "Zm 9v", "Zm9\n", "Zm-_", "Zm9*", "Zm9.", "Zm9\xc3"}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
  }
  EXPECT_EQ(Base64Decode("Zh=="), "f") << "spare bits are ignored";
}

TEST(Hex, BothCasesAndNothingElse) {
  EXPECT_EQ(HexEncode("\x0f\xA0"), "0fa0");
  EXPECT_EQ(HexDecode("0fA0aB"), "\x0f\xa0\xab");
  for (const std::string_view text : {"0", "0g", "g0", " 0", "0x00"}) {
    EXPECT_EQ(HexDecode(text), std::nullopt) << text;
  }
}

TEST(Ascii, ClassesKnowNothingOfLocales) {
  int alnum = 0;
  int wsp = 0;
  for (int i = 0; i < 256; ++i) {
    alnum += IsAlnum(static_cast<char>(i)) ? 1 : 0;
    wsp += IsWsp(static_cast<char>(i)) ? 1 : 0;
  }
  EXPECT_EQ(alnum, 62);
  EXPECT_EQ(wsp, 2);
  EXPECT_EQ(ToLower("AZ[@az\xc9"), "az[@az\xc9");
  EXPECT_TRUE(EqualsIgnoringCase("From", "fROM"));
  EXPECT_FALSE(EqualsIgnoringCase("From", "From "));
  EXPECT_FALSE(EqualsIgnoringCase("\xe9", "\xc9"));
}

// RFC 3629: sections 3 and 4.
TEST(Utf8, LengthOfTheFirstCharacter) {
  const std::pair<std::string_view, std::size_t> rows[] = {
      {"", 0},
      {"a", 1},
      {"\x7f", 1},
      {"\xc2\x80", 2},
      {"\xdf\xbfz", 2},
      {"\xe0\xa0\x80", 3},
      {"\xed\x9f\xbf", 3},
      {"\xef\xbf\xbf", 3},
      {"\xf0\x90\x80\x80", 4},
      {"\xf4\x8f\xbf\xbf", 4},
      {"\x80", 0},
      {"\xc0\x80", 0},
      {"\xc1\xbf", 0},
      {"\xc3", 0},
      {"\xc3(", 0},
      {"\xe0\x9f\xbf", 0},
      {"\xed\xa0\x80", 0},
      {"\xe2\x82", 0},
      {"\xe2\x82(", 0},
      {"\xf0\x8f\xbf\xbf", 0},
      {"\xf4\x90\x80\x80", 0},
      {"\xf5\x80\x80\x80", 0},
      {"\xff", 0},
  };
  for (const auto& [text, length] : rows) {
    EXPECT_EQ(Utf8Length(text), length) << HexEncode(text);
  }
  EXPECT_TRUE(IsUtf8("a\xc3\xa9\xf0\x9f\x98\x80"));
  EXPECT_FALSE(IsUtf8("a\xc3\xa9\xe9"));
}

TEST(Fws, LengthAndTrimming) {
  EXPECT_EQ(FwsLength(""), 0u);
  EXPECT_EQ(FwsLength(" \t\r\n x"), 5u);
  EXPECT_EQ(FwsLength("\r\n \r\n\tx"), 6u);
  EXPECT_EQ(FwsLength("\r\nx"), 0u);
  EXPECT_EQ(FwsLength("\r\n"), 0u);
  EXPECT_EQ(FwsLength("\n x"), 0u);
  EXPECT_EQ(FwsLength(" \x0b"), 1u);
  EXPECT_EQ(TrimFws(" \r\n a \r\n\tb \r\n\t"), "a \r\n\tb");
  EXPECT_EQ(TrimFws("a\r\n"), "a\r\n");
  EXPECT_EQ(TrimFws("a\n "), "a\n");
  EXPECT_EQ(TrimFws(" \r\n \t"), "");
}

TEST(Zone, StringsOfARecord) {
  EXPECT_EQ(SplitAt255(""), TxtRecord({""}));
  EXPECT_EQ(SplitAt255(std::string(255, 'x')).size(), 1u);
  const std::string text = std::string(255, 'x') + "y";
  EXPECT_EQ(SplitAt255(text), TxtRecord({std::string(255, 'x'), "y"}));
  EXPECT_EQ(JoinStrings(SplitAt255(text)), text);
  EXPECT_EQ(JoinStrings({"a ", "", "b"}), "a b");
}

TEST(Zone, NamesIgnoreAsciiCase) {
  const DnsNameLess less;
  EXPECT_FALSE(less("A.example", "a.EXAMPLE"));
  EXPECT_FALSE(less("a.EXAMPLE", "A.example"));
  EXPECT_TRUE(less("a.example", "B.example"));
  EXPECT_TRUE(less("a", "\xe9"));
  EXPECT_TRUE(less("a", "ab"));
  EXPECT_FALSE(less("\xe9", "\xe8"));
}

}  // namespace
}  // namespace dkimspec
