#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "reference/base/file.h"
#include "reference/lint/lint.h"
#include "runners/cli/alignment_report.h"
#include "runners/cli/command.h"
#include "runners/cli/verify_keys.h"
#include "runners/mailbox.h"

namespace dkimspec::cli {
namespace {

using lint::Remark;
using lint::RuleInfo;
using lint::Severity;

struct Options {
  std::vector<std::string> files;
  std::optional<std::string> record;
  std::optional<std::string> signature;
  std::string key;
  KeyOptions keys;
  bool json = false;
};

nlohmann::ordered_json ToJson(const Remark& remark) {
  const RuleInfo& rule = lint::Info(remark.rule);
  return {{"rule", rule.id},           {"severity", ToString(rule.severity)},
          {"subject", remark.subject}, {"tag", remark.tag},
          {"offset", remark.offset},   {"line", remark.line},
          {"column", remark.column},   {"detail", remark.detail},
          {"summary", rule.summary},   {"section", rule.section},
          {"remedy", rule.remedy}};
}

std::string ToText(const std::string& source, const Remark& remark) {
  const RuleInfo& rule = lint::Info(remark.rule);
  return fmt::format("{}:{}:{}: {}: {} [{}]\n    {}{}{}\n    {}: {}\n", source,
                     remark.line, remark.column, ToString(rule.severity),
                     rule.summary, rule.id, remark.subject,
                     remark.detail.empty() ? "" : ": ",
                     ShowOctets(remark.detail), rule.section, rule.remedy);
}

class Report {
 public:
  // `source` is a file or an option.
  nlohmann::ordered_json& Add(const std::string& source,
                              const std::vector<Remark>& remarks) {
    auto all = nlohmann::ordered_json::array();
    for (const Remark& remark : remarks) {
      has_findings_ |= lint::Info(remark.rule).severity != Severity::kAdvice;
      all.push_back(ToJson(remark));
      // A key record that the DNS gave has no place in the file.
      const bool is_elsewhere = remark.subject.starts_with("key record ");
      text_ += ToText(is_elsewhere ? remark.subject : source, remark);
    }
    json_.push_back({{"source", source}, {"findings", std::move(all)}});
    return json_.back();
  }

  void Add(const std::string& source, const lint::MessageReport& report) {
    nlohmann::ordered_json& json = Add(source, report.remarks);
    json["authors"] = AuthorsJson(report.authors);
    json["alignment"] = nlohmann::ordered_json::array();
    for (const Alignment& alignment : report.alignments) {
      json["alignment"].push_back(AlignmentJson(alignment));
      text_ += AlignmentText(source, alignment);
    }
  }

  int Print(bool as_json) const {
    const int printed = as_json ? PrintJson(json_) : cli::Print(text_);
    return printed != kFine ? printed : has_findings_ ? kFindings : kFine;
  }

 private:
  bool has_findings_ = false;
  std::string text_;
  nlohmann::ordered_json json_ = nlohmann::ordered_json::array();
};

Expected<std::optional<PrivateKey>> ReadKey(const std::string& path) {
  if (path.empty()) {
    return std::optional<PrivateKey>();
  }
  Expected<std::string> pem = ReadFile(path);
  if (!pem) {
    return tl::unexpected(pem.error());
  }
  Expected<PrivateKey> key = PrivateKey::FromPem(*pem, path);
  if (!key) {
    return tl::unexpected(key.error());
  }
  return std::optional<PrivateKey>(*std::move(key));
}

// nullptr if no source is named.
Expected<std::unique_ptr<KeySource>> OpenSource(const KeyOptions& options) {
  if (options.zone.empty() && options.nameserver.empty()) {
    return std::unique_ptr<KeySource>();
  }
  return OpenKeys(options);
}

// DKIM knows CRLF only; lines and columns stay the same.
std::string WithCrlf(const std::string& octets) {
  return runners::HasOnlyLf(octets) ? runners::LfToCrlf(octets) : octets;
}

int Lint(const Options& options) {
  if (options.files.empty() && !options.record && !options.signature) {
    return Complain({"lint",
                     "has nothing to look at; name messages, or use "
                     "--record or --signature"},
                    kUsage);
  }
  Expected<std::optional<PrivateKey>> key = ReadKey(options.key);
  if (!key) {
    return Complain(key.error());
  }
  Expected<std::unique_ptr<KeySource>> source = OpenSource(options.keys);
  if (!source) {
    return Complain(source.error());
  }
  const PrivateKey* pair = *key ? &**key : nullptr;
  Report report;
  if (options.record) {
    report.Add("--record", lint::LintKeyRecord(*options.record, pair));
  }
  if (options.signature) {
    report.Add("--signature",
               lint::LintSignature(WithCrlf(*options.signature)));
  }
  for (const std::string& file : options.files) {
    Expected<std::string> message = ReadInput(file);
    if (!message) {
      return Complain(message.error());
    }
    report.Add(file,
               lint::LintMessage(WithCrlf(*message), source->get(), pair));
  }
  return report.Print(options.json);
}

}  // namespace

void AddLint(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "lint",
      "Look for errors and risky practice in messages, signatures and key "
      "records. Exit status 1 if there is an error or a warning.");
  sub->add_option("files", options->files, "Messages; - is stdin");
  sub->add_option("--record", options->record,
                  "A key record as the DNS has it, its strings joined")
      ->type_name("TEXT");
  sub->add_option("--signature", options->signature,
                  "A DKIM-Signature field, or its value")
      ->type_name("TEXT");
  sub->add_option("--key", options->key,
                  "The signer's private key, PEM: are the records its own?")
      ->type_name("FILE");
  CLI::Option_group* keys = sub->add_option_group("Where keys come from");
  keys->add_option("--zone", options->keys.zone, "A zone file (JSON)")
      ->type_name("FILE");
  keys->add_option("--nameserver", options->keys.nameserver,
                   "127.0.0.1:5353 or [::1]:5353")
      ->type_name("ADDRESS");
  keys->require_option(0, 1);
  sub->add_flag("--json", options->json, "As JSON");
  sub->callback([options, &status] { status = Lint(*options); });
}

}  // namespace dkimspec::cli
