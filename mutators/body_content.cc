// Damages to what the lines of the body say.
#include <algorithm>
#include <utility>

#include "mutators/damages.h"
#include "mutators/edit.h"
#include "mutators/mime_entity.h"

namespace dkimspec::mutators {
namespace {

bool LooksLikeSeparator(std::string_view line, bool quote_again) {
  if (quote_again) {
    line.remove_prefix(std::min(line.find_first_not_of('>'), line.size()));
  }
  return line.starts_with("From ");
}

}  // namespace

std::optional<Damage> AppendFooter(const MessageView& message,
                                   const Params& params, Rng&) {
  std::string body(message.body);
  if (FlagOf(params, "on_new_line") && !body.empty() &&
      !body.ends_with(kCrlf)) {
    body += kCrlf;
  }
  body += TextOf(params, "text");
  return BodyDamage(message, std::move(body));
}

std::optional<Damage> AppendPart(const MessageView& message,
                                 const Params& params, Rng&) {
  const std::string boundary = Boundary(message);
  if (boundary.empty() || MediaType(message) != "multipart/mixed") {
    return std::nullopt;
  }
  const std::optional<std::size_t> end =
      ClosingDelimiter(message.body, boundary);
  if (!end) {
    return std::nullopt;
  }
  std::string body(message.body);
  body.insert(*end, "--" + boundary +
                        "\r\nContent-Type: text/plain; charset=\"us-ascii\""
                        "\r\nMIME-Version: 1.0"
                        "\r\nContent-Transfer-Encoding: 7bit"
                        "\r\nContent-Disposition: inline\r\n\r\n" +
                        TextOf(params, "text") + "\r\n");
  return BodyDamage(message, std::move(body));
}

std::optional<Damage> MangleFrom(const MessageView& message,
                                 const Params& params, Rng& rng) {
  const bool quote_again = TextOf(params, "style") == "mboxrd";
  return EditBodyLines(message, params, rng, [&](std::string_view line) {
    std::string mangled(line);
    return LooksLikeSeparator(line, quote_again) ? ">" + mangled : mangled;
  });
}

std::optional<Damage> DoubleDots(const MessageView& message,
                                 const Params& params, Rng& rng) {
  return EditBodyLines(message, params, rng, [](std::string_view line) {
    std::string doubled(line);
    return line.starts_with('.') ? "." + doubled : doubled;
  });
}

std::optional<Damage> EatDots(const MessageView& message, const Params& params,
                              Rng& rng) {
  return EditBodyLines(message, params, rng, [](std::string_view line) {
    return std::string(line.substr(line.starts_with('.') ? 1 : 0));
  });
}

}  // namespace dkimspec::mutators
