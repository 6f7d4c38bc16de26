#include "reference/json/strict_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "reference/base/file.h"
#include "reference/json/json_builder.h"

namespace dkimspec {
namespace {

const Json kNull;

// RFC 6901 section 3.
std::string EscapePointer(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return escaped;
}

using Texts = std::vector<std::string>;

std::string NotA(std::string_view wanted, const Json& value) {
  return fmt::format("must be {}, not {}", wanted, value.type_name());
}

// Each returns what is wrong, or nothing.
std::string Convert(const Json& value, std::string& text) {
  if (!value.is_string()) {
    return NotA("a string", value);
  }
  text = value.get_ref<const std::string&>();
  return "";
}

std::string Convert(const Json& value, std::int64_t& integer) {
  if (!value.is_number_integer()) {
    return value.is_number()
               ? "must be an integer, without fraction or exponent"
               : NotA("an integer", value);
  }
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > kMax) {
    return fmt::format("must be at most {}", kMax);
  }
  integer = value.get<std::int64_t>();
  return "";
}

std::string Convert(const Json& value, bool& flag) {
  if (!value.is_boolean()) {
    return NotA("true or false", value);
  }
  flag = value.get<bool>();
  return "";
}

std::string Convert(const Json& value, Texts& texts) {
  if (!value.is_array()) {
    return NotA("an array of strings", value);
  }
  for (const Json& element : value) {
    if (!Convert(element, texts.emplace_back()).empty()) {
      return fmt::format("must hold only strings, not {}", element.type_name());
    }
  }
  return "";
}

template <typename T>
std::optional<T> ReadAs(ObjectReader& reader, std::string_view name,
                        const Json* value) {
  T converted{};
  if (value == nullptr) {
    return std::nullopt;
  }
  if (std::string problem = Convert(*value, converted); !problem.empty()) {
    reader.Refuse(name, std::move(problem));
    return std::nullopt;
  }
  return converted;
}

}  // namespace

Expected<Json> ParseJson(std::string_view text, const std::string& place) {
  JsonBuilder builder(text, place);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.Take();
}

Expected<Json> ReadJsonFile(const std::string& path) {
  const Expected<std::string> text = ReadFile(path);
  if (!text) {
    return tl::unexpected(text.error());
  }
  return ParseJson(*text, path);
}

std::string MemberPlace(std::string_view place, std::string_view name) {
  const bool has_pointer = place.find('#') != std::string_view::npos;
  return fmt::format("{}{}/{}", place, has_pointer ? "" : "#",
                     EscapePointer(name));
}

std::string ElementPlace(std::string_view place, std::size_t index) {
  return MemberPlace(place, std::to_string(index));
}

ObjectReader::ObjectReader(const Json& value, std::string place,
                           std::string_view pointer)
    : value_(value), place_(std::move(place)) {
  if (!pointer.empty()) {
    place_ += place_.find('#') == std::string::npos ? "#" : "";
    place_ += pointer;
  }
  if (!value_.is_object()) {
    error_ = Error{place_, NotA("an object", value_)};
  }
}

bool ObjectReader::Has(std::string_view name) const {
  return value_.is_object() && value_.contains(name);
}

std::string ObjectReader::PlaceOf(std::string_view name) const {
  return MemberPlace(place_, name);
}

void ObjectReader::Refuse(std::string_view name, std::string message) {
  if (!error_) {
    error_ = Error{PlaceOf(name), std::move(message)};
  }
}

const Json* ObjectReader::Find(std::string_view name, bool required) {
  asked_.emplace_back(name);
  if (!value_.is_object()) {
    return nullptr;
  }
  const auto found = value_.find(name);
  if (found != value_.end()) {
    return &*found;
  }
  if (required) {
    Refuse(name, "is missing");
  }
  return nullptr;
}

std::string ObjectReader::String(std::string_view name) {
  return ReadAs<std::string>(*this, name, Find(name, true)).value_or("");
}

std::int64_t ObjectReader::Integer(std::string_view name) {
  return ReadAs<std::int64_t>(*this, name, Find(name, true)).value_or(0);
}

bool ObjectReader::Bool(std::string_view name) {
  return ReadAs<bool>(*this, name, Find(name, true)).value_or(false);
}

const Json& ObjectReader::Value(std::string_view name) {
  const Json* value = Find(name, true);
  return value == nullptr ? kNull : *value;
}

std::vector<std::string> ObjectReader::Strings(std::string_view name) {
  return ReadAs<Texts>(*this, name, Find(name, true)).value_or(Texts());
}

std::optional<std::string> ObjectReader::OptionalString(std::string_view name) {
  return ReadAs<std::string>(*this, name, Find(name, false));
}

std::optional<std::int64_t> ObjectReader::OptionalInteger(
    std::string_view name) {
  return ReadAs<std::int64_t>(*this, name, Find(name, false));
}

std::optional<bool> ObjectReader::OptionalBool(std::string_view name) {
  return ReadAs<bool>(*this, name, Find(name, false));
}

const Json* ObjectReader::OptionalValue(std::string_view name) {
  return Find(name, false);
}

std::vector<std::string> ObjectReader::OptionalStrings(std::string_view name) {
  return ReadAs<Texts>(*this, name, Find(name, false)).value_or(Texts());
}

std::string ObjectReader::OneOf(std::string_view name,
                                std::initializer_list<std::string_view> words) {
  std::string word = String(name);
  if (std::find(words.begin(), words.end(), word) != words.end()) {
    return word;
  }
  Refuse(name,
         fmt::format("\"{}\" is not one of {}", word, fmt::join(words, ", ")));
  return "";
}

Expected<void> ObjectReader::Finish() {
  if (error_) {
    return tl::unexpected(*error_);
  }
  for (const auto& member : value_.items()) {
    if (std::find(asked_.begin(), asked_.end(), member.key()) == asked_.end()) {
      return Fail(PlaceOf(member.key()),
                  fmt::format("is not a member known here; known are: {}",
                              fmt::join(asked_, ", ")));
    }
  }
  return {};
}

}  // namespace dkimspec
