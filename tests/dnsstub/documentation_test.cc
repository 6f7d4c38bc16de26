// docs/dns-faults.md and the table say the same. With DKIMSPEC_REBASE=1 the
// page is written anew: what is between the two marks is the table's.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "dnsstub/config.h"
#include "dnsstub/fault.h"
#include "reference/json/strict_reader.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::string_view kBegin = "<!-- presets begin -->\n";
constexpr std::string_view kEnd = "<!-- presets end -->\n";

std::string Row(const Fault& fault) {
  return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", fault.name,
                     fault.survives_recursor ? "core" : "wire",
                     ToString(fault.outcome), fault.needs_txt ? "yes" : "",
                     fault.slow ? "yes" : "", fault.wire);
}

std::string Tables() {
  std::string text = fmt::format("\n{} presets.\n", AllFaults().size());
  std::string_view topic;
  for (const Fault& fault : AllFaults()) {
    if (fault.topic != topic) {
      topic = fault.topic;
      text += fmt::format(
          "\n### {}\n\n"
          "| preset | kind | a correct client gets | records | slow | on the "
          "wire |\n|---|---|---|---|---|---|\n",
          topic);
    }
    text += Row(fault);
  }
  return text + "\n";
}

TEST(DocumentationTest, TheFaultPageListsTheTable) {
  std::ifstream file(DKIMSPEC_FAULTS_PAGE);
  ASSERT_TRUE(file) << DKIMSPEC_FAULTS_PAGE;
  std::stringstream content;
  content << file.rdbuf();
  const std::string page = content.str();
  const std::size_t begin = page.find(kBegin);
  const std::size_t end = page.find(kEnd);
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos);
  const std::string fresh =
      page.substr(0, begin + kBegin.size()) + Tables() + page.substr(end);
  if (std::getenv("DKIMSPEC_REBASE") != nullptr) {
    std::ofstream(DKIMSPEC_FAULTS_PAGE) << fresh;
    return;
  }
  EXPECT_TRUE(page == fresh)
      << "docs/dns-faults.md is out of date; run this test with "
         "DKIMSPEC_REBASE=1";
}

// The configuration on the page is one, but for the key's file.
TEST(DocumentationTest, TheConfigurationOnThePageCanBeServed) {
  std::ifstream file(DKIMSPEC_FAULTS_PAGE);
  std::stringstream content;
  content << file.rdbuf();
  const std::string page = content.str();
  const std::size_t format = page.find("\"format\": \"dkimspec-dns/1\"");
  ASSERT_NE(format, std::string::npos);
  const std::size_t begin = page.rfind("```json\n", format) + 8;
  std::string text = page.substr(begin, page.find("```", begin) - begin);
  constexpr std::string_view kFile = "{\"file\": \"key.txt\"}";
  const std::size_t at = text.find(kFile);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, kFile.size(), "\"v=DKIM1; p=\"");
  const auto json = ParseJson(text, "docs/dns-faults.md");
  ASSERT_TRUE(json) << json.error().ToString();
  const auto config = ConfigFromJson(*json, "docs/dns-faults.md");
  ASSERT_TRUE(config) << config.error().ToString();
  EXPECT_EQ(config->server.endpoints.size(), 4u);
}

}  // namespace
}  // namespace dkimspec::dnsstub
