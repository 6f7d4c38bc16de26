#include "runners/case_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "fixtures/suite.h"
#include "reference/base/base64.h"
#include "reference/base/file.h"
#include "tests/runners/temporary_folder.h"

namespace dkimspec::runners {
namespace {

using fixtures::Case;
using ::testing::HasSubstr;
using Json = nlohmann::json;

std::vector<Case> SomeCases() {
  Case test;
  test.id = "a/b/c";
  test.control = "a/b/c@control";
  test.message = std::string("From: x\r\n\r\n\0\xff", 13);
  fixtures::Subject subject;
  subject.label = "author";
  subject.position = 0;
  subject.sdid = "d.example";
  subject.selector = "s";
  subject.tolerate = {{fixtures::Verdict::kNone, "RFC 6376 section 6.1",
                       "it may", "rejects-l"}};
  test.subjects = {subject};
  test.zone["s._domainkey.d.example"] = {
      ZoneEntry::Kind::kTxt, {{"v=DKIM1; p=", "x"}}, "", ""};
  Case control = test;
  control.id += "@control";
  control.control.reset();
  control.is_control = true;
  return {test, control};
}

TEST(CaseJsonTest, ALineHoldsEverything) {
  const std::string lines = CasesAsJsonLines(SomeCases());
  const Json json = Json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(json["id"], "a/b/c");
  EXPECT_EQ(Base64Decode(json["message"].get<std::string>()),
            SomeCases()[0].message);
  EXPECT_EQ(json["control"], "a/b/c@control");
  EXPECT_EQ(json["subjects"][0]["tolerate"][0]["policy"], "rejects-l");
  EXPECT_TRUE(json["zone"].contains("s._domainkey.d.example"));
}

TEST(CaseJsonTest, FilesHoldTheOctets) {
  const TemporaryFolder folder;
  const std::string target = folder.Path("out");
  const Expected<void> done = ExportCases(SomeCases(), target);
  ASSERT_TRUE(done) << done.error().ToString();
  EXPECT_EQ(ReadFile(target + "/a/b/c/message.eml"), SomeCases()[0].message);
  const auto text = ReadFile(target + "/a/b/c@control/case.json");
  ASSERT_TRUE(text);
  EXPECT_EQ(Json::parse(*text)["is_control"], true);
  EXPECT_FALSE(Json::parse(*text).contains("message"));
}

TEST(CaseJsonTest, NothingIsOverwritten) {
  const TemporaryFolder folder;
  folder.Write("out/mine", "precious");
  const Expected<void> done = ExportCases(SomeCases(), folder.Path("out"));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().ToString(), HasSubstr("name another one"));
  EXPECT_EQ(ReadFile(folder.Path("out/mine")), "precious");
}

// Members by type, so that the schema and the writer cannot drift apart.
void ExpectDeclared(const Json& value, const Json& rule,
                    const std::string& place) {
  for (const auto& item : value.items()) {
    EXPECT_TRUE(rule["properties"].contains(item.key())) << place << item.key();
  }
  for (const Json& name : rule["required"]) {
    EXPECT_TRUE(value.contains(name.get<std::string>())) << place << name;
  }
}

TEST(CaseJsonTest, TheSchemaKnowsWhatIsWritten) {
  const auto text = ReadFile(fixtures::DefaultSuiteFolder() +
                             "/../docs/case-export.schema.json");
  ASSERT_TRUE(text) << text.error().ToString();
  const Json schema = Json::parse(*text);
  const auto suite = fixtures::LoadSuite(fixtures::DefaultSuiteFolder());
  ASSERT_TRUE(suite) << suite.error().ToString();
  const auto cases = fixtures::Build(*suite, fixtures::kLockTime, "");
  ASSERT_TRUE(cases) << cases.error().ToString();
  for (const Case& test : *cases) {
    Json json = Json::parse(CasesAsJsonLines({test}));
    ExpectDeclared(json, schema, test.id + " ");
    ExpectDeclared(json["means"], schema["properties"]["means"], test.id);
    for (const Json& subject : json["subjects"]) {
      ExpectDeclared(subject, schema["$defs"]["subject"], test.id + " ");
    }
  }
}

}  // namespace
}  // namespace dkimspec::runners
