// What lint looks for: one table. docs/lint.md is written from it.
#ifndef DKIMSPEC_REFERENCE_LINT_RULES_H_
#define DKIMSPEC_REFERENCE_LINT_RULES_H_

#include <span>
#include <string_view>

namespace dkimspec::lint {

enum class Severity {
  kError,    // A verifier that follows the text refuses it.
  kWarning,  // Valid, and it harms, or will be refused by some.
  kAdvice,   // Valid; something else would serve better.
};

enum class Rule {
  // Tag-lists of both kinds.
  kStrayText,
  kEmptyTag,
  kTagName,
  kTagTwice,
  kTagNameCase,
  kValueOctet,
  kLineBreak,
  kUnknownTag,
  // Key records.
  kStrayQuotes,
  kStrayBackslash,
  kStraySemicolon,
  kKeyRecordVersion,
  kVersionNotFirst,
  kVersionMissing,
  kKeyRecordTag,
  kPublicKeyMissing,
  kPublicKeyEmpty,
  kPublicKeyNotBase64,
  kRecordCut,
  kPemInRecord,
  kPrivateKeyPublished,
  kPublicKeyMalformed,
  kPublicKeyPkcs1,
  kWhiteSpaceInKey,
  kKeyTypeUnknown,
  kKeyTypeWrong,
  kEd25519InDer,
  kRsaKeyTooShort,
  kRsaKeyShort,
  kRsaKeyLong,
  kSha256NotAllowed,
  kSha1Allowed,
  kNotForEmail,
  kTestingFlag,
  kGranularityTag,
  kPrivateKeyMismatch,
  // DKIM-Signature fields.
  kSignatureTag,
  kSignatureVersion,
  kRequiredTagMissing,
  kUnknownAlgorithm,
  kUnknownCanonicalization,
  kUnknownQueryMethod,
  kAuidOutsideSdid,
  kFromNotSigned,
  kExpirationNotAfterTimestamp,
  kBodyHashLength,
  kRsaSha1,
  kLengthCount,
  kFromNotOverSigned,
  kRewrittenFieldSigned,
  kHeaderSimple,
  kBodySimple,
  kSingleLabelSdid,
  // Messages.
  kNotSigned,
  kTooManySignatures,
  kOwnFieldSigned,
  kRecommendedFieldNotSigned,
  kFromMissing,
  kSeveralFromFields,
  kSeveralAuthors,
  kAuthorUnreadable,
  kNotAligned,
  kNoKey,
  kDelegationMissing,
  kKeyUnavailable,
  kSeveralKeyRecords,
  kKeyDoesNotFit,
};

struct RuleInfo {
  Rule rule;
  std::string_view id;  // "record-cut": stable, in reports.
  Severity severity;
  std::string_view summary;  // What is wrong, and what comes of it.
  std::string_view section;  // "RFC 6376 section 3.6.1".
  std::string_view remedy;   // What to do.
};

// In the order of the enumerators.
std::span<const RuleInfo> AllRules();
const RuleInfo& Info(Rule rule);

std::string_view ToString(Severity severity);  // "error", "warning", "advice".

}  // namespace dkimspec::lint

#endif  // DKIMSPEC_REFERENCE_LINT_RULES_H_
