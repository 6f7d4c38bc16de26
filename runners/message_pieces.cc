#include "runners/message_pieces.h"

#include <algorithm>
#include <utility>

namespace dkimspec::runners {
namespace {

constexpr std::string_view kFrom = "From ";
constexpr std::string_view kLf = "\n";
constexpr std::string_view kCrlf = "\r\n";

// ">From ", ">>From ", ...
bool IsQuotedFrom(std::string_view line) {
  const std::size_t begin = line.find_first_not_of('>');
  return begin != 0 && begin != std::string_view::npos &&
         line.substr(begin).starts_with(kFrom);
}

bool BeginsWithFrom(std::istream& in) {
  const std::istream::pos_type begin = in.tellg();
  std::array<char, kFrom.size()> start;
  in.read(start.data(), start.size());
  const auto count = static_cast<std::size_t>(in.gcount());
  in.clear(in.rdstate() & std::ios::badbit);
  in.seekg(begin);
  return std::string_view(start.data(), count) == kFrom;
}

}  // namespace

MessagePieces::MessagePieces(std::istream& in, bool may_be_mbox) : in_(in) {
  if (may_be_mbox && BeginsWithFrom(in)) {
    number_ = 1;
    SkipFromLine(ReadLine());
  }
}

bool MessagePieces::HasOnlyLf() {
  in_.clear(in_.rdstate() & std::ios::badbit);  // At the end, tellg() fails.
  const std::istream::pos_type begin = in_.tellg();
  bool has_lf = false;
  bool has_crlf = false;
  bool after_cr = false;
  for (std::string_view piece = Take(); !has_crlf && !piece.empty();
       piece = Take()) {
    has_lf = has_lf || piece.find('\n') != std::string_view::npos;
    has_crlf = piece.find(kCrlf) != std::string_view::npos ||
               (after_cr && piece.front() == '\n');
    after_cr = piece.back() == '\r';
  }
  in_.clear(in_.rdstate() & std::ios::badbit);
  in_.seekg(begin);
  at_end_ = false;
  at_line_begin_ = true;
  held_ = {};
  return has_lf && !has_crlf;
}

std::string_view MessagePieces::Take() {
  return number_ > 0 ? TakeOfMbox() : Read();
}

bool MessagePieces::NextMessage() {
  const bool has_next = number_ > 0 && !at_end_;
  number_ += has_next ? 1 : 0;
  return has_next;
}

std::string_view MessagePieces::Read() {
  in_.read(buffer_.data(), kPiece);
  return {buffer_.data(), static_cast<std::size_t>(in_.gcount())};
}

// A line with its end, or as much of it as there is room for.
std::string_view MessagePieces::ReadLine() {
  char* const begin = buffer_.data() + kRoom;
  in_.getline(begin, kPiece + 1);
  const auto count = static_cast<std::size_t>(in_.gcount());
  if (in_.fail() && count > 0) {
    in_.clear(in_.rdstate() & ~std::ios::failbit);  // It had no more room.
  } else if (in_.good()) {
    begin[count - 1] = '\n';
  }
  return {begin, count};
}

// The empty line that is held back at the end belongs to the mbox.
std::string_view MessagePieces::TakeOfMbox() {
  for (;;) {
    std::string_view piece = ReadLine();
    const bool begins_line =
        std::exchange(at_line_begin_, piece.ends_with('\n'));
    if (piece.empty()) {
      at_end_ = true;
      return {};
    }
    if (begins_line && !held_.empty() && piece.starts_with(kFrom)) {
      SkipFromLine(piece);
      return {};
    }
    if (begins_line && (piece == kLf || piece == kCrlf)) {
      const std::string_view before =
          std::exchange(held_, piece == kLf ? kLf : kCrlf);
      if (!before.empty()) {
        return before;
      }
      continue;
    }
    if (begins_line && IsQuotedFrom(piece)) {
      piece.remove_prefix(1);
    }
    return WithHeldLine(piece);
  }
}

// There is room before `piece`, which lies in the buffer.
std::string_view MessagePieces::WithHeldLine(std::string_view piece) {
  const auto offset = static_cast<std::size_t>(piece.data() - buffer_.data());
  const std::string_view held = std::exchange(held_, {});
  const std::size_t begin = offset - held.size();
  std::copy(held.begin(), held.end(), buffer_.data() + begin);
  return {buffer_.data() + begin, held.size() + piece.size()};
}

// Leaves everything as it is before a message; `piece` begins the line.
void MessagePieces::SkipFromLine(std::string_view piece) {
  while (!piece.empty() && !piece.ends_with('\n')) {
    piece = ReadLine();
  }
  at_line_begin_ = true;
  held_ = {};
}

}  // namespace dkimspec::runners
