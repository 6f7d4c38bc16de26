#include "reference/reason.h"

#include <array>
#include <cstddef>

namespace dkimspec {
namespace {

using enum State;
using enum Result;

// The RFC 8601 word follows section 2.7.1 there: "fail" where the signature was
// evaluated and is wrong, "permerror" where it never can be evaluated,
// "neutral" where it has syntax errors or could not be processed, "policy"
// where only a rule of ours refuses it. Other words are legal too; this table
// says what we say.
constexpr std::array kReasons = {
    ReasonInfo{Reason::kNone, "none", "", "6.1.3", kSuccess, kPass},
    ReasonInfo{Reason::kSignatureSyntaxError, "signature-syntax-error",
               "signature syntax error", "6.1.1", kPermFail, kNeutral},
    ReasonInfo{Reason::kIncompatibleVersion, "incompatible-version",
               "incompatible version", "6.1.1", kPermFail, kNeutral},
    ReasonInfo{
        Reason::kSignatureMissingRequiredTag, "signature-missing-required-tag",
        "signature missing required tag", "6.1.1", kPermFail, kPermError},
    ReasonInfo{Reason::kUnsupportedAlgorithm, "unsupported-algorithm",
               "unsupported algorithm", "3.3.4", kPermFail, kNeutral},
    ReasonInfo{Reason::kUnsupportedCanonicalization,
               "unsupported-canonicalization", "unsupported canonicalization",
               "3.4", kPermFail, kNeutral},
    ReasonInfo{Reason::kUnsupportedQueryMethod, "unsupported-query-method",
               "unsupported query method", "3.5", kPermFail, kNeutral},
    ReasonInfo{Reason::kDomainMismatch, "domain-mismatch", "domain mismatch",
               "6.1.1", kPermFail, kPermError},
    ReasonInfo{Reason::kFromFieldNotSigned, "from-field-not-signed",
               "From field not signed", "6.1.1", kPermFail, kPermError},
    ReasonInfo{Reason::kSignatureExpired, "signature-expired",
               "signature expired", "6.1.1", kPermFail, kPolicy},
    ReasonInfo{Reason::kSignatureFromTheFuture, "signature-from-the-future",
               "signature from the future", "3.5", kPermFail, kPolicy},
    ReasonInfo{Reason::kUnlikelySdid, "unlikely-sdid",
               "not a plausible signing domain", "6.1.1", kPermFail, kPolicy},
    ReasonInfo{Reason::kUnsignedContent, "unsigned-content", "unsigned content",
               "6.1.3", kPermFail, kPolicy},
    ReasonInfo{Reason::kTooManySignatures, "too-many-signatures",
               "too many signatures", "6.1", kPermFail, kPolicy},
    ReasonInfo{Reason::kSeveralFromFields, "several-from-fields",
               "more than one From field", "3.8", kPermFail, kPolicy},
    ReasonInfo{Reason::kRsaSha1, "rsa-sha1", "rsa-sha1 is not acceptable",
               "RFC 8301 3.1", kPermFail, kPermError},
    ReasonInfo{Reason::kKeyUnavailable, "key-unavailable", "key unavailable",
               "6.1.2", kTempFail, kTempError},
    ReasonInfo{Reason::kNoKeyForSignature, "no-key-for-signature",
               "no key for signature", "6.1.2", kPermFail, kPermError},
    ReasonInfo{Reason::kSeveralKeyRecords, "several-key-records",
               "several key records", "3.6.2.2", kPermFail, kPermError},
    ReasonInfo{Reason::kKeySyntaxError, "key-syntax-error", "key syntax error",
               "6.1.2", kPermFail, kPermError},
    ReasonInfo{Reason::kKeyNotApplicable, "key-not-applicable",
               "key not applicable", "3.6.1", kPermFail, kPermError},
    ReasonInfo{Reason::kInappropriateHashAlgorithm,
               "inappropriate-hash-algorithm", "inappropriate hash algorithm",
               "6.1.2", kPermFail, kPermError},
    ReasonInfo{Reason::kKeyRevoked, "key-revoked", "key revoked", "6.1.2",
               kPermFail, kPermError},
    ReasonInfo{Reason::kInappropriateKeyAlgorithm,
               "inappropriate-key-algorithm", "inappropriate key algorithm",
               "6.1.2", kPermFail, kPermError},
    ReasonInfo{Reason::kWeakKey, "weak-key", "key too small", "RFC 8301 3.2",
               kPermFail, kPermError},
    ReasonInfo{Reason::kOversizedKey, "oversized-key", "key too large",
               "RFC 8301 3.2", kPermFail, kPolicy},
    ReasonInfo{Reason::kBodyHashDidNotVerify, "body-hash-did-not-verify",
               "body hash did not verify", "6.1.3", kPermFail, kFail},
    ReasonInfo{
        Reason::kBodyShorterThanLengthCount, "body-shorter-than-length-count",
        "body shorter than its length count", "3.5", kPermFail, kPermError},
    ReasonInfo{Reason::kSignatureDidNotVerify, "signature-did-not-verify",
               "signature did not verify", "6.1.3", kPermFail, kFail},
};

// Info() indexes by enumerator.
constexpr bool InOrder() {
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    if (static_cast<std::size_t>(kReasons[i].reason) != i) {
      return false;
    }
  }
  return true;
}
static_assert(InOrder());
static_assert(kReasons.back().reason == Reason::kSignatureDidNotVerify);

}  // namespace

std::span<const ReasonInfo> AllReasons() { return kReasons; }

const ReasonInfo& Info(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)];
}

std::string_view ToString(State state) {
  switch (state) {
    case kSuccess:
      return "SUCCESS";
    case kPermFail:
      return "PERMFAIL";
    case kTempFail:
      return "TEMPFAIL";
  }
  return "";
}

std::string_view ToString(Result result) {
  constexpr std::array<std::string_view, 7> kWords = {
      "none", "pass", "fail", "policy", "neutral", "temperror", "permerror"};
  return kWords[static_cast<std::size_t>(result)];
}

}  // namespace dkimspec
