#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "reference/message.h"
#include "reference/verifier.h"
#include "runners/batch.h"
#include "runners/cli/command.h"
#include "runners/cli/verify_keys.h"
#include "runners/cli/verify_report.h"
#include "runners/mailbox.h"

namespace dkimspec::cli {
namespace {

using runners::StoredMessage;

struct Options {
  std::vector<std::string> files;
  KeyOptions keys;
  std::string now;
  std::vector<std::string> policies;
  bool alignment = false;
  bool raw = false;
  bool json = false;
  std::string batch;
};

Expected<VerifierPolicy> ReadPolicy(const Options& options) {
  VerifierPolicy policy;
  Expected<std::int64_t> now = options.now.empty()
                                   ? Expected<std::int64_t>(ClockTime())
                                   : ParseTime(options.now, "--now");
  if (!now) {
    return tl::unexpected(now.error());
  }
  policy.now = *now;
  for (const std::string& assignment : options.policies) {
    if (auto done = SetPolicy(assignment, policy); !done) {
      return tl::unexpected(done.error());
    }
  }
  return policy;
}

// The header of a message that comes in pieces.
class Header {
 public:
  // RFC 5322 section 2.1: it ends at the first empty line.
  void Push(std::string_view octets) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    if (has_ended_) {
      return;
    }
    const std::size_t before = octets_.size();
    octets_ += octets;
    const std::size_t from = before - std::min(before, kEnd.size() - 1);
    const std::size_t end =
        octets_.starts_with("\r\n") ? 0 : octets_.find(kEnd, from);
    has_ended_ = end != std::string::npos;
    if (has_ended_) {
      octets_.resize(end + 2);
    }
  }

  const std::string& octets() const { return octets_; }

 private:
  std::string octets_;
  bool has_ended_ = false;
};

// Verifies what lies on disk, in pieces, and tells of it at once, or as JSON at
// the end.
class Session : private runners::MessageSink {
 public:
  Session(const Options& options, KeySource& keys, const VerifierPolicy& policy)
      : options_(options), keys_(keys), policy_(policy) {}

  int Run() {
    for (const std::string& file : options_.files) {
      Read(file);
    }
    if (options_.json) {
      Raise(PrintJson(json_));
    }
    return status_;
  }

 private:
  // What cannot be read is told of, and the rest is verified all the same.
  void Read(const std::string& file) {
    file_ = file;
    told_of_line_ends_ = false;
    const Expected<void> done =
        file == "-" ? runners::ReadMessages(std::cin, file, *this)
                    : runners::ReadMessages(file, *this);
    if (!done) {
      Raise(Complain(done.error()));
    }
  }

  void Begin(const StoredMessage& message) override {
    message_ = message;
    if (Converts()) {
      TellOfLineEnds();
    }
    verifier_.emplace(keys_, policy_);
    header_ = Header();
  }

  void Push(std::string_view octets) override {
    if (Converts()) {
      PushCrlf(runners::LfToCrlf(octets));
    } else {
      PushCrlf(octets);
    }
  }

  void End() override {
    VerifiedMessage verified = {message_, verifier_->Finish(), {}};
    if (options_.alignment) {
      verified.author = Author();
    }
    if (runners::OverallResult(verified.verifications) != Result::kPass) {
      Raise(kFindings);
    }
    if (options_.json) {
      json_.push_back(VerifyJson(verified));
    } else {
      Raise(Print(VerifyText(verified)));
    }
  }

  bool Converts() const { return message_.has_only_lf && !options_.raw; }

  void PushCrlf(std::string_view octets) {
    verifier_->Push(octets);
    if (options_.alignment) {
      header_.Push(octets);
    }
  }

  AuthorReport Author() {
    const MessageView view = ParseMessage(header_.octets());
    return {ReadAuthors(view),
            AlignSignatures(view, options_.keys.offline ? nullptr : &keys_)};
  }

  void TellOfLineEnds() {
    if (!std::exchange(told_of_line_ends_, true)) {
      fmt::print(stderr,
                 "dkimspec: {}: has LF line ends and no CRLF; verified as if "
                 "they were CRLF (--raw does not)\n",
                 file_);
    }
  }

