#include "runners/mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace dkimspec::runners {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<StoredMessage> ReadAll(const std::string& octets) {
  std::vector<StoredMessage> messages;
  std::istringstream in(octets);
  const auto done = VisitMessages(
      in, "box", [&](StoredMessage message) { messages.push_back(message); });
  EXPECT_TRUE(done) << done.error().ToString();
  return messages;
}

std::vector<std::string> OctetsOf(const std::string& octets) {
  std::vector<std::string> texts;
  for (const StoredMessage& message : ReadAll(octets)) {
    texts.push_back(message.octets);
  }
  return texts;
}

std::vector<std::string> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  const auto done = VisitMessages(path, [&](const StoredMessage& message) {
    names.push_back(message.Name().substr(path.size()) + ":" + message.octets);
  });
  EXPECT_TRUE(done) << done.error().ToString();
  return names;
}

TEST(VisitMessages, AFileIsOneMessageWhateverIsInIt) {
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

TEST(VisitMessages, AnMboxIsCutAtFromLines) {
  const auto messages = ReadAll(
      "From a@b Thu Jan  1 00:00:00 1970\nSubject: 1\n\none\n\n"
      "From a@b Thu Jan  1 00:00:00 1970\nSubject: 2\n\ntwo\n\n");
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].octets, "Subject: 1\n\none\n");
  EXPECT_EQ(messages[1].octets, "Subject: 2\n\ntwo\n");
  EXPECT_EQ(messages[0].Name(), "box#1");
  EXPECT_EQ(messages[1].Name(), "box#2");
}

TEST(VisitMessages, MboxesWithCrlfAreCutAlike) {
  EXPECT_THAT(OctetsOf("From a\r\nS: 1\r\n\r\none\r\n\r\n\r\nFrom b\r\nS: 2\r\n"
                       "\r\n"),
              ElementsAre("S: 1\r\n\r\none\r\n\r\n", "S: 2\r\n"));
}

TEST(VisitMessages, OnlyAnEmptyLineMakesAFromLine) {
  EXPECT_THAT(OctetsOf("From a\nS: 1\n\nFar\nFrom home\n"),
              ElementsAre("S: 1\n\nFar\nFrom home\n"));
  EXPECT_THAT(OctetsOf("From a\nS: 1\n \nFrom home\n"),
              ElementsAre("S: 1\n \nFrom home\n"));
  EXPECT_THAT(OctetsOf("From a\nFrom b\n"), ElementsAre("From b\n"));
}

TEST(VisitMessages, OneQuoteIsTakenAway) {
  EXPECT_THAT(
      OctetsOf("From a\nS: 1\n\n>From x\n>>From y\n> From z\n>from w\n>\n"),
      ElementsAre("S: 1\n\nFrom x\n>From y\n> From z\n>from w\n>\n"));
}

TEST(VisitMessages, OddMboxes) {
  EXPECT_THAT(OctetsOf("From "), ElementsAre(""));
  EXPECT_THAT(OctetsOf("From a\n\nFrom b\n"), ElementsAre("", ""));
  EXPECT_THAT(OctetsOf("From a\nS: 1\n\nlast"), ElementsAre("S: 1\n\nlast"));
  EXPECT_THAT(OctetsOf("From a\nS: 1\n\nx\n\n\n\nFrom b\nS: 2\n\n"),
              ElementsAre("S: 1\n\nx\n\n\n", "S: 2\n"));
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

TEST(VisitMessages, WhatIsWrittenToAnMboxComesBack) {
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

TEST(VisitMessages, AMaildirIsReadByName) {
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

TEST(VisitMessages, FilesAreTakenForWhatTheyAre) {
  const TemporaryFolder folder;
  EXPECT_THAT(NamesIn(folder.Write("one.eml", "S: 1\r\n\r\n")),
              ElementsAre(":S: 1\r\n\r\n"));
  EXPECT_THAT(NamesIn(folder.Write("box", "From a\nS: 1\n\nFrom b\nS: 2\n")),
              ElementsAre("#1:S: 1\n", "#2:S: 2\n"));
}

TEST(VisitMessages, WhatCannotBeReadIsNamed) {
  const TemporaryFolder folder;
  folder.Write("plain/1.eml", "x");
  for (const auto& [name, said] : {std::pair{"missing", "does not exist"},
                                   std::pair{"plain", "Maildir"}}) {
    std::vector<std::string> seen;
    const auto done = VisitMessages(
        folder.Path(name),
        [&](const StoredMessage& message) { seen.push_back(message.file); });
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().place, folder.Path(name));
    EXPECT_THAT(done.error().message, HasSubstr(said));
    EXPECT_THAT(seen, IsEmpty());
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
