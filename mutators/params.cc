// Checking parameters and reading them from a command line.
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "mutators/mutator.h"

namespace dkimspec::mutators {
namespace {

// In the order of ParamValue's alternatives.
constexpr std::string_view kTypeNames[] = {"a number", "a text",
                                           "true or false"};

const Param* FindParam(const Mutator& mutator, std::string_view name) {
  for (const Param& param : mutator.params) {
    if (param.name == name) {
      return &param;
    }
  }
  return nullptr;
}

std::string UnknownParam(const Mutator& mutator, std::string_view name) {
  if (mutator.params.empty()) {
    return fmt::format("{} takes no parameters, so not \"{}\"", mutator.name,
                       name);
  }
  std::vector<std::string_view> known;
  for (const Param& param : mutator.params) {
    known.push_back(param.name);
  }
  return fmt::format("{} has no parameter \"{}\"; it knows: {}", mutator.name,
                     name, fmt::join(known, ", "));
}

// What is wrong with a value, or nullopt.
std::optional<std::string> Complaint(const Param& param,
                                     const ParamValue& value) {
  if (value.index() != param.fallback.index()) {
    return fmt::format("must be {}", kTypeNames[param.fallback.index()]);
  }
  if (!param.words.empty()) {
    const std::string& word = std::get<std::string>(value);
    for (std::string_view allowed : param.words) {
      if (word == allowed) {
        return std::nullopt;
      }
    }
    return fmt::format("must be one of: {}", fmt::join(param.words, ", "));
  }
  if (param.rule != nullptr && !param.rule->holds(value)) {
    return fmt::format("must be: {}", param.rule->text);
  }
  return std::nullopt;
}

// Resolves \r \n \t and \\; nullopt for any other character after a backslash.
std::optional<std::string> Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain += text[i];
      continue;
    }
    constexpr std::string_view kLetters = "rnt\\";
    constexpr std::string_view kMeant = "\r\n\t\\";
    const std::size_t at =
        ++i < text.size() ? kLetters.find(text[i]) : std::string_view::npos;
    if (at == std::string_view::npos) {
      return std::nullopt;
    }
    plain += kMeant[at];
  }
  return plain;
}

std::optional<ParamValue> NumberFrom(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return number;
}

std::optional<ParamValue> FlagFrom(std::string_view text) {
  if (text != "true" && text != "false") {
    return std::nullopt;
  }
  return text == "true";
}

}  // namespace

Expected<Params> CheckParams(const Mutator& mutator, const Params& given,
                             const std::string& place) {
  for (const auto& [name, value] : given) {
    if (FindParam(mutator, name) == nullptr) {
      return Fail(place, UnknownParam(mutator, name));
    }
  }
  Params checked;
  for (const Param& param : mutator.params) {
    const auto found = given.find(param.name);
    const ParamValue& value =
        found == given.end() ? param.fallback : found->second;
    if (const auto complaint = Complaint(param, value)) {
      return Fail(place, fmt::format("{}: parameter \"{}\" {}", mutator.name,
                                     param.name, *complaint));
    }
    checked.emplace(param.name, value);
  }
  return checked;
}

Expected<ParamValue> ParamFromText(const Mutator& mutator,
                                   std::string_view name, std::string_view text,
                                   const std::string& place) {
  const Param* param = FindParam(mutator, name);
  if (param == nullptr) {
    return Fail(place, UnknownParam(mutator, name));
  }
  const std::string which =
      fmt::format("{}: parameter \"{}\"", mutator.name, name);
  if (std::holds_alternative<std::string>(param->fallback)) {
    std::optional<std::string> plain = Unescape(text);
    if (!plain) {
      return Fail(place, which + " may escape with \\r \\n \\t \\\\ only");
    }
    return ParamValue(std::move(*plain));
  }
  const bool is_flag = std::holds_alternative<bool>(param->fallback);
  const std::optional<ParamValue> value =
      is_flag ? FlagFrom(text) : NumberFrom(text);
  if (!value) {
    return Fail(place, fmt::format("{} must be {}", which,
                                   kTypeNames[param->fallback.index()]));
  }
  return *value;
}

}  // namespace dkimspec::mutators
