// Header fields in every legal shape, and in some obsolete ones.
#include <utility>

#include "tests/differential/generator.h"

namespace dkimspec::differential {
namespace {

constexpr const char* kNames[] = {
    "To",         "Cc",      "Subject",      "Date",         "Message-ID",
    "Reply-To",   "Sender",  "MIME-Version", "Content-Type", "X-Mailer",
    "References", "List-Id", "Received",     "In-Reply-To",  "X-A"};

constexpr const char* kWords[] = {"dinner",
                                  "<a@b.example>",
                                  "1.0",
                                  "text/plain;",
                                  "charset=utf-8",
                                  "a",
                                  "b=",
                                  ";",
                                  "(comment)",
                                  "\"quoted  string\"",
                                  "=?utf-8?q?=C3=A4?=",
                                  "=3D",
                                  "x:y",
                                  "Re:"};

constexpr const char* kGaps[] = {" ", " ", " ", " ", "  ", "\t", " \t "};

constexpr const char* kFolds[] = {"\r\n ", "\r\n\t", " \r\n ", "\r\n   ",
                                  "\t\r\n \t"};

std::string Case(std::string name, Dice& dice) {
  const auto how = dice.Below(8);
  for (char& c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if ((how == 0 && upper) || (how == 1 && lower)) {
      c = static_cast<char>(c ^ 0x20);
    }
  }
  return name;
}

std::string Word(Dice& dice, Features& features) {
  const auto special = dice.Below(100);
  if (special == 0) {
    features.insert("utf-8-header");
    return "\xC3\xA4\xE2\x82\xAC";
  }
  if (special == 1 && dice.Chance(30)) {
    features.insert("latin-1-header");
    return "\xE4";
  }
  return dice.Pick(kWords);
}

std::string Value(Dice& dice, Features& features) {
  std::string text;
  const auto count = dice.Below(7);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) {
      text += dice.Chance(20) ? dice.Pick(kFolds) : dice.Pick(kGaps);
    }
    text += Word(dice, features);
  }
  if (count == 0) {
    features.insert("empty-value");
  }
  return text;
}

std::string Field(const std::string& name, const std::string& value, Dice& dice,
                  Features& features) {
  std::string text = Case(name, dice);
  if (dice.Chance(2)) {
    features.insert("wsp-before-colon");
    text += dice.Chance(50) ? " " : "\t";
  }
  text += ':';
  constexpr const char* kAfter[] = {" ", " ",  " ",  " ",
                                    "",  "\t", "  ", "\r\n "};
  const std::string after = dice.Pick(kAfter);
  // A line of nothing but white space is obsolete (RFC 5322 section 4.2).
  const bool blank = value.empty() && after.starts_with("\r\n");
  text += blank && dice.Chance(90) ? "" : after;
  text += value;
  constexpr const char* kEnds[] = {"", "", "", "", "", " ", "\t "};
  return text + dice.Pick(kEnds) + "\r\n";
}

std::string From(Dice& dice, Features& features) {
  constexpr const char* kValues[] = {"a@a.example", "\"A, B\" <a@a.example>",
                                     "A\r\n <a@a.example>",
                                     "A  B\t<a@a.example>"};
  return Field("From", dice.Pick(kValues), dice, features);
}

void InsertAnywhere(std::vector<std::string>& fields, std::string field,
                    Dice& dice) {
  const auto at = dice.Below(fields.size() + 1);
  fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(at),
                std::move(field));
}

}  // namespace

std::vector<std::string> MakeHeader(Dice& dice, Features& features) {
  std::vector<std::string> fields;
  const auto count = dice.Below(9);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string name = dice.Pick(kNames);
    const auto copies = dice.Chance(12) ? 2 + dice.Below(2) : 1;
    for (std::uint64_t k = 0; k < copies; ++k) {
      InsertAnywhere(fields, Field(name, Value(dice, features), dice, features),
                     dice);
    }
  }
  InsertAnywhere(fields, From(dice, features), dice);
  if (dice.Chance(4)) {
    features.insert("two-from");
    InsertAnywhere(fields, From(dice, features), dice);
  }
  return fields;
}

}  // namespace dkimspec::differential
