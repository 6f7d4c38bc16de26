#include "reference/verifier.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fmt/format.h"
#include "reference/acceptance.h"
#include "reference/base/base64.h"
#include "reference/body_hashes.h"
#include "reference/crypto.h"
#include "reference/header_hash.h"
#include "reference/message.h"
#include "reference/usable_key.h"

namespace dkimspec {
namespace {

void Refuse(Verification& verification, Finding finding) {
  verification.state = Info(finding.reason).state;
  verification.reason = finding.reason;
  verification.detail = std::move(finding.detail);
}

void Refuse(Verification& verification, Reason reason, std::string detail) {
  Refuse(verification, Finding{reason, std::move(detail)});
}

bool IsRefused(const Verification& verification) {
  return verification.reason != Reason::kNone;
}

bool IsTooShort(const Signature& signature, const BodyHash& body) {
  return signature.body_length_count &&
         *signature.body_length_count > body.canonical_length;
}

// Section 6.1.3 step 3. bh= is compared whole: one of another length differs.
// Fewer octets than l= counts are never what was signed (section 3.5, l=).
Check CompareBodyHash(const Signature& signature, const BodyHash& body) {
  return !IsTooShort(signature, body) && signature.body_hash == body.digest
             ? Check::kMatch
             : Check::kMismatch;
}

Padding PaddingOf(const PublicKey& key, const Verification& verification) {
  const Signature& signature = *verification.signature;
  if (signature.algorithm == Algorithm::kEd25519Sha256) {
    return Padding::kUnchecked;
  }
  const bool is_valid =
      verification.header_signature == Check::kMatch ||
      key.RecoverDigest(signature.algorithm, signature.signature_data);
  return is_valid ? Padding::kValid : Padding::kGarbage;
}

// For people, why the header signature does not match.
std::string_view Explain(Padding padding) {
  switch (padding) {
    case Padding::kValid:
      return ", and it is the right one: a signed header field changed";
    case Padding::kGarbage:
      return ": it is not the signer's, or b= was damaged";
    case Padding::kUnchecked:
      break;
  }
  return "";
}

// Section 6.1.3 steps 3 to 5, once both comparisons are made.
void Conclude(const VerifierPolicy& policy, const BodyHash& body,
              Verification& verification) {
  const Signature& signature = *verification.signature;
  if (IsTooShort(signature, body)) {
    Refuse(verification, Reason::kBodyShorterThanLengthCount,
           fmt::format("l={}, the canonical body has {} octets",
                       *signature.body_length_count, body.canonical_length));
  } else if (verification.body_hash != Check::kMatch) {
    Refuse(verification, Reason::kBodyHashDidNotVerify,
           fmt::format("bh={}, the body hashes to {}",
                       Base64Encode(signature.body_hash),
                       Base64Encode(body.digest)));
  } else if (verification.header_signature != Check::kMatch) {
    Refuse(verification, Reason::kSignatureDidNotVerify,
           fmt::format("the key is at {}{}", signature.KeyName(),
                       Explain(verification.padding)));
  } else if (!policy.accept_partial_body && signature.body_length_count &&
             *signature.body_length_count < body.canonical_length) {
    Refuse(verification, Reason::kUnsignedContent,
           fmt::format("l={}, the canonical body has {} octets",
                       *signature.body_length_count, body.canonical_length));
  } else {
    verification.state = State::kSuccess;
  }
}

// How far a record got the signature, to choose among several.
int Progress(const Verification& verification) {
  if (verification.state == State::kSuccess) {
    return 3;
  }
  return static_cast<int>(verification.header_signature != Check::kUnchecked) +
         static_cast<int>(verification.header_signature == Check::kMatch);
}

// Offset just after the first CRLFCRLF that begins at or after `from`, or npos.
std::size_t AfterEmptyLine(std::string_view octets, std::size_t from) {
  const std::size_t end = octets.find("\r\n\r\n", from);
  return end == std::string_view::npos ? end : end + 4;
}

// Offset just after the empty line that ends the header, or npos. RFC 5322
// section 2.1; what ParseMessage finds, in octets that still arrive. `from`:
// no CRLFCRLF begins before it.
std::size_t FindBody(std::string_view octets, std::size_t from) {
  return octets.starts_with("\r\n") ? 2 : AfterEmptyLine(octets, from);
}

}  // namespace

struct Verifier::Impl {
  Impl(KeySource& key_source, const VerifierPolicy& verifier_policy,
       KeyCache* key_cache)
      : keys(key_source), policy(verifier_policy), cache(key_cache) {}

