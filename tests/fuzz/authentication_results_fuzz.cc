// Any field is read, or refused at a place within it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "reference/authentication_results_reader.h"

namespace {

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const auto field = dkimspec::ParseAuthenticationResults(value);
  if (!field) {
    Require(field.error().offset <= size && !field.error().message.empty());
    return 0;
  }
  for (const auto& result : field->results) {
    Require(!result.method.empty() && !result.result.empty());
    for (const auto& property : result.properties) {
      Require(!property.type.empty() && !property.name.empty());
      Require(result.Find(property.type, property.name) != nullptr);
    }
  }
  return 0;
}
