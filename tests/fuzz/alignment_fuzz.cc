// Any From field is read to its end or to a problem that is told; and whatever
// domains it names and records the DNS holds, alignment ends, within the
// lookups that it may make. An input is TXT records, each ending in LF, then
// NUL, then d=, then LF, then what follows "From:".
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "reference/address_list.h"
#include "reference/alignment.h"
#include "reference/domain.h"
#include "reference/message.h"

namespace {

using dkimspec::KeyAnswer;

// RFC 9989 section 4.10: eight for either domain.
constexpr std::size_t kMostQueries = 16;

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// What the walk finds first, next, and so on; then nothing.
class Records : public dkimspec::KeySource {
 public:
  explicit Records(std::string_view lines) : lines_(lines) {}

  KeyAnswer Lookup(std::string_view name) override {
    Require(name.starts_with("_dmarc."));
    Require(++queries_ <= kMostQueries);
    const std::size_t end = lines_.find('\n');
    if (end == std::string_view::npos) {
      return {KeyAnswer::Status::kNoRecord, {}, ""};
    }
    const std::string record(lines_.substr(0, end));
    lines_.remove_prefix(end + 1);
    if (record == "temporary") {
      return {KeyAnswer::Status::kTemporary, {}, "SERVFAIL"};
    }
    return {KeyAnswer::Status::kFound, {record}, ""};
  }

 private:
  std::string_view lines_;
  std::size_t queries_ = 0;
};

void CheckAddresses(std::string_view value) {
  for (const dkimspec::Address& address :
       dkimspec::ParseAddressList(value).addresses) {
    Require(!address.local_part.empty() && !address.domain.empty());
  }
}

void CheckAlignment(const std::string& author, const std::string& sdid,
                    std::string_view records) {
  Records source(records);
  const auto alignment = dkimspec::Align(author, sdid, &source);
  Require(alignment.relaxed_by_tree_walk.has_value() ==
          alignment.problem.empty());
  // RFC 7489 section 3.1.1: strict alignment is the narrower.
  Require(!alignment.strict || alignment.relaxed_by_list);
  Require(!alignment.strict || alignment.relaxed_by_tree_walk.value_or(true));
  const auto offline = dkimspec::Align(author, sdid, nullptr);
  Require(!offline.relaxed_by_tree_walk);
  Require(offline.strict == alignment.strict);
  Require(offline.relaxed_by_list == alignment.relaxed_by_list);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = input.find('\0');
  const std::size_t line = input.find('\n', zero);
  if (zero == std::string_view::npos || line == std::string_view::npos) {
    return 0;
  }
  const std::string sdid(input.substr(zero + 1, line - zero - 1));
  const std::string from = "From:" + std::string(input.substr(line + 1));
  const dkimspec::MessageView message = dkimspec::ParseMessage(from);
  CheckAddresses(input.substr(line + 1));
  const dkimspec::Authors authors = dkimspec::ReadAuthors(message);
  const std::string* author = authors.OnlyDomain();
  Require(author == nullptr || dkimspec::IsDomainName(*author));
  if (author != nullptr && dkimspec::IsDomainName(sdid)) {
    CheckAlignment(*author, sdid, input.substr(0, zero));
  }
  return 0;
}
