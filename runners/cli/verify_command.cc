#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "dnsstub/fault.h"
#include "reference/json/strict_reader.h"
#include "reference/json/zone_json.h"
#include "reference/unbound_key_source.h"
#include "reference/verifier.h"
#include "runners/cli/command.h"

namespace dkimspec::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string zone;
  std::string nameserver;
  std::string now;
  bool raw = false;
  bool json = false;
};

Expected<Zone> ReadZone(const std::string& path) {
  Expected<Json> json = ReadJsonFile(path);
  Expected<Zone> zone =
      json ? ZoneFromJson(*json, path) : tl::unexpected(json.error());
  if (!zone) {
    return zone;
  }
  for (auto& [name, entry] : *zone) {
    std::optional<ZoneEntry> plain = dnsstub::Project(entry);
    if (!plain) {
      return Fail(fmt::format("{}#/{}", path, name),
                  "is a fault that only a socket can show; serve the zone with "
                  "`dkimspec dns` and use --nameserver");
    }
    entry = std::move(*plain);
  }
  return zone;
}

// Keys from a zone file or a name server; the zone stays where it is.
class Keys {
 public:
  static Expected<std::unique_ptr<Keys>> Open(const Options& options) {
    auto keys = std::make_unique<Keys>();
    if (!options.nameserver.empty()) {
      auto source = UnboundKeySource::ForTests(options.nameserver);
      if (!source) {
        return tl::unexpected(source.error());
      }
      keys->source_ = std::move(*source);
      return keys;
    }
    Expected<Zone> zone = ReadZone(options.zone);
    if (!zone) {
      return tl::unexpected(zone.error());
    }
    keys->zone_ = std::move(*zone);
    keys->source_ = std::make_unique<ZoneKeySource>(keys->zone_);
    return keys;
  }

  KeySource& source() { return *source_; }

 private:
  Zone zone_;
  std::unique_ptr<KeySource> source_;
};

// Messages on disk often have LF; DKIM knows CRLF only.
std::string ToCrlf(const std::string& octets) {
  std::string converted;
  for (char c : octets) {
    converted += c == '\n' ? "\r\n" : std::string(1, c);
  }
  return converted;
}

Expected<std::string> ReadMessage(const std::string& path, bool raw) {
  Expected<std::string> octets = ReadInput(path);
  if (octets && !raw && octets->find("\r\n") == std::string::npos &&
      octets->find('\n') != std::string::npos) {
    fmt::print(stderr,
               "dkimspec: {}: has LF line ends and no CRLF; verified as if "
               "they were CRLF (--raw does not)\n",
               path);
    return ToCrlf(*octets);
  }
  return octets;
}

nlohmann::ordered_json ToJson(const Verification& verification) {
  const ReasonInfo& info = Info(verification.reason);
  nlohmann::ordered_json json = {
      {"d", verification.identity.sdid},
      {"s", verification.identity.selector},
      {"result", ToString(ResultOf(verification))},
      {"state", ToString(verification.state)},
      {"reason", info.id},
      {"detail", verification.detail},
      {"body_hash", ToString(verification.body_hash)},
      {"header_signature", ToString(verification.header_signature)},
      {"key_bits", verification.key_bits},
      {"key_is_testing", verification.key_is_testing}};
  if (verification.signature) {
    json["a"] = ToString(verification.signature->algorithm);
  }
  return json;
}

std::string Line(const std::string& file, const Verification& verification) {
  std::string line =
      fmt::format("{}: {} d={} s={}", file, ToString(ResultOf(verification)),
                  verification.identity.sdid, verification.identity.selector);
  if (verification.reason != Reason::kNone) {
    line += fmt::format(" {}", Info(verification.reason).text);
  }
  if (!verification.detail.empty()) {
    line += fmt::format(" ({})", verification.detail);
  }
  return ShowOctets(line) + "\n";
}

class Report {
 public:
  explicit Report(bool json) : json_(json) {}

  // True if one signature passes.
  bool Add(const std::string& file,
           const std::vector<Verification>& verifications) {
    bool passes = false;
    auto signatures = nlohmann::ordered_json::array();
    for (const Verification& verification : verifications) {
      passes |= verification.state == State::kSuccess;
      signatures.push_back(ToJson(verification));
      text_ += Line(file, verification);
    }
    if (verifications.empty()) {
      text_ += fmt::format("{}: none (no DKIM-Signature field)\n", file);
    }
    files_.push_back({{"file", file}, {"signatures", std::move(signatures)}});
    return passes;
  }

  int Print() const { return json_ ? PrintJson(files_) : cli::Print(text_); }

 private:
  bool json_;
  std::string text_;
  nlohmann::ordered_json files_ = nlohmann::ordered_json::array();
};

int VerifyFiles(const Options& options) {
  VerifierPolicy policy;
  Expected<std::int64_t> now = options.now.empty()
                                   ? Expected<std::int64_t>(ClockTime())
                                   : ParseTime(options.now, "--now");
  if (!now) {
    return Complain(now.error(), kUsage);
  }
  policy.now = *now;
  Expected<std::unique_ptr<Keys>> keys = Keys::Open(options);
  if (!keys) {
    return Complain(keys.error());
  }
  Report report(options.json);
  bool all_pass = true;
  for (const std::string& file : options.files) {
    Expected<std::string> message = ReadMessage(file, options.raw);
    if (!message) {
      return Complain(message.error());
    }
    all_pass &= report.Add(file, Verify(*message, (*keys)->source(), policy));
  }
  const int printed = report.Print();
  return printed != kFine ? printed : all_pass ? kFine : kFindings;
}

}  // namespace

void AddVerify(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "verify",
      "Verify messages with the reference. Exit status 1 if a message has no "
      "valid signature.");
  sub->add_option("files", options->files, "Messages; - is stdin")->required();
  CLI::Option_group* keys = sub->add_option_group("Where keys come from");
  keys->add_option("--zone", options->zone, "A zone file (JSON)")
      ->type_name("FILE");
  keys->add_option("--nameserver", options->nameserver,
                   "127.0.0.1:5353 or [::1]:5353")
      ->type_name("ADDRESS");
  keys->require_option(1);
  sub->add_option("--now", options->now,
                  "Time of verifying; default: the current time")
      ->type_name("TIME");
  sub->add_flag("--raw", options->raw, "Never converts line ends");
  sub->add_flag("--json", options->json, "As JSON");
  sub->callback([options, &status] { status = VerifyFiles(*options); });
}

}  // namespace dkimspec::cli
