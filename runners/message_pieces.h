// Cuts a file into its messages, and these into pieces.
#ifndef DKIMSPEC_RUNNERS_MESSAGE_PIECES_H_
#define DKIMSPEC_RUNNERS_MESSAGE_PIECES_H_

#include <array>
#include <cstddef>
#include <istream>
#include <string_view>

namespace dkimspec::runners {

// `in` must be one that can be rewound, and outlive this. A stream that breaks
// ends as if it had ended; ask it.
class MessagePieces {
 public:
  // With `may_be_mbox`, what begins with "From " is an mbox.
  MessagePieces(std::istream& in, bool may_be_mbox);

  // Of the current message, which is at first the first: from 1 in an mbox, 0
  // elsewhere.
  std::size_t number() const { return number_; }

  // Looks through the current message, of which nothing was taken, for an LF
  // and as far as to the first CRLF.
  bool HasOnlyLf();

  // The next piece of the current message, valid until the next call; an empty
  // one at its end.
  std::string_view Take();

  // Goes on to the next message once the current one was taken; false if there
  // is none.
  bool NextMessage();

 private:
  std::string_view Read();
  std::string_view ReadLine();
  std::string_view TakeOfMbox();
  std::string_view WithHeldLine(std::string_view piece);
  void SkipFromLine(std::string_view piece);

  static constexpr std::size_t kPiece = 65536;
  static constexpr std::size_t kRoom = 2;  // For a held line.

  std::istream& in_;
  std::size_t number_ = 0;
  bool at_end_ = false;        // Of the file.
  bool at_line_begin_ = true;  // In an mbox.
  std::string_view held_;      // An empty line, perhaps the message's last.
  std::array<char, kRoom + kPiece + 1> buffer_;
};

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_MESSAGE_PIECES_H_
