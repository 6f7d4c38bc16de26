// Any line of a batch gets one line of JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "runners/batch.h"

namespace {

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Would have files read, whatever they are.
bool MayNameFile(std::string_view line) {
  return line.find("path") != std::string_view::npos ||
         line.find("\\u") != std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (MayNameFile(line)) {
    return 0;
  }
  const auto answer = dkimspec::runners::AnswerBatchLine(line, 7, {});
  Require(answer.line.find('\n') == answer.line.size() - 1);
  const auto json = nlohmann::json::parse(answer.line, nullptr, false);
  Require(json.is_object());
  Require(json.contains("error") == answer.is_bad);
  Require(json.contains("signatures") != answer.is_bad);
  return 0;
}
