// Names of wire.h: of domains, types and response codes.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "dnsstub/wire.h"
#include "reference/base/ascii.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxLabel = 63;

std::uint8_t Octet(char c) { return static_cast<std::uint8_t>(c); }

struct NamedType {
  std::string_view name;
  std::uint16_t type;
};
constexpr NamedType kTypes[] = {
    {"A", kTypeA},         {"NS", kTypeNs},    {"CNAME", kTypeCname},
    {"SOA", kTypeSoa},     {"PTR", 12},        {"MX", 15},
    {"TXT", kTypeTxt},     {"AAAA", 28},       {"SRV", 33},
    {"DNAME", kTypeDname}, {"OPT", kTypeOpt},  {"DS", 43},
    {"RRSIG", 46},         {"NSEC", 47},       {"DNSKEY", 48},
    {"NSEC3", 50},         {"NSEC3PARAM", 51}, {"TLSA", 52},
    {"SPF", 99},           {"ANY", kTypeAny},  {"CAA", 257},
};

}  // namespace

std::optional<std::string> ToWireName(std::string_view text) {
  std::string wire;
  if (text == ".") {
    text = {};
  }
  while (!text.empty()) {
    std::string_view label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > kMaxLabel ||
        label.size() + 1 == text.size()) {
      return std::nullopt;
    }
    wire += static_cast<char>(label.size());
    wire += label;
    text.remove_prefix(std::min(text.size(), label.size() + 1));
  }
  wire += '\0';
  if (wire.size() > kMaxName) {
    return std::nullopt;
  }
  return wire;
}

std::string ToText(std::string_view wire_name) {
  std::string text;
  while (wire_name.size() > 1) {
    std::size_t length = Octet(wire_name[0]);
    if (!text.empty()) {
      text += '.';
    }
    for (char c : wire_name.substr(1, length)) {
      if (Octet(c) <= 0x20 || Octet(c) >= 0x7f) {
        text += fmt::format("\\{:03}", Octet(c));
        continue;
      }
      if (c == '.' || c == '\\') {
        text += '\\';
      }
      text += c;
    }
    wire_name.remove_prefix(std::min(wire_name.size(), length + 1));
  }
  return text.empty() ? "." : text;
}

std::string LowerName(std::string_view wire_name) { return ToLower(wire_name); }

std::string_view Parent(std::string_view wire_name) {
  if (wire_name.size() > 1) {
    wire_name.remove_prefix(
        std::min(wire_name.size() - 1, Octet(wire_name[0]) + std::size_t{1}));
  }
  return wire_name;
}

std::string RcodeName(int rcode) {
  switch (rcode) {
    case kNoError:
      return "NOERROR";
    case kFormErr:
      return "FORMERR";
    case kServFail:
      return "SERVFAIL";
    case kNxDomain:
      return "NXDOMAIN";
    case kNotImp:
      return "NOTIMP";
    case kRefused:
      return "REFUSED";
    case kBadVers:
      return "BADVERS";
    default:
      return fmt::format("RCODE {}", rcode);
  }
}

std::string TypeName(std::uint16_t type) {
  for (const NamedType& known : kTypes) {
    if (known.type == type) {
      return std::string(known.name);
    }
  }
  return fmt::format("TYPE {}", type);
}

std::optional<std::uint16_t> TypeFromName(std::string_view name) {
  const std::string lower = ToLower(name);
  for (const NamedType& known : kTypes) {
    if (ToLower(known.name) == lower) {
      return known.type;
    }
  }
  unsigned number = 0;
  if (lower.starts_with("type")) {  // RFC 3597 section 5.
    const char* end = lower.data() + lower.size();
    const auto read = std::from_chars(lower.data() + 4, end, number);
    if (read.ec == std::errc() && read.ptr == end && number <= 0xffff) {
      return static_cast<std::uint16_t>(number);
    }
  }
  return std::nullopt;
}

}  // namespace dkimspec::dnsstub
