// DKIM-Signature fields: RFC 6376 section 3.5.
//
// Whether a tag is right is asked of ParseSignature: it is given a signature
// whose other tags are right, so that each tag answers for itself.
#include "reference/lint/signature_lint.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "reference/base/ascii.h"
#include "reference/crypto.h"
#include "reference/lint/lint.h"
#include "reference/lint/tags.h"
#include "reference/message.h"
#include "reference/tag_value.h"

namespace dkimspec::lint {
namespace {

constexpr std::array<std::string_view, 13> kNames = {
    "v", "a", "b", "bh", "c", "d", "h", "i", "l", "q", "s", "t", "x"};
constexpr std::array<std::string_view, 14> kKnownNames = {
    "v", "a", "b", "bh", "c", "d", "h", "i", "l", "q", "s", "t", "x", "z"};
constexpr std::array<std::string_view, 7> kRequired = {"v", "a", "b", "bh",
                                                       "d", "h", "s"};
constexpr Dialect kDialect = {kKnownNames, {}, false};

using TagValues = std::map<std::string, std::string, std::less<>>;

// The least that ParseSignature accepts.
TagValues RightTags() {
  return {{"v", "1"},     {"a", "rsa-sha256"}, {"b", "AAAA"},
          {"bh", "AAAA"}, {"d", "a.example"},  {"h", "From"},
          {"s", "s"}};
}

std::string Join(const TagValues& tags) {
  std::string text;
  for (const auto& [name, value] : tags) {
    text += fmt::format("{}={};", name, value);
  }
  return text;
}

Rule RuleOf(Reason reason) {
  switch (reason) {
    case Reason::kIncompatibleVersion:
      return Rule::kSignatureVersion;
    case Reason::kUnsupportedAlgorithm:
      return Rule::kUnknownAlgorithm;
    case Reason::kUnsupportedCanonicalization:
      return Rule::kUnknownCanonicalization;
    case Reason::kUnsupportedQueryMethod:
      return Rule::kUnknownQueryMethod;
    case Reason::kDomainMismatch:
      return Rule::kAuidOutsideSdid;
    case Reason::kFromFieldNotSigned:
      return Rule::kFromNotSigned;
    default:
      return Rule::kSignatureTag;
  }
}

struct Rewritten {
  std::string_view name;
  std::string_view how;
};

// Fields that relays and mailboxes add, remove or rewrite. The first four are
// RFC 6376's own examples (section 5.4.1).
constexpr std::array<Rewritten, 13> kRewritten = {{
    {"Return-Path", "replaced at delivery"},
    {"Received", "added by every relay"},
    {"Comments", "a field that may occur several times"},
    {"Keywords", "a field that may occur several times"},
    {"Delivered-To", "added at delivery"},
    {"X-Original-To", "added at delivery"},
    {"Bcc", "removed in transit"},
    {"Resent-Bcc", "removed in transit"},
    {"Sender", "replaced by mailing lists"},
    {"Content-Transfer-Encoding", "changed by relays that take 7 bits only"},
    {"Authentication-Results", "added and removed by receivers"},
    {"ARC-Seal", "added by receivers"},
    {"X-Spam-Status", "added and removed by filters"},
}};

class Linter {
 public:
  Linter(std::vector<LooseTag> tags, std::string_view value, Notes& notes)
      : tags_(std::move(tags)), value_(value), notes_(notes) {}

  SignatureReading Lint(std::size_t from_fields) {
    CheckRequired();
    // i= is judged with d=, and x= with t=, which therefore come first here.
    for (const std::string_view name : kNames) {
      CheckAlone(name);
    }
    ReadTogether();
    CheckAlgorithm();
    CheckSignedHeaderFields(from_fields);
    CheckCanonicalization();
    CheckOthers();
    return {signature_, IsGood("d") && IsGood("s"), IsGood("h")};
  }

 private:
  const LooseTag* Tag(std::string_view name) const { return Find(tags_, name); }
  bool IsGood(std::string_view name) const { return good_.contains(name); }

  void AddAt(Rule rule, std::string_view name, std::string detail) {
    const LooseTag* tag = Tag(name);
    const bool has_value = tag != nullptr && !tag->value.empty();
    notes_.Add(rule, name,
               has_value        ? tag->value
               : tag != nullptr ? tag->name
                                : value_.substr(0, 0),
               std::move(detail));
  }

  void CheckRequired() {
    for (const std::string_view name : kRequired) {
      if (Tag(name) == nullptr) {
        notes_.Add(Rule::kRequiredTagMissing, name,
                   value_.substr(value_.size()),
                   fmt::format("{}= is missing", name));
      }
    }
  }

