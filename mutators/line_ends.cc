// Damages to line ends and line lengths.
#include <utility>

#include "mutators/damages.h"
#include "mutators/edit.h"

namespace dkimspec::mutators {
namespace {

std::string WithLfAsCrlf(std::string_view line) {
  std::string converted;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\n' && (i == 0 || line[i - 1] != '\r')) {
      converted += '\r';
    }
    converted += line[i];
  }
  return converted;
}

// Cuts lines longer than `limit` octets; the SP that starts each further piece
// counts.
std::string Wrapped(std::string_view text, std::size_t limit) {
  std::string wrapped;
  for (std::string_view line : SplitLines(text)) {
    std::string_view rest = WithoutCrlf(line);
    const std::string_view end = line.substr(rest.size());
    std::size_t room = limit;
    while (rest.size() > room) {
      wrapped.append(rest.substr(0, room)).append("\r\n ");
      rest.remove_prefix(room);
      room = limit - 1;
    }
    wrapped.append(rest).append(end);
  }
  return wrapped;
}

}  // namespace

std::optional<Damage> BareLf(const MessageView& message, const Params& params,
                             Rng& rng) {
  return EditBodyLines(message, params, rng, [](std::string_view line) {
    std::string bare(WithoutCrlf(line));
    return bare.size() == line.size() ? bare : bare + '\n';
  });
}

std::optional<Damage> LfToCrlf(const MessageView& message, const Params& params,
                               Rng& rng) {
  return EditBodyLines(message, params, rng, WithLfAsCrlf);
}

std::optional<Damage> CrlfAtEnd(const MessageView& message,
                                const Params& params, Rng&) {
  const bool has_one = message.body.ends_with(kCrlf);
  if (TextOf(params, "what") == "drop") {
    return has_one ? BodyDamage(message, std::string(WithoutCrlf(message.body)))
                   : std::nullopt;
  }
  return has_one ? std::nullopt
                 : BodyDamage(message, std::string(message.body) + "\r\n");
}

std::optional<Damage> WrapLines(const MessageView& message,
                                const Params& params, Rng&) {
  const auto limit = static_cast<std::size_t>(NumberOf(params, "limit"));
  Damage damage;
  for (const HeaderField& field : message.fields) {
    const std::string wrapped = Wrapped(field.octets, limit);
    if (wrapped != field.octets && field.well_formed) {
      damage.touched_fields.emplace_back(field.name);
    }
    damage.message += wrapped;
  }
  const std::string body = Wrapped(message.body, limit);
  damage.touched_body = body != message.body;
  damage.message += message.has_separator ? kCrlf : "";
  damage.message += body;
  return damage.message == message.octets ? std::nullopt
                                          : std::optional(std::move(damage));
}

}  // namespace dkimspec::mutators
