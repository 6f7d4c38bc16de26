#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <string>

#include "reference/base/file.h"
#include "reference/json/strict_reader.h"
#include "reference/json/zone_json.h"

namespace dkimspec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = ZoneEntry::Kind;

std::string Nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(ParseJson, BuildsWhatIsWritten) {
  const auto value = ParseJson(
      R"({"a": [1, -2, 1.5, true, null, {"b": {}, "c": [[]]}], "d": "x\u00e9"})",
      "f");
  ASSERT_TRUE(value) << value.error().ToString();
  EXPECT_EQ(*value, Json::parse(R"({"d": "x\u00e9",
      "a": [1, -2, 1.5, true, null, {"b": {}, "c": [[]]}]})"));
  EXPECT_EQ(*ParseJson(" 7 ", "f"), 7);
  EXPECT_TRUE(ParseJson(Nested(64), "f"));
  EXPECT_TRUE(ParseJson(R"([{"a": 1}, {"a": 1}, {"b": {"a": 1}, "a": 2}])", ""))
      << "the same name in different objects is no duplicate";
}

struct BadJson {
  std::string text;
  std::string_view place;
  std::string_view message;
};

TEST(ParseJson, Refuses) {
  const BadJson rows[] = {
      {"", "f:1:1", "unexpected end of input"},
      {"{\"a\": 1,\n \"b\" 2}", "f:2:6", "expected ':'"},
      {"1 2", "f:1:3", "expected end of input"},
      {"[1,]", "f:1:4", "unexpected ']'"},
      {"// no\n1", "f:1:1", "invalid literal"},
      {"\"\xff\"", "f:1:2", "ill-formed UTF-8"},
      {"\"\\ud800\"", "f:1:8", "surrogate"},
      {"1e999", "f:1:5", "number overflow"},
      {R"({"a": 1, "a": 1})", "f#/a", "occurs twice"},
      {R"({"a": [{}, {"b/~": 1, "c": {}, "b/~": 2}]})", "f#/a/1/b~1~0",
       "occurs twice"},
      {Nested(65), "f#", "nested deeper than 64"},
      {std::string(1'000'000, '['), "f#", "nested deeper than 64"},
  };
  for (const BadJson& row : rows) {
    SCOPED_TRACE(row.text.substr(0, 80));
    const auto value = ParseJson(row.text, "f");
    ASSERT_FALSE(value);
    EXPECT_THAT(value.error().place,
                ::testing::StartsWith(std::string(row.place)));
    EXPECT_THAT(value.error().message, HasSubstr(std::string(row.message)));
    EXPECT_EQ(Json(value.error().message).dump().find('\xff'),
              std::string::npos)
        << "an error message must itself be text";
  }
}

TEST(ReadJsonFile, NamesTheFile) {
  const auto value = ReadJsonFile("no/such/file.json");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().ToString(), "no/such/file.json: does not exist");
}

TEST(ObjectReader, ReadsEveryType) {
  const Json value = {{"s", "text"},  {"i", -7},         {"b", true},
                      {"v", {1, 2}},  {"l", {"x", "y"}}, {"w", "two"},
                      {"os", "text"}, {"oi", 8},         {"ob", false},
                      {"ov", nullptr}};
  ObjectReader reader(value, "f");
  EXPECT_EQ(reader.String("s"), "text");
  EXPECT_EQ(reader.Integer("i"), -7);
  EXPECT_TRUE(reader.Bool("b"));
  EXPECT_EQ(reader.Value("v"), Json({1, 2}));
  EXPECT_THAT(reader.Strings("l"), ElementsAre("x", "y"));
  EXPECT_EQ(reader.OneOf("w", {"one", "two"}), "two");
  EXPECT_EQ(reader.OptionalString("os"), "text");
  EXPECT_EQ(reader.OptionalInteger("oi"), 8);
  EXPECT_EQ(reader.OptionalBool("ob"), false);
  ASSERT_NE(reader.OptionalValue("ov"), nullptr);
  EXPECT_TRUE(reader.OptionalValue("ov")->is_null());
  EXPECT_EQ(reader.OptionalString("no"), std::nullopt);
  EXPECT_EQ(reader.OptionalInteger("no"), std::nullopt);
  EXPECT_EQ(reader.OptionalBool("no"), std::nullopt);
  EXPECT_EQ(reader.OptionalValue("no"), nullptr);
  EXPECT_THAT(reader.OptionalStrings("no"), ElementsAre());
  EXPECT_TRUE(reader.Has("s"));
  EXPECT_FALSE(reader.Has("no"));
  const auto end = reader.Finish();
  EXPECT_TRUE(end) << end.error().ToString();
}

