// Reads a tag-list that may be broken and goes on after each fault; private to
// this folder. What it calls an error, ParseTagList refuses, and nothing else.
#ifndef DKIMSPEC_REFERENCE_LINT_TAGS_H_
#define DKIMSPEC_REFERENCE_LINT_TAGS_H_

#include <span>
#include <string_view>
#include <vector>

#include "reference/lint/notes.h"

namespace dkimspec::lint {

struct LooseTag {
  std::string_view name;   // A tag-name of RFC 6376 section 3.2.
  std::string_view value;  // FWS around it removed.
};

// What one kind of list knows.
struct Dialect {
  std::span<const std::string_view> names;  // Tags that are defined.
  // Tags in which quotation marks and backslashes are traces of a zone file,
  // and in which the grammar has neither.
  std::span<const std::string_view> bare_tags;
  bool is_key_record = false;
};

// The tags whose name is right, without repetitions; Notes::HasErrorAt() tells
// those whose value is wrong already.
std::vector<LooseTag> ReadTags(std::string_view list, const Dialect& dialect,
                               Notes& notes);

const LooseTag* Find(const std::vector<LooseTag>& tags, std::string_view name);

}  // namespace dkimspec::lint

#endif  // DKIMSPEC_REFERENCE_LINT_TAGS_H_
