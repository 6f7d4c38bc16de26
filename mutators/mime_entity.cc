#include "mutators/mime_entity.h"

#include <algorithm>
#include <vector>

#include "mutators/edit.h"
#include "reference/base/ascii.h"

namespace dkimspec::mutators {
namespace {

constexpr int kDeepest = 20;
constexpr std::string_view kFws = " \t\r\n";

bool IsTokenChar(char c) {
  constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";
  return c > ' ' && c < '\x7f' && kSpecials.find(c) == std::string_view::npos;
}

std::size_t SkipFws(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kFws, at), text.size());
}

std::size_t SkipToken(std::string_view text, std::size_t at) {
  while (at < text.size() && IsTokenChar(text[at])) {
    ++at;
  }
  return at;
}

// Just after the quoted string that starts at `at`; npos if it never ends.
std::size_t SkipQuoted(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') {
      return at + 1;
    }
    at += text[at] == '\\' ? 1 : 0;
  }
  return std::string_view::npos;
}

// The next ";" outside quoted strings, from `at`; npos if there is none.
std::size_t NextSemicolon(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != ';') {
    at = text[at] == '"' ? SkipQuoted(text, at) : at + 1;
  }
  return at < text.size() ? at : std::string_view::npos;
}

std::optional<ParamSpan> ValueAt(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '"') {
    const std::size_t end = SkipQuoted(text, at);
    return end == std::string_view::npos
               ? std::nullopt
               : std::optional(ParamSpan{at, end, true});
  }
  const std::size_t end = SkipToken(text, at);
  return end == at ? std::nullopt : std::optional(ParamSpan{at, end, false});
}

// The value of the first field called `name`, its leading FWS removed.
std::string_view FirstValue(const MessageView& entity, std::string_view name) {
  const std::vector<std::size_t> found = entity.Find(name);
  if (found.empty()) {
    return {};
  }
  const std::string_view value = entity.fields[found[0]].value;
  return value.substr(SkipFws(value, 0));
}

bool IsMessage(const MessageView& entity) {
  return MediaType(entity) == "message/rfc822";
}

enum class Line { kText, kDelimiter, kClosing };

// RFC 2046 section 5.1.1: WSP may follow a delimiter.
Line Classify(std::string_view line, std::string_view boundary) {
  if (!line.starts_with("--") || line.substr(2, boundary.size()) != boundary) {
    return Line::kText;
  }
  line.remove_prefix(2 + boundary.size());
  const bool closing = line.starts_with("--");
  line.remove_prefix(closing ? 2 : 0);
  if (line.find_first_not_of(kFws) != std::string_view::npos) {
    return Line::kText;
  }
  return closing ? Line::kClosing : Line::kDelimiter;
}

std::string EditNested(std::string_view octets, const EntityEdit& edit,
                       int depth);

std::string EditParts(std::string_view body, std::string_view boundary,
                      const EntityEdit& edit, int depth) {
  std::string edited;
  std::string part;
  bool in_part = false;
  const auto flush = [&] {
    // The CRLF before a delimiter belongs to the delimiter.
    const std::string_view content = WithoutCrlf(part);
    edited += in_part ? EditNested(content, edit, depth + 1) : content;
    edited += std::string_view(part).substr(content.size());
    part.clear();
  };
  for (std::string_view line : SplitLines(body)) {
    const Line kind = Classify(line, boundary);
    if (kind == Line::kText) {
      part += line;
      continue;
    }
    flush();
    edited += line;
    in_part = kind == Line::kDelimiter;
  }
  flush();
  return edited;
}

std::string EditNested(std::string_view octets, const EntityEdit& edit,
                       int depth) {
  const MessageView entity = ParseMessage(octets);
  if (depth > kDeepest || !entity.has_separator) {
    return std::string(octets);
  }
  if (!IsComposite(entity)) {
    return edit(entity);
  }
  std::string edited(entity.header);
  edited += kCrlf;
  edited += IsMessage(entity)
                ? EditNested(entity.body, edit, depth + 1)
                : EditParts(entity.body, Boundary(entity), edit, depth);
  return edit(ParseMessage(edited));
}

}  // namespace

std::optional<ParamSpan> FindMimeParam(std::string_view text,
                                       std::string_view name) {
  std::size_t at = NextSemicolon(text, 0);
  while (at != std::string_view::npos) {
    const std::size_t begin = SkipFws(text, at + 1);
    const std::size_t end = SkipToken(text, begin);
    if (end < text.size() && text[end] == '=' &&
        EqualsIgnoringCase(text.substr(begin, end - begin), name)) {
      return ValueAt(text, end + 1);
    }
    at = NextSemicolon(text, at + 1);
  }
  return std::nullopt;
}

bool IsMimeToken(std::string_view text) {
  return !text.empty() && SkipToken(text, 0) == text.size();
}

std::string TransferEncoding(const MessageView& entity) {
  const std::string_view value =
      FirstValue(entity, "Content-Transfer-Encoding");
  const std::string_view token = value.substr(0, SkipToken(value, 0));
  return token.empty() ? "7bit" : ToLower(token);
}

std::string MediaType(const MessageView& entity) {
  const std::string_view value = FirstValue(entity, "Content-Type");
  const std::size_t slash = SkipToken(value, 0);
  if (slash >= value.size() || value[slash] != '/') {
    return {};
  }
  return ToLower(value.substr(0, SkipToken(value, slash + 1)));
}

std::string Boundary(const MessageView& entity) {
  if (!MediaType(entity).starts_with("multipart/")) {
    return {};
  }
  const std::string_view type = FirstValue(entity, "Content-Type");
  const std::optional<ParamSpan> span = FindMimeParam(type, "boundary");
  if (!span) {
    return {};
  }
  const std::string_view value =
      type.substr(span->begin, span->end - span->begin);
  return std::string(span->quoted ? value.substr(1, value.size() - 2) : value);
}

std::optional<std::size_t> ClosingDelimiter(std::string_view body,
                                            std::string_view boundary) {
  for (std::string_view line : SplitLines(body)) {
    if (Classify(line, boundary) == Line::kClosing) {
      return static_cast<std::size_t>(line.data() - body.data());
    }
  }
  return std::nullopt;
}

bool IsComposite(const MessageView& entity) {
  return IsMessage(entity) || !Boundary(entity).empty();
}

std::string EditEntities(std::string_view octets, const EntityEdit& edit) {
  return EditNested(octets, edit, 0);
}

}  // namespace dkimspec::mutators
