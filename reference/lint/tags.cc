#include "reference/lint/tags.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"
#include "reference/base/ascii.h"
#include "reference/base/cursor.h"
#include "reference/base/utf8.h"

namespace dkimspec::lint {
namespace {

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsBase64Octet(char c) {
  return IsAlnum(c) || c == '+' || c == '/' || c == '=';
}

bool IsTagName(std::string_view name) {
  return !name.empty() && IsAlpha(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return IsAlnum(c) || c == '_'; });
}

// The first octet of `text` that a value cannot hold: tag-value of RFC 6376
// section 3.2, with UTF-8 (RFC 8616 section 4).
std::optional<std::string_view> FindBadOctet(std::string_view text) {
  while (!text.empty()) {
    const std::size_t fws = FwsLength(text);
    const bool is_visible = text[0] > ' ' && text[0] < 0x7F;
    const std::size_t utf8 = Utf8Length(text);
    const std::size_t length = fws > 0 ? fws : is_visible ? 1 : utf8;
    if (length == 0 || (length == 1 && fws == 0 && !is_visible)) {
      return text.substr(0, 1);
    }
    text.remove_prefix(length);
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(const Dialect& dialect, Notes& notes)
      : dialect_(dialect), notes_(notes) {}

  // What stands between two semicolons.
  void Read(std::string_view piece) {
    piece = SkipTraces(piece);
    const std::size_t equals = piece.find('=');
    const std::string_view name = TrimFws(piece.substr(0, equals));
    if (equals == std::string_view::npos || !IsTagName(name)) {
      ReportName(piece, name);
      return;
    }
    const LooseTag tag{name, TrimFws(piece.substr(equals + 1))};
    if (!seen_.insert(name).second) {
      notes_.Add(Rule::kTagTwice, name, name, fmt::format("{}= again", name));
    } else {
      CheckValue(tag);
      CheckIsKnown(tag);
      tags_.push_back(tag);
    }
    last_name_ = name;
  }

  std::vector<LooseTag> Take() { return std::move(tags_); }

 private:
  // Reports what pasting left before a tag, and goes on behind it.
  std::string_view SkipTraces(std::string_view piece) {
    while (true) {
      piece.remove_prefix(FwsLength(piece));
      if (piece.empty()) {
        return piece;
      }
      const bool is_notation =
          dialect_.is_key_record && (piece[0] == '"' || piece[0] == '\\');
      if (piece[0] == '\r' || piece[0] == '\n') {
        ReportOctet("", piece);
      } else if (is_notation) {
        ReportZoneNotation("", piece.substr(0, 1));
      } else {
        return piece;
      }
      piece.remove_prefix(piece.starts_with("\r\n") ? 2 : 1);
    }
  }

  void ReportName(std::string_view piece, std::string_view name) {
    const std::string_view text = TrimFws(piece);
    const auto bad = FindBadOctet(name);
    if (text.empty()) {
      return;  // Only traces, which were reported.
    }
    if (bad) {
      ReportOctet("", *bad);
    } else if (dialect_.is_key_record && last_name_ == "p" &&
               std::all_of(text.begin(), text.end(), IsBase64Octet)) {
      notes_.Add(Rule::kStraySemicolon, "p", text,
                 fmt::format("then follows {}", Quote(text)));
    } else if (piece.find('=') == std::string_view::npos) {
      notes_.Add(Rule::kStrayText, "", text, Quote(text));
    } else {
      notes_.Add(Rule::kTagName, "", text, Quote(name));
    }
  }

  void ReportOctet(std::string_view tag, std::string_view where) {
    const char octet = where[0];
    if (octet == '\r' || octet == '\n') {
      notes_.Add(Rule::kLineBreak, tag, where,
                 fmt::format("{} without white space after it",
                             octet == '\r' ? "CR" : "LF"));
    } else {
      notes_.Add(
          Rule::kValueOctet, tag, where,
          fmt::format("octet 0x{:02x}", static_cast<unsigned char>(octet)));
    }
  }

  void ReportZoneNotation(std::string_view tag, std::string_view text) {
    const std::size_t quote = text.find('"');
    const std::size_t backslash = text.find('\\');
    if (quote != std::string_view::npos) {
      notes_.Add(Rule::kStrayQuotes, tag, text.substr(quote), Quote(text));
    }
    if (backslash != std::string_view::npos) {
      notes_.Add(Rule::kStrayBackslash, tag, text.substr(backslash),
                 Quote(text));
    }
  }

  void CheckValue(const LooseTag& tag) {
    if (const auto bad = FindBadOctet(tag.value)) {
      ReportOctet(tag.name, *bad);
    }
    if (Contains(dialect_.bare_tags, tag.name)) {
      ReportZoneNotation(tag.name, tag.value);
    }
  }

  void CheckIsKnown(const LooseTag& tag) {
    if (Contains(dialect_.names, tag.name)) {
      return;
    }
    const bool is_case = Contains(dialect_.names, ToLower(tag.name));
    notes_.Add(is_case ? Rule::kTagNameCase : Rule::kUnknownTag, tag.name,
               tag.name, fmt::format("{}=", tag.name));
  }

  const Dialect& dialect_;
  Notes& notes_;
  std::vector<LooseTag> tags_;
  std::unordered_set<std::string_view> seen_;
  std::string_view last_name_;
};

}  // namespace

std::vector<LooseTag> ReadTags(std::string_view list, const Dialect& dialect,
                               Notes& notes) {
  Reader reader(dialect, notes);
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(list.find(';', begin), list.size());
    const std::string_view piece = list.substr(begin, end - begin);
    const bool is_last = end == list.size();
    if (!TrimFws(piece).empty()) {
      reader.Read(piece);
    } else if (!is_last || begin == 0) {
      notes.Add(Rule::kEmptyTag, "", list.substr(end),
                is_last ? "there is no tag at all" : "\";\"");
    }
    if (is_last) {
      return reader.Take();
    }
    begin = end + 1;
  }
}

const LooseTag* Find(const std::vector<LooseTag>& tags, std::string_view name) {
  const auto found =
      std::find_if(tags.begin(), tags.end(),
                   [&](const LooseTag& tag) { return tag.name == name; });
  return found == tags.end() ? nullptr : &*found;
}

}  // namespace dkimspec::lint
