// Editing a message by fields and by lines: what most mutators are made of.
// Everything that is not edited keeps its octets.
#ifndef DKIMSPEC_MUTATORS_EDIT_H_
#define DKIMSPEC_MUTATORS_EDIT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mutators/mutator.h"

namespace dkimspec::mutators {

// Values of checked parameters: the name must be one that the row declares.
std::int64_t NumberOf(const Params& params, std::string_view name);
const std::string& TextOf(const Params& params, std::string_view name);
bool FlagOf(const Params& params, std::string_view name);

inline constexpr std::string_view kCrlf = "\r\n";

// `text` without its final CRLF, if it has one.
std::string_view WithoutCrlf(std::string_view text);

// Cut after each CRLF; the last line may lack one. Never an empty line at the
// end: no octets are no lines.
std::vector<std::string_view> SplitLines(std::string_view text);

// Where the value of a well-formed field starts in its octets: after the colon.
std::size_t ValueOffset(const HeaderField& field);

// The octets of all fields, to be changed one by one.
std::vector<std::string> FieldOctets(const MessageView& message);

// The message with this header instead; separator and body stay. A field that
// is followed by anything gets the CRLF that it lacks.
std::string WithFields(const MessageView& message,
                       const std::vector<std::string>& fields);

// A header damage; nullopt if `fields` make the message that was there.
std::optional<Damage> FieldsDamage(const MessageView& message,
                                   const std::vector<std::string>& fields,
                                   std::vector<std::string> touched_fields);

// A body damage; nullopt if the body stays or there is none to put it in: a
// header without the empty line after it has no body (RFC 5322 section 2.1).
std::optional<Damage> BodyDamage(const MessageView& message, std::string body);

// Puts each well-formed field that the parameter "fields" allows through
// `edit`, which returns the whole field.
std::optional<Damage> EditFields(
    const MessageView& message, const Params& params,
    const std::function<std::string(const HeaderField& field)>& edit);

// Puts the lines of the body, CRLF included, through `edit`. The parameter
// "lines" says which of those that change do change: "all" or "one".
std::optional<Damage> EditBodyLines(
    const MessageView& message, const Params& params, Rng& rng,
    const std::function<std::string(std::string_view line)>& edit);

}  // namespace dkimspec::mutators

#endif  // DKIMSPEC_MUTATORS_EDIT_H_
