#include "reference/alignment.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "reference/address_list.h"
#include "reference/base/ascii.h"
#include "reference/domain.h"
#include "reference/organizational_domain.h"
#include "reference/punycode.h"
#include "reference/signature.h"

namespace dkimspec {
namespace {

constexpr std::size_t kMostSignatures = 64;

using Names = std::set<std::string, std::less<>>;

void AddDomain(const std::string& written, Names& seen, Authors& authors) {
  if (!IsDomainName(written)) {
    authors.problem = fmt::format("\"{}\" is not a domain name", written);
    return;
  }
  // RFC 9989 section 5.3.1: U-labels are converted to A-labels.
  std::string domain = ToLower(ToAscii(written).value_or(written));
  if (seen.insert(domain).second) {
    authors.domains.push_back(std::move(domain));
  }
}

// Asks another source, for each name once.
class RememberingSource : public KeySource {
 public:
  explicit RememberingSource(KeySource& source) : source_(source) {}

  KeyAnswer Lookup(std::string_view name) override {
    const auto known = answers_.find(name);
    if (known != answers_.end()) {
      return known->second;
    }
    return answers_.emplace(name, source_.Lookup(name)).first->second;
  }

 private:
  KeySource& source_;
  std::map<std::string, KeyAnswer, std::less<>> answers_;
};

}  // namespace

const std::string* Authors::OnlyDomain() const {
  return from_fields == 1 && domains.size() == 1 && problem.empty()
             ? &domains.front()
             : nullptr;
}

Authors ReadAuthors(const MessageView& message) {
  Authors authors;
  Names seen;
  for (const std::size_t index : message.Find("From")) {
    ++authors.from_fields;
    AddressList list = ParseAddressList(message.fields[index].value);
    for (const Address& address : list.addresses) {
      authors.addresses.push_back(address.local_part + "@" + address.domain);
      AddDomain(address.domain, seen, authors);
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
  std::optional<RememberingSource> source;
  if (txt != nullptr) {
    source.emplace(*txt);
  }
  std::vector<std::size_t> fields = message.Find("DKIM-Signature");
  fields.resize(std::min(fields.size(), kMostSignatures));
  for (const std::size_t index : fields) {
    const std::string sdid =
        IdentifySignature(message.fields[index].value).sdid;
    if (IsDomainName(sdid)) {
      Alignment alignment =
          Align(*author_domain, sdid, source ? &*source : nullptr);
      alignment.field = index;
      alignments.push_back(std::move(alignment));
    }
  }
  return alignments;
}

}  // namespace dkimspec
