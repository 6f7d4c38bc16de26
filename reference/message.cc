#include "reference/message.h"

#include "reference/base/ascii.h"
#include "reference/base/cursor.h"

namespace dkimspec {
namespace {

constexpr std::string_view kCrlf = "\r\n";
constexpr std::size_t kUsualFields = 32;  // Room for most headers at once.

// Offset just after the CRLF that ends the line at `begin`, or the end.
std::size_t EndOfLine(std::string_view octets, std::size_t begin) {
  const std::size_t crlf = octets.find(kCrlf, begin);
  return crlf == std::string_view::npos ? octets.size() : crlf + kCrlf.size();
}

// A line that starts with WSP belongs to the field before it.
std::size_t EndOfField(std::string_view octets, std::size_t begin) {
  std::size_t end = EndOfLine(octets, begin);
  while (end < octets.size() && IsWsp(octets[end])) {
    end = EndOfLine(octets, end);
  }
  return end;
}

HeaderField ParseField(std::string_view octets, std::size_t offset) {
  HeaderField field;
  field.octets = octets;
  field.offset = offset;
  std::string_view text = octets;
  if (text.ends_with(kCrlf)) {
    text.remove_suffix(kCrlf.size());
  }
  const std::size_t colon = text.find(':');
  const std::string_view name = TrimFwsAtEnd(text.substr(0, colon));
  // ftext, RFC 5322 section 3.6.8: VCHAR but ":".
  field.well_formed = colon != std::string_view::npos && !name.empty() &&
                      VisibleLength(name) == name.size();
  if (field.well_formed) {
    field.name = name;
    field.value = text.substr(colon + 1);
  }
  return field;
}

}  // namespace

bool HeaderField::Is(std::string_view field_name) const {
  return well_formed && EqualsIgnoringCase(name, field_name);
}

std::vector<std::size_t> MessageView::Find(std::string_view name) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].Is(name)) {
      found.push_back(i);
    }
  }
  return found;
}

MessageView ParseMessage(std::string_view octets) {
  MessageView message;
  message.octets = octets;
  message.fields.reserve(kUsualFields);
  std::size_t begin = 0;
  while (begin < octets.size() && !octets.substr(begin).starts_with(kCrlf)) {
    const std::size_t end = EndOfField(octets, begin);
    message.fields.push_back(
        ParseField(octets.substr(begin, end - begin), begin));
    begin = end;
  }
  message.header = octets.substr(0, begin);
  message.has_separator = begin < octets.size();
  if (message.has_separator) {
    message.body = octets.substr(begin + kCrlf.size());
  }
  return message;
}

std::string JoinMessage(const std::vector<std::string>& fields,
                        std::string_view body) {
  std::string message;
  for (const std::string& field : fields) {
    message += field;
    if (!field.ends_with(kCrlf)) {
      message += kCrlf;
    }
  }
  message += kCrlf;
  message += body;
  return message;
}

}  // namespace dkimspec
