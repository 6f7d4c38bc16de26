// How commands tell whether signatures speak for the author.
#ifndef DKIMSPEC_RUNNERS_CLI_ALIGNMENT_REPORT_H_
#define DKIMSPEC_RUNNERS_CLI_ALIGNMENT_REPORT_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reference/alignment.h"

namespace dkimspec::cli {

nlohmann::ordered_json AuthorsJson(const Authors& authors);
nlohmann::ordered_json AlignmentJson(const Alignment& alignment);

// A line, `source` first.
std::string AlignmentText(const std::string& source,
                          const Alignment& alignment);

// Why no alignment can be told, as a line; empty if there is one author domain.
std::string AuthorsText(const std::string& source, const Authors& authors);

}  // namespace dkimspec::cli

#endif  // DKIMSPEC_RUNNERS_CLI_ALIGNMENT_REPORT_H_
