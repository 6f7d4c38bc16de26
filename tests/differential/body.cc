// Bodies: white space wherever canonicalization looks, and line ends.
#include "tests/differential/generator.h"

namespace dkimspec::differential {
namespace {

constexpr const char* kPieces[] = {"a", "Hi.", " ",   "  ",  "\t", " \t ",
                                   ".", "..",  "-- ", "=20", "b",  "\xC3\xA4"};

std::string Line(Dice& dice, Features& features) {
  const auto kind = dice.Below(40);
  if (kind < 6) {
    return "";
  }
  if (kind == 6) {
    features.insert("long-line");
    return std::string(900 + dice.Below(4000), 'x');
  }
  if (kind == 7 && dice.Chance(15)) {
    features.insert("latin-1-body");
    return "\xE4\xFF";
  }
  std::string line;
  for (auto left = dice.Below(8); left > 0; --left) {
    line += dice.Pick(kPieces);
  }
  return line;
}

std::string Text(Dice& dice, Features& features) {
  std::string body;
  for (auto left = dice.Below(9); left > 0; --left) {
    body += Line(dice, features) + "\r\n";
  }
  for (auto left = dice.Chance(25) ? dice.Below(4) : 0; left > 0; --left) {
    body += "\r\n";
  }
  return body;
}

void InsertOctet(std::string& body, const char* octet, Dice& dice) {
  body.insert(dice.Below(body.size() + 1), octet);
}

}  // namespace

std::string MakeBody(Dice& dice, Features& features) {
  if (dice.Chance(4)) {
    features.insert("empty-body");
    return "";
  }
  std::string body = Text(dice, features);
  if (dice.Chance(5) && body.size() >= 2) {
    body.resize(body.size() - 2);
  }
  if (dice.Chance(2)) {
    InsertOctet(body, dice.Chance(50) ? "\r" : "\n", dice);
  }
  return body;
}

}  // namespace dkimspec::differential
