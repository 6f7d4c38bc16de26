// A DKIM-Signature field; private to this folder.
#ifndef DKIMSPEC_REFERENCE_LINT_SIGNATURE_LINT_H_
#define DKIMSPEC_REFERENCE_LINT_SIGNATURE_LINT_H_

#include <cstddef>
#include <string_view>

#include "reference/lint/notes.h"
#include "reference/signature.h"

namespace dkimspec::lint {

struct SignatureReading {
  // What the tags without error say; other members have some right value.
  Signature signature;
  bool has_key_name = false;              // Are s= and d= without error?
  bool has_signed_header_fields = false;  // Is h=?
};

// `value` is what follows the colon and a part of what `notes` is about;
// `from_fields` says how many From fields the message has.
SignatureReading LintSignatureValue(std::string_view value,
                                    std::size_t from_fields, Notes& notes);

}  // namespace dkimspec::lint

#endif  // DKIMSPEC_REFERENCE_LINT_SIGNATURE_LINT_H_
