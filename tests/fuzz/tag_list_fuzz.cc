// A tag of a well-formed list is where the list says, and what a signature is
// read as has the syntax that it must have.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "reference/domain.h"
#include "reference/signature.h"
#include "reference/tag_list.h"

namespace {

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void CheckList(std::string_view text) {
  const auto list = dkimspec::ParseTagList(text);
  if (!list) {
    Require(list.error().offset <= text.size());
    return;
  }
  for (const auto& tag : list->tags) {
    Require(text.substr(tag.begin, tag.name.size()) == tag.name);
    Require(text.substr(tag.value_begin, tag.value_end - tag.value_begin)
                .find(tag.value) != std::string_view::npos);
    Require(dkimspec::WithoutValue(text, tag).size() ==
            text.size() - (tag.value_end - tag.value_begin));
    const auto found = dkimspec::ScanForTag(text, tag.name);
    Require(found && found->value == tag.value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckList(text);
  const auto identity = dkimspec::IdentifySignature(text);
  const auto signature = dkimspec::ParseSignature(text);
  if (signature) {
    Require(identity.sdid == signature->sdid);
    Require(dkimspec::IsDomainName(signature->sdid));
    Require(dkimspec::IsWithinDomain(signature->auid_domain, signature->sdid));
    Require(!signature->signed_header_fields.empty());
    Require(!signature->KeyName().empty());
  } else {
    Require(signature.error().reason != dkimspec::Reason::kNone);
  }
  return 0;
}
