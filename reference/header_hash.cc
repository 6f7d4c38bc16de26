#include "reference/header_hash.h"

#include <algorithm>
#include <cstddef>

#include "reference/base/ascii.h"
#include "reference/tag_list.h"

namespace dkimspec {
namespace {

constexpr std::size_t kUsualInput = 4096;  // Octets: room at once for most.

struct Instance {
  std::string_view name;
  std::size_t index = 0;
  std::size_t taken = 0;  // Of its name, on the first instance only.
};

// Below 0, 0 or above, ignoring case. Any order will do, and most names differ
// in length.
int Compare(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return a.size() < b.size() ? -1 : 1;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (const int difference = ToLower(a[i]) - ToLower(b[i])) {
      return difference;
    }
  }
  return 0;
}

// By name, those of one name from the bottom up.
bool ComesBefore(const Instance& a, const Instance& b) {
  const int order = Compare(a.name, b.name);
  return order < 0 || (order == 0 && a.index > b.index);
}

std::vector<Instance> CollectInstances(const std::vector<HeaderField>& fields,
                                       std::optional<std::size_t> own) {
  std::vector<Instance> instances;
  instances.reserve(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].well_formed && i != own) {
      instances.push_back({fields[i].name, i});
    }
  }
  std::sort(instances.begin(), instances.end(), ComesBefore);
  return instances;
}

// The lowest field of that name that was not taken yet.
std::optional<std::size_t> TakeInstance(std::vector<Instance>& instances,
                                        std::string_view name) {
  const auto first =
      std::lower_bound(instances.begin(), instances.end(), name,
                       [](const Instance& a, std::string_view b) {
                         return Compare(a.name, b) < 0;
                       });
  if (first == instances.end()) {
    return std::nullopt;
  }
  const auto left = static_cast<std::size_t>(instances.end() - first);
  if (first->taken == left ||
      !EqualsIgnoringCase(first[static_cast<std::ptrdiff_t>(first->taken)].name,
                          name)) {
    return std::nullopt;
  }
  return first[static_cast<std::ptrdiff_t>(first->taken++)].index;
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
  std::vector<Instance> instances = CollectInstances(fields, own);
  std::vector<std::optional<std::size_t>> selected;
  selected.reserve(signed_header_fields.size());
  for (const std::string& name : signed_header_fields) {
    selected.push_back(TakeInstance(instances, name));
  }
  return selected;
}

std::string HeaderHashInput(
    Canonicalization canonicalization, const std::vector<HeaderField>& fields,
    const std::vector<std::optional<std::size_t>>& selected,
    std::string_view own_octets) {
  std::string input;
  input.reserve(kUsualInput);
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
