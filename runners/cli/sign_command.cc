#include <memory>

#include "reference/base/file.h"
#include "reference/crypto.h"
#include "reference/signer.h"
#include "runners/cli/command.h"

namespace dkimspec::cli {
namespace {

struct Options {
  std::string key;
  std::string file;
  std::string now;
  std::string canonicalization = "relaxed/relaxed";
  std::vector<std::string> fields;
  SignerOptions signer;
  bool raw = false;
};

Canonicalization CanonicalizationFrom(std::string_view word) {
  return word == "simple" ? Canonicalization::kSimple
                          : Canonicalization::kRelaxed;
}

Expected<SignerOptions> SignerOptionsFrom(const Options& options) {
  SignerOptions signer = options.signer;
  const std::size_t slash = options.canonicalization.find('/');
  signer.header_canonicalization =
      CanonicalizationFrom(options.canonicalization.substr(0, slash));
  signer.body_canonicalization =
      CanonicalizationFrom(options.canonicalization.substr(slash + 1));
  signer.signed_header_fields = options.fields;
  Expected<std::int64_t> now = options.now.empty()
                                   ? Expected<std::int64_t>(ClockTime())
                                   : ParseTime(options.now, "--now");
  if (!now) {
    return tl::unexpected(now.error());
  }
  signer.timestamp = *now;
  return signer;
}

int SignFile(const Options& options) {
  Expected<SignerOptions> signer = SignerOptionsFrom(options);
  if (!signer) {
    return Complain(signer.error(), kUsage);
  }
  Expected<std::string> pem = ReadFile(options.key);
  if (!pem) {
    return Complain(pem.error());
  }
  Expected<PrivateKey> key = PrivateKey::FromPem(*pem, options.key);
  if (!key) {
    return Complain(key.error());
  }
  Expected<std::string> message = ReadMessage(options.file, options.raw);
  if (!message) {
    return Complain(message.error());
  }
  Expected<std::string> field = Sign(*message, *key, *signer);
  if (!field) {
    return Complain(field.error());
  }
  return Print(*field + *message);
}

}  // namespace

void AddSign(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "sign",
      "Sign a message with the reference; the signed message goes to "
      "stdout.");
  sub->add_option("--key", options->key, "Private key, PEM")
      ->required()
      ->type_name("FILE");
  sub->add_option("--domain", options->signer.sdid, "d=")
      ->required()
      ->type_name("DOMAIN");
  sub->add_option("--selector", options->signer.selector, "s=")
      ->required()
      ->type_name("NAME");
  sub->add_option("--canonicalization", options->canonicalization, "c=")
      ->check(CLI::IsMember({"simple/simple", "simple/relaxed",
                             "relaxed/simple", "relaxed/relaxed"}));
  sub->add_option("--fields", options->fields, "h=, comma separated")
      ->delimiter(',')
      ->type_name("NAMES");
  sub->add_option("--now", options->now, "t=; default: the current time")
      ->type_name("TIME");
  sub->add_flag("--raw", options->raw, "Never convert LF line ends");
  sub->add_option("file", options->file, "The message; - is stdin")->required();
  sub->callback([options, &status] { status = SignFile(*options); });
}

}  // namespace dkimspec::cli
