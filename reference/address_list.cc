#include "reference/address_list.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "fmt/format.h"
#include "reference/base/ascii.h"
#include "reference/base/cursor.h"
#include "reference/base/utf8.h"

namespace dkimspec {
namespace {

struct Token {
  enum class Kind { kAtom, kQuotedString, kDomainLiteral, kSpecial, kEnd };
  Kind kind = Kind::kEnd;
  std::string_view text;
};

// RFC 5322 section 3.2.3, atext, and UTF-8.
bool IsAtext(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~";
  return IsAlnum(c) || kOthers.find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Tokens of RFC 5322 section 3.2, white space and comments left out.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : cursor_(text) {}

  // False if the text is broken at this place.
  bool Read(std::vector<Token>& tokens) {
    while (SkipCfws()) {
      if (cursor_.AtEnd()) {
        return true;
      }
      const std::size_t begin = cursor_.offset();
      const std::optional<Token::Kind> kind = ReadOne();
      if (!kind) {
        return false;
      }
      tokens.push_back({*kind, cursor_.Since(begin)});
    }
    return false;
  }

  std::size_t offset() const { return cursor_.offset(); }

 private:
  std::optional<Token::Kind> ReadOne() {
    if (!cursor_.TakeWhile(IsAtext).empty()) {
      return Token::Kind::kAtom;
    }
    if (cursor_.Take('"')) {
      return ReadUntil('"', Token::Kind::kQuotedString);
    }
    if (cursor_.Take('[')) {
      return ReadUntil(']', Token::Kind::kDomainLiteral);
    }
    constexpr std::string_view kSpecials = "<>:;@,.";
    if (kSpecials.find(cursor_.Rest()[0]) == std::string_view::npos) {
      return std::nullopt;
    }
    cursor_.Advance(1);
    return Token::Kind::kSpecial;
  }

  // One octet of a quoted string, literal or comment, or a quoted-pair, or FWS.
  bool SkipInner() {
    if (const std::size_t fws = FwsLength(cursor_.Rest()); fws > 0) {
      cursor_.Advance(fws);
      return true;
    }
    cursor_.Take('\\');
    if (cursor_.AtEnd() || cursor_.Rest()[0] == '\r' ||
        cursor_.Rest()[0] == '\n') {
      return false;
    }
    cursor_.Advance(1);
    return true;
  }

  std::optional<Token::Kind> ReadUntil(char end, Token::Kind kind) {
    while (!cursor_.Take(end)) {
      if (!SkipInner()) {
        return std::nullopt;
      }
    }
    return kind;
  }

  // CFWS, RFC 5322 section 3.2.2; comments nest. False if one does not end.
  bool SkipCfws() {
    std::size_t depth = 0;
    while (true) {
      if (cursor_.Take('(')) {
        ++depth;
      } else if (depth > 0 && cursor_.Take(')')) {
        --depth;
      } else if (depth > 0) {
        if (!SkipInner()) {
          return false;
        }
      } else if (FwsLength(cursor_.Rest()) > 0) {
        cursor_.SkipFws();
      } else {
        return true;
      }
    }
  }

  Cursor cursor_;
};

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  // address-list, with the empty elements of obs-addr-list.
  AddressList Parse() {
    bool fine = true;
    while (fine && Peek().kind != Token::Kind::kEnd) {
      if (in_group_ && Take(";")) {
        in_group_ = false;
        fine = AtSeparator();
      } else if (!Take(",")) {
        fine = ReadAddress();
      }
    }
    if (fine && in_group_) {
      list_.problem = "a group does not end in \";\"";
    }
    return std::move(list_);
  }

 private:
  Token Peek() const {
    return position_ < tokens_.size() ? tokens_[position_] : Token{};
  }

  bool Take(std::string_view special) {
    const Token token = Peek();
    const bool found =
        token.kind == Token::Kind::kSpecial && token.text == special;
    position_ += found ? 1 : 0;
    return found;
  }

  bool Refuse(std::string_view wanted) {
    const Token token = Peek();
    list_.problem =
        token.kind == Token::Kind::kEnd
            ? fmt::format("{} is expected at the end", wanted)
            : fmt::format("{} is expected, not \"{}\"", wanted, token.text);
    return false;
  }

  bool AtSeparator() {
    const Token token = Peek();
    return token.kind == Token::Kind::kEnd || token.text == "," ||
                   (in_group_ && token.text == ";")
               ? true
               : Refuse("\",\"");
  }

  // phrase or local-part: words, and dots (obs-phrase, dot-atom).
  std::string ReadWords() {
    std::string words;
    while (Peek().kind == Token::Kind::kAtom ||
           Peek().kind == Token::Kind::kQuotedString || Peek().text == ".") {
      words += Peek().text;
      ++position_;
    }
    return words;
  }

  // mailbox or the beginning of a group.
  bool ReadAddress() {
    const std::size_t begin = position_;
    const std::string words = ReadWords();
    if (Take("<")) {
      return ReadAngle() && AtSeparator();
    }
    if (!words.empty() && !in_group_ && Take(":")) {
      in_group_ = true;
      return true;
    }
    position_ = begin;
    return ReadAddrSpec() && AtSeparator();
  }

  // What follows "<": obs-route, addr-spec, ">".
  bool ReadAngle() {
    if (Peek().text == "@" || Peek().text == ",") {
      while (Peek().kind != Token::Kind::kEnd && Peek().text != ":") {
        ++position_;
      }
      if (!Take(":")) {
        return Refuse("\":\"");
      }
    }
    return ReadAddrSpec() && (Take(">") || Refuse("\">\""));
  }

  // Words with one dot between them, or a domain-literal alone.
  bool ReadDotted(bool is_domain, std::string& text) {
    if (is_domain && Peek().kind == Token::Kind::kDomainLiteral) {
      text = Peek().text;
      ++position_;
      return true;
    }
    do {
      const Token token = Peek();
      if (token.kind != Token::Kind::kAtom &&
          (is_domain || token.kind != Token::Kind::kQuotedString)) {
        return Refuse(is_domain ? "a domain" : "an address");
      }
      text += text.empty() ? "" : ".";
      text += token.text;
      ++position_;
    } while (Take("."));
    return true;
  }

  bool ReadAddrSpec() {
    Address address;
    if (!ReadDotted(false, address.local_part) ||
        (!Take("@") && !Refuse("\"@\"")) || !ReadDotted(true, address.domain)) {
      return false;
    }
    list_.addresses.push_back(std::move(address));
    return true;
  }

  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  bool in_group_ = false;
  AddressList list_;
};

}  // namespace

AddressList ParseAddressList(std::string_view value) {
  if (!IsUtf8(value)) {
    return {{}, "it is not UTF-8"};
  }
  Lexer lexer(value);
  std::vector<Token> tokens;
  const bool whole = lexer.Read(tokens);
  AddressList list = Parser(std::move(tokens)).Parse();
  if (!whole) {
    list.problem = fmt::format("it is broken at octet {}", lexer.offset());
  }
  return list;
}

}  // namespace dkimspec
