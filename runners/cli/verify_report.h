// What `dkimspec verify` says, as text and as JSON.
#ifndef DKIMSPEC_RUNNERS_CLI_VERIFY_REPORT_H_
#define DKIMSPEC_RUNNERS_CLI_VERIFY_REPORT_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reference/alignment.h"
#include "reference/verifier.h"
#include "runners/mailbox.h"

namespace dkimspec::cli {

// Whether the signatures speak for the author.
struct AuthorReport {
  Authors authors;
  std::vector<Alignment> alignments;
};

struct VerifiedMessage {
  runners::StoredMessage message;
  std::vector<Verification> verifications;
  std::optional<AuthorReport> author;  // If it is asked for.
};

// A line for each signature, in printable ASCII, and one for its alignment; a
// line for the message where there is nothing to align with.
std::string VerifyText(const VerifiedMessage& verified);

// {"file", "message" in an mbox, "result", "authors" if asked for,
// "signatures": [{..., "alignment" if asked for, null if unknown}]}
nlohmann::ordered_json VerifyJson(const VerifiedMessage& verified);

}  // namespace dkimspec::cli

#endif  // DKIMSPEC_RUNNERS_CLI_VERIFY_REPORT_H_
