// Address lists as From and Sender hold them: RFC 5322 section 3.4 with the
// obsolete forms of section 4.4, groups in From (RFC 6854) and UTF-8 (RFC 6532
// section 3.2).
#ifndef DKIMSPEC_REFERENCE_ADDRESS_LIST_H_
#define DKIMSPEC_REFERENCE_ADDRESS_LIST_H_

#include <string>
#include <string_view>
#include <vector>

namespace dkimspec {

// One addr-spec, comments and folding removed.
struct Address {
  std::string local_part;  // As written; a quoted string with its quotes.
  std::string domain;      // As written; "[192.0.2.1]" is a domain-literal.

  friend bool operator==(const Address&, const Address&) = default;
};

struct AddressList {
  std::vector<Address> addresses;  // In order, members of groups among them.
  std::string problem;  // Empty: all of it was read. Else what stands where.
};

// `value` is what follows the colon of a header field. Reading ends at the
// first problem; the addresses before it are kept.
AddressList ParseAddressList(std::string_view value);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_ADDRESS_LIST_H_
