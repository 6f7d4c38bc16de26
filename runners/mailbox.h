// Messages as they lie on disk: one in a file, many in an mbox, or one in each
// file of a Maildir.
#ifndef DKIMSPEC_RUNNERS_MAILBOX_H_
#define DKIMSPEC_RUNNERS_MAILBOX_H_

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

#include "reference/base/expected.h"

namespace dkimspec::runners {

struct StoredMessage {
  std::string file;          // As given; in a Maildir, with the file in it.
  std::size_t number = 0;    // From 1 in an mbox; 0 elsewhere.
  bool has_only_lf = false;  // There is an LF in it and not a single CRLF.

  std::string Name() const;  // "inbox.mbox#3", or the file.
};

// Takes messages one after the other, each in pieces. A message that cannot be
// read to its end has none.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void Begin(const StoredMessage& message) = 0;
  // Octets as stored, line ends included; they live until the next call.
  virtual void Push(std::string_view octets) = 0;
  virtual void End() = 0;
};

// Reads the messages at `path`, whatever their size, with little memory. One
// that has LF only is read twice, as nothing shorter shows that it has.
//
// A file that begins with "From " is an mbox (RFC 4155): a line that begins so
// at its start or after an empty line begins a message. That line, and the
// empty line before the next, belong to the mbox; of lines that begin with one
// or more ">" and then "From " one ">" is taken away, as programs that write
// "mboxrd" mean it. Content-Length fields are not heeded.
//
// A folder is a Maildir: the files in its cur and new, by name, without those
// that begin with a dot. What is in tmp is not delivered yet.
//
// Any other file is one message, whatever is in it. Errors name the path.
Expected<void> ReadMessages(const std::string& path, MessageSink& sink);

// A file or an mbox that is open already; `name` is for people. What cannot be
// read twice, such as a pipe, is first read to its end, beyond 1 MiB into a
// temporary file that has no name.
Expected<void> ReadMessages(std::istream& in, const std::string& name,
                            MessageSink& sink);

// DKIM knows CRLF only, and messages on disk often have LF. True if there is
// an LF and not a single CRLF.
bool HasOnlyLf(std::string_view octets);
std::string LfToCrlf(std::string_view octets);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_MAILBOX_H_
