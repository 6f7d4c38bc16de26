#include "runners/mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "temporary_folder.h"

namespace dkimspec::runners {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Collected {
  StoredMessage message;
  std::string octets;

  std::string Name() const { return message.Name(); }
};

class Collector : public MessageSink {
 public:
  void Begin(const StoredMessage& message) override { now_ = {message, ""}; }
  void Push(std::string_view octets) override {
    EXPECT_FALSE(octets.empty());
    now_.octets += octets;
    most_ = std::max(most_, octets.size());
  }
  void End() override {
    EXPECT_EQ(now_.message.has_only_lf, HasOnlyLf(now_.octets)) << now_.Name();
    messages_.push_back(now_);
  }

  const std::vector<Collected>& messages() const { return messages_; }
  std::size_t longest_piece() const { return most_; }

 private:
  Collected now_;
  std::vector<Collected> messages_;
  std::size_t most_ = 0;
};

std::vector<Collected> ReadAll(std::istream& in) {
  Collector collector;
  const auto done = ReadMessages(in, "box", collector);
  EXPECT_TRUE(done) << done.error().ToString();
  return collector.messages();
}

std::vector<Collected> ReadAll(const std::string& octets) {
  std::istringstream in(octets);
  return ReadAll(in);
}

std::vector<std::string> OctetsOf(const std::string& octets) {
  std::vector<std::string> texts;
  for (const Collected& message : ReadAll(octets)) {
    texts.push_back(message.octets);
  }
  return texts;
}

std::vector<std::string> NamesIn(const std::string& path) {
  Collector collector;
  const auto done = ReadMessages(path, collector);
  EXPECT_TRUE(done) << done.error().ToString();
  std::vector<std::string> names;
  for (const Collected& message : collector.messages()) {
    names.push_back(message.Name().substr(path.size()) + ":" + message.octets);
  }
  return names;
}

TEST(ReadMessages, AFileIsOneMessageWhateverIsInIt) {
  for (const std::string octets :
       {"", "\n", "From: a\r\n\r\nFrom b\r\n", "From", "x",
        ">From a\n\nFrom b\n", "no end"}) {
    const auto messages = ReadAll(octets);
    ASSERT_EQ(messages.size(), 1u) << octets;
    EXPECT_EQ(messages[0].octets, octets);
    EXPECT_EQ(messages[0].Name(), "box");
  }
  const std::string zeros("a\0\0\nb\0", 6);
  EXPECT_THAT(OctetsOf(zeros), ElementsAre(zeros));
}

TEST(ReadMessages, AnMboxIsCutAtFromLines) {
  const auto messages = ReadAll(
      "From a@b Thu Jan  1 00:00:00 1970\nSubject: 1\n\none\n\n"
      "From a@b Thu Jan  1 00:00:00 1970\nSubject: 2\n\ntwo\n\n");
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].octets, "Subject: 1\n\none\n");
  EXPECT_EQ(messages[1].octets, "Subject: 2\n\ntwo\n");
  EXPECT_EQ(messages[0].Name(), "box#1");
  EXPECT_EQ(messages[1].Name(), "box#2");
}

TEST(ReadMessages, MboxesWithCrlfAreCutAlike) {
  EXPECT_THAT(OctetsOf("From a\r\nS: 1\r\n\r\none\r\n\r\n\r\nFrom b\r\nS: 2\r\n"
                       "\r\n"),
              ElementsAre("S: 1\r\n\r\none\r\n\r\n", "S: 2\r\n"));
}

TEST(ReadMessages, OnlyAnEmptyLineMakesAFromLine) {
  EXPECT_THAT(OctetsOf("From a\nS: 1\n\nFar\nFrom home\n"),
              ElementsAre("S: 1\n\nFar\nFrom home\n"));
  EXPECT_THAT(OctetsOf("From a\nS: 1\n \nFrom home\n"),
              ElementsAre("S: 1\n \nFrom home\n"));
  EXPECT_THAT(OctetsOf("From a\nFrom b\n"), ElementsAre("From b\n"));
}

TEST(ReadMessages, OneQuoteIsTakenAway) {
  EXPECT_THAT(
      OctetsOf("From a\nS: 1\n\n>From x\n>>From y\n> From z\n>from w\n>\n"),
      ElementsAre("S: 1\n\nFrom x\n>From y\n> From z\n>from w\n>\n"));
}

