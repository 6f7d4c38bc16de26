// Damages to what header fields say: subject tags, addresses, parameters.
#include <algorithm>
#include <array>
#include <utility>

#include "mutators/damages.h"
#include "mutators/edit.h"
#include "mutators/mime_entity.h"
#include "reference/base/ascii.h"

namespace dkimspec::mutators {
namespace {

// " [tag]" and what follows it, with a space between if there is none.
std::string Tagged(std::string_view tag, std::string_view rest) {
  std::string tagged = " ";
  tagged += tag;
  const bool needs_space =
      !rest.empty() && !IsWsp(rest.front()) && rest.front() != '\r';
  tagged += needs_space ? " " : "";
  tagged += rest;
  return tagged;
}

// The length of a leading "Re:" with the white space before it; 0 if none.
std::size_t ReplyPrefix(std::string_view value) {
  const std::size_t text = value.find_first_not_of(" \t\r\n");
  if (text == std::string_view::npos ||
      !EqualsIgnoringCase(value.substr(text, 3), "Re:")) {
    return 0;
  }
  return text + 3;
}

std::string TaggedField(const HeaderField& field, std::string_view tag,
                        std::string_view style) {
  const std::size_t reply = style == "after-re" ? ReplyPrefix(field.value) : 0;
  const std::size_t value = ValueOffset(field);
  std::string tagged(field.octets.substr(0, value + reply));
  tagged += Tagged(tag, field.value.substr(reply));
  tagged += field.octets.substr(value + field.value.size());
  return tagged;
}

// Fields that hold addresses in lists (RFC 5322 sections 3.6.2, 3.6.3, 3.6.6).
constexpr std::array kAddressFields = {"From",      "To",       "Cc",
                                       "Bcc",       "Reply-To", "Resent-From",
                                       "Resent-To", "Resent-Cc"};

bool HoldsAddresses(const HeaderField& field) {
  return std::any_of(kAddressFields.begin(), kAddressFields.end(),
                     [&](const char* name) { return field.Is(name); });
}

// Follows quoted strings, comments and angle brackets, in which a comma does
// not separate addresses (RFC 5322 sections 3.2.2, 3.2.4 and 4.4).
class AddressScanner {
 public:
  // Whether `c`, the next character, separates two addresses.
  bool Separates(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = quoted_ || comments_ > 0;
    } else if (comments_ > 0) {
      comments_ += c == '(' ? 1 : c == ')' ? -1 : 0;
    } else if (c == '"') {
      quoted_ = !quoted_;
    } else if (!quoted_) {
      comments_ += c == '(' ? 1 : 0;
      angle_ = c == '<' || (angle_ && c != '>');
      return c == ',' && !angle_;
    }
    return false;
  }

 private:
  bool escaped_ = false;
  bool quoted_ = false;
  bool angle_ = false;
  int comments_ = 0;
};

std::string WithSpacesAfterCommas(std::string_view value) {
  std::string spaced;
  AddressScanner scanner;
  for (std::size_t i = 0; i < value.size(); ++i) {
    spaced += value[i];
    const bool glued = i + 1 < value.size() && !IsWsp(value[i + 1]) &&
                       value[i + 1] != '\r' && value[i + 1] != '\n';
    if (scanner.Separates(value[i]) && glued) {
      spaced += ' ';
    }
  }
  return spaced;
}

// Where the single digit of a day stands: after the day of the week, if that is
// there (RFC 5322 section 3.3). npos: the day has two digits, or is not there.
std::size_t SingleDigitDay(std::string_view value) {
  const std::size_t comma = value.find(',');
  const std::size_t day = value.find_first_not_of(
      " \t\r\n", comma == std::string_view::npos ? 0 : comma + 1);
  const bool single = day != std::string_view::npos && IsDigit(value[day]) &&
                      day + 1 < value.size() && IsWsp(value[day + 1]);
  return single ? day : std::string_view::npos;
}

std::string WithParamQuoted(const HeaderField& field, std::string_view name,
                            bool quote) {
  std::string octets(field.octets);
  const std::optional<ParamSpan> span = FindMimeParam(octets, name);
  if (!span || span->quoted == quote) {
    return octets;
  }
  if (quote) {
    octets.insert(span->end, 1, '"');
    octets.insert(span->begin, 1, '"');
  } else if (IsMimeToken(std::string_view(octets).substr(
                 span->begin + 1, span->end - span->begin - 2))) {
    octets.erase(span->end - 1, 1);
    octets.erase(span->begin, 1);
  }
  return octets;
}

}  // namespace

std::optional<Damage> TagSubject(const MessageView& message,
                                 const Params& params, Rng&) {
  const std::string& tag = TextOf(params, "tag");
  const std::string& style = TextOf(params, "style");
  const std::vector<std::size_t> subjects = message.Find("Subject");
  // Lists tag a subject once, however often it comes by.
  if (subjects.empty() ||
      message.fields[subjects[0]].value.find(tag) != std::string_view::npos) {
    return std::nullopt;
  }
  const HeaderField& subject = message.fields[subjects[0]];
  std::vector<std::string> fields = FieldOctets(message);
  std::string& tagged = fields[subjects[0]];
  tagged = TaggedField(subject, tag, style);
  if (style == "moved-down") {
    std::rotate(fields.begin() + static_cast<std::ptrdiff_t>(subjects[0]),
                fields.begin() + static_cast<std::ptrdiff_t>(subjects[0]) + 1,
                fields.end());
  }
  return FieldsDamage(message, fields, {std::string(subject.name)});
}

std::optional<Damage> SpaceAfterCommas(const MessageView& message,
                                       const Params& params, Rng&) {
  return EditFields(message, params, [](const HeaderField& field) {
    std::string octets(field.octets);
    if (HoldsAddresses(field)) {
      const std::size_t value = ValueOffset(field);
      octets.replace(value, field.value.size(),
                     WithSpacesAfterCommas(field.value));
    }
    return octets;
  });
}

std::optional<Damage> QuoteParam(const MessageView& message,
                                 const Params& params, Rng&) {
  const bool quote = TextOf(params, "style") == "quote";
  return EditFields(message, params, [&](const HeaderField& field) {
    const bool is_mime =
        field.Is("Content-Type") || field.Is("Content-Disposition");
    return is_mime ? WithParamQuoted(field, TextOf(params, "param"), quote)
                   : std::string(field.octets);
  });
}

std::optional<Damage> PadDate(const MessageView& message, const Params& params,
                              Rng&) {
  return EditFields(message, params, [](const HeaderField& field) {
    std::string octets(field.octets);
    const std::size_t day = SingleDigitDay(field.value);
    if ((field.Is("Date") || field.Is("Resent-Date")) &&
        day != std::string_view::npos) {
      octets.insert(ValueOffset(field) + day, 1, '0');
    }
    return octets;
  });
}

}  // namespace dkimspec::mutators
