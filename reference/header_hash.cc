#include "reference/header_hash.h"

#include <unordered_map>

#include "reference/base/ascii.h"
#include "reference/tag_list.h"

namespace dkimspec {
namespace {

// The fields of each name, top to bottom: the next to select is the last.
using Instances = std::unordered_map<std::string, std::vector<std::size_t>>;

Instances CollectInstances(const std::vector<HeaderField>& fields,
                           std::optional<std::size_t> own) {
  Instances instances;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].well_formed && i != own) {
      instances[ToLower(fields[i].name)].push_back(i);
    }
  }
  return instances;
}

// A DKIM-Signature field whose b= is empty, white space around the value gone
// too: RFC 6376 section 3.7. The list need not be well-formed: signers that
// write malformed ones on purpose hash them like any other.
std::string WithoutSignatureData(std::string_view own_octets) {
  std::string_view text = own_octets;
  if (text.ends_with("\r\n")) {
    text.remove_suffix(2);
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return std::string(text);
  }
  const std::string_view value = text.substr(colon + 1);
  const std::optional<Tag> tag = ScanForTag(value, "b");
  std::string field(text.substr(0, colon + 1));
  field += tag ? WithoutValue(value, *tag) : value;
  return field;
}

}  // namespace

// RFC 6376 section 5.4.2.
std::vector<std::optional<std::size_t>> SelectHeaderFields(
    const std::vector<HeaderField>& fields,
    const std::vector<std::string>& signed_header_fields,
    std::optional<std::size_t> own) {
  Instances instances = CollectInstances(fields, own);
  std::vector<std::optional<std::size_t>> selected;
  selected.reserve(signed_header_fields.size());
  for (const std::string& name : signed_header_fields) {
    const auto found = instances.find(ToLower(name));
    if (found == instances.end() || found->second.empty()) {
      selected.push_back(std::nullopt);
      continue;
    }
    selected.push_back(found->second.back());
    found->second.pop_back();
  }
  return selected;
}

std::string HeaderHashInput(
    Canonicalization canonicalization, const std::vector<HeaderField>& fields,
    const std::vector<std::optional<std::size_t>>& selected,
    std::string_view own_octets) {
  std::string input;
  for (const std::optional<std::size_t>& index : selected) {
    if (index) {
      AppendCanonicalHeaderField(canonicalization, fields[*index].octets,
                                 input);
    }
  }
  AppendCanonicalHeaderField(canonicalization, WithoutSignatureData(own_octets),
                             input);
  input.resize(input.size() - 2);  // Its final CRLF is not hashed.
  return input;
}

}  // namespace dkimspec