struct BadMember {
  std::string_view value;
  void (*read)(ObjectReader& reader);
  std::string_view error;
};

TEST(ObjectReader, NamesPlaceAndProblem) {
  const BadMember rows[] = {
      {R"([])", [](ObjectReader&) {}, "f#/p: must be an object, not array"},
      {R"({})", [](ObjectReader& r) { r.String("a"); }, "f#/p/a: is missing"},
      {R"({"a": 1})", [](ObjectReader& r) { r.String("a"); },
       "f#/p/a: must be a string, not number"},
      {R"({"a": null})", [](ObjectReader& r) { r.OptionalString("a"); },
       "f#/p/a: must be a string, not null"},
      {R"({"a": "1"})", [](ObjectReader& r) { r.Integer("a"); },
       "f#/p/a: must be an integer, not string"},
      {R"({"a": 1.0})", [](ObjectReader& r) { r.Integer("a"); },
       "f#/p/a: must be an integer, without fraction or exponent"},
      {R"({"a": 9223372036854775808})", [](ObjectReader& r) { r.Integer("a"); },
       "f#/p/a: must be at most 9223372036854775807"},
      {R"({"a": 0})", [](ObjectReader& r) { r.Bool("a"); },
       "f#/p/a: must be true or false, not number"},
      {R"({"a": "x"})", [](ObjectReader& r) { r.Strings("a"); },
       "f#/p/a: must be an array of strings, not string"},
      {R"({"a": ["x", 1]})", [](ObjectReader& r) { r.OptionalStrings("a"); },
       "f#/p/a: must hold only strings, not number"},
      {R"({"a": "x"})",
       [](ObjectReader& r) {
         r.OneOf("a", {"b", "c"});
       },
       "f#/p/a: \"x\" is not one of b, c"},
      {R"({"a": 1, "b/": 2})", [](ObjectReader& r) { r.Integer("a"); },
       "f#/p/b~1: is not a member known here; known are: a"},
      {R"({"a": 1})",
       [](ObjectReader& r) {
         r.Integer("a");
         r.Refuse("a", "no");
         r.String("b");
       },
       "f#/p/a: no"},
  };
  for (const BadMember& row : rows) {
    SCOPED_TRACE(row.value);
    const Json value = Json::parse(row.value);
    ObjectReader reader(value, "f", "/p");
    row.read(reader);
    const auto end = reader.Finish();
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().ToString(), row.error);
  }
}

Zone Parsed(std::string_view text) {
  const auto zone = ZoneFromJson(Json::parse(text), "z");
  EXPECT_TRUE(zone) << zone.error().ToString();
  return zone.value_or(Zone());
}

TEST(ZoneFromJson, EveryNotation) {
  const Zone zone = Parsed(R"({
    "One.example": ["v=DKIM1; p="],
    "two.example": ["first", ["second ", "in strings", ""]],
    "binary.example": [{"hex": "00fF"}, ["text ", {"hex": "ff"}]],
    "nx": "nxdomain", "nd": "nodata", "sf": "servfail", "to": "timeout",
    "alias.example": {"cname": "other.example"},
    "broken.example": {"fault": "tc-refused", "txt": ["p="]},
    "plain.example": {"fault": "tc-refused"}})");
  using std::string_literals::operator""s;
  const Zone expected = {
      {"one.example", {Kind::kTxt, {{"v=DKIM1; p="}}, "", ""}},
      {"two.example",
       {Kind::kTxt, {{"first"}, {"second ", "in strings", ""}}, "", ""}},
      {"binary.example",
       {Kind::kTxt, {{"\x00\xff"s}, {"text ", "\xff"}}, "", ""}},
      {"nx", {Kind::kNxDomain, {}, "", ""}},
      {"nd", {Kind::kNoData, {}, "", ""}},
      {"sf", {Kind::kServFail, {}, "", ""}},
      {"to", {Kind::kTimeout, {}, "", ""}},
      {"alias.example", {Kind::kCname, {}, "other.example", ""}},
      {"broken.example", {Kind::kFault, {{"p="}}, "", "tc-refused"}},
      {"plain.example", {Kind::kFault, {}, "", "tc-refused"}},
  };
  EXPECT_EQ(zone.size(), expected.size());
  for (const auto& [name, entry] : expected) {
    SCOPED_TRACE(name);
    const auto found = zone.find(name);
    ASSERT_NE(found, zone.end());
    EXPECT_EQ(found->second, entry);
  }
  EXPECT_EQ(Parsed(ZoneToJson(zone).dump()), zone);
}

