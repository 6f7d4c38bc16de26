// Messages as they lie on disk: one in a file, many in an mbox, or one in each
// file of a Maildir.
#ifndef DKIMSPEC_RUNNERS_MAILBOX_H_
#define DKIMSPEC_RUNNERS_MAILBOX_H_

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "reference/base/expected.h"

namespace dkimspec::runners {

struct StoredMessage {
  std::string file;        // As given; in a Maildir, with the file in it.
  std::size_t number = 0;  // From 1 in an mbox; 0 elsewhere.
  std::string octets;      // As stored, line ends included.

  std::string Name() const;  // "inbox.mbox#3", or the file.
};

// Called for each message in order.
using MessageVisitor = std::function<void(StoredMessage message)>;

// Visits the messages at `path`. One is in memory at a time.
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
Expected<void> VisitMessages(const std::string& path,
                             const MessageVisitor& visit);

// A file or an mbox that is open already; `name` is for people.
Expected<void> VisitMessages(std::istream& in, const std::string& name,
                             const MessageVisitor& visit);

// DKIM knows CRLF only, and messages on disk often have LF. True if there is
// an LF and not a single CRLF.
bool HasOnlyLf(std::string_view octets);
std::string LfToCrlf(std::string_view octets);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_MAILBOX_H_
