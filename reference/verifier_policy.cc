#include "reference/verifier_policy.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <variant>
#include <vector>

#include "fmt/format.h"

namespace dkimspec {
namespace {

// A knob is a choice between two words, the second of which means true, or a
// number with its limits.
struct Choice {
  bool VerifierPolicy::*member;
  std::string_view if_false;
  std::string_view if_true;
};

template <typename T>
struct Number {
  T VerifierPolicy::*member;
  std::int64_t least;
  std::int64_t most;
};

using Setting = std::variant<Choice, Number<int>, Number<std::int64_t>,
                             Number<std::size_t>>;

struct Row {
  std::string_view name;
  std::string_view values;
  Setting setting;
  std::string_view meaning;
  std::string_view citation;
};

constexpr std::string_view kRefuse = "refuse";
constexpr std::string_view kAccept = "accept";
constexpr std::string_view kRefuseOrAccept = "refuse | accept";
constexpr std::int64_t kMostBits = 16384;  // OpenSSL computes with no more.
constexpr std::int64_t kHundredYears = 3155760000;

constexpr Row kRows[] = {
    {"rsa-sha1", kRefuseOrAccept,
     Choice{&VerifierPolicy::accept_rsa_sha1, kRefuse, kAccept},
     "Whether a=rsa-sha1 is verified; it MUST NOT be since 2018.",
     "RFC 8301 section 3.1"},
    {"min-rsa-bits", "bits of the modulus, 1 to 16384",
     Number<int>{&VerifierPolicy::min_rsa_bits, 1, kMostBits},
     "Smaller RSA keys are refused; below 1024 verifiers MUST NOT go.",
     "RFC 8301 section 3.2"},
    {"max-rsa-bits", "bits of the modulus, 1 to 16384",
     Number<int>{&VerifierPolicy::max_rsa_bits, 1, kMostBits},
     "Larger RSA keys are refused; up to 4096 verifiers MUST go.",
     "RFC 8301 section 3.2"},
    {"partial-body", kRefuseOrAccept,
     Choice{&VerifierPolicy::accept_partial_body, kRefuse, kAccept},
     "Whether a body may be longer than l= says.",
     "RFC 6376 sections 3.5 (l=), 6.1.3 and 8.2"},
    {"length-count", kRefuseOrAccept,
     Choice{&VerifierPolicy::accept_length_count, kRefuse, kAccept},
     "Whether a signature may have l= at all, even l= of the whole body.",
     "RFC 6376 sections 3.5 (l=) and 8.2"},
    {"expired", kRefuseOrAccept,
     Choice{&VerifierPolicy::accept_expired, kRefuse, kAccept},
     "Whether a signature is good after the time in x=.",
     "RFC 6376 sections 3.5 (x=) and 6.1.1"},
    {"future", kRefuseOrAccept,
     Choice{&VerifierPolicy::accept_future, kRefuse, kAccept},
     "Whether a signature is good before the time in t=.",
     "RFC 6376 section 3.5 (t=)"},
    {"clock-skew", "seconds",
     Number<std::int64_t>{&VerifierPolicy::clock_skew, 0, kHundredYears},
     "How far clocks may differ before x= and t= count as past and future.",
     "RFC 6376 section 3.5 (t=, x=)"},
    {"max-signatures", "a count",
     Number<std::size_t>{&VerifierPolicy::max_signatures, 0, 1000000},
     "Signatures beyond this many, from the top, are refused unread.",
     "RFC 6376 sections 6.1 and 8.13"},
    {"several-key-records", "refuse | try-each",
     Choice{&VerifierPolicy::accept_several_key_records, kRefuse, "try-each"},
     "What to do with several TXT records at the key's name, where results "
     "are undefined.",
     "RFC 6376 sections 3.6.2.2 and 6.1.2 step 4"},
    {"duplicate-from", kRefuseOrAccept,
     Choice{&VerifierPolicy::accept_several_from_fields, kRefuse, kAccept},
     "Whether a message may have more than one From field.",
     "RFC 6376 sections 3.8 and 8.15"},
    {"single-label-sdid", kRefuseOrAccept,
     Choice{&VerifierPolicy::accept_single_label_sdid, kRefuse, kAccept},
     "Whether d= may be a single label, such as a top-level domain.",
     "RFC 6376 sections 6.1.1 and 8.14"},
    {"pkcs1-keys", kRefuseOrAccept,
     Choice{&VerifierPolicy::accept_pkcs1_keys, kRefuse, kAccept},
     "Whether p= may hold a bare RSAPublicKey, which the text asks for and "
     "hardly anyone publishes, besides SubjectPublicKeyInfo.",
     "RFC 6376 section 3.6.1 (p=) and erratum 3017"},
};

const Row* FindRow(std::string_view name) {
  const Row* row = std::find_if(std::begin(kRows), std::end(kRows),
                                [&](const Row& r) { return r.name == name; });
  return row == std::end(kRows) ? nullptr : row;
}

bool Set(const Choice& choice, std::string_view value, VerifierPolicy& policy) {
  if (value != choice.if_true && value != choice.if_false) {
    return false;
  }
  policy.*choice.member = value == choice.if_true;
  return true;
}

template <typename T>
bool Set(const Number<T>& number, std::string_view value,
         VerifierPolicy& policy) {
  std::int64_t read = 0;
  const char* end = value.data() + value.size();
  const auto [stop, problem] = std::from_chars(value.data(), end, read);
  if (problem != std::errc() || stop != end || read < number.least ||
      read > number.most) {
    return false;
  }
  policy.*number.member = static_cast<T>(read);
  return true;
}

std::string Get(const Choice& choice, const VerifierPolicy& policy) {
  return std::string(policy.*choice.member ? choice.if_true : choice.if_false);
}

template <typename T>
std::string Get(const Number<T>& number, const VerifierPolicy& policy) {
  return fmt::format("{}", policy.*number.member);
}

std::string AllNames() {
  std::vector<std::string_view> names;
  for (const Row& row : kRows) {
    names.push_back(row.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<PolicyKnob> MakeKnobs() {
  std::vector<PolicyKnob> knobs;
  for (const Row& row : kRows) {
    knobs.push_back({row.name, row.values, PolicyValue(row.name, {}),
                     row.meaning, row.citation});
  }
  return knobs;
}

}  // namespace

std::span<const PolicyKnob> PolicyKnobs() {
  static const std::vector<PolicyKnob> knobs = MakeKnobs();
  return knobs;
}

Expected<void> SetPolicy(std::string_view assignment, VerifierPolicy& policy) {
  const std::string place = fmt::format("policy \"{}\"", assignment);
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const Row* row = FindRow(name);
  if (row == nullptr) {
    return Fail(place, fmt::format("is none; there are {}", AllNames()));
  }
  const bool done =
      equals != std::string_view::npos &&
      std::visit(
          [&](const auto& setting) {
            return Set(setting, assignment.substr(equals + 1), policy);
          },
          row->setting);
  if (!done) {
    return Fail(place, fmt::format("write {}=VALUE; the value is: {}", name,
                                   row->values));
  }
  return {};
}

std::string PolicyValue(std::string_view name, const VerifierPolicy& policy) {
  const Row* row = FindRow(name);
  return row == nullptr
             ? std::string()
             : std::visit(
                   [&](const auto& setting) { return Get(setting, policy); },
                   row->setting);
}

}  // namespace dkimspec