TEST(ReadMessages, OddMboxes) {
  EXPECT_THAT(OctetsOf("From "), ElementsAre(""));
  EXPECT_THAT(OctetsOf("From a\n\nFrom b\n"), ElementsAre("", ""));
  EXPECT_THAT(OctetsOf("From a\nS: 1\n\nlast"), ElementsAre("S: 1\n\nlast"));
  EXPECT_THAT(OctetsOf("From a\nS: 1\n\nx\n\n\n\nFrom b\nS: 2\n\n"),
              ElementsAre("S: 1\n\nx\n\n\n", "S: 2\n"));
  EXPECT_THAT(OctetsOf("From a\nS: 1\n\nFrom "), ElementsAre("S: 1\n", ""));
  EXPECT_THAT(OctetsOf("From a\nS: 1\r\n\nx\n\r\nFrom b\nS: 2\n"),
              ElementsAre("S: 1\r\n\nx\n", "S: 2\n"));
}

// What a mailer does that writes "mboxrd".
std::string ToMbox(const std::vector<std::string>& messages) {
  std::string mbox;
  for (const std::string& message : messages) {
    mbox += "From someone Thu Jan  1 00:00:00 1970\n";
    std::istringstream in(message);
    for (std::string line; std::getline(in, line);) {
      const std::size_t begin = line.find_first_not_of('>');
      const bool quote =
          begin != std::string::npos && line.substr(begin).starts_with("From ");
      mbox += (quote ? ">" : "") + line + "\n";
    }
    mbox += "\n";
  }
  return mbox;
}

TEST(ReadMessages, WhatIsWrittenToAnMboxComesBack) {
  // Every message of up to three of these lines, as neighbours.
  const std::vector<std::string> lines = {"\n", "From x\n", ">From x\n", "x\n"};
  std::vector<std::string> messages = {""};
  for (std::size_t begin = 0, length = 0; length < 3; ++length) {
    const std::size_t end = messages.size();
    for (; begin < end; ++begin) {
      for (const std::string& line : lines) {
        messages.push_back(messages[begin] + line);
      }
    }
  }
  EXPECT_EQ(messages.size(), 85u);
  EXPECT_EQ(OctetsOf(ToMbox(messages)), messages);
}

TEST(ReadMessages, AMaildirIsReadByName) {
  const TemporaryFolder folder;
  const std::string maildir = folder.Path("Mail");
  folder.Write("Mail/cur/2:2,S", "two");
  folder.Write("Mail/cur/1:2,", "From one");
  folder.Write("Mail/cur/.hidden", "no");
  folder.Write("Mail/cur/folder/x", "no");
  folder.Write("Mail/new/3", "three");
  folder.Write("Mail/tmp/4", "no");
  EXPECT_THAT(NamesIn(maildir), ElementsAre("/cur/1:2,:From one",
                                            "/cur/2:2,S:two", "/new/3:three"));
  folder.Write("Fresh/new/1", "one");
  EXPECT_THAT(NamesIn(folder.Path("Fresh")), ElementsAre("/new/1:one"));
}

TEST(ReadMessages, FilesAreTakenForWhatTheyAre) {
  const TemporaryFolder folder;
  EXPECT_THAT(NamesIn(folder.Write("one.eml", "S: 1\r\n\r\n")),
              ElementsAre(":S: 1\r\n\r\n"));
  EXPECT_THAT(NamesIn(folder.Write("box", "From a\nS: 1\n\nFrom b\nS: 2\n")),
              ElementsAre("#1:S: 1\n", "#2:S: 2\n"));
}

