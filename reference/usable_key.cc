#include "reference/usable_key.h"

#include <string>
#include <utility>

#include "fmt/format.h"
#include "reference/domain.h"
#include "reference/rsa_public_key.h"

namespace dkimspec {
namespace {

constexpr int kEd25519Bits = 256;

std::string_view KeyTypeOf(Algorithm algorithm) {
  return algorithm == Algorithm::kEd25519Sha256 ? "ed25519" : "rsa";
}

// Section 3.6.1: a record for other services, or with a key type that we do not
// know, is to be ignored.
std::optional<Finding> CheckApplicable(const KeyRecord& record) {
  if (!record.IsForEmail()) {
    return Finding{Reason::kKeyNotApplicable, "s= does not list email"};
  }
  if (record.key_type != "rsa" && record.key_type != "ed25519") {
    return Finding{Reason::kKeyNotApplicable,
                   fmt::format("k={} is not known", record.key_type)};
  }
  return std::nullopt;
}

std::optional<Finding> CheckRecord(const KeyRecord& record,
                                   const Signature& signature) {
  if (auto finding = CheckApplicable(record)) {
    return finding;
  }
  // Step 6.
  const std::string_view hash = ToString(HashOf(signature.algorithm));
  if (!record.AllowsHash(hash)) {
    return Finding{Reason::kInappropriateHashAlgorithm,
                   fmt::format("h= does not list {}", hash)};
  }
  // Step 7.
  if (record.public_key.empty()) {
    return Finding{Reason::kKeyRevoked, "p= is empty"};
  }
  // Step 8.
  if (record.key_type != KeyTypeOf(signature.algorithm)) {
    return Finding{Reason::kInappropriateKeyAlgorithm,
                   fmt::format("k={} with a={}", record.key_type,
                               ToString(signature.algorithm))};
  }
  // Section 3.6.1, t=s, and section 3.10.
  if (record.ForbidsSubdomains() &&
      !IsSameDomain(signature.auid_domain, signature.sdid)) {
    return Finding{Reason::kDomainMismatch,
                   fmt::format("t=s, but the domain of i={} is not d={}",
                               signature.auid, signature.sdid)};
  }
  return std::nullopt;
}

// RFC 8301 section 3.2, in exact bits.
std::optional<Finding> CheckSize(int bits, const RsaLimits& limits) {
  if (bits < limits.min_bits) {
    return Finding{Reason::kWeakKey, fmt::format("{} bits, at least {} wanted",
                                                 bits, limits.min_bits)};
  }
  if (bits > limits.max_bits) {
    return Finding{
        Reason::kOversizedKey,
        fmt::format("{} bits, at most {} wanted", bits, limits.max_bits)};
  }
  return std::nullopt;
}

void JudgeKey(const ReadKey& read, Algorithm algorithm, const RsaLimits& limits,
              KeyJudgement& judgement) {
  const bool is_rsa = algorithm != Algorithm::kEd25519Sha256;
  if (!read.key) {
    judgement.finding = read.key.error();
    return;
  }
  if (is_rsa && !limits.accept_pkcs1 &&
      IsBareRsaPublicKey(read.record->public_key)) {
    judgement.finding = {
        Reason::kKeySyntaxError,
        "p= holds an RSAPublicKey, not a SubjectPublicKeyInfo"};
    return;
  }
  judgement.bits = is_rsa ? read.key->RsaBits() : kEd25519Bits;
  if (is_rsa) {
    if (auto finding = CheckSize(judgement.bits, limits)) {
      judgement.finding = *std::move(finding);
      return;
    }
  }
  judgement.key = *read.key;
}

KeyJudgement Judge(const ReadKey& read, const Signature& signature,
                   const RsaLimits& limits) {
  KeyJudgement judgement;
  // Step 5.
  if (!read.record) {
    judgement.finding = read.record.error();
    return judgement;
  }
  judgement.is_testing = read.record->IsTesting();
  if (auto finding = CheckRecord(*read.record, signature)) {
    judgement.finding = *std::move(finding);
    return judgement;
  }
  JudgeKey(read, signature.algorithm, limits, judgement);
  return judgement;
}

}  // namespace

KeyJudgement JudgeKeyRecord(std::string_view record, const Signature& signature,
                            const RsaLimits& limits, KeyCache* cache) {
  return cache == nullptr ? Judge(ReadKeyOf(record), signature, limits)
                          : Judge(*cache->Get(record), signature, limits);
}

}  // namespace dkimspec
