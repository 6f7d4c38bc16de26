#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "reference/base/master_file.h"
#include "reference/base/secret_file.h"
#include "reference/base/zone.h"
#include "reference/crypto.h"
#include "reference/domain.h"
#include "reference/generate_key.h"
#include "reference/signature.h"
#include "reference/signer.h"
#include "runners/cli/command.h"

namespace dkimspec::cli {
namespace {

struct Options {
  std::string domain;
  std::string selector;
  std::string type = "rsa";
  int bits = kAdvisedRsaBits;
  std::string format = "all";
  bool force = false;
  std::string file;
};

// Where the record goes; an error if the names cannot be.
Expected<std::string> KeyNameOf(const Options& options) {
  Signature signature;
  signature.sdid = options.domain;
  signature.selector = options.selector;
  for (const auto& [option, name] :
       {std::pair("--domain", options.domain),
        std::pair("--selector", options.selector),
        std::pair("--selector and --domain", signature.KeyName())}) {
    if (!IsDomainName(name)) {
      return Fail(option, fmt::format("\"{}\" is not a domain name (RFC 6376 "
                                      "section 3.1)",
                                      ShowOctets(name)));
    }
  }
  return signature.KeyName();
}

nlohmann::ordered_json ToJson(const std::string& name,
                              const std::string& record) {
  return {{"name", name},
          {"type", "TXT"},
          {"value", record},
          {"strings", SplitAt255(record)}};
}

int PrintRecord(const Options& options, const std::string& name,
                const std::string& record) {
  const std::string line = TxtLine(name, SplitAt255(record)) + "\n";
  if (options.format == "master-file") {
    return Print(line);
  }
  if (options.format == "value") {
    return Print(record + "\n");
  }
  const nlohmann::ordered_json json = ToJson(name, record);
  if (options.format == "json") {
    return PrintJson(json);
  }
  return Print(
      fmt::format("For a zone file:\n\n{}\nFor a form, to be entered whole, at "
                  "{}:\n\n{}\n\n"
                  "As JSON:\n\n{}\n",
                  line, name, record, json.dump(2)));
}

Expected<std::string> Generate(const Options& options) {
  return options.type == "rsa" ? GenerateRsaPem(options.bits)
                               : GenerateEd25519Pem();
}

void WarnAboutSize(const Options& options) {
  if (options.type != "rsa") {
    return;
  }
  if (options.bits < kAdvisedRsaBits) {
    fmt::print(stderr,
               "dkimspec: warning: {} bits are fewer than the {} that signers "
               "should use (RFC 8301 section 3.2)\n",
               options.bits, kAdvisedRsaBits);
  } else if (options.bits > kSupportedRsaBits) {
    fmt::print(stderr,
               "dkimspec: warning: verifiers need not support more than {} "
               "bits (RFC 8301 section 3.2)\n",
               kSupportedRsaBits);
  }
}

int GenerateKey(const Options& options) {
  Expected<std::string> name = KeyNameOf(options);
  if (!name) {
    return Complain(name.error(), kUsage);
  }
  Expected<std::string> pem = Generate(options);
  if (!pem) {
    return Complain(pem.error(), kUsage);
  }
  Expected<PrivateKey> key = PrivateKey::FromPem(*pem, "the new key");
  if (!key) {
    return Complain(key.error());
  }
  auto written =
      WriteSecretFile(options.file, *pem,
                      options.force ? IfExists::kReplace : IfExists::kRefuse);
  if (!written) {
    Error error = written.error();
    error.message += options.force ? "" : " (--force replaces a file)";
    return Complain(error);
  }
  WarnAboutSize(options);
  fmt::print(stderr, "dkimspec: {}: private key written\n", options.file);
  return PrintRecord(options, *name, KeyRecordFor(*key));
}

}  // namespace

void AddKeygen(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "keygen",
      "Make a key to sign with: the private key goes to a file that nobody "
      "else may read, the TXT record to stdout.");
  sub->add_option("--domain", options->domain, "d=")
      ->required()
      ->type_name("DOMAIN");
  sub->add_option("--selector", options->selector, "s=")
      ->required()
      ->type_name("NAME");
  sub->add_option("--type", options->type, "Default: rsa")
      ->check(CLI::IsMember({"rsa", "ed25519"}));
  sub->add_option("--bits", options->bits, "Of an RSA key; default: 2048")
      ->type_name("N");
  sub->add_option("--format", options->format, "Of the record; default: all")
      ->check(CLI::IsMember({"all", "master-file", "value", "json"}));
  sub->add_flag("--force", options->force, "Replaces a file that exists");
  sub->add_option("file", options->file, "Where the private key goes, PEM")
      ->required();
  sub->callback([options, &status] { status = GenerateKey(*options); });
}

}  // namespace dkimspec::cli
