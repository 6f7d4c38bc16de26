// Reads JSON that people write, strictly: a member nobody asked for, a wrong
// type, a duplicate member or a missing one is an error that names the file
// and the JSON pointer. nlohmann::json parses; nothing here throws.
#ifndef DKIMSPEC_REFERENCE_JSON_STRICT_READER_H_
#define DKIMSPEC_REFERENCE_JSON_STRICT_READER_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/base/expected.h"

namespace dkimspec {

using Json = nlohmann::json;

// Parses `text`; duplicate members, trailing text, octets that are not UTF-8
// and nesting deeper than 64 are errors. `place` names the source in errors;
// syntax errors add line and column: "recipe.json:3:7".
Expected<Json> ParseJson(std::string_view text, const std::string& place);

// Reads and parses a file. "does not exist", "cannot be read" are told apart.
Expected<Json> ReadJsonFile(const std::string& path);

// The place of a member: "file#/name", or "file#/steps/name" where `place`
// already is "file#/steps".
std::string MemberPlace(std::string_view place, std::string_view name);
std::string ElementPlace(std::string_view place, std::size_t index);

// A view of one JSON object that remembers which members were read:
//
//   ObjectReader reader(value, "recipe.json", "/steps/0");
//   std::string why = reader.String("why");          // required
//   auto now = reader.OptionalInteger("now");        // may be absent
//   if (auto end = reader.Finish(); !end) return tl::unexpected(end.error());
//
// The first problem wins and later calls return empty values, so that callers
// read all members and check once, in Finish(), which also refuses members
// that were never asked for.
class ObjectReader {
 public:
  // `value` must outlive the reader.
  ObjectReader(const Json& value, std::string place,
               std::string_view pointer = "");
  ObjectReader(const Json&& value, std::string place,
               std::string_view pointer = "") = delete;

  std::string String(std::string_view name);
  std::int64_t Integer(std::string_view name);
  bool Bool(std::string_view name);
  const Json& Value(std::string_view name);  // Any type; null if missing.
  std::vector<std::string> Strings(std::string_view name);

  std::optional<std::string> OptionalString(std::string_view name);
  std::optional<std::int64_t> OptionalInteger(std::string_view name);
  std::optional<bool> OptionalBool(std::string_view name);
  const Json* OptionalValue(std::string_view name);  // nullptr if absent.
  std::vector<std::string> OptionalStrings(std::string_view name);
  std::string OneOf(std::string_view name,
                    std::initializer_list<std::string_view> words);

  bool Has(std::string_view name) const;

  // "file#/pointer/name", for errors that the caller finds itself.
  std::string PlaceOf(std::string_view name) const;

  // Reports a problem found by the caller at member `name`.
  void Refuse(std::string_view name, std::string message);

  // Success if everything read was right and nothing was left unread.
  Expected<void> Finish();

 private:
  const Json* Find(std::string_view name, bool required);

  const Json& value_;
  std::string place_;  // With the pointer.
  std::vector<std::string> asked_;
  std::optional<Error> error_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_JSON_STRICT_READER_H_
