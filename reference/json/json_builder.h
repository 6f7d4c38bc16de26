// Builds a JSON value from parser events and refuses what nlohmann::json lets
// pass: duplicate members (the last would win) and unbounded nesting. Private
// to this folder.
#ifndef DKIMSPEC_REFERENCE_JSON_JSON_BUILDER_H_
#define DKIMSPEC_REFERENCE_JSON_JSON_BUILDER_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/base/expected.h"

namespace dkimspec {

class JsonBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  // Views must outlive the builder.
  JsonBuilder(std::string_view text, std::string_view place)
      : text_(text), place_(place) {}

  // The value, or what was wrong; once, after parsing.
  Expected<nlohmann::json> Take();

  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(value); }
  bool number_unsigned(number_unsigned_t value) override { return Add(value); }
  bool number_float(number_float_t value, const string_t&) override {
    return Add(value);
  }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t& value) override { return Add(std::move(value)); }
  bool start_object(std::size_t) override;
  bool key(string_t& name) override;
  bool end_object() override;
  bool start_array(std::size_t) override;
  bool end_array() override;
  bool parse_error(std::size_t position, const std::string& last_token,
                   const nlohmann::detail::exception& exception) override;

 private:
  bool Add(nlohmann::json value);
  bool Open(nlohmann::json container);
  bool Close();
  std::string PlaceHere() const;

  std::string_view text_;
  std::string_view place_;
  nlohmann::json root_;
  std::vector<nlohmann::json*> open_;  // Containers, outermost first.
  std::vector<std::string> keys_;      // The member being read in each.
  std::optional<Error> error_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_JSON_JSON_BUILDER_H_
