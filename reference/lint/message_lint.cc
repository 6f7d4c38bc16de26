// Whole messages: what their signatures cover, whether the keys are there, and
// whether they speak for the author.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "reference/base/ascii.h"
#include "reference/lint/delegations.h"
#include "reference/lint/lint.h"
#include "reference/lint/notes.h"
#include "reference/lint/signature_lint.h"
#include "reference/usable_key.h"

namespace dkimspec::lint {
namespace {

// Of RFC 6376 section 5.4.1, those that readers see.
constexpr std::array<std::string_view, 5> kRecommended = {"Reply-To", "Subject",
                                                          "Date", "To", "Cc"};

// RFC 6376 section 6.1: a verifier MAY limit them.
constexpr std::size_t kMostSignatures = 64;

// Is the record right, and not for the signature?
bool IsMisfit(Reason reason) {
  return reason == Reason::kInappropriateKeyAlgorithm ||
         reason == Reason::kInappropriateHashAlgorithm ||
         reason == Reason::kDomainMismatch;
}

class Linter {
 public:
  Linter(std::string_view octets, KeySource* keys, const PrivateKey* key)
      : octets_(octets), view_(ParseMessage(octets)), keys_(keys), key_(key) {}

  MessageReport Lint() {
    report_.authors = ReadAuthors(view_);
    report_.alignments = AlignSignatures(view_, keys_);
    LintMessageItself();
    const auto fields = view_.Find("DKIM-Signature");
    for (std::size_t i = 0; i < std::min(fields.size(), kMostSignatures); ++i) {
      LintField(view_.fields[fields[i]],
                fmt::format("DKIM-Signature {}", i + 1));
    }
    return std::move(report_);
  }

 private:
  void Append(std::vector<Remark> remarks) {
    std::move(remarks.begin(), remarks.end(),
              std::back_inserter(report_.remarks));
  }

  std::string_view FromField() const {
    const auto from = view_.Find("From");
    return from.empty() ? octets_.substr(0, 0) : view_.fields[from[0]].octets;
  }

  void LintMessageItself() {
    Notes notes("message", octets_);
    const std::size_t signatures = view_.Find("DKIM-Signature").size();
    if (signatures == 0) {
      notes.Add(Rule::kNotSigned, "", {}, "");
    } else if (signatures > kMostSignatures) {
      notes.Add(Rule::kTooManySignatures, "", {},
                fmt::format("{} signatures", signatures));
    }
    LintAuthors(notes);
    LintAlignment(notes);
    Append(notes.Take());
  }

  void LintAuthors(Notes& notes) {
    const Authors& authors = report_.authors;
    const std::string_view from = FromField();
    if (authors.from_fields == 0) {
      notes.Add(Rule::kFromMissing, "", {}, "");
    } else if (authors.from_fields > 1) {
      notes.Add(Rule::kSeveralFromFields, "", from,
                fmt::format("{} From fields", authors.from_fields));
    }
    if (authors.domains.size() > 1) {
      notes.Add(Rule::kSeveralAuthors, "", from,
                fmt::format("{}", fmt::join(authors.domains, ", ")));
    }
    if (!authors.problem.empty()) {
      notes.Add(Rule::kAuthorUnreadable, "", from, authors.problem);
    }
  }

  // By tree walk where the DNS can be asked, else by the list.
  void LintAlignment(Notes& notes) {
    const auto& all = report_.alignments;
    const bool none_aligned =
        std::none_of(all.begin(), all.end(), [](const Alignment& alignment) {
          return alignment.relaxed_by_tree_walk.value_or(
              alignment.relaxed_by_list);
        });
    if (all.empty() || !none_aligned) {
      return;
    }
    std::vector<std::string> sdids;
    for (const Alignment& alignment : all) {
      sdids.push_back("d=" + alignment.sdid);
    }
    notes.Add(Rule::kNotAligned, "d", FromField(),
              fmt::format("{}, and From is of {}", fmt::join(sdids, ", "),
                          report_.authors.domains.front()));
  }

