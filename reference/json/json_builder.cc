#include "reference/json/json_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reference/base/utf8.h"
#include "reference/json/strict_reader.h"

namespace dkimspec {
namespace {

// Far above what any of our formats needs; readers that recurse stay safe.
constexpr std::size_t kMaxDepth = 64;

// The parser says "[json.exception.parse_error.101] parse error at line 1,
// column 2: syntax error ..."; the place says the first half better.
std::string WhatIsWrong(std::string_view what) {
  for (const std::string_view separator : {"] ", ": "}) {
    const std::size_t found = what.find(separator);
    if (found != std::string_view::npos) {
      what.remove_prefix(found + separator.size());
    }
  }
  // It quotes the text, which may be why it is wrong.
  std::string message = "is not valid JSON: ";
  message += what;
  if (!IsUtf8(message)) {
    std::replace_if(
        message.begin(), message.end(),
        [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  return message;
}

std::string LineAndColumn(std::string_view text, std::size_t position) {
  const std::string_view before =
      text.substr(0, position == 0 ? 0 : position - 1);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0.
  return fmt::format("{}:{}", lines + 1, before.size() - line_begin + 1);
}

}  // namespace

Expected<nlohmann::json> JsonBuilder::Take() {
  if (error_) {
    return tl::unexpected(std::move(*error_));
  }
  return std::move(root_);
}

bool JsonBuilder::Add(nlohmann::json value) {
  if (open_.empty()) {
    root_ = std::move(value);
  } else if (open_.back()->is_array()) {
    open_.back()->push_back(std::move(value));
  } else {
    (*open_.back())[keys_.back()] = std::move(value);
  }
  return true;
}

bool JsonBuilder::Open(nlohmann::json container) {
  if (open_.size() == kMaxDepth) {
    error_ =
        Error{PlaceHere(), fmt::format("is nested deeper than {}", kMaxDepth)};
    return false;
  }
  Add(std::move(container));
  nlohmann::json* opened = &root_;
  if (!open_.empty()) {
    nlohmann::json& parent = *open_.back();
    opened = parent.is_array() ? &parent.back() : &parent[keys_.back()];
  }
  open_.push_back(opened);
  keys_.emplace_back();
  return true;
}

bool JsonBuilder::Close() {
  open_.pop_back();
  keys_.pop_back();
  return true;
}

bool JsonBuilder::start_object(std::size_t) {
  return Open(nlohmann::json::object());
}

bool JsonBuilder::start_array(std::size_t) {
  return Open(nlohmann::json::array());
}

bool JsonBuilder::end_object() { return Close(); }

bool JsonBuilder::end_array() { return Close(); }

bool JsonBuilder::key(string_t& name) {
  keys_.back() = std::move(name);
  if (open_.back()->contains(keys_.back())) {
    error_ = Error{PlaceHere(), "occurs twice; remove one of the two"};
    return false;
  }
  return true;
}

bool JsonBuilder::parse_error(std::size_t position, const std::string&,
                              const nlohmann::detail::exception& exception) {
  error_ = Error{fmt::format("{}:{}", place_, LineAndColumn(text_, position)),
                 WhatIsWrong(exception.what())};
  return false;
}

std::string JsonBuilder::PlaceHere() const {
  std::string here(place_);
  for (std::size_t i = 0; i < open_.size(); ++i) {
    if (!open_[i]->is_array()) {
      here = MemberPlace(here, keys_[i]);
      continue;
    }
    const bool is_innermost = i + 1 == open_.size();
    here = ElementPlace(here, open_[i]->size() - (is_innermost ? 0 : 1));
  }
  return here;
}

}  // namespace dkimspec
