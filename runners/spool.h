// What can be read once only, made to be read again.
#ifndef DKIMSPEC_RUNNERS_SPOOL_H_
#define DKIMSPEC_RUNNERS_SPOOL_H_

#include <istream>
#include <memory>
#include <string>

#include "reference/base/expected.h"

namespace dkimspec::runners {

// Can `in` go back to where it is?
bool CanRewind(std::istream& in);

// What `in` holds up to its end: in memory if it is little, at most 1 MiB, else
// in a temporary file that nobody else can open. Errors name `name`.
Expected<std::unique_ptr<std::istream>> Spool(std::istream& in,
                                              const std::string& name);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_SPOOL_H_
