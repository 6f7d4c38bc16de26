// A message as octets: its header fields with their offsets, and its body.
//
// Nothing is normalised. Only CRLF ends a line; a bare CR or LF is data, and
// so is every octet above 127. RFC 5322 section 2.1: the header ends at the
// first empty line, or at the end of the message if there is none.
#ifndef DKIMSPEC_REFERENCE_MESSAGE_H_
#define DKIMSPEC_REFERENCE_MESSAGE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dkimspec {

// One header field, or one line of the header block that is not a field.
struct HeaderField {
  std::string_view octets;  // From the first octet of the name; final CRLF in.
  std::string_view name;    // Before the colon, FWS before the colon removed.
  std::string_view value;   // After the colon, up to the final CRLF.
  std::size_t offset = 0;   // Of octets.data() in the message.
  // False: no colon, or what stands before it is not a field name (printable
  // ASCII, RFC 5322 section 3.6.8). `name` and `value` are then empty.
  bool well_formed = true;

  bool Is(std::string_view field_name) const;  // Ignores ASCII case.
};

// Views into octets that the caller keeps alive.
struct MessageView {
  std::string_view octets;          // All of it.
  std::vector<HeaderField> fields;  // Top to bottom.
  std::string_view header;          // All fields, without the empty line.
  std::string_view body;            // After the empty line.
  bool has_separator = false;       // Was there an empty line?

  // The fields called `name`, top to bottom, as indexes into `fields`.
  std::vector<std::size_t> Find(std::string_view name) const;
};

// Never fails: whatever the octets are, this is how they fall into parts.
// A field continues while the next line starts with WSP. A last field without
// CRLF at the end of the message is a field all the same.
MessageView ParseMessage(std::string_view octets);

// Puts fields and body together again: fields, CRLF, body. A field that does
// not end in CRLF gets one.
std::string JoinMessage(const std::vector<std::string>& fields,
                        std::string_view body);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_MESSAGE_H_
