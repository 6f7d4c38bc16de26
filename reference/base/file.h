// Whole files, read and written at once.
#ifndef DKIMSPEC_REFERENCE_BASE_FILE_H_
#define DKIMSPEC_REFERENCE_BASE_FILE_H_

#include <string>
#include <string_view>

#include "reference/base/expected.h"

namespace dkimspec {

// The octets of a file. Errors name `path` and say why: "does not exist",
// "is a folder, not a file", "cannot be read: ...".
Expected<std::string> ReadFile(const std::string& path);

// Writes a file so that readers see the old content or the new, never half: a
// temporary file in the same folder is renamed over `path`, and removed if
// anything fails. What exists and is no regular file (a pipe, a terminal) is
// written to in place.
Expected<void> WriteFileAtomically(const std::string& path,
                                   std::string_view octets);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BASE_FILE_H_
