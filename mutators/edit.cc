#include "mutators/edit.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "reference/base/ascii.h"

namespace dkimspec::mutators {
namespace {

const ParamValue& ValueOf(const Params& params, std::string_view name) {
  const auto found = params.find(name);
  assert(found != params.end() && "parameters must come from CheckParams");
  return found->second;
}

// Whether a comma-separated list of names holds `name`; an empty list holds
// every name.
bool Names(std::string_view list, std::string_view name) {
  if (list.empty()) {
    return true;
  }
  while (true) {
    const std::size_t comma = list.find(',');
    if (EqualsIgnoringCase(list.substr(0, comma), name)) {
      return true;
    }
    if (comma == std::string_view::npos) {
      return false;
    }
    list.remove_prefix(comma + 1);
  }
}

void AddOnce(std::vector<std::string>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    names.emplace_back(name);
  }
}

}  // namespace

std::int64_t NumberOf(const Params& params, std::string_view name) {
  return std::get<std::int64_t>(ValueOf(params, name));
}

const std::string& TextOf(const Params& params, std::string_view name) {
  return std::get<std::string>(ValueOf(params, name));
}

bool FlagOf(const Params& params, std::string_view name) {
  return std::get<bool>(ValueOf(params, name));
}

std::string_view WithoutCrlf(std::string_view text) {
  return text.ends_with(kCrlf) ? text.substr(0, text.size() - 2) : text;
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t crlf = text.find(kCrlf);
    const std::size_t size =
        crlf == std::string_view::npos ? text.size() : crlf + 2;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

std::size_t ValueOffset(const HeaderField& field) {
  return static_cast<std::size_t>(field.value.data() - field.octets.data());
}

std::vector<std::string> FieldOctets(const MessageView& message) {
  std::vector<std::string> fields;
  for (const HeaderField& field : message.fields) {
    fields.emplace_back(field.octets);
  }
  return fields;
}

std::string WithFields(const MessageView& message,
                       const std::vector<std::string>& fields) {
  std::string octets;
  for (const std::string& field : fields) {
    if (!octets.empty() && !octets.ends_with(kCrlf)) {
      octets += kCrlf;
    }
    octets += field;
  }
  if (!message.has_separator) {
    return octets;
  }
  if (!octets.empty() && !octets.ends_with(kCrlf)) {
    octets += kCrlf;
  }
  octets += kCrlf;
  octets += message.body;
  return octets;
}

std::optional<Damage> FieldsDamage(const MessageView& message,
                                   const std::vector<std::string>& fields,
                                   std::vector<std::string> touched_fields) {
  Damage damage;
  damage.message = WithFields(message, fields);
  if (damage.message == message.octets) {
    return std::nullopt;
  }
  damage.touched_fields = std::move(touched_fields);
  return damage;
}

std::optional<Damage> BodyDamage(const MessageView& message, std::string body) {
  if (!message.has_separator || body == message.body) {
    return std::nullopt;
  }
  Damage damage;
  damage.message = message.header;
  damage.message += kCrlf;
  damage.message += body;
  damage.touched_body = true;
  return damage;
}

std::optional<Damage> EditFields(
    const MessageView& message, const Params& params,
    const std::function<std::string(const HeaderField& field)>& edit) {
  const std::string& allowed = TextOf(params, "fields");
  std::vector<std::string> fields = FieldOctets(message);
  std::vector<std::string> touched;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const HeaderField& field = message.fields[i];
    if (!field.well_formed || !Names(allowed, field.name)) {
      continue;
    }
    fields[i] = edit(field);
    if (fields[i] != field.octets) {
      AddOnce(touched, field.name);
    }
  }
  if (touched.empty()) {
    return std::nullopt;
  }
  return FieldsDamage(message, fields, std::move(touched));
}

std::optional<Damage> EditBodyLines(
    const MessageView& message, const Params& params, Rng& rng,
    const std::function<std::string(std::string_view line)>& edit) {
  const std::vector<std::string_view> lines = SplitLines(message.body);
  std::vector<std::string> edited;
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    edited.push_back(edit(lines[i]));
    if (edited[i] != lines[i]) {
      changed.push_back(i);
    }
  }
  if (changed.empty()) {
    return std::nullopt;
  }
  if (TextOf(params, "lines") == "one") {
    changed = {changed[rng.Below(changed.size())]};
  }
  std::string body;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool take = std::binary_search(changed.begin(), changed.end(), i);
    body += take ? std::string_view(edited[i]) : lines[i];
  }
  return BodyDamage(message, std::move(body));
}

}  // namespace dkimspec::mutators
