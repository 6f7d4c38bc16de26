// What `dkimspec verify` says, as text and as JSON.
#ifndef DKIMSPEC_RUNNERS_CLI_VERIFY_REPORT_H_
#define DKIMSPEC_RUNNERS_CLI_VERIFY_REPORT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reference/verifier.h"
#include "runners/mailbox.h"

namespace dkimspec::cli {

// A line for each signature, in printable ASCII.
std::string VerifyText(const runners::StoredMessage& message,
                       const std::vector<Verification>& verifications);

// {"file", "message" in an mbox, "result", "signatures": [...]}
nlohmann::ordered_json VerifyJson(
    const runners::StoredMessage& message,
    const std::vector<Verification>& verifications);

}  // namespace dkimspec::cli

#endif  // DKIMSPEC_RUNNERS_CLI_VERIFY_REPORT_H_
