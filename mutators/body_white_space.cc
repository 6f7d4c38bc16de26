// Damages to white space and empty lines of the body.
#include <utility>

#include "mutators/damages.h"
#include "mutators/edit.h"
#include "reference/base/ascii.h"

namespace dkimspec::mutators {
namespace {

std::string Collapsed(std::string_view line) {
  std::string collapsed;
  for (char c : line) {
    if (!IsWsp(c)) {
      collapsed += c;
    } else if (collapsed.empty() || collapsed.back() != ' ') {
      collapsed += ' ';
    }
  }
  return collapsed;
}

std::string Stripped(std::string_view line) {
  const std::string_view text = WithoutCrlf(line);
  const std::size_t last = text.find_last_not_of(" \t");
  const std::size_t size = last == std::string_view::npos ? 0 : last + 1;
  std::string stripped(text.substr(0, size));
  return stripped.append(line.substr(text.size()));
}

}  // namespace

std::optional<Damage> AppendWsp(const MessageView& message,
                                const Params& params, Rng& rng) {
  const std::string& wsp = TextOf(params, "wsp");
  return EditBodyLines(message, params, rng, [&](std::string_view line) {
    std::string padded(line);
    return padded.insert(WithoutCrlf(line).size(), wsp);
  });
}

std::optional<Damage> CollapseWsp(const MessageView& message,
                                  const Params& params, Rng& rng) {
  return EditBodyLines(message, params, rng, Collapsed);
}

std::optional<Damage> StripTrailingWsp(const MessageView& message,
                                       const Params& params, Rng& rng) {
  return EditBodyLines(message, params, rng, Stripped);
}

std::optional<Damage> AppendBlankLines(const MessageView& message,
                                       const Params& params, Rng&) {
  std::string body(message.body);
  // Without its final CRLF the last line is ended first.
  if (!body.empty() && !body.ends_with(kCrlf)) {
    body += kCrlf;
  }
  for (std::int64_t i = 0; i < NumberOf(params, "count"); ++i) {
    body += kCrlf;
  }
  return BodyDamage(message, std::move(body));
}

}  // namespace dkimspec::mutators