// Longer than the pieces that messages come in.
std::string Long(char c) { return std::string(200'000, c); }

TEST(ReadMessages, LinesMayBeOfAnyLength) {
  EXPECT_THAT(OctetsOf(Long('x') + "\n" + Long('\r') + "\n"),
              ElementsAre(Long('x') + "\n" + Long('\r') + "\n"));
  EXPECT_THAT(OctetsOf("From " + Long('a') + "\n" + Long('b') + "\n\nFrom " +
                       Long('c') + "\nS: 2\n\n>From " + Long('d')),
              ElementsAre(Long('b') + "\n", "S: 2\n\nFrom " + Long('d')));
  EXPECT_THAT(OctetsOf("From a\n" + Long('>') + "From b\n"),
              ElementsAre(Long('>') + "From b\n"));
}

TEST(ReadMessages, PiecesAreSmallWhateverTheMessage) {
  for (const std::string begin : {"", "From a\n"}) {
    std::string octets = begin;
    for (int i = 0; i < 5; ++i) {
      octets += Long('x') + (i == 2 ? "" : "\n\n");
    }
    std::istringstream in(octets);
    Collector collector;
    ASSERT_TRUE(ReadMessages(in, "box", collector));
    EXPECT_LT(collector.longest_piece(), 70'000u);
    EXPECT_GT(collector.longest_piece(), 60'000u);
  }
}

// Whatever the place of a CRLF among pieces, it is seen, and no other.
TEST(ReadMessages, ALineEndIsFoundWhereverPiecesEnd) {
  for (const std::string begin : {"", "From a\n"}) {
    for (std::size_t size = 65530; size < 65542; ++size) {
      const std::string line(size, 'x');
      for (const std::string end : {"\n", "\r\n", "\rx\n", "\r"}) {
        EXPECT_EQ(ReadAll(begin + line + end + "x").size(), 1u);
      }
    }
  }
}

// A stream that cannot go back, as a pipe cannot.
class OneWay : public std::stringbuf {
 public:
  explicit OneWay(const std::string& octets) : std::stringbuf(octets) {}

 protected:
  pos_type seekoff(off_type, std::ios::seekdir, std::ios::openmode) override {
    return pos_type(-1);
  }
  pos_type seekpos(pos_type, std::ios::openmode) override {
    return pos_type(-1);
  }
};

TEST(ReadMessages, WhatCannotBeReadTwiceIsKept) {
  const std::string small = "From a\nS: 1\n\nFrom b\nS: 2\n";
  std::string large;
  while (large.size() < 3'000'000) {
    large += "S: " + std::to_string(large.size()) + "\n";
  }
  OneWay small_pipe(small);
  std::istream small_in(&small_pipe);
  EXPECT_EQ(ReadAll(small_in).size(), 2u);
  for (const std::string& octets : {large, large.substr(0, 1U << 20U)}) {
    OneWay large_pipe(octets);
    std::istream large_in(&large_pipe);
    const auto messages = ReadAll(large_in);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_TRUE(messages[0].octets == octets);
  }
}

// Breaks after what it holds.
class Broken : public std::stringbuf {
 public:
  explicit Broken(const std::string& octets) : std::stringbuf(octets) {}

 protected:
  int_type underflow() override { throw std::runtime_error("broken"); }
};

TEST(ReadMessages, AFileThatBreaksIsNoMessage) {
  for (const std::string octets : {"S: 1\r\n", "From a\nS: 1\r\n", ""}) {
    Broken broken(octets);
    std::istream in(&broken);
    Collector collector;
    const auto done = ReadMessages(in, "box", collector);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().ToString(), HasSubstr("box: cannot be read"));
    EXPECT_THAT(collector.messages(), IsEmpty());
  }
}

TEST(ReadMessages, WhatCannotBeReadIsNamed) {
  const TemporaryFolder folder;
  folder.Write("plain/1.eml", "x");
  for (const auto& [name, said] : {std::pair{"missing", "does not exist"},
                                   std::pair{"plain", "Maildir"}}) {
    Collector collector;
    const auto done = ReadMessages(folder.Path(name), collector);
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().place, folder.Path(name));
    EXPECT_THAT(done.error().message, HasSubstr(said));
    EXPECT_THAT(collector.messages(), IsEmpty());
  }
}

TEST(LineEnds, AreConvertedOnlyWithoutASingleCrlf) {
  EXPECT_TRUE(HasOnlyLf("a\nb\n"));
  EXPECT_TRUE(HasOnlyLf("a\rb\n"));
  EXPECT_FALSE(HasOnlyLf("a\nb\r\n"));
  EXPECT_FALSE(HasOnlyLf("a\rb"));
  EXPECT_FALSE(HasOnlyLf(""));
  EXPECT_EQ(LfToCrlf("a\n\nb\rc\n"), "a\r\n\r\nb\rc\r\n");
  EXPECT_EQ(LfToCrlf(""), "");
}

}  // namespace
}  // namespace dkimspec::runners
