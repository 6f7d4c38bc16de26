// Cases as plain JSON, for people who want vectors and not our tool. The form
// is fixed by docs/case-export.schema.json.
#ifndef DKIMSPEC_RUNNERS_CASE_JSON_H_
#define DKIMSPEC_RUNNERS_CASE_JSON_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "fixtures/case.h"
#include "reference/base/expected.h"

namespace dkimspec::runners {

// Everything but the octets of the message.
nlohmann::ordered_json CaseToJson(const fixtures::Case& test);

// A line for each case, with the message as base64.
std::string CasesAsJsonLines(const std::vector<fixtures::Case>& cases);

// DIR/<id>/message.eml and case.json for each case. `folder` must not exist or
// be empty; it appears complete or not at all.
Expected<void> ExportCases(const std::vector<fixtures::Case>& cases,
                           const std::string& folder);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_CASE_JSON_H_
