#include "runners/cli/verify_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runners/batch.h"
#include "runners/cli/alignment_report.h"
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

// nullptr if it is not asked for, or cannot be told.
const Alignment* Find(const std::optional<AuthorReport>& author,
                      const Verification& verification) {
  if (!author) {
    return nullptr;
  }
  const auto found = std::find_if(
      author->alignments.begin(), author->alignments.end(),
      [&](const Alignment& a) { return a.field == verification.field; });
  return found == author->alignments.end() ? nullptr : &*found;
}

}  // namespace

std::string VerifyText(const VerifiedMessage& verified) {
  const std::string name = verified.message.Name();
  const std::string shown_name = ShowOctets(name);
  std::string text;
  if (verified.verifications.empty()) {
    text = shown_name + ": none (no DKIM-Signature field)\n";
  }
  for (const Verification& verification : verified.verifications) {
    text += Line(name, verification);
    if (const Alignment* alignment = Find(verified.author, verification)) {
      text += AlignmentText(shown_name, *alignment);
    }
  }
  return verified.author
             ? text + AuthorsText(shown_name, verified.author->authors)
             : text;
}

nlohmann::ordered_json VerifyJson(const VerifiedMessage& verified) {
  nlohmann::ordered_json json = {{"file", verified.message.file}};
  if (verified.message.number > 0) {
    json["message"] = verified.message.number;
  }
  json["result"] = ToString(runners::OverallResult(verified.verifications));
  if (verified.author) {
    json["authors"] = AuthorsJson(verified.author->authors);
  }
  json["signatures"] = nlohmann::ordered_json::array();
  for (const Verification& verification : verified.verifications) {
    auto& signature = json["signatures"].emplace_back(ToJson(verification));
    if (verified.author) {
      const Alignment* alignment = Find(verified.author, verification);
      signature["alignment"] = alignment == nullptr ? nlohmann::ordered_json()
                                                    : AlignmentJson(*alignment);
    }
  }
  return json;
}

}  // namespace dkimspec::cli
