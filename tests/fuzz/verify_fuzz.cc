// Verifying cannot fail, does not depend on where a message is cut, and what is
// written of it is a field that can be read. An input is key records, each
// ending in LF, then NUL, then a message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "reference/authentication_results.h"
#include "reference/authentication_results_reader.h"
#include "reference/verifier.h"
#include "tests/fuzz/support.h"

namespace {

using dkimspec::KeyAnswer;
using dkimspec::Verification;

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

dkimspec::VerifierPolicy Policy() {
  dkimspec::VerifierPolicy policy;
  policy.now = 1500;
  policy.max_rsa_bits = 2048;
  policy.max_signatures = 8;
  return policy;
}

void CheckOne(const Verification& verification) {
  const bool succeeds = verification.state == dkimspec::State::kSuccess;
  Require(succeeds == (verification.reason == dkimspec::Reason::kNone));
  Require(!succeeds ||
          (verification.body_hash == dkimspec::Check::kMatch &&
           verification.header_signature == dkimspec::Check::kMatch));
}

void CheckWritten(const std::vector<Verification>& verifications) {
  const std::string field =
      dkimspec::WriteAuthenticationResults("mx.example", verifications);
  const auto read = dkimspec::ParseAuthenticationResults(
      std::string_view(field).substr(field.find(':') + 1));
  Require(read.has_value());
  Require(read->results.size() ==
          (verifications.empty() ? 1 : verifications.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = input.find('\0');
  if (zero == std::string_view::npos) {
    return 0;
  }
  const std::string_view message = input.substr(zero + 1);
  dkimspec::fuzz::AnyNameKeys keys(dkimspec::fuzz::Lines(input.substr(0, zero)),
                                   KeyAnswer::Status::kTemporary);
  const auto whole = dkimspec::Verify(message, keys, Policy());
  const std::size_t cut = message.size() * (size % 7) / 7;
  dkimspec::Verifier verifier(keys, Policy());
  verifier.Push(message.substr(0, cut));
  verifier.Push(message.substr(cut));
  const auto pieces = verifier.Finish();
  Require(whole.size() == pieces.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CheckOne(whole[i]);
    Require(whole[i].reason == pieces[i].reason);
    Require(whole[i].detail == pieces[i].detail);
  }
  CheckWritten(whole);
  return 0;
}
