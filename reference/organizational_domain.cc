#include "reference/organizational_domain.h"

#include <libpsl.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "fmt/format.h"
#include "reference/base/ascii.h"
#include "reference/punycode.h"

namespace dkimspec {
namespace {

constexpr std::size_t kMostQueries = 8;  // RFC 9989 section 4.10.

enum class Psd { kNo, kYes, kUnsaid };  // psd=n, psd=y, psd=u or absent.

std::string Normalized(std::string_view domain) {
  return ToLower(ToAscii(domain).value_or(std::string(domain)));
}

std::size_t CountLabels(std::string_view domain) {
  return static_cast<std::size_t>(
             std::count(domain.begin(), domain.end(), '.')) +
         1;
}

// `domain` without labels at its left, so that `count` remain.
std::string_view LastLabels(std::string_view domain, std::size_t count) {
  for (std::size_t n = CountLabels(domain); n > count; --n) {
    domain.remove_prefix(domain.find('.') + 1);
  }
  return domain;
}

std::string_view TrimWsp(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return "";
  }
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

struct DmarcTag {
  std::string_view name;
  std::string_view value;
};

// Takes the first tag off `rest` (RFC 9989 section 4.8).
DmarcTag TakeTag(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(';'), rest.size());
  const std::string_view tag = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  const std::size_t equals = std::min(tag.find('='), tag.size());
  return {TrimWsp(tag.substr(0, equals)),
          TrimWsp(tag.substr(std::min(equals + 1, tag.size())))};
}

// nullopt: not a DMARC record. v= must come first and is compared octet by
// octet; errors in the rest are ignored tag by tag (RFC 9989
// sections 4.7, 4.8).
std::optional<Psd> ReadPsd(std::string_view record) {
  const DmarcTag version = TakeTag(record);
  if (!EqualsIgnoringCase(version.name, "v") || version.value != "DMARC1") {
    return std::nullopt;
  }
  while (!record.empty()) {
    const DmarcTag tag = TakeTag(record);
    if (EqualsIgnoringCase(tag.name, "psd")) {
      return EqualsIgnoringCase(tag.value, "n")   ? Psd::kNo
             : EqualsIgnoringCase(tag.value, "y") ? Psd::kYes
                                                  : Psd::kUnsaid;
    }
  }
  return Psd::kUnsaid;
}

// The DMARC record at a name; several are as none (section 4.10, step 2).
std::optional<Psd> OnlyDmarcRecord(const std::vector<std::string>& records) {
  std::optional<Psd> only;
  for (const std::string& record : records) {
    if (const auto psd = ReadPsd(record)) {
      if (only) {
        return std::nullopt;
      }
      only = psd;
    }
  }
  return only;
}

// Section 4.10, steps 3, 4 and 7: one label less, or seven at once.
std::string_view NextTarget(std::string_view domain) {
  const std::size_t labels = CountLabels(domain);
  return LastLabels(domain,
                    labels >= kMostQueries ? kMostQueries - 1 : labels - 1);
}

// Section 4.10.2: which domain the record found at `target` decides for. A
// later target, which is shorter, takes precedence over an earlier one; psd=
// ends the walk, so that a record with it is the last.
void Decide(std::string_view start, std::string_view target, Psd psd,
            TreeWalk& walk) {
  const bool is_suffix = psd == Psd::kYes && target != start;
  walk.decided_by = target;
  walk.organizational_domain =
      is_suffix ? LastLabels(start, CountLabels(target) + 1) : target;
}

}  // namespace

TreeWalk WalkTree(std::string_view domain, KeySource& txt) {
  const std::string start = Normalized(domain);
  TreeWalk walk;
  walk.organizational_domain = start;
  for (std::string_view target = start;; target = NextTarget(target)) {
    walk.queries.push_back(fmt::format("_dmarc.{}", target));
    const KeyAnswer answer = txt.Lookup(walk.queries.back());
    if (answer.status == KeyAnswer::Status::kTemporary) {
      walk.problem = fmt::format("{}: {}", walk.queries.back(), answer.detail);
      walk.organizational_domain.clear();
      walk.decided_by.clear();
      return walk;
    }
    const auto psd = OnlyDmarcRecord(answer.records);
    if (psd) {
      Decide(start, target, *psd, walk);
    }
    if (psd.value_or(Psd::kUnsaid) != Psd::kUnsaid ||
        CountLabels(target) == 1) {
      return walk;
    }
  }
}

std::string OrganizationalDomainByList(std::string_view domain) {
  const std::string name = Normalized(domain);
  const char* registered = psl_registrable_domain(psl_builtin(), name.c_str());
  return registered == nullptr ? name : std::string(registered);
}

}  // namespace dkimspec