  // A signature on its way to a verdict.
  struct Pending {
    Verification verification;
    std::size_t body_hash = 0;  // In `body_hashes`, if it could be read.
  };

  void PushHeader(std::string_view octets);
  void EndHeader();
  Pending Begin(std::size_t field, std::size_t nth);
  void Finish(Pending& pending);
  void TryKeys(const BodyHash& body, Verification& verification);
  Verification TryKey(std::string_view record, std::string_view signed_octets,
                      const BodyHash& body, Verification verification) const;

  KeySource& keys;
  VerifierPolicy policy;
  KeyCache* cache;
  std::string header;   // Until its end has come, perhaps some of the body.
  MessageView message;  // Of `header`.
  bool in_body = false;
  std::vector<Pending> pending;
  BodyHashes body_hashes;
};

// Copies the header and nothing of the body. The empty line may begin in the
// last three octets of what came before, so those are joined to three of these.
void Verifier::Impl::PushHeader(std::string_view octets) {
  constexpr std::size_t kOverlap = 3;
  const std::size_t before = header.size();
  header += octets.substr(0, kOverlap);
  std::size_t body = FindBody(header, before - std::min(before, kOverlap));
  body = body == std::string::npos ? AfterEmptyLine(octets, 0) : body - before;
  header.resize(before);
  header += octets.substr(0, body);
  if (body != std::string::npos) {
    EndHeader();
    body_hashes.Push(octets.substr(body));
  }
}

void Verifier::Impl::EndHeader() {
  in_body = true;
  message = ParseMessage(header);
  for (const std::size_t field : message.Find("DKIM-Signature")) {
    pending.push_back(Begin(field, pending.size()));
  }
}

// Section 6.1.1.
Verifier::Impl::Pending Verifier::Impl::Begin(std::size_t field,
                                              std::size_t nth) {
  Pending result;
  Verification& verification = result.verification;
  const std::string_view value = message.fields[field].value;
  verification.field = field;
  if (nth >= policy.max_signatures) {
    verification.identity = IdentifySignature(value);
    Refuse(verification, Reason::kTooManySignatures,
           fmt::format("only {} are verified", policy.max_signatures));
    return result;
  }
  auto signature = ParseSignature(value);
  if (!signature) {
    verification.identity = IdentifySignature(value);
    Refuse(verification, std::move(signature.error()));
    return result;
  }
  result.body_hash = body_hashes.Add({signature->body_canonicalization,
                                      HashOf(signature->algorithm),
                                      signature->body_length_count});
  verification.identity = {signature->sdid, signature->selector};
  if (auto finding = FindRefusal(policy, *signature, message)) {
    Refuse(verification, *std::move(finding));
  }
  verification.signature = *std::move(signature);
  return result;
}

void Verifier::Impl::Finish(Pending& result) {
  Verification& verification = result.verification;
  if (!verification.signature) {
    return;
  }
  const BodyHash& body = body_hashes.Get(result.body_hash);
  verification.body_hash = CompareBodyHash(*verification.signature, body);
  if (!IsRefused(verification)) {
    TryKeys(body, verification);
  }
}

// Section 6.1.2. With several records the policy may let each be tried, as step
// 4 allows (section 3.6.2.2 leaves the outcome undefined): one that verifies is
// enough, else the record is told that came furthest, the first among equals.
void Verifier::Impl::TryKeys(const BodyHash& body, Verification& verification) {
  const Signature& signature = *verification.signature;
  const KeyAnswer answer = keys.Lookup(signature.KeyName());
  if (answer.status == KeyAnswer::Status::kTemporary) {
    Refuse(verification, Reason::kKeyUnavailable,
           fmt::format("{}: {}", signature.KeyName(), answer.detail));
    return;
  }
  if (answer.status == KeyAnswer::Status::kNoRecord || answer.records.empty()) {
    Refuse(verification, Reason::kNoKeyForSignature,
           fmt::format("{}: {}", signature.KeyName(), answer.detail));
    return;
  }
  if (answer.records.size() > 1 && !policy.accept_several_key_records) {
    Refuse(verification, Reason::kSeveralKeyRecords,
           fmt::format("{}: {} TXT records", signature.KeyName(),
                       answer.records.size()));
    return;
  }
  const std::string signed_octets = HeaderHashInput(
      signature.header_canonicalization, message.fields,
      SelectHeaderFields(message.fields, signature.signed_header_fields,
                         verification.field),
      message.fields[verification.field].octets);
  if (answer.records.size() == 1) {
    verification =
        TryKey(answer.records[0], signed_octets, body, std::move(verification));
    return;
  }
  std::optional<Verification> best;
  for (const std::string& record : answer.records) {
    Verification attempt = TryKey(record, signed_octets, body, verification);
    if (!best || Progress(attempt) > Progress(*best)) {
      best = std::move(attempt);
    }
  }
  verification = *std::move(best);
}

Verification Verifier::Impl::TryKey(std::string_view record,
                                    std::string_view signed_octets,
                                    const BodyHash& body,
                                    Verification verification) const {
  const Signature& signature = *verification.signature;
  const KeyJudgement judgement = JudgeKeyRecord(
      record, signature,
      {policy.min_rsa_bits, policy.max_rsa_bits, policy.accept_pkcs1_keys},
      cache);
  verification.key_is_testing = judgement.is_testing;
  verification.key_bits = judgement.bits;
  if (!judgement.key) {
    Refuse(verification, judgement.finding);
    return verification;
  }
  verification.header_signature =
      judgement.key->Verifies(signature.algorithm, signed_octets,
                              signature.signature_data)
          ? Check::kMatch
          : Check::kMismatch;
  verification.padding = PaddingOf(*judgement.key, verification);
  Conclude(policy, body, verification);
  return verification;
}

Verifier::Verifier(KeySource& keys, const VerifierPolicy& policy,
                   KeyCache* cache)
    : impl_(std::make_unique<Impl>(keys, policy, cache)) {}

Verifier::~Verifier() = default;

void Verifier::Push(std::string_view octets) {
  if (impl_->in_body) {
    impl_->body_hashes.Push(octets);
  } else {
    impl_->PushHeader(octets);
  }
}

std::vector<Verification> Verifier::Finish() {
  if (!impl_->in_body) {
    impl_->EndHeader();  // Without an empty line the body is empty.
  }
  impl_->body_hashes.Finish();
  std::vector<Verification> verifications;
  for (Impl::Pending& pending : impl_->pending) {
    impl_->Finish(pending);
    verifications.push_back(std::move(pending.verification));
  }
  return verifications;
}

std::vector<Verification> Verify(std::string_view message, KeySource& keys,
                                 const VerifierPolicy& policy,
                                 KeyCache* cache) {
  Verifier verifier(keys, policy, cache);
  verifier.Push(message);
  return verifier.Finish();
}

std::string_view ToString(Check check) {
  constexpr std::array<std::string_view, 3> kWords = {"unchecked", "match",
                                                      "mismatch"};
  return kWords[static_cast<std::size_t>(check)];
}

std::string_view ToString(Padding padding) {
  constexpr std::array<std::string_view, 3> kWords = {"unchecked", "valid",
                                                      "garbage"};
  return kWords[static_cast<std::size_t>(padding)];
}

// A failure under a testing key must not be treated unlike an unsigned message
// (section 3.6.1, t=y), so we do not call it "fail".
Result ResultOf(const Verification& verification) {
  const Result result = Info(verification.reason).result;
  return verification.key_is_testing && result == Result::kFail
             ? Result::kNeutral
             : result;
}

}  // namespace dkimspec
