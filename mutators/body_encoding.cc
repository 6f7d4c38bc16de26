// Damages to content transfer encodings (RFC 2045 section 6).
#include <utility>

#include "mutators/damages.h"
#include "mutators/edit.h"
#include "mutators/mime_entity.h"
#include "reference/base/ascii.h"

namespace dkimspec::mutators {
namespace {

void AddHex(std::string& text, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto octet = static_cast<unsigned char>(c);
  text += '=';
  text += kDigits[octet >> 4];
  text += kDigits[octet & 0xf];
}

bool NeedsHex(char c) { return (c < ' ' && c != '\t') || c > '~' || c == '='; }

// One line as Postfix encodes it: a soft line break once more than 72 octets
// stand in the line, white space at the end in hexadecimal. (char may be signed
// or not: octets above 127 are below SP or above "~".)
std::string QuotedPrintableLine(std::string_view text) {
  constexpr std::size_t kSoftLimit = 72;
  std::string encoded;
  std::string current;
  for (char c : text) {
    if (current.size() > kSoftLimit) {
      encoded += current + "=\r\n";
      current.clear();
    }
    if (NeedsHex(c)) {
      AddHex(current, c);
    } else {
      current += c;
    }
  }
  if (!current.empty() && IsWsp(current.back())) {
    const char wsp = current.back();
    current.pop_back();
    AddHex(current, wsp);
  }
  return encoded + current;
}

std::string QuotedPrintable(std::string_view body) {
  std::string encoded;
  for (std::string_view line : SplitLines(body)) {
    const std::string_view text = WithoutCrlf(line);
    encoded += QuotedPrintableLine(text);
    encoded += line.substr(text.size());
  }
  return encoded;
}

constexpr char kTransferEncoding[] = "Content-Transfer-Encoding";

// The new field goes to the end of the header, where Postfix writes it.
std::string WithTransferEncoding(const MessageView& entity,
                                 std::string_view encoding) {
  std::vector<std::string> fields;
  for (const HeaderField& field : entity.fields) {
    if (!field.Is(kTransferEncoding)) {
      fields.emplace_back(field.octets);
    }
  }
  fields.push_back(std::string(kTransferEncoding) + ": " +
                   std::string(encoding) + "\r\n");
  return WithFields(entity, fields);
}

// RFC 2045 section 6.4: what holds other entities is never encoded itself.
std::string Downgraded(const MessageView& entity) {
  const std::string encoding = TransferEncoding(entity);
  if (encoding != "8bit" && encoding != "binary") {
    return std::string(entity.octets);
  }
  if (IsComposite(entity)) {
    return WithTransferEncoding(entity, "7bit");
  }
  const std::string body = QuotedPrintable(entity.body);
  MessageView encoded = entity;
  encoded.body = body;
  return WithTransferEncoding(encoded, "quoted-printable");
}

bool IsBase64Text(std::string_view text) {
  for (char c : text) {
    if (!IsAlnum(c) && c != '+' && c != '/' && c != '=') {
      return false;
    }
  }
  return true;
}

// The same characters in lines of `width`; CRLFs at the end stay as they are.
std::string RewrappedText(std::string_view body, std::size_t width) {
  std::string_view rest = body;
  while (rest.ends_with(kCrlf)) {
    rest.remove_suffix(2);
  }
  std::string text;
  for (std::string_view line : SplitLines(rest)) {
    text += WithoutCrlf(line);
  }
  if (!IsBase64Text(text)) {
    return std::string(body);
  }
  std::string wrapped;
  for (std::size_t i = 0; i < text.size(); i += width) {
    wrapped += i == 0 ? "" : "\r\n";
    wrapped += text.substr(i, width);
  }
  return wrapped.append(body.substr(rest.size()));
}

}  // namespace

std::optional<Damage> EncodeQuotedPrintable(const MessageView& message,
                                            const Params&, Rng&) {
  Damage damage;
  damage.message = EditEntities(message.octets, Downgraded);
  if (damage.message == message.octets) {
    return std::nullopt;
  }
  const MessageView after = ParseMessage(damage.message);
  if (after.header != message.header) {
    for (std::size_t i : message.Find(kTransferEncoding)) {
      damage.touched_fields.emplace_back(message.fields[i].name);
    }
  }
  damage.touched_body = after.body != message.body;
  return damage;
}

std::optional<Damage> RewrapBase64(const MessageView& message,
                                   const Params& params, Rng&) {
  const auto width = static_cast<std::size_t>(NumberOf(params, "width"));
  const std::string rewrapped =
      EditEntities(message.octets, [&](const MessageView& entity) {
        std::string octets(entity.octets);
        if (IsComposite(entity) || TransferEncoding(entity) != "base64") {
          return octets;
        }
        octets.resize(octets.size() - entity.body.size());
        return octets + RewrappedText(entity.body, width);
      });
  return BodyDamage(message, std::string(ParseMessage(rewrapped).body));
}

}  // namespace dkimspec::mutators
