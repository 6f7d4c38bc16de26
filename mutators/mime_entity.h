// As much of MIME (RFC 2045, RFC 2046) as gateways need to recode a message.
#ifndef DKIMSPEC_MUTATORS_MIME_ENTITY_H_
#define DKIMSPEC_MUTATORS_MIME_ENTITY_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "reference/message.h"

namespace dkimspec::mutators {

// Where the value of a parameter stands in a text, its quotes included.
struct ParamSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
};

// Finds `; name=value` (RFC 2045 section 5.1); nullopt if it is not there or
// its value is neither token nor quoted string.
std::optional<ParamSpan> FindMimeParam(std::string_view text,
                                       std::string_view name);

// Token of RFC 2045 section 5.1, at least one character.
bool IsMimeToken(std::string_view text);

// Lower case: "8bit"; "7bit" where nothing is said (RFC 2045 section 6.1).
std::string TransferEncoding(const MessageView& entity);

// Whether it holds other entities: multipart with a boundary, message/rfc822.
bool IsComposite(const MessageView& entity);

// Lower case: "multipart/mixed"; empty where nothing is said.
std::string MediaType(const MessageView& entity);

// The boundary of a multipart entity; empty if it is none, or has none.
std::string Boundary(const MessageView& entity);

// Where the line of the closing delimiter starts in a multipart body (RFC 2046
// section 5.1.1).
std::optional<std::size_t> ClosingDelimiter(std::string_view body,
                                            std::string_view boundary);

// Puts every entity through `edit`, parts before the entity that holds them.
// `edit` returns the whole entity. Preambles, epilogues and delimiters stay.
// Entities nested deeper than 20 are left alone.
using EntityEdit = std::function<std::string(const MessageView& entity)>;
std::string EditEntities(std::string_view octets, const EntityEdit& edit);

}  // namespace dkimspec::mutators

#endif  // DKIMSPEC_MUTATORS_MIME_ENTITY_H_
