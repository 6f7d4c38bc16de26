#include "reference/lint/delegations.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "reference/base/ascii.h"

namespace dkimspec::lint {
namespace {

struct Row {
  std::string_view selector;
  Delegation delegation;
};

constexpr Delegation kMicrosoft = {
    "Microsoft 365", "<selector>-<domain>._domainkey.<tenant>.onmicrosoft.com"};
constexpr Delegation kSendGrid = {
    "SendGrid", "<selector>.domainkey.<account>.sendgrid.net"};
constexpr Delegation kMailchimp = {"Mailchimp", "dkim<number>.mcsv.net"};
constexpr Delegation kFastmail = {"Fastmail",
                                  "<selector>.<domain>.dkim.fmhosted.com"};
constexpr Delegation kProton = {
    "Proton Mail", "<selector>.domainkey.<token>.domains.proton.ch"};
constexpr Delegation kZendesk = {"Zendesk",
                                 "<selector>._domainkey.zendesk.com"};
constexpr Delegation kAmazon = {"Amazon SES", "<selector>.dkim.amazonses.com"};

constexpr std::array kRows = {
    Row{"selector1", kMicrosoft}, Row{"selector2", kMicrosoft},
    Row{"s1", kSendGrid},         Row{"s2", kSendGrid},
    Row{"k1", kMailchimp},        Row{"k2", kMailchimp},
    Row{"k3", kMailchimp},        Row{"fm1", kFastmail},
    Row{"fm2", kFastmail},        Row{"fm3", kFastmail},
    Row{"protonmail", kProton},   Row{"protonmail2", kProton},
    Row{"protonmail3", kProton},  Row{"zendesk1", kZendesk},
    Row{"zendesk2", kZendesk},
};

// Easy DKIM of Amazon SES makes selectors of 32 lower-case letters and digits.
bool IsAmazonToken(std::string_view selector) {
  constexpr std::size_t kLength = 32;
  return selector.size() == kLength &&
         std::all_of(selector.begin(), selector.end(), [](char c) {
           return IsDigit(c) || (c >= 'a' && c <= 'z');
         });
}

}  // namespace

std::optional<Delegation> DelegationOf(std::string_view selector) {
  for (const Row& row : kRows) {
    if (EqualsIgnoringCase(row.selector, selector)) {
      return row.delegation;
    }
  }
  return IsAmazonToken(selector) ? std::optional(kAmazon) : std::nullopt;
}

}  // namespace dkimspec::lint
