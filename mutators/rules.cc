#include "mutators/rules.h"

#include <algorithm>

#include "reference/base/ascii.h"

namespace dkimspec::mutators {
namespace {

// ftext: printable and not a colon (RFC 5322 section 2.2).
bool IsFieldName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != ':';
  });
}

bool IsFieldNameList(std::string_view text) {
  while (true) {
    const std::size_t comma = text.find(',');
    if (!IsFieldName(text.substr(0, comma))) {
      return false;
    }
    if (comma == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(comma + 1);
  }
}

bool IsOneLine(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return c == '\t' || (octet >= ' ' && octet != 0x7f);
  });
}

bool IsWspOnly(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsWsp);
}

template <bool (*kHolds)(std::string_view)>
bool OnText(const ParamValue& value) {
  return kHolds(std::get<std::string>(value));
}

template <std::int64_t kLeast, std::int64_t kMost>
bool Between(const ParamValue& value) {
  const std::int64_t number = std::get<std::int64_t>(value);
  return kLeast <= number && number <= kMost;
}

bool IsNotEmpty(std::string_view text) { return !text.empty(); }

bool IsFieldNameOrEmpty(std::string_view text) {
  return text.empty() || IsFieldName(text);
}

bool IsFieldNameListOrEmpty(std::string_view text) {
  return text.empty() || IsFieldNameList(text);
}

}  // namespace

const ParamRule kWspRule = {"SP and HTAB only, at least one",
                            OnText<IsWspOnly>};
const ParamRule kOneLineRule = {"text without line ends or control characters",
                                OnText<IsOneLine>};
const ParamRule kNotEmptyRule = {"at least one octet", OnText<IsNotEmpty>};
const ParamRule kFieldNameRule = {"a header field name", OnText<IsFieldName>};
const ParamRule kMaybeFieldNameRule = {"a header field name, or empty",
                                       OnText<IsFieldNameOrEmpty>};
const ParamRule kFieldNamesRule = {
    "header field names with commas between, or empty for every field",
    OnText<IsFieldNameListOrEmpty>};
const ParamRule kCountRule = {"1 to 1000", Between<1, 1000>};
const ParamRule kWidthRule = {"20 to 100000", Between<20, 100000>};

}  // namespace dkimspec::mutators
