#include "reference/tag_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "reference/base/ascii.h"
#include "reference/base/cursor.h"
#include "reference/base/utf8.h"

namespace dkimspec {
namespace {

using Failure = tl::unexpected<TagListError>;

Failure FailAt(std::size_t offset, std::string message) {
  return Failure(TagListError{offset, std::move(message)});
}

bool IsNameOctet(char c) { return IsAlnum(c) || c == '_'; }

std::string Describe(std::string_view rest) {
  const auto octet = static_cast<unsigned char>(rest[0]);
  if (octet == '\r' || octet == '\n') {
    return "a CR or LF that does not fold the line";
  }
  if (octet >= 0x80) {
    return fmt::format("octet 0x{:02x}, which is not UTF-8", octet);
  }
  return octet > ' ' && octet < 0x7F
             ? fmt::format("\"{}\"", rest[0])
             : fmt::format("control character 0x{:02x}", octet);
}

// tag-name: RFC 6376 section 3.2.
tl::expected<std::string_view, TagListError> ReadName(Cursor& cursor) {
  const std::size_t begin = cursor.offset();
  const std::string_view name = cursor.TakeWhile(IsNameOctet);
  if (!name.empty() && !IsAlpha(name[0])) {
    return FailAt(begin, fmt::format("tag name \"{}\" does not begin with a "
                                     "letter",
                                     name));
  }
  if (name.empty()) {
    return cursor.AtEnd() || cursor.Rest()[0] == ';'
               ? FailAt(begin, "there is no tag before \";\" or the end")
               : FailAt(begin, "a tag name is expected, not " +
                                   Describe(cursor.Rest()));
  }
  return name;
}

// tag-value, up to the ";" or the end: VALCHAR (any VCHAR but ";", which is why
// a list may be cut there first) with FWS between. RFC 8616 section 4 adds
// UTF-8; other octets above 127 stay outside the grammar.
tl::expected<void, TagListError> SkipValue(Cursor& cursor) {
  std::string_view rest = cursor.Rest();
  rest = rest.substr(0, rest.find(';'));
  const std::size_t end = cursor.offset() + rest.size();
  while (!rest.empty()) {
    rest.remove_prefix(FwsLength(rest));
    rest.remove_prefix(VisibleLength(rest));
    if (rest.empty() || FwsLength(rest) > 0) {
      continue;
    }
    const std::size_t length = Utf8Length(rest);
    if (length < 2) {
      return FailAt(end - rest.size(), "a value cannot hold " + Describe(rest));
    }
    rest.remove_prefix(length);
  }
  cursor.Advance(end - cursor.offset());
  return {};
}

// tag-spec with erratum 5070.
tl::expected<Tag, TagListError> ReadTag(Cursor& cursor) {
  cursor.SkipFws();
  Tag tag;
  tag.begin = cursor.offset();
  const auto name = ReadName(cursor);
  if (!name) {
    return Failure(name.error());
  }
  tag.name = *name;
  cursor.SkipFws();
  if (!cursor.Take('=')) {
    return FailAt(cursor.offset(),
                  fmt::format("tag \"{}\" is not followed by \"=\"", *name));
  }
  tag.value_begin = cursor.offset();
  if (auto end = SkipValue(cursor); !end) {
    return Failure(end.error());
  }
  tag.value_end = cursor.offset();
  tag.value = TrimFws(cursor.Since(tag.value_begin));
  return tag;
}

// Which names a list has. A signature has about ten, and to compare those beats
// hashing them; a list that a stranger made endless is hashed.
class SeenNames {
 public:
  explicit SeenNames(const TagList& list) : list_(list) {}

  bool Has(std::string_view name) {
    if (list_.tags.size() < kFew) {
      return list_.Find(name) != nullptr;
    }
    for (; hashed_ < list_.tags.size(); ++hashed_) {
      names_.insert(list_.tags[hashed_].name);
    }
    return names_.contains(name);
  }

 private:
  static constexpr std::size_t kFew = 32;

  const TagList& list_;
  std::unordered_set<std::string_view> names_;
  std::size_t hashed_ = 0;  // Of the list's tags, how many `names_` has.
};

}  // namespace

const Tag* TagList::Find(std::string_view name) const {
  const auto found =
      std::find_if(tags.begin(), tags.end(), [&](const Tag& tag) {
        // Most differ here, and no name in a list is empty.
        return tag.name.size() == name.size() &&
               tag.name.front() == name.front() && tag.name == name;
      });
  return found == tags.end() ? nullptr : &*found;
}

tl::expected<TagList, TagListError> ParseTagList(std::string_view text) {
  constexpr std::size_t kUsualTags = 16;
  TagList list;
  list.tags.reserve(kUsualTags);
  SeenNames seen(list);
  Cursor cursor(text);
  do {
    auto tag = ReadTag(cursor);
    if (!tag) {
      return Failure(tag.error());
    }
    if (seen.Has(tag->name)) {
      return FailAt(tag->begin,
                    fmt::format("tag \"{}\" occurs twice", tag->name));
    }
    list.tags.push_back(*tag);
  } while (cursor.Take(';') && FwsLength(cursor.Rest()) < cursor.Rest().size());
  return list;
}

std::optional<Tag> ScanForTag(std::string_view text, std::string_view name) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(';', begin), text.size());
    // Not beyond `end`: a million ";" are not to be searched a million times.
    const std::string_view tag = text.substr(begin, end - begin);
    const std::size_t equals = begin + std::min(tag.find('='), tag.size());
    if (equals < end && TrimFws(text.substr(begin, equals - begin)) == name) {
      const std::string_view value = text.substr(equals + 1, end - equals - 1);
      const std::size_t fws = FwsLength(text.substr(begin));
      return Tag{text.substr(begin + fws, name.size()), TrimFws(value),
                 begin + fws, equals + 1, end};
    }
    begin = end + 1;
  }
  return std::nullopt;
}

std::string WithoutValue(std::string_view text, const Tag& tag) {
  std::string rest(text.substr(0, tag.value_begin));
  rest += text.substr(tag.value_end);
  return rest;
}

}  // namespace dkimspec
