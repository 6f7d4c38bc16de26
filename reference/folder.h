// Writes a header field and folds it where the writer allows.
#ifndef DKIMSPEC_REFERENCE_FOLDER_H_
#define DKIMSPEC_REFERENCE_FOLDER_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace dkimspec {

// Lines have at most 78 octets (RFC 5322 section 2.1.1) as long as no part that
// must stay whole is longer. Nothing but CRLF and one SP is put in.
class Folder {
 public:
  // What stands before a part that begins no new line.
  enum class Gap { kSpace, kNone };

  // `start` is "DKIM-Signature:".
  explicit Folder(std::string_view start);

  // A part that stays whole; the line may be folded before it.
  void Add(std::string_view part, Gap gap = Gap::kSpace);

  // Text that may be folded anywhere, such as base64.
  void AddAnywhere(std::string_view text);

  const std::string& text() const { return text_; }  // Without final CRLF.

 private:
  void StartLine();

  std::string text_;
  std::size_t column_ = 0;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_FOLDER_H_
