#include "reference/alignment.h"

#include <algorithm>

#include "fmt/format.h"
#include "reference/address_list.h"
#include "reference/base/ascii.h"
#include "reference/domain.h"
#include "reference/organizational_domain.h"
#include "reference/punycode.h"
#include "reference/signature.h"

namespace dkimspec {
namespace {

void AddDomain(const std::string& written, Authors& authors) {
  if (!IsDomainName(written)) {
    authors.problem = fmt::format("\"{}\" is not a domain name", written);
    return;
  }
  // RFC 9989 section 5.3.1: U-labels are converted to A-labels.
  std::string domain = ToLower(ToAscii(written).value_or(written));
  if (std::find(authors.domains.begin(), authors.domains.end(), domain) ==
      authors.domains.end()) {
    authors.domains.push_back(std::move(domain));
  }
}

}  // namespace

const std::string* Authors::OnlyDomain() const {
  return from_fields == 1 && domains.size() == 1 && problem.empty()
             ? &domains.front()
             : nullptr;
}

Authors ReadAuthors(const MessageView& message) {
  Authors authors;
  for (const std::size_t index : message.Find("From")) {
    ++authors.from_fields;
    AddressList list = ParseAddressList(message.fields[index].value);
    for (const Address& address : list.addresses) {
      authors.addresses.push_back(address.local_part + "@" + address.domain);
      AddDomain(address.domain, authors);
    }
    if (!list.problem.empty()) {
      authors.problem = std::move(list.problem);
    } else if (list.addresses.empty() && authors.problem.empty()) {
      authors.problem = "From names no address";
    }
  }
  return authors;
}

Alignment Align(std::string_view author_domain, std::string_view sdid,
                KeySource* txt) {
  Alignment alignment;
  alignment.sdid = sdid;
  alignment.strict = IsSameDomain(author_domain, sdid);
  alignment.relaxed_by_list = OrganizationalDomainByList(author_domain) ==
                              OrganizationalDomainByList(sdid);
  if (txt == nullptr) {
    return alignment;
  }
  // Section 4.10.2: where both are the same there is nothing to walk for.
  if (alignment.strict) {
    alignment.relaxed_by_tree_walk = true;
    return alignment;
  }
  const TreeWalk author = WalkTree(author_domain, *txt);
  const TreeWalk signer = WalkTree(sdid, *txt);
  alignment.problem = author.problem.empty() ? signer.problem : author.problem;
  if (alignment.problem.empty()) {
    alignment.relaxed_by_tree_walk =
        author.organizational_domain == signer.organizational_domain;
  }
  return alignment;
}

std::vector<Alignment> AlignSignatures(const MessageView& message,
                                       KeySource* txt) {
  std::vector<Alignment> alignments;
  const Authors authors = ReadAuthors(message);
  const std::string* author_domain = authors.OnlyDomain();
  if (author_domain == nullptr) {
    return alignments;
  }
  for (const std::size_t index : message.Find("DKIM-Signature")) {
    const std::string sdid =
        IdentifySignature(message.fields[index].value).sdid;
    if (IsDomainName(sdid)) {
      Alignment alignment = Align(*author_domain, sdid, txt);
      alignment.field = index;
      alignments.push_back(std::move(alignment));
    }
  }
  return alignments;
}

}  // namespace dkimspec