  void CheckAlone(std::string_view name) {
    const LooseTag* tag = Tag(name);
    if (tag == nullptr || notes_.HasErrorAt(name)) {
      return;
    }
    TagValues tags = RightTags();
    for (const std::string_view other : {"d", "t"}) {
      if ((name == "i" || name == "x") && IsGood(other)) {
        tags.insert_or_assign(std::string(other), good_.find(other)->second);
      }
    }
    tags.insert_or_assign(std::string(name), std::string(tag->value));
    const auto parsed = ParseSignature(Join(tags));
    if (parsed) {
      good_.emplace(name, tag->value);
    } else {
      const bool is_order = name == "x" && ParseCount(tag->value);
      AddAt(is_order ? Rule::kExpirationNotAfterTimestamp
                     : RuleOf(parsed.error().reason),
            name, parsed.error().detail);
    }
  }

  // What no tag shows alone: that s= and d= make too long a name.
  void ReadTogether() {
    auto parsed = ParseSignature(Join(GoodTags()));
    if (!parsed) {
      AddAt(Rule::kSignatureTag, "s", parsed.error().detail);
      good_.erase("s");
      parsed = ParseSignature(Join(GoodTags()));
    }
    signature_ = parsed.value_or(Signature());
  }

  TagValues GoodTags() const {
    TagValues tags = RightTags();
    for (const auto& [name, value] : good_) {
      tags.insert_or_assign(name, value);
    }
    return tags;
  }

  void CheckAlgorithm() {
    if (!IsGood("a")) {
      return;
    }
    if (signature_.algorithm == Algorithm::kRsaSha1) {
      AddAt(Rule::kRsaSha1, "a", "a=rsa-sha1");
    }
    const std::size_t wanted = Hash(HashOf(signature_.algorithm), "").size();
    if (IsGood("bh") && signature_.body_hash.size() != wanted) {
      AddAt(Rule::kBodyHashLength, "bh",
            fmt::format("{} octets, not {}", signature_.body_hash.size(),
                        wanted));
    }
  }

  void CheckSignedHeaderFields(std::size_t from_fields) {
    if (!IsGood("h")) {
      return;
    }
    const auto& names = signature_.signed_header_fields;
    const auto mentions = static_cast<std::size_t>(
        std::count_if(names.begin(), names.end(), [](const std::string& name) {
          return EqualsIgnoringCase(name, "From");
        }));
    if (mentions <= from_fields) {
      AddAt(Rule::kFromNotOverSigned, "h",
            fmt::format(
                "From is listed {}",
                mentions == 1 ? "once" : fmt::format("{} times", mentions)));
    }
    for (const Rewritten& field : kRewritten) {
      if (std::any_of(names.begin(), names.end(), [&](const std::string& n) {
            return EqualsIgnoringCase(n, field.name);
          })) {
        AddAt(Rule::kRewrittenFieldSigned, "h",
              fmt::format("{} is {}", field.name, field.how));
      }
    }
  }

  void CheckCanonicalization() {
    if (Tag("c") != nullptr && !IsGood("c")) {
      return;
    }
    const std::string detail = Tag("c") == nullptr
                                   ? "there is no c=, which means simple/simple"
                                   : fmt::format("c={}", Tag("c")->value);
    if (signature_.header_canonicalization == Canonicalization::kSimple) {
      AddAt(Rule::kHeaderSimple, "c", detail);
    }
    if (signature_.body_canonicalization == Canonicalization::kSimple) {
      AddAt(Rule::kBodySimple, "c", detail);
    }
  }

  void CheckOthers() {
    if (signature_.body_length_count) {
      AddAt(Rule::kLengthCount, "l",
            fmt::format("l={}", *signature_.body_length_count));
    }
    if (IsGood("d") && signature_.sdid.find('.') == std::string::npos) {
      AddAt(Rule::kSingleLabelSdid, "d", fmt::format("d={}", signature_.sdid));
    }
  }

  std::vector<LooseTag> tags_;
  std::string_view value_;
  Notes& notes_;
  TagValues good_;  // Tags without error, as they stand.
  Signature signature_;
};

}  // namespace

SignatureReading LintSignatureValue(std::string_view value,
                                    std::size_t from_fields, Notes& notes) {
  return Linter(ReadTags(value, kDialect, notes), value, notes)
      .Lint(from_fields);
}

std::vector<Remark> LintSignature(std::string_view field) {
  const MessageView view = ParseMessage(field);
  std::string_view value = field;
  if (view.fields.size() == 1 && view.fields[0].Is("DKIM-Signature")) {
    value = view.fields[0].value;
  } else if (value.ends_with("\r\n")) {
    value.remove_suffix(2);
  }
  Notes notes("DKIM-Signature", field);
  LintSignatureValue(value, 1, notes);
  return notes.Take();
}

}  // namespace dkimspec::lint
