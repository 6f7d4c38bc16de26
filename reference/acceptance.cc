#include "reference/acceptance.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "fmt/format.h"

namespace dkimspec {
namespace {

using Rule = std::optional<Finding> (*)(const VerifierPolicy&, const Signature&,
                                        const MessageView&);

Count NotNegative(std::int64_t seconds) {
  return seconds < 0 ? 0 : static_cast<Count>(seconds);
}

// RFC 8301 section 3.1.
std::optional<Finding> CheckAlgorithm(const VerifierPolicy& policy,
                                      const Signature& signature,
                                      const MessageView&) {
  if (signature.algorithm != Algorithm::kRsaSha1 || policy.accept_rsa_sha1) {
    return std::nullopt;
  }
  return Finding{Reason::kRsaSha1, "a=rsa-sha1"};
}

// Section 3.5, x=: "past the expiration date", plus what clocks may differ.
std::optional<Finding> CheckExpiration(const VerifierPolicy& policy,
                                       const Signature& signature,
                                       const MessageView&) {
  const Count now = NotNegative(policy.now);
  const Count skew = NotNegative(policy.clock_skew);
  if (policy.accept_expired || !signature.expiration || now <= skew ||
      *signature.expiration >= now - skew) {
    return std::nullopt;
  }
  return Finding{
      Reason::kSignatureExpired,
      fmt::format("x={}, and it is {}", *signature.expiration, policy.now)};
}

// Section 3.5, t=.
std::optional<Finding> CheckTimestamp(const VerifierPolicy& policy,
                                      const Signature& signature,
                                      const MessageView&) {
  if (policy.accept_future || !signature.timestamp ||
      *signature.timestamp <=
          NotNegative(policy.now) + NotNegative(policy.clock_skew)) {
    return std::nullopt;
  }
  return Finding{
      Reason::kSignatureFromTheFuture,
      fmt::format("t={}, and it is {}", *signature.timestamp, policy.now)};
}

// Section 6.1.1: a verifier may refuse d=com.
std::optional<Finding> CheckSdid(const VerifierPolicy& policy,
                                 const Signature& signature,
                                 const MessageView&) {
  if (policy.accept_single_label_sdid ||
      signature.sdid.find('.') != std::string::npos) {
    return std::nullopt;
  }
  return Finding{Reason::kUnlikelySdid, fmt::format("d={}", signature.sdid)};
}

// Section 8.2.
std::optional<Finding> CheckLengthCount(const VerifierPolicy& policy,
                                        const Signature& signature,
                                        const MessageView&) {
  if (policy.accept_length_count || !signature.body_length_count) {
    return std::nullopt;
  }
  return Finding{Reason::kUnsignedContent,
                 fmt::format("l={}", *signature.body_length_count)};
}

// Sections 3.8 and 8.15: RFC 5322 section 3.6 allows one.
std::optional<Finding> CheckFrom(const VerifierPolicy& policy, const Signature&,
                                 const MessageView& message) {
  const std::size_t count =
      policy.accept_several_from_fields ? 1 : message.Find("From").size();
  if (count <= 1) {
    return std::nullopt;
  }
  return Finding{Reason::kSeveralFromFields,
                 fmt::format("there are {}", count)};
}

// In the order in which they are told.
constexpr Rule kRules[] = {CheckAlgorithm, CheckExpiration,  CheckTimestamp,
                           CheckSdid,      CheckLengthCount, CheckFrom};

}  // namespace

std::optional<Finding> FindRefusal(const VerifierPolicy& policy,
                                   const Signature& signature,
                                   const MessageView& message) {
  for (const Rule rule : kRules) {
    if (auto finding = rule(policy, signature, message)) {
      return finding;
    }
  }
  return std::nullopt;
}

}  // namespace dkimspec
