// Patterns, and what a configuration does with them.
#include "dnsstub/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {
namespace {

std::string Wire(std::string_view name) {
  return LowerName(ToWireName(name).value_or("no name"));
}

Pattern Make(std::string_view text) {
  auto pattern = Pattern::Parse(text);
  EXPECT_TRUE(pattern) << pattern.error().message;
  return pattern.value_or(Pattern());
}

TEST(PatternTest, NamesThatFit) {
  const struct {
    const char* pattern;
    const char* name;
    bool fits;
  } kTable[] = {
      {"a.example", "a.example", true},
      {"A.example", "a.EXAMPLE", true},
      {"a.example", "b.a.example", false},
      {"a.example", "example", false},
      // As the first label: one label or more.
      {"*.a.example", "x.a.example", true},
      {"*.a.example", "x.y.z.a.example", true},
      {"*.a.example", "a.example", false},
      {"*", "anything.at.all", true},
      {"*", "", false},
      // Elsewhere: one label.
      {"s.*.a.example", "s.x.a.example", true},
      {"s.*.a.example", "s.x.y.a.example", false},
      {"s.*.a.example", "s.a.example", false},
      {"*.*.example", "a.b.c.example", true},
      {"*.*.example", "c.example", false},
      // Within a label.
      {"s*.example", "s.example", true},
      {"s*.example", "s1.example", true},
      {"s*.example", "t1.example", false},
      {"s*.example", "s1.s1.example", false},
      {"s*-*x.example", "s1-2-3x.example", true},
      {"s*-*x.example", "s1-2-3.example", false},
      {"*a*b.example", "aXbaXb.example", true},
      {"*a*b.example", "aXbaX.example", false},
      {"**.example", "s.example", true},
      // Presets.
      {"*.{fault}.f.example", "s._domainkey.servfail.f.example", true},
      {"*.{fault}.f.example", "s._domainkey.SERVFAIL.f.example", true},
      {"*.{fault}.f.example", "s._domainkey.no-such.f.example", false},
      {"*.{fault}.f.example", "servfail.f.example", false},
      {"{fault}.f.example", "servfail.f.example", true},
      {"{fault}.f.example", "a.servfail.f.example", false},
      {"{FAULT}.f.example", "drop.f.example", true},
  };
  for (const auto& [pattern, name, fits] : kTable) {
    EXPECT_EQ(Make(pattern).Fits(Wire(name)).has_value(), fits)
        << pattern << " and " << name;
  }
}

TEST(PatternTest, SaysWhichPresetAndWhatIsLeft) {
  const auto fit =
      Make("*.{fault}.*.example").Fits(Wire("s._domainkey.nodata.f.example"));
  ASSERT_TRUE(fit);
  EXPECT_EQ(fit->fault, FindFault("nodata"));
  EXPECT_EQ(fit->rest, Wire("s._domainkey.f.example"));
  EXPECT_EQ(Make("*.example").Fits(Wire("a.example"))->fault, nullptr);
}

TEST(PatternTest, NamesAboveAreKnown) {
  const Pattern pattern = Make("*.{fault}.f.example");
  for (const char* name : {"", "example", "f.example", "nodata.f.example"}) {
    EXPECT_TRUE(pattern.IsAbove(Wire(name))) << name;
  }
  for (const char* name :
       {"other", "g.example", "no-such.f.example", "s.nodata.f.example"}) {
    EXPECT_FALSE(pattern.IsAbove(Wire(name))) << name;
  }
}

TEST(PatternTest, MistakesAreSaid) {
  const std::pair<std::string, const char*> kTable[] = {
      {"", "1 to 63 octets"},
      {"a..example", "1 to 63 octets"},
      {"a.example.", "no final dot"},
      {std::string(64, 'a') + ".example", "1 to 63 octets"},
      {"*.{foult}.example", "braces"},
      {"x{fault}.example", "braces"},
      {"{fault}.{fault}.example", "once"},
  };
  for (const auto& [text, says] : kTable) {
    const auto pattern = Pattern::Parse(text);
    ASSERT_FALSE(pattern) << text;
    EXPECT_THAT(pattern.error().message, testing::HasSubstr(says)) << text;
  }
}

}  // namespace
}  // namespace dkimspec::dnsstub
