#include "runners/cli/verify_report.h"

#include <fmt/format.h>

#include "runners/batch.h"
#include "runners/cli/command.h"

namespace dkimspec::cli {
namespace {

nlohmann::ordered_json ToJson(const Verification& verification) {
  nlohmann::ordered_json json = {
      {"d", verification.identity.sdid},
      {"s", verification.identity.selector},
      {"result", ToString(ResultOf(verification))},
      {"state", ToString(verification.state)},
      {"reason", Info(verification.reason).id},
      {"detail", verification.detail},
      {"body_hash", ToString(verification.body_hash)},
      {"header_signature", ToString(verification.header_signature)},
      {"padding", ToString(verification.padding)},
      {"key_bits", verification.key_bits},
      {"key_is_testing", verification.key_is_testing}};
  if (verification.signature) {
    json["a"] = ToString(verification.signature->algorithm);
  }
  return json;
}

// Which of the two broke is what people ask first.
std::string Checks(const Verification& verification) {
  std::string checks = fmt::format("; body hash {}, header signature {}",
                                   ToString(verification.body_hash),
                                   ToString(verification.header_signature));
  if (verification.padding != Padding::kUnchecked) {
    checks += fmt::format(", RSA padding {}", ToString(verification.padding));
  }
  return checks;
}

std::string Line(const std::string& name, const Verification& verification) {
  std::string line =
      fmt::format("{}: {} d={} s={}", name, ToString(ResultOf(verification)),
                  verification.identity.sdid, verification.identity.selector);
  if (verification.reason != Reason::kNone) {
    line += fmt::format(" {}", Info(verification.reason).text);
  }
  if (!verification.detail.empty()) {
    line += fmt::format(" ({})", verification.detail);
  }
  if (verification.body_hash != Check::kUnchecked &&
      verification.reason != Reason::kNone) {
    line += Checks(verification);
  }
  return ShowOctets(line) + "\n";
}

}  // namespace

std::string VerifyText(const runners::StoredMessage& message,
                       const std::vector<Verification>& verifications) {
  if (verifications.empty()) {
    return ShowOctets(message.Name()) + ": none (no DKIM-Signature field)\n";
  }
  std::string text;
  for (const Verification& verification : verifications) {
    text += Line(message.Name(), verification);
  }
  return text;
}

nlohmann::ordered_json VerifyJson(
    const runners::StoredMessage& message,
    const std::vector<Verification>& verifications) {
  nlohmann::ordered_json json = {{"file", message.file}};
  if (message.number > 0) {
    json["message"] = message.number;
  }
  json["result"] = ToString(runners::OverallResult(verifications));
  json["signatures"] = nlohmann::ordered_json::array();
  for (const Verification& verification : verifications) {
    json["signatures"].push_back(ToJson(verification));
  }
  return json;
}

}  // namespace dkimspec::cli
