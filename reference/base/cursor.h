// Reads a text from left to right and remembers where it is.
#ifndef DKIMSPEC_REFERENCE_BASE_CURSOR_H_
#define DKIMSPEC_REFERENCE_BASE_CURSOR_H_

#include <cstddef>
#include <string_view>

#include "reference/base/ascii.h"

namespace dkimspec {

// Length of the white space that `text` begins with: WSP, and CRLF only where
// WSP follows it (FWS, RFC 6376 section 2.8). More than one fold in a row is
// taken too: obs-FWS, which RFC 5322 section 4.2 asks receivers to accept.
constexpr std::size_t FwsLength(std::string_view text) {
  std::size_t length = 0;
  while (true) {
    const std::string_view rest = text.substr(length);
    if (!rest.empty() && IsWsp(rest[0])) {
      length += 1;
    } else if (rest.size() > 2 && rest.starts_with("\r\n") && IsWsp(rest[2])) {
      length += 3;
    } else {
      return length;
    }
  }
}

// `text` without the FWS at its end.
constexpr std::string_view TrimFwsAtEnd(std::string_view text) {
  while (true) {
    const std::size_t before = text.size();
    while (!text.empty() && IsWsp(text.back())) {
      text.remove_suffix(1);
    }
    if (text.size() == before || !text.ends_with("\r\n")) {
      return text;
    }
    text.remove_suffix(2);
  }
}

// `text` without the FWS around it.
constexpr std::string_view TrimFws(std::string_view text) {
  return TrimFwsAtEnd(text.substr(FwsLength(text)));
}

class Cursor {
 public:
  constexpr explicit Cursor(std::string_view text) : text_(text) {}

  constexpr bool AtEnd() const { return offset_ == text_.size(); }
  constexpr std::size_t offset() const { return offset_; }
  constexpr std::string_view Rest() const { return text_.substr(offset_); }

  // What was read since `begin`.
  constexpr std::string_view Since(std::size_t begin) const {
    return text_.substr(begin, offset_ - begin);
  }

  constexpr void Advance(std::size_t count) { offset_ += count; }
  constexpr void SkipFws() { Advance(FwsLength(Rest())); }

  constexpr bool Take(char c) {
    const bool found = !AtEnd() && text_[offset_] == c;
    offset_ += found ? 1 : 0;
    return found;
  }

  template <typename Predicate>
  constexpr std::string_view TakeWhile(Predicate predicate) {
    const std::size_t begin = offset_;
    while (!AtEnd() && predicate(text_[offset_])) {
      ++offset_;
    }
    return Since(begin);
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BASE_CURSOR_H_
