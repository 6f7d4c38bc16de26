#include "runners/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/runners/temporary_folder.h"

namespace dkimspec::runners {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr std::string_view kFile = R"({
  "name": "sample", "family": "samples", "language": "c",
  "homepage": "https://sample.example/", "note": "A sample.",
  "transport": "worker",
  "needs": [{"program": "g++", "why": "it is compiled"}],
  "fetch": [{"npm": {}}],
  "start": {"argv": ["{peers}/sample/worker", "{here}/x", "{build}/dkimspec"],
            "environment": {"LIB": "{peers}/lib:{peers}/lib64"}},
  "dns": "sandbox", "reports": "first", "features": ["rsa-sha256"],
  "policies": ["rejects-l"], "words": {"BADSIG": "fail"}
})";

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest()
      : folders_{folder_.Path("i"), folder_.Path("p"), "/opt/build"} {}

  void Write(std::string_view text) {
    folder_.Write("i/sample/implementation.json", text);
  }

  // The sample with one piece of text replaced.
  std::string ErrorWith(std::string_view from, std::string_view to) {
    std::string text(kFile);
    text.replace(text.find(from), from.size(), to);
    Write(text);
    const auto files = ReadImplementationFiles(folders_);
    return files ? "no error" : files.error().ToString();
  }

  const Candidate& Sample(const Expected<std::vector<Candidate>>& all) {
    EXPECT_TRUE(all) << all.error().ToString();
    EXPECT_EQ(all->back().description.name, "sample");
    return all->back();
  }

  TemporaryFolder folder_;
  RegistryFolders folders_;
};

TEST_F(RegistryTest, ReadsAFile) {
  Write(kFile);
  const auto files = ReadImplementationFiles(folders_);
  ASSERT_TRUE(files) << files.error().ToString();
  ASSERT_EQ(files->size(), 1u);
  const ImplementationFile& file = files->front();
  EXPECT_EQ(file.description.name, "sample");
  EXPECT_EQ(file.description.family, "samples");
  EXPECT_EQ(file.description.dns, DnsWay::kSandbox);
  EXPECT_EQ(file.description.reports, Reports::kFirst);
  EXPECT_THAT(file.description.policies, ElementsAre("rejects-l"));
  EXPECT_THAT(file.description.words, ElementsAre(Pair("BADSIG", "fail")));
  EXPECT_THAT(file.argv,
              ElementsAre(folder_.Path("p/sample/worker"),
                          folder_.Path("i/sample/x"), "/opt/build/dkimspec"));
  EXPECT_THAT(file.environment,
              ElementsAre(Pair("LIB", folder_.Path("p/lib") + ":" +
                                          folder_.Path("p/lib64"))));
}

TEST_F(RegistryTest, ErrorsNameFileAndMember) {
  struct Row {
    const char* from;
    const char* to;
    const char* error;
  };
  const Row rows[] = {
      {"\"family\"", "\"famly\"", "family"},
      {"\"sandbox\"", "\"telepathy\"", "dns"},
      {"\"first\"", "\"last\"", "reports"},
      {"\"sample\",", "\"another\",", "must be the name of the folder"},
      {"\"worker\"", "\"milter\"", "transport"},
      {"\"environment\"", "\"env\"", "env"},
      {"\"fail\"", "7", "/words"},
      {"\"c\",", "\"c\" \"d\",", "implementation.json"},
  };
  for (const Row& row : rows) {
    const std::string error = ErrorWith(row.from, row.to);
    EXPECT_THAT(error, HasSubstr("sample/implementation.json")) << row.to;
    EXPECT_THAT(error, HasSubstr(row.error)) << row.to;
  }
}

TEST_F(RegistryTest, AFolderThatIsNotThereIsAnError) {
  const auto files = ReadImplementationFiles(folders_);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().place, folders_.implementations);
}

TEST_F(RegistryTest, TheStatusOfFetchingDecidesWhoRuns) {
  Write(kFile);
  EXPECT_THAT(Sample(AllCandidates(folders_)).why_not,
              HasSubstr("was not fetched"));
  folder_.Write("p/status.json",
                R"({"sample": {"state": "failed", "why": "no network"}})");
  EXPECT_EQ(Sample(AllCandidates(folders_)).why_not, "no network");
  folder_.Write("p/status.json",
                R"({"sample": {"state": "ready", "version": "1.2"}})");
  EXPECT_EQ(Sample(AllCandidates(folders_)).description.version, "1.2");
  folder_.Write("p/status.json", "[]");
  ASSERT_FALSE(AllCandidates(folders_));
}

TEST_F(RegistryTest, CandidatesAreChosenByName) {
  Write(kFile);
  const auto all = AllCandidates(folders_);
  ASSERT_TRUE(all);
  EXPECT_EQ(ChooseCandidates(*all, {})->size(), 3u);
  EXPECT_EQ(ChooseCandidates(*all, {"all", "sample"})->size(), 3u);
  const auto two = ChooseCandidates(*all, {"sample", "reference"});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->at(0).description.name, "reference");
  EXPECT_EQ(two->at(1).description.name, "sample");
  EXPECT_FALSE(ChooseCandidates(*all, {"all", "smaple"}));
  const auto none = ChooseCandidates(*all, {"smaple"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().ToString(),
            "--implementations smaple: is not known; there are reference, "
            "reference-unbound, sample");
}

// The files this project ships.
TEST_F(RegistryTest, OurOwnFilesAreReadable) {
  const auto files = ReadImplementationFiles(DefaultFolders());
  ASSERT_TRUE(files) << files.error().ToString();
  EXPECT_GE(files->size(), 6u);
}

}  // namespace
}  // namespace dkimspec::runners
