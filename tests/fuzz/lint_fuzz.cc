// Lint goes on whatever it meets, finds an error exactly where the verifier
// refuses, and names places that are there. An input is key records, each
// ending in LF, then NUL, then a message.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "reference/lint/lint.h"
#include "reference/message.h"
#include "reference/signature.h"
#include "reference/usable_key.h"
#include "tests/fuzz/support.h"

namespace {

using dkimspec::KeyAnswer;
using dkimspec::lint::Remark;
using dkimspec::lint::Rule;
using dkimspec::lint::Severity;

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool IsError(const Remark& remark) {
  return dkimspec::lint::Info(remark.rule).severity == Severity::kError;
}

void CheckPlaces(std::string_view text, const std::vector<Remark>& remarks) {
  const auto lines =
      static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const Remark& remark : remarks) {
    Require(!remark.subject.empty());
    Require(remark.offset <= text.size() && remark.column >= 1);
    Require(remark.line >= 1 && remark.line <= lines);
  }
}

// Would the verifier use this record for some signature?
bool IsUsable(std::string_view record) {
  for (const auto algorithm :
       {dkimspec::Algorithm::kRsaSha256, dkimspec::Algorithm::kEd25519Sha256}) {
    dkimspec::Signature signature;
    signature.sdid = signature.auid_domain = "a.example";
    signature.algorithm = algorithm;
    if (dkimspec::JudgeKeyRecord(record, signature, {}).key) {
      return true;
    }
  }
  return false;
}

void CheckRecord(const std::string& record) {
  const std::vector<Remark> remarks = dkimspec::lint::LintKeyRecord(record);
  CheckPlaces(record, remarks);
  const bool has_finding =
      std::any_of(remarks.begin(), remarks.end(), [](const Remark& remark) {
        return remark.rule == Rule::kPublicKeyEmpty || IsError(remark);
      });
  Require(has_finding != IsUsable(record));
}

void CheckSignature(const dkimspec::HeaderField& field) {
  const auto remarks = dkimspec::lint::LintSignature(field.octets);
  CheckPlaces(field.octets, remarks);
  const bool has_finding =
      std::any_of(remarks.begin(), remarks.end(), [](const Remark& remark) {
        // These two are refused later than in ParseSignature.
        return remark.rule != Rule::kRsaSha1 &&
               remark.rule != Rule::kBodyHashLength && IsError(remark);
      });
  Require(has_finding != dkimspec::ParseSignature(field.value).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = input.find('\0');
  if (zero == std::string_view::npos) {
    return 0;
  }
  const std::vector<std::string> records =
      dkimspec::fuzz::Lines(input.substr(0, zero));
  for (const std::string& record : records) {
    CheckRecord(record);
  }
  const auto message = dkimspec::ParseMessage(input.substr(zero + 1));
  for (const std::size_t field : message.Find("DKIM-Signature")) {
    CheckSignature(message.fields[field]);
  }
  dkimspec::fuzz::AnyNameKeys keys(records, KeyAnswer::Status::kNoRecord);
  dkimspec::lint::LintMessage(message.octets, &keys);
  return 0;
}