  void Raise(int status) { status_ = std::max(status_, status); }

  const Options& options_;
  KeySource& keys_;
  const VerifierPolicy& policy_;
  std::string file_;  // As given.
  bool told_of_line_ends_ = false;
  StoredMessage message_;
  std::optional<Verifier> verifier_;  // Of `message_`.
  Header header_;
  int status_ = kFine;
  nlohmann::ordered_json json_ = nlohmann::ordered_json::array();
};

int VerifyFiles(const Options& options, const VerifierPolicy& policy) {
  auto keys = OpenKeys(options.keys);
  if (!keys) {
    return Complain(keys.error());
  }
  return Session(options, **keys, policy).Run();
}

int VerifyBatch(const Options& options, const VerifierPolicy& policy) {
  runners::BatchSettings settings;
  settings.policy = policy;
  std::ifstream file;
  if (options.batch != "-") {
    const std::filesystem::path path(options.batch);
    std::error_code ignored;
    file.open(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path, ignored)) {
      return Complain({options.batch, "is no file that can be read"});
    }
    settings.folder = path.parent_path().string();
  }
  const auto print = [](std::string_view line) { return Print(line) == kFine; };
  const auto summary = runners::RunBatch(options.batch == "-" ? std::cin : file,
                                         print, settings);
  if (!summary) {
    return Complain(summary.error());
  }
  if (summary->bad_lines > 0) {
    fmt::print(stderr, "dkimspec: {}: {} of {} lines have errors\n",
               options.batch, summary->bad_lines, summary->lines);
    return kFindings;
  }
  return kFine;
}

int RunVerify(const Options& options) {
  const Expected<VerifierPolicy> policy = ReadPolicy(options);
  if (!policy) {
    return Complain(policy.error(), kUsage);
  }
  return options.batch.empty() ? VerifyFiles(options, *policy)
                               : VerifyBatch(options, *policy);
}

void AddKeyOptions(CLI::App& sub, KeyOptions& options) {
  CLI::Option_group* keys = sub.add_option_group(
      "Where keys come from", "Without any: the name servers of this machine");
  keys->add_option("--zone", options.zone, "A zone file (JSON)")
      ->type_name("FILE");
  keys->add_option("--nameserver", options.nameserver,
                   "127.0.0.1:5353 or [::1]:5353")
      ->type_name("ADDRESS");
  keys->add_flag("--offline", options.offline,
                 "Ask nobody: bodies are verified, keys are unavailable");
  keys->require_option(0, 1);
  sub.add_option("--dns-timeout", options.dns_timeout,
                 "For one lookup; default: 10, with --nameserver 5")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 3600.0));
}

}  // namespace

void AddVerify(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "verify",
      "Verify messages with the reference. Exit status 1 if a message has no "
      "valid signature.");
  CLI::Option* files = sub->add_option(
      "files", options->files, "Messages, mboxes and Maildirs; - is stdin");
  AddKeyOptions(*sub, options->keys);
  sub->add_option("--now", options->now,
                  "Time of verifying; default: the current time")
      ->type_name("TIME");
  sub->add_option("--policy", options->policies,
                  "What RFC 6376 leaves open (docs/policies.md); repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  sub->add_flag("--alignment", options->alignment,
                "Tell, too, whether each d= is aligned with the From domain: "
                "strictly; by tree walk (RFC 9989), unless --offline; by the "
                "Public Suffix List");
  sub->add_flag("--raw", options->raw, "Never converts line ends");
  sub->add_flag("--json", options->json, "As JSON");
  CLI::Option* batch =
      sub->add_option("--batch", options->batch,
                      "JSON Lines in and out (docs/batch.md); - is stdin. Exit "
                      "status 1 if a line has an error")
          ->type_name("FILE");
  for (const char* other :
       {"--zone", "--nameserver", "--offline", "--dns-timeout", "--alignment",
        "--raw", "--json"}) {
    batch->excludes(sub->get_option(other));
  }
  batch->excludes(files);
  sub->callback([options, files, batch, &status] {
    if (files->empty() == batch->empty()) {
      throw CLI::RequiredError("FILE, or --batch FILE");
    }
    status = RunVerify(*options);
  });
}

}  // namespace dkimspec::cli
