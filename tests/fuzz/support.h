// What fuzz targets share.
#ifndef DKIMSPEC_TESTS_FUZZ_SUPPORT_H_
#define DKIMSPEC_TESTS_FUZZ_SUPPORT_H_

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/key_source.h"

namespace dkimspec::fuzz {

// The lines of `text` that end in LF.
inline std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// The same records for any name; without records, `if_none`.
class AnyNameKeys : public KeySource {
 public:
  AnyNameKeys(std::vector<std::string> records, KeyAnswer::Status if_none)
      : records_(std::move(records)), if_none_(if_none) {}

  KeyAnswer Lookup(std::string_view) override {
    return {records_.empty() ? if_none_ : KeyAnswer::Status::kFound, records_,
            ""};
  }

 private:
  std::vector<std::string> records_;
  KeyAnswer::Status if_none_;
};

}  // namespace dkimspec::fuzz

#endif  // DKIMSPEC_TESTS_FUZZ_SUPPORT_H_
