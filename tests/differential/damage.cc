// Damage between signer and verifier, and what can be seen of a message.
#include <algorithm>

#include "mutators/mutator.h"
#include "reference/message.h"
#include "tests/differential/generator.h"

namespace dkimspec::differential {
namespace {

void ApplyMutator(Sample& sample, Dice& dice) {
  const auto all = mutators::AllMutators();
  const mutators::Mutator& mutator = all[dice.Below(all.size())];
  const auto params = mutators::CheckParams(mutator, {}, "differential");
  if (!params) {
    return;  // It has no defaults.
  }
  mutators::Rng rng(dice.Next());
  const MessageView view = ParseMessage(sample.message);
  if (auto damage = mutator.apply(view, *params, rng)) {
    sample.message = std::move(damage->message);
    sample.features.insert("damage:" + std::string(mutator.name));
  }
}

// Octets that mean something to a parser, more often than others.
std::string Octets(Dice& dice) {
  constexpr const char* kTelling[] = {
      ";",    "=",  ":", " ",  "\t", "\r\n", "\r\n ", "\r",  "\n",   ".",
      "@",    "\"", "-", "a",  "0",  "/",    "+",     "A",   "\x7F", "\xC3",
      "\xE4", "\\", ",", ";;", "==", "::",   " ;",    "\x01"};
  if (dice.Chance(2)) {
    return std::string(1, '\0');
  }
  return dice.Pick(kTelling);
}

void EditText(std::string& text, std::size_t begin, std::size_t end,
              Dice& dice) {
  if (begin >= end) {
    return;
  }
  const std::size_t at = begin + dice.Below(end - begin);
  switch (dice.Below(4)) {
    case 0:
      text.insert(at, Octets(dice));
      break;
    case 1:
      text.erase(at, 1 + dice.Below(dice.Chance(80) ? 1 : 12));
      break;
    case 2:
      text.replace(at, 1, Octets(dice));
      break;
    default:
      text.insert(at, text.substr(at, 1 + dice.Below(8)));
      break;
  }
}

// The largest number at most that many edits.
void EditPart(Sample& sample, const std::string& part, Dice& dice) {
  sample.features.insert("edit:" + part);
  for (auto left = 1 + dice.Below(3); left > 0; --left) {
    const MessageView view = ParseMessage(sample.message);
    std::size_t begin = 0;
    std::size_t end = view.header.size();
    if (part == "signature") {
      end = view.fields.empty() ? 0 : view.fields[0].octets.size();
    } else if (part == "body") {
      begin = sample.message.size() - view.body.size();
      end = sample.message.size();
    }
    EditText(sample.message, begin, end, dice);
  }
}

void EditKey(Sample& sample, Dice& dice) {
  for (auto& [name, entry] : sample.zone) {
    if (!entry.txt.empty()) {
      sample.features.insert("edit:key");
      std::string text = JoinStrings(entry.txt[0]);
      // The tags before p= more often than the key itself.
      const std::size_t p = text.find("p=");
      const bool head = p != std::string::npos && dice.Chance(70);
      EditText(text, 0, head ? p + 3 : text.size(), dice);
      entry.txt[0] = SplitAt255(text);
    }
  }
}

bool IsBare(std::string_view text, char wanted) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text.substr(i, 2) == "\r\n";
    if (!pair && text[i] == wanted) {
      return true;
    }
    i += pair ? 1 : 0;
  }
  return false;
}

bool HasHighOctet(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80;
  });
}

void ObserveText(std::string_view text, const std::string& part,
                 Features& features) {
  if (IsBare(text, '\r')) {
    features.insert("bare-cr-in-" + part);
  }
  if (IsBare(text, '\n')) {
    features.insert("bare-lf-in-" + part);
  }
  if (text.find('\0') != std::string_view::npos) {
    features.insert("nul-in-" + part);
  }
  const auto is_control = [](char c) {
    return (c > 0 && c < 0x20 && c != '\t' && c != '\r' && c != '\n') ||
           c == 0x7F;
  };
  if (std::any_of(text.begin(), text.end(), is_control)) {
    features.insert("control-in-" + part);
  }
}

// A line of a folded field that holds nothing but white space.
bool HasBlankLine(std::string_view octets) {
  for (std::size_t at = octets.find("\r\n"); at != std::string_view::npos;
       at = octets.find("\r\n", at + 2)) {
    const std::size_t next = octets.find_first_not_of(" \t", at + 2);
    if (next != std::string_view::npos && next > at + 2 &&
        octets.substr(next, 2) == "\r\n") {
      return true;
    }
  }
  return false;
}

void ObserveField(const HeaderField& field, Features& features) {
  if (!field.well_formed) {
    features.insert("line-that-is-no-field");
  } else if (field.octets.substr(field.name.size(), 1) != ":") {
    features.insert("wsp-before-colon");
  }
  if (HasBlankLine(field.octets)) {
    features.insert("blank-line-in-field");
  }
  if (field.Is("dkim-signature") && HasHighOctet(field.value)) {
    features.insert("8bit-in-signature");
  }
}

}  // namespace

void Damage(Sample& sample, Dice& dice) {
  const auto kind = dice.Below(100);
  constexpr const char* kParts[] = {"signature", "signature", "header", "body"};
  if (kind < 45) {
    sample.features.insert("undamaged");
  } else if (kind < 65) {
    ApplyMutator(sample, dice);
  } else if (kind < 92) {
    EditPart(sample, dice.Pick(kParts), dice);
  } else {
    EditKey(sample, dice);
  }
}

void Observe(Sample& sample) {
  const MessageView view = ParseMessage(sample.message);
  Features& features = sample.features;
  ObserveText(view.header, "header", features);
  ObserveText(view.body, "body", features);
  for (const HeaderField& field : view.fields) {
    ObserveField(field, features);
  }
  const std::size_t from = view.Find("From").size();
  if (from != 1) {
    features.insert(from == 0 ? "no-from" : "two-from");
  }
  if (!view.has_separator) {
    features.insert("no-body-separator");
  }
  if (!sample.message.ends_with("\r\n")) {
    features.insert("no-final-line-end");
  }
  if (sample.message.starts_with(" ") || sample.message.starts_with("\t")) {
    features.insert("starts-with-wsp");
  }
}

}  // namespace dkimspec::differential
