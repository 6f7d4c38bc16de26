// Tag-lists: RFC 6376 section 3.2 with erratum 5070. DKIM-Signature header
// fields and key records are both written in this form.
#ifndef DKIMSPEC_REFERENCE_TAG_LIST_H_
#define DKIMSPEC_REFERENCE_TAG_LIST_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tl/expected.hpp"

namespace dkimspec {

struct Tag {
  std::string_view name;
  std::string_view value;       // FWS around it removed, inner kept.
  std::size_t begin = 0;        // Offset of the name in the list.
  std::size_t value_begin = 0;  // Offset just after "=".
  std::size_t value_end = 0;    // Offset of the ";" or the end of the list.
};

struct TagListError {
  std::size_t offset = 0;  // Where in the list.
  std::string message;     // "tag \"bh\" occurs twice".
};

struct TagList {
  std::vector<Tag> tags;  // In the order written.

  // nullptr if there is no such tag. Names are case-sensitive.
  const Tag* Find(std::string_view name) const;
};

// FWS may stand around names, "=", values and ";". A name is a letter followed
// by letters, digits and underscores; a value holds VALCHAR (and UTF-8, RFC
// 8616 section 4) with FWS between. A name that occurs twice makes the whole
// list invalid (MUST NOT, section 3.2). A final ";" is allowed, with white
// space after it tolerated: the grammar has none there, every implementation
// measured accepts it.
tl::expected<TagList, TagListError> ParseTagList(std::string_view text);

// The first tag called `name` in a list that may be malformed: cut at ";", the
// name is what stands before the first "=". In a well-formed list this is the
// tag that Find() returns. For what must be said of a list that is refused.
std::optional<Tag> ScanForTag(std::string_view text, std::string_view name);

// `text` without the value of the tag called `name`: what stands between "="
// and the next ";" or the end goes, white space included; all other octets
// stay. Needed for b= when the DKIM-Signature field itself is hashed (RFC 6376
// section 3.7). Cut by parsed offset: other tags may contain "b=".
std::string WithoutValue(std::string_view text, const Tag& tag);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_TAG_LIST_H_
