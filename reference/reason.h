// Why a signature is not valid: RFC 6376's own explanations (section 6.1), in
// one table with the state they lead to and the RFC 8601 word that fits.
#ifndef DKIMSPEC_REFERENCE_REASON_H_
#define DKIMSPEC_REFERENCE_REASON_H_

#include <span>
#include <string_view>

namespace dkimspec {

// RFC 6376 section 3.9.
enum class State { kSuccess, kPermFail, kTempFail };

// RFC 8601 section 2.7.1.
enum class Result {
  kNone,
  kPass,
  kFail,
  kPolicy,
  kNeutral,
  kTempError,
  kPermError
};

enum class Reason {
  kNone,  // Success.
  kSignatureSyntaxError,
  kIncompatibleVersion,
  kSignatureMissingRequiredTag,
  kUnsupportedAlgorithm,
  kUnsupportedCanonicalization,
  kUnsupportedQueryMethod,
  kDomainMismatch,
  kFromFieldNotSigned,
  kSignatureExpired,
  kSignatureFromTheFuture,
  kUnlikelySdid,
  kUnsignedContent,
  kTooManySignatures,
  kSeveralFromFields,
  kRsaSha1,
  kKeyUnavailable,
  kNoKeyForSignature,
  kSeveralKeyRecords,
  kKeySyntaxError,
  kKeyNotApplicable,
  kInappropriateHashAlgorithm,
  kKeyRevoked,
  kInappropriateKeyAlgorithm,
  kWeakKey,
  kOversizedKey,
  kBodyHashDidNotVerify,
  kBodyShorterThanLengthCount,
  kSignatureDidNotVerify,
};

struct ReasonInfo {
  Reason reason;
  std::string_view id;       // "body-hash-did-not-verify": stable, in reports.
  std::string_view text;     // RFC 6376's explanation, for people.
  std::string_view section;  // Where the rule stands, such as "6.1.3".
  State state;
  Result result;  // The RFC 8601 word we say.
};

// Every reason, kNone included, in the order of the enumerators.
std::span<const ReasonInfo> AllReasons();
const ReasonInfo& Info(Reason reason);

std::string_view ToString(State state);
std::string_view ToString(Result result);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_REASON_H_
