#include "reference/key_source.h"

#include <utility>

namespace dkimspec {
namespace {

constexpr int kMaxAliases = 11;  // As many as unbound follows.

KeyAnswer NoRecord(std::string detail) {
  return {KeyAnswer::Status::kNoRecord, {}, std::move(detail)};
}

KeyAnswer Temporary(std::string detail) {
  return {KeyAnswer::Status::kTemporary, {}, std::move(detail)};
}

KeyAnswer Found(const std::vector<TxtRecord>& txt) {
  KeyAnswer answer{KeyAnswer::Status::kFound, {}, ""};
  for (const TxtRecord& record : txt) {
    answer.records.push_back(JoinStrings(record));
  }
  return answer;
}

// RFC 6376 section 6.1.2: steps 2 (temporary) and 3 (no record).
KeyAnswer AnswerOf(const ZoneEntry& entry) {
  switch (entry.kind) {
    case ZoneEntry::Kind::kTxt:
      return entry.txt.empty() ? NoRecord("NODATA") : Found(entry.txt);
    case ZoneEntry::Kind::kNxDomain:
      return NoRecord("NXDOMAIN");
    case ZoneEntry::Kind::kNoData:
      return NoRecord("NODATA");
    case ZoneEntry::Kind::kServFail:
      return Temporary("SERVFAIL");
    case ZoneEntry::Kind::kTimeout:
      return Temporary("timeout");
    case ZoneEntry::Kind::kFault:
      return Temporary("fault \"" + entry.fault + "\" shows only on the wire");
    case ZoneEntry::Kind::kCname:
      break;
  }
  return Temporary("too many CNAMEs");
}

// "a.example." and "a.example" are one name here: all names are absolute.
std::string_view WithoutFinalDot(std::string_view name) {
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

}  // namespace

KeyAnswer ZoneKeySource::Lookup(std::string_view name) {
  auto found = zone_.find(WithoutFinalDot(name));
  for (int aliases = 0; aliases < kMaxAliases; ++aliases) {
    if (found == zone_.end() || found->second.kind != ZoneEntry::Kind::kCname) {
      break;
    }
    found = zone_.find(WithoutFinalDot(found->second.target));
  }
  return found == zone_.end() ? NoRecord("NXDOMAIN") : AnswerOf(found->second);
}

}  // namespace dkimspec
