// The words of the worker protocol, version 1: JSON Lines over standard input
// and output, described for authors of workers in docs/worker-protocol.md and
// docs/worker-protocol.schema.json. Pure functions; runners/worker.h does the
// talking.
#ifndef DKIMSPEC_RUNNERS_WORKER_PROTOCOL_H_
#define DKIMSPEC_RUNNERS_WORKER_PROTOCOL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/base/expected.h"
#include "runners/implementation.h"

namespace dkimspec::runners {

inline constexpr int kWorkerProtocol = 1;

// Ids stay below 2^53, so that they survive languages whose only number is a
// double.
inline constexpr std::uint64_t kIdLimit = std::uint64_t{1} << 53;

// Uniform in [1, kIdLimit): says nothing about the case, and is never reused
// in practice.
std::uint64_t RandomRequestId();

// What a signer is asked. Empty and absent members are not sent: the signer
// then does as it always does.
struct SignRequest {
  std::uint64_t id = 0;  // RandomRequestId().
  std::string message;
  std::string domain;                   // d=
  std::string selector;                 // s=
  std::string key_pem;                  // PKCS #8.
  std::string algorithm;                // a=: "rsa-sha256", "ed25519-sha256".
  std::string header_canonicalization;  // "simple" or "relaxed".
  std::string body_canonicalization;
  std::vector<std::string> signed_header_fields;  // h=
  std::string identity;                           // i=
  std::optional<std::int64_t> now;         // Its clock, where it takes one.
  std::optional<std::int64_t> timestamp;   // t=
  std::optional<std::int64_t> expiration;  // x=
};

// One line each, with its LF. With `message_path`, the message is in that file
// and not in the line.
std::string EncodeStart();
std::string EncodeVerify(const Request& request,
                         const std::string& message_path = "");
std::string EncodeSign(const SignRequest& request,
                       const std::string& message_path = "");

// Whether a line is an answer at all. Anything else is noise: a banner, a
// warning, a progress bar.
bool IsJsonObject(std::string_view line);

// The answer to "start". Fails with what is wrong, or with the worker's own
// "error".
Expected<Description> DecodeDescription(std::string_view line);

// An answer to "verify" or "sign".
struct Reply {
  std::uint64_t id = 0;
  Answer answer;        // Without log and elapsed.
  std::string message;  // The signed message, if one was sent.
};

// `words` turns the worker's own words into those of RFC 8601; a word that is
// in neither vocabulary leaves SignatureAnswer::result empty. Fails if the
// line breaks the protocol.
Expected<Reply> DecodeReply(std::string_view line,
                            const std::map<std::string, std::string>& words);

// The id of an answer that cannot be used otherwise; nullopt if it has none.
std::optional<std::uint64_t> IdOf(std::string_view line);

// RFC 8601 section 2.7.1: none, pass, fail, policy, neutral, temperror,
// permerror.
bool IsResultWord(std::string_view word);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_WORKER_PROTOCOL_H_
