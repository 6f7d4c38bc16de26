#include "reference/lint/rules.h"

#include <array>
#include <cstddef>

namespace dkimspec::lint {
namespace {

constexpr Severity kError = Severity::kError;
constexpr Severity kWarning = Severity::kWarning;
constexpr Severity kAdvice = Severity::kAdvice;

constexpr std::array kRules = {
    RuleInfo{Rule::kStrayText, "stray-text", kError,
             "Text without \"=\" stands where a tag should.",
             "RFC 6376 section 3.2",
             "Remove the text, or write it as name=value."},
    RuleInfo{Rule::kEmptyTag, "empty-tag", kError,
             "A semicolon has no tag before it.", "RFC 6376 section 3.2",
             "Remove the semicolon; only one may end the list."},
    RuleInfo{Rule::kTagName, "tag-name", kError,
             "A tag's name is not a letter followed by letters, digits and "
             "underscores.",
             "RFC 6376 section 3.2", "Correct the name."},
    RuleInfo{Rule::kTagTwice, "tag-twice", kError,
             "A tag occurs twice, which makes the whole list invalid.",
             "RFC 6376 section 3.2", "Remove one of the two."},
    RuleInfo{Rule::kTagNameCase, "tag-name-case", kWarning,
             "A tag's name is in upper case; names are case-sensitive, so this "
             "is an unknown tag and ignored.",
             "RFC 6376 section 3.2", "Write the name in lower case."},
    RuleInfo{Rule::kValueOctet, "value-octet", kError,
             "A value holds a control character or octets that are not UTF-8.",
             "RFC 6376 section 3.2; RFC 8616 section 4", "Remove them."},
    RuleInfo{Rule::kLineBreak, "line-break", kError,
             "A line break is not followed by white space, so it does not fold "
             "the line. In a key record it usually comes from pasting a "
             "wrapped key.",
             "RFC 6376 section 2.8", "Write the value without line breaks."},
    RuleInfo{Rule::kUnknownTag, "unknown-tag", kAdvice,
             "A tag is not defined and will be ignored.",
             "RFC 6376 section 3.2", "Check the name, or remove the tag."},
    RuleInfo{Rule::kStrayQuotes, "stray-quotes", kError,
             "Quotation marks are part of the record. They belong to the "
             "notation of zone files, and web forms take them literally.",
             "RFC 6376 section 3.6.2.2; RFC 1035 section 5.1",
             "Enter the record without quotation marks and without spaces "
             "between its parts."},
    RuleInfo{Rule::kStrayBackslash, "stray-backslash", kError,
             "A backslash is part of the record. \"\\;\" belongs to the "
             "notation of zone files, and web forms take it literally.",
             "RFC 6376 section 3.6.2.2; RFC 1035 section 5.1",
             "Enter the record without backslashes."},
    RuleInfo{Rule::kStraySemicolon, "stray-semicolon", kError,
             "A semicolon cuts the key in two.",
             "RFC 6376 section 3.6.1, p=", "Remove the semicolon from p=."},
    RuleInfo{Rule::kKeyRecordVersion, "key-record-version", kError,
             "v= is not DKIM1, octet by octet.",
             "RFC 6376 section 3.6.1, v=", "Write v=DKIM1."},
    RuleInfo{Rule::kVersionNotFirst, "version-not-first", kError,
             "v= is not the first tag of the record.",
             "RFC 6376 section 3.6.1, v=", "Begin the record with v=DKIM1."},
    RuleInfo{Rule::kVersionMissing, "version-missing", kAdvice,
             "The record does not begin with v=DKIM1, which is recommended.",
             "RFC 6376 section 3.6.1, v=", "Begin the record with v=DKIM1."},
    RuleInfo{Rule::kKeyRecordTag, "key-record-tag", kError,
             "A tag of the key record does not have the form it must have.",
             "RFC 6376 section 3.6.1", "Correct the value, or omit the tag."},
    RuleInfo{Rule::kPublicKeyMissing, "p-missing", kError,
             "There is no p=, so there is no key.",
             "RFC 6376 section 3.6.1, p=",
             "Add p= with the public key; `dkimspec keygen` prints a record."},
    RuleInfo{Rule::kPublicKeyEmpty, "p-empty", kWarning,
             "p= is empty: the key is revoked, and every signature made with "
             "it fails.",
             "RFC 6376 section 3.6.1, p=",
             "If the key is in use, publish it in p=."},
    RuleInfo{Rule::kPublicKeyNotBase64, "p-not-base64", kError,
             "p= is not base64.", "RFC 6376 section 3.6.1, p=",
             "Copy the key again, whole and without other characters."},
    RuleInfo{Rule::kRecordCut, "record-cut", kError,
             "The end of the key is missing. Some forms and servers cut a "
             "record at 255 octets, the longest character-string.",
             "RFC 6376 section 3.6.2.2; RFC 1035 section 3.3.14",
             "Publish the record as several strings of at most 255 octets; "
             "`dkimspec keygen` prints such a line."},
    RuleInfo{Rule::kPemInRecord, "pem-in-record", kError,
             "p= holds the lines that begin or end a PEM file.",
             "RFC 6376 section 3.6.1, p=",
             "Keep only the base64 between these lines."},
    RuleInfo{Rule::kPrivateKeyPublished, "private-key-published", kError,
             "p= holds a private key. Whoever reads the DNS can sign as this "
             "domain.",
             "RFC 6376 section 8.3",
             "Remove the record now, and make a new pair of keys under a new "
             "selector."},
    RuleInfo{Rule::kPublicKeyMalformed, "public-key-malformed", kError,
             "p= is base64 but not a public key.", "RFC 6376 section 3.6.1, p=",
             "Copy the key again, or print it with `dkimspec keygen`."},
    RuleInfo{Rule::kPublicKeyPkcs1, "public-key-pkcs1", kWarning,
             "p= is a bare RSAPublicKey, without the SubjectPublicKeyInfo "
             "around it. The text leaves open which it wants, and some "
             "verifiers read only the latter.",
             "RFC 6376 erratum 3017",
             "Publish what `openssl pkey -pubout` prints."},
    RuleInfo{Rule::kWhiteSpaceInKey, "white-space-in-key", kWarning,
             "White space stands inside p=. It is allowed; it also is what "
             "remains where strings were joined with a space.",
             "RFC 6376 section 3.6.2.2", "Write the key in one piece."},
    RuleInfo{Rule::kKeyTypeUnknown, "key-type-unknown", kError,
             "k= is neither rsa nor ed25519, so the record is ignored.",
             "RFC 6376 section 3.6.1, k=; RFC 8463 section 4",
             "Write k=rsa or k=ed25519, as the key is."},
    RuleInfo{Rule::kKeyTypeWrong, "key-type-wrong", kError,
             "k= does not fit the key in p=. Without k= it is rsa.",
             "RFC 6376 section 3.6.1, k=; RFC 8463 section 4",
             "Write k=rsa or k=ed25519, as the key is."},
    RuleInfo{Rule::kEd25519InDer, "ed25519-in-der", kError,
             "p= holds an Ed25519 key in DER; it must be the 32 octets alone.",
             "RFC 8463 section 4",
             "Publish the base64 of the last 32 octets of the DER."},
    RuleInfo{Rule::kRsaKeyTooShort, "rsa-key-too-short", kError,
             "The RSA key has fewer than 1024 bits; verifiers must not accept "
             "it.",
             "RFC 8301 section 3.2", "Make a key of 2048 bits."},
    RuleInfo{Rule::kRsaKeyShort, "rsa-key-short", kWarning,
             "The RSA key has fewer than 2048 bits.", "RFC 8301 section 3.2",
             "Make a key of 2048 bits."},
    RuleInfo{Rule::kRsaKeyLong, "rsa-key-long", kWarning,
             "The RSA key has more than 4096 bits, which verifiers need not "
             "support.",
             "RFC 8301 section 3.2", "Make a key of 2048 to 4096 bits."},
    RuleInfo{Rule::kSha256NotAllowed, "sha256-not-allowed", kError,
             "h= does not list sha256, the only hash that may be used.",
             "RFC 8301 section 3.1", "Remove h=, or write h=sha256."},
    RuleInfo{Rule::kSha1Allowed, "sha1-allowed", kAdvice,
             "h= lists sha1, which must not be used.", "RFC 8301 section 3.1",
             "Write h=sha256."},
    RuleInfo{Rule::kNotForEmail, "not-for-email", kError,
             "s= lists neither email nor \"*\", so the key is not for mail.",
             "RFC 6376 section 3.6.1, s=", "Remove s=, or add email."},
    RuleInfo{Rule::kTestingFlag, "testing-flag", kWarning,
             "t=y says that the domain is testing DKIM: verifiers must treat "
             "signatures that fail as if there were none.",
             "RFC 6376 section 3.6.1, t=", "Remove y when the test is over."},
    RuleInfo{Rule::kGranularityTag, "granularity-tag", kAdvice,
             "g= is of RFC 4871 and ignored now; old verifiers refuse some of "
             "its values.",
             "RFC 6376 appendix C.2", "Remove g=."},
    RuleInfo{Rule::kPrivateKeyMismatch, "private-key-mismatch", kError,
             "The public key is not that of the private key: every signature "
             "made with it fails.",
             "RFC 6376 section 3.6.1, p=",
             "Publish the public half of the key the signer uses, or give the "
             "signer the other key."},
    RuleInfo{Rule::kSignatureTag, "signature-tag", kError,
             "A tag of the signature does not have the form it must have.",
             "RFC 6376 section 3.5", "Correct the signer."},
    RuleInfo{Rule::kSignatureVersion, "signature-version", kError,
             "v= is not 1.", "RFC 6376 section 3.5, v=", "Write v=1."},
    RuleInfo{Rule::kRequiredTagMissing, "required-tag-missing", kError,
             "One of v=, a=, b=, bh=, d=, h= and s= is missing.",
             "RFC 6376 section 6.1.1", "Correct the signer."},
    RuleInfo{Rule::kUnknownAlgorithm, "unknown-algorithm", kError,
             "a= names no algorithm of DKIM.",
             "RFC 6376 section 3.3; RFC 8463 section 3",
             "Sign with rsa-sha256 or ed25519-sha256."},
    RuleInfo{Rule::kUnknownCanonicalization, "unknown-canonicalization", kError,
             "c= names no canonicalization of DKIM.", "RFC 6376 section 3.4",
             "Use relaxed or simple."},
    RuleInfo{Rule::kUnknownQueryMethod, "unknown-query-method", kError,
             "q= does not list dns/txt, the only query method there is.",
             "RFC 6376 section 3.5, q=", "Remove q=."},
    RuleInfo{Rule::kAuidOutsideSdid, "i-outside-d", kError,
             "The domain of i= is neither that of d= nor below it.",
             "RFC 6376 section 3.5, i=", "Remove i=, or correct its domain."},
    RuleInfo{Rule::kFromNotSigned, "from-not-signed", kError,
             "h= does not list From.", "RFC 6376 section 5.4", "Sign From."},
    RuleInfo{
        Rule::kExpirationNotAfterTimestamp, "x-not-after-t", kError,
        "The signature expires before it was made: x= is not greater "
        "than t=.",
        "RFC 6376 section 3.5, x=", "Remove x=, or set it some days after t=."},
    RuleInfo{Rule::kBodyHashLength, "bh-length", kError,
             "bh= does not have the length of the hash that a= names.",
             "RFC 6376 section 3.7", "Correct the signer."},
    RuleInfo{Rule::kRsaSha1, "rsa-sha1", kError,
             "a=rsa-sha1 must not be used; verifiers treat it as no signature.",
             "RFC 8301 section 3.1", "Sign with rsa-sha256."},
    RuleInfo{Rule::kLengthCount, "length-count", kWarning,
             "l= lets anybody append to the body, or replace all of it where "
             "l=0, without breaking the signature. Some verifiers refuse l=.",
             "RFC 6376 section 8.2", "Sign the whole body: remove l=."},
    RuleInfo{Rule::kFromNotOverSigned, "from-not-over-signed", kWarning,
             "h= does not list From once more than the message has it, so a "
             "second From can be added and the signature still verifies.",
             "RFC 6376 section 8.15", "List From twice in h=."},
    RuleInfo{Rule::kRewrittenFieldSigned, "rewritten-field-signed", kWarning,
             "A signed field is one that relays rewrite, add or remove, which "
             "breaks the signature.",
             "RFC 6376 section 5.4.1", "Leave the field out of h=."},
    RuleInfo{Rule::kHeaderSimple, "header-simple", kAdvice,
             "The header is signed with simple canonicalization, which breaks "
             "when a relay folds a field differently.",
             "RFC 6376 section 5.4.1", "Use c=relaxed/relaxed."},
    RuleInfo{Rule::kBodySimple, "body-simple", kAdvice,
             "The body is signed with simple canonicalization, which breaks "
             "when a relay changes white space at the end of a line. c=relaxed "
             "alone leaves the body simple.",
             "RFC 6376 section 3.5, c=", "Use c=relaxed/relaxed."},
    RuleInfo{Rule::kSingleLabelSdid, "single-label-d", kWarning,
             "d= is a single label; verifiers may refuse a signature of a "
             "whole top-level domain.",
             "RFC 6376 section 6.1.1", "Sign with a domain of your own."},
    RuleInfo{Rule::kNotSigned, "not-signed", kWarning,
             "The message has no DKIM-Signature field.", "RFC 6376 section 5.6",
             "Sign it."},
    RuleInfo{Rule::kTooManySignatures, "too-many-signatures", kWarning,
             "The message has more than 64 DKIM-Signature fields. Verifiers "
             "may limit how many they look at, and lint looks at 64.",
             "RFC 6376 section 6.1",
             "Remove signatures that no longer verify."},
    RuleInfo{Rule::kOwnFieldSigned, "own-field-signed", kError,
             "h= lists DKIM-Signature more often than there are others, which "
             "means the very field that is being made.",
             "RFC 6376 section 3.5, h=", "Leave DKIM-Signature out of h=."},
    RuleInfo{Rule::kRecommendedFieldNotSigned, "field-not-signed", kAdvice,
             "A field that readers rely on is not signed and can be changed "
             "at will.",
             "RFC 6376 section 5.4.1", "Add the field to h=."},
    RuleInfo{Rule::kFromMissing, "from-missing", kError,
             "The message has no From field.", "RFC 5322 section 3.6",
             "Add one before signing."},
    RuleInfo{Rule::kSeveralFromFields, "several-from-fields", kError,
             "The message has more than one From field; readers may be shown "
             "one that no signature covers.",
             "RFC 5322 section 3.6; RFC 6376 section 8.15",
             "Send messages with one From field."},
    RuleInfo{Rule::kSeveralAuthors, "several-authors", kWarning,
             "From names addresses of more than one domain, so DMARC cannot "
             "be applied.",
             "RFC 9989 section 5.3.1", "Name one author, and use Sender."},
    RuleInfo{Rule::kAuthorUnreadable, "author-unreadable", kWarning,
             "From holds no address whose domain can be read.",
             "RFC 5322 section 3.6.2; RFC 9989 section 5.3.1",
             "Write From as: Name <address@domain>."},
    RuleInfo{Rule::kNotAligned, "not-aligned", kWarning,
             "No signature's d= has the organizational domain of From, so DKIM "
             "does nothing for DMARC.",
             "RFC 9989 section 4.10.2", "Sign with the domain of From in d=."},
    RuleInfo{Rule::kNoKey, "no-key", kError,
             "There is no key record at the selector's name.",
             "RFC 6376 section 6.1.2",
             "Publish the key there, or correct s= and d=."},
    RuleInfo{Rule::kDelegationMissing, "delegation-missing", kError,
             "There is no key record, and the selector is one that a mail "
             "service has its customers delegate to it by CNAME: the "
             "delegation is missing or leads nowhere.",
             "RFC 6376 section 6.1.2",
             "Publish the CNAME that the service asks for."},
    RuleInfo{Rule::kKeyUnavailable, "key-unavailable", kWarning,
             "The DNS did not answer.", "RFC 6376 section 6.1.2",
             "Check the name servers of the domain."},
    RuleInfo{Rule::kSeveralKeyRecords, "several-key-records", kError,
             "There is more than one TXT record at the selector's name; what "
             "verifiers then do is undefined.",
             "RFC 6376 section 3.6.2.2", "Leave one."},
    RuleInfo{Rule::kKeyDoesNotFit, "key-does-not-fit", kError,
             "The key record is not for this signature.",
             "RFC 6376 section 6.1.2",
             "Correct the record or the signer; see the detail."},
};

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (static_cast<std::size_t>(kRules[i].rule) != i) {
      return false;
    }
  }
  return true;
}
static_assert(InOrder());  // Info() indexes by enumerator.
static_assert(kRules.back().rule == Rule::kKeyDoesNotFit);

}  // namespace

std::span<const RuleInfo> AllRules() { return kRules; }

const RuleInfo& Info(Rule rule) {
  return kRules[static_cast<std::size_t>(rule)];
}

std::string_view ToString(Severity severity) {
  constexpr std::array<std::string_view, 3> kWords = {"error", "warning",
                                                      "advice"};
  return kWords[static_cast<std::size_t>(severity)];
}

}  // namespace dkimspec::lint