  void LintField(const HeaderField& field, std::string subject) {
    Notes notes(std::move(subject), octets_);
    const SignatureReading reading =
        LintSignatureValue(field.value, report_.authors.from_fields, notes);
    if (reading.has_signed_header_fields) {
      LintSignedFields(field, reading.signature, notes);
    }
    if (reading.has_key_name && keys_ != nullptr) {
      LintKey(field, reading.signature, notes);
    }
    Append(notes.Take());
    Append(std::exchange(record_remarks_, {}));
  }

  void LintSignedFields(const HeaderField& field, const Signature& signature,
                        Notes& notes) {
    const auto& names = signature.signed_header_fields;
    const auto mentions = [&](std::string_view wanted) {
      return static_cast<std::size_t>(std::count_if(
          names.begin(), names.end(), [&](const std::string& name) {
            return EqualsIgnoringCase(name, wanted);
          }));
    };
    if (mentions("DKIM-Signature") >= view_.Find("DKIM-Signature").size()) {
      notes.Add(Rule::kOwnFieldSigned, "h", field.value,
                fmt::format("{} mentions", mentions("DKIM-Signature")));
    }
    std::vector<std::string_view> missing;
    for (const std::string_view name : kRecommended) {
      if (mentions(name) < view_.Find(name).size()) {
        missing.push_back(name);
      }
    }
    // Section 5.4.1: with l= it says how appended text is shown.
    if (signature.body_length_count && mentions("Content-Type") == 0 &&
        !view_.Find("Content-Type").empty()) {
      missing.push_back("Content-Type");
    }
    if (!missing.empty()) {
      notes.Add(Rule::kRecommendedFieldNotSigned, "h", field.value,
                fmt::format("{}", fmt::join(missing, ", ")));
    }
  }

  void LintKey(const HeaderField& field, const Signature& signature,
               Notes& notes) {
    const std::string name = signature.KeyName();
    const KeyAnswer answer = keys_->Lookup(name);
    switch (answer.status) {
      case KeyAnswer::Status::kTemporary:
        notes.Add(Rule::kKeyUnavailable, "s", field.value,
                  fmt::format("{}: {}", name, answer.detail));
        break;
      case KeyAnswer::Status::kNoRecord:
        ReportNoKey(field, signature, answer, notes);
        break;
      case KeyAnswer::Status::kFound:
        LintRecords(field, signature, answer.records, notes);
        break;
    }
  }

  void ReportNoKey(const HeaderField& field, const Signature& signature,
                   const KeyAnswer& answer, Notes& notes) {
    std::string detail =
        fmt::format("{}: {}", signature.KeyName(), answer.detail);
    const auto delegation = DelegationOf(signature.selector);
    if (delegation) {
      detail += fmt::format("; {} has it lead to {}", delegation->service,
                            delegation->target);
    }
    notes.Add(delegation ? Rule::kDelegationMissing : Rule::kNoKey, "s",
              field.value, detail);
  }

  void LintRecords(const HeaderField& field, const Signature& signature,
                   const std::vector<std::string>& records, Notes& notes) {
    const std::string name = signature.KeyName();
    if (records.size() > 1) {
      notes.Add(Rule::kSeveralKeyRecords, "s", field.value,
                fmt::format("{}: {} records", name, records.size()));
    }
    for (const std::string& record : records) {
      const Finding finding = JudgeKeyRecord(record, signature, {}).finding;
      if (IsMisfit(finding.reason)) {
        notes.Add(Rule::kKeyDoesNotFit, "s", field.value,
                  fmt::format("{}: {}", name, finding.detail));
      }
      if (linted_records_.emplace(name, record).second) {
        LintRecord(name, record);
      }
    }
  }

  void LintRecord(const std::string& name, const std::string& record) {
    for (Remark& remark : LintKeyRecord(record, key_)) {
      remark.subject = "key record " + name;
      record_remarks_.push_back(std::move(remark));
    }
  }

  std::string_view octets_;
  MessageView view_;
  KeySource* keys_;
  const PrivateKey* key_;
  MessageReport report_;
  std::vector<Remark> record_remarks_;  // Told after those of the field.
  std::set<std::pair<std::string, std::string>> linted_records_;
};

}  // namespace

MessageReport LintMessage(std::string_view message, KeySource* keys,
                          const PrivateKey* key) {
  return Linter(message, keys, key).Lint();
}

}  // namespace dkimspec::lint
