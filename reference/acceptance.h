// What a verifier may or must refuse before it asks for a key, whatever the
// signature is worth otherwise: RFC 6376 sections 3.5, 6.1.1 and 8.2, RFC 8301
// section 3.1.
#ifndef DKIMSPEC_REFERENCE_ACCEPTANCE_H_
#define DKIMSPEC_REFERENCE_ACCEPTANCE_H_

#include <optional>

#include "reference/message.h"
#include "reference/signature.h"
#include "reference/verifier_policy.h"

namespace dkimspec {

// The first thing that the policy does not accept; nullopt if there is none.
std::optional<Finding> FindRefusal(const VerifierPolicy& policy,
                                   const Signature& signature,
                                   const MessageView& message);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_ACCEPTANCE_H_