TEST(ZoneFromJson, CutsLongTextsAt255) {
  const std::string text(600, 'x');
  const Json value = {{"a", Json::array({text})}};
  const auto zone = ZoneFromJson(value, "z");
  ASSERT_TRUE(zone);
  const TxtRecord& record = zone->at("a").txt.at(0);
  ASSERT_EQ(record.size(), 3u);
  EXPECT_EQ(record[0].size(), 255u);
  EXPECT_EQ(record[2].size(), 90u);
  EXPECT_EQ(ZoneToJson(*zone), value);
}

TEST(ZoneToJson, RoundTripsWhatTextCannotSay) {
  Zone zone;
  const std::string accents = std::string(254, 'x') + "\xc3\xa9" + "y";
  zone["cut-in-a-character"] = {Kind::kTxt, {SplitAt255(accents)}, "", ""};
  zone["controls"] = {Kind::kTxt, {{"a\tb"}, {"\x7f", "\r\n"}}, "", ""};
  zone["empty"] = {Kind::kTxt, {{""}, {"", ""}}, "", ""};
  zone["long-octets"] = {
      Kind::kTxt, {SplitAt255(std::string(300, '\xff'))}, "", ""};
  EXPECT_EQ(Parsed(ZoneToJson(zone).dump()), zone);
  EXPECT_EQ(ZoneToJson(zone)["controls"],
            Json::parse(R"([{"hex": "610962"}, [{"hex": "7f"},
                            {"hex": "0d0a"}]])"));
}

TEST(ZoneFromJson, Refuses) {
  const std::pair<std::string, std::string_view> rows[] = {
      {R"([])", "z: a zone must be an object, not array"},
      {R"({"a": 1})", "z#/a: must be an array of TXT records, a word"},
      {R"({"a": {}})", "z#/a: must be an array of TXT records, a word"},
      {R"({"a": []})", "z#/a: must be an array of one or more TXT records"},
      {R"({"a": [[]]})", "z#/a/0: a TXT record needs at least one string"},
      {R"({"a": ["x", 1]})", "z#/a/1: must be a string or {\"hex\""},
      {R"({"a": [["x", {"hex": "0"}]]})",
       "z#/a/0/1/hex: must be pairs of hexadecimal digits"},
      {R"({"a": [{"hex": "00", "b": 1}]})", "z#/a/0/b: is not a member known"},
      {R"({"a": "p=x"})", "z#/a: \"p=x\" is not one of nxdomain"},
      {R"({"a": {"cname": "b."}})",
       "z#/a/cname: DNS names are written without"},
      {R"({"a": {"cname": ""}})", "z#/a/cname: a DNS name cannot be empty"},
      {R"({"a": {"cname": "b", "txt": ["x"]}})", "z#/a/txt: is not a member"},
      {R"({"a": {"fault": "x", "txt": []}})", "z#/a/txt: must be an array"},
      {R"({"a.": "nodata"})", "z#/a.: DNS names are written without"},
      {R"({"": "nodata"})", "z#/: a DNS name cannot be empty"},
      {R"({"A": "nodata", "a": "nodata"})", "z#/a: is the name of another"},
      {R"({"a": [[")" + std::string(256, 'x') + R"("]]})",
       "z#/a/0/0: is a string of 256 octets"},
  };
  for (const auto& [text, error] : rows) {
    SCOPED_TRACE(text.substr(0, 80));
    const auto zone = ZoneFromJson(Json::parse(text), "z");
    ASSERT_FALSE(zone);
    EXPECT_THAT(zone.error().ToString(),
                ::testing::StartsWith(std::string(error)));
  }
}

}  // namespace
}  // namespace dkimspec
