#include "reference/key_source.h"

#include <algorithm>
#include <utility>

#include "reference/base/ascii.h"

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

// The name one label up; "" is the root.
std::string_view Parent(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? "" : name.substr(dot + 1);
}

bool IsBelow(std::string_view name, std::string_view parent) {
  return name.size() > parent.size() &&
         name[name.size() - parent.size() - 1] == '.' &&
         EqualsIgnoringCase(name.substr(name.size() - parent.size()), parent);
}

// RFC 4592 section 2.2.2: a name with names below it exists.
bool Exists(const Zone& zone, std::string_view name) {
  return name.empty() || zone.contains(name) ||
         std::any_of(zone.begin(), zone.end(), [&](const auto& entry) {
           return IsBelow(entry.first, name);
         });
}

bool HasWildcards(const Zone& zone) {
  const auto first = zone.lower_bound("*.");
  return zone.contains("*") ||
         (first != zone.end() && first->first.starts_with("*."));
}

// RFC 4592 section 3.3.1: the wildcard below the closest name that exists.
const ZoneEntry* FindWildcard(const Zone& zone, std::string_view name) {
  if (!HasWildcards(zone) || Exists(zone, name)) {
    return nullptr;
  }
  do {
    name = Parent(name);
  } while (!Exists(zone, name));
  const std::string wildcard = name.empty() ? "*" : "*." + std::string(name);
  const auto found = zone.find(wildcard);
  return found == zone.end() ? nullptr : &found->second;
}

const ZoneEntry* Find(const Zone& zone, std::string_view name) {
  name = WithoutFinalDot(name);
  const auto found = zone.find(name);
  return found == zone.end() ? FindWildcard(zone, name) : &found->second;
}

}  // namespace

KeyAnswer ZoneKeySource::Lookup(std::string_view name) {
  const ZoneEntry* found = Find(zone_, name);
  for (int aliases = 0; aliases < kMaxAliases; ++aliases) {
    if (found == nullptr || found->kind != ZoneEntry::Kind::kCname) {
      break;
    }
    found = Find(zone_, found->target);
  }
  return found == nullptr ? NoRecord("NXDOMAIN") : AnswerOf(*found);
}

}  // namespace dkimspec
