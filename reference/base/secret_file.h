// Files that nobody else may read, such as private keys.
#ifndef DKIMSPEC_REFERENCE_BASE_SECRET_FILE_H_
#define DKIMSPEC_REFERENCE_BASE_SECRET_FILE_H_

#include <string>
#include <string_view>

#include "reference/base/expected.h"

namespace dkimspec {

enum class IfExists { kRefuse, kReplace };

// Writes a file that its owner alone may read and write (mode 0600), whatever
// the umask. A temporary file in the same folder takes the place of `path` in
// one step and goes if anything fails. With kRefuse a file that exists stays as
// it is, even if it appeared a moment ago.
Expected<void> WriteSecretFile(const std::string& path, std::string_view octets,
                               IfExists if_exists);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BASE_SECRET_FILE_H_
