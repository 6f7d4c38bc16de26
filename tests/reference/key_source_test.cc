#include "reference/key_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace dkimspec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = ZoneEntry::Kind;
using Status = KeyAnswer::Status;

ZoneEntry Cname(std::string target) {
  return {Kind::kCname, {}, std::move(target), ""};
}

const Zone& TestZone() {
  static const Zone zone = [] {
    Zone z;
    z["key.example"] = {Kind::kTxt, {{"v=DKIM1; ", "p=AA"}, {"other"}}, "", ""};
    z["gone.example"] = {Kind::kNxDomain, {}, "", ""};
    z["nodata.example"] = {Kind::kNoData, {}, "", ""};
    z["empty.example"] = {Kind::kTxt, {}, "", ""};
    z["servfail.example"] = {Kind::kServFail, {}, "", ""};
    z["timeout.example"] = {Kind::kTimeout, {}, "", ""};
    z["fault.example"] = {Kind::kFault, {{"p=AA"}}, "", "tc-refused"};
    z["alias.example"] = Cname("KEY.example.");
    z["dangling.example"] = Cname("nowhere.example");
    z["broken.example"] = Cname("servfail.example");
    z["loop-a.example"] = Cname("loop-b.example");
    z["loop-b.example"] = Cname("loop-a.example");
    z["hop12.example"] = Cname("hop11.example");
    for (int i = 2; i <= 11; ++i) {
      z["hop" + std::to_string(i) + ".example"] =
          Cname("hop" + std::to_string(i - 1) + ".example");
    }
    z["hop1.example"] = Cname("key.example");
    return z;
  }();
  return zone;
}

TEST(ZoneKeySource, JoinsStringsAndKeepsRecordsApart) {
  ZoneKeySource source(TestZone());
  const KeyAnswer answer = source.Lookup("Key.EXAMPLE");
  EXPECT_EQ(answer.status, Status::kFound);
  EXPECT_THAT(answer.records, ElementsAre("v=DKIM1; p=AA", "other"));
}

struct Row {
  std::string_view name;
  Status status;
  std::string_view detail;
};

TEST(ZoneKeySource, Table) {
  const Row rows[] = {
      {"absent.example", Status::kNoRecord, "NXDOMAIN"},
      {"gone.example", Status::kNoRecord, "NXDOMAIN"},
      {"nodata.example", Status::kNoRecord, "NODATA"},
      {"empty.example", Status::kNoRecord, "NODATA"},
      {"servfail.example", Status::kTemporary, "SERVFAIL"},
      {"timeout.example", Status::kTemporary, "timeout"},
      {"fault.example", Status::kTemporary, "tc-refused"},
      {"key.example.", Status::kFound, ""},
      {"alias.example", Status::kFound, ""},
      {"dangling.example", Status::kNoRecord, "NXDOMAIN"},
      {"broken.example", Status::kTemporary, "SERVFAIL"},
      {"loop-a.example", Status::kTemporary, "too many CNAMEs"},
      {"hop11.example", Status::kFound, ""},
      {"hop12.example", Status::kTemporary, "too many CNAMEs"},
  };
  ZoneKeySource source(TestZone());
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const KeyAnswer answer = source.Lookup(row.name);
    EXPECT_EQ(answer.status, row.status);
    EXPECT_THAT(answer.detail, HasSubstr(std::string(row.detail)));
    EXPECT_EQ(answer.records.empty(), row.status != Status::kFound);
  }
}

}  // namespace
}  // namespace dkimspec
