// The value of p=; private to this folder.
#ifndef DKIMSPEC_REFERENCE_LINT_PUBLIC_KEY_LINT_H_
#define DKIMSPEC_REFERENCE_LINT_PUBLIC_KEY_LINT_H_

#include <cstddef>
#include <string_view>

#include "reference/lint/notes.h"

namespace dkimspec::lint {

struct PublishedKey {
  std::string_view value;         // Of p=, not empty.
  std::size_t record_length = 0;  // Octets of the whole record.
  std::string_view key_type;      // Of k=, in lower case; empty if unknown.
  const PrivateKey* key;          // May be nullptr.
};

void LintPublicKey(const PublishedKey& published, Notes& notes);

}  // namespace dkimspec::lint

#endif  // DKIMSPEC_REFERENCE_LINT_PUBLIC_KEY_LINT_H_
