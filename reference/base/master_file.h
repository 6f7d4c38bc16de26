// The notation of zone files: RFC 1035 section 5.
#ifndef DKIMSPEC_REFERENCE_BASE_MASTER_FILE_H_
#define DKIMSPEC_REFERENCE_BASE_MASTER_FILE_H_

#include <string>
#include <string_view>

#include "reference/base/zone.h"

namespace dkimspec {

// `name. IN TXT "..." "..."`, without line end. Quotation marks, backslashes
// and octets that do not print are escaped (section 5.1).
std::string TxtLine(std::string_view name, const TxtRecord& record);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BASE_MASTER_FILE_H_
