// Does a signing domain speak for the author? Identifier alignment as DMARC
// defines it: RFC 9989 section 4.10.2, and with the Public Suffix List as RFC
// 7489 section 3.1.1 had it.
#ifndef DKIMSPEC_REFERENCE_ALIGNMENT_H_
#define DKIMSPEC_REFERENCE_ALIGNMENT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/key_source.h"
#include "reference/message.h"

namespace dkimspec {

// The authors that the From field of a message names.
struct Authors {
  std::size_t from_fields = 0;         // One in a message that is right.
  std::vector<std::string> addresses;  // "joe@example.com", in order.
  std::vector<std::string> domains;    // Without repetitions, A-labels, lower
                                       // case; domain-literals left out.
  std::string problem;  // Empty: each From field could be read to its end.

  // Alignment is asked about exactly one domain (RFC 9989 section 5.3.1), from
  // exactly one field. nullptr otherwise.
  const std::string* OnlyDomain() const;
};

Authors ReadAuthors(const MessageView& message);

struct Alignment {
  std::size_t field = 0;  // Index of the DKIM-Signature field.
  std::string sdid;       // d=
  bool strict = false;    // d= is the domain of From.
  // Same organizational domain. By tree walk it is unknown without a source of
  // TXT records, or if the DNS did not answer.
  std::optional<bool> relaxed_by_tree_walk;
  bool relaxed_by_list = false;
  std::string problem;  // Of the tree walk.
};

// `txt` may be nullptr. Whether the signature verifies is not asked here.
Alignment Align(std::string_view author_domain, std::string_view sdid,
                KeySource* txt);

// Of every DKIM-Signature field whose d= can be read, in message order, but at
// most of the first 64 (RFC 6376 section 6.1 lets a verifier limit them); empty
// if there is not exactly one author domain. No name is asked for twice.
std::vector<Alignment> AlignSignatures(const MessageView& message,
                                       KeySource* txt);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_ALIGNMENT_H_
