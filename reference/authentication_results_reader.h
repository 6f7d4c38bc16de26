// Reads Authentication-Results header fields: RFC 8601 section 2.2.
#ifndef DKIMSPEC_REFERENCE_AUTHENTICATION_RESULTS_READER_H_
#define DKIMSPEC_REFERENCE_AUTHENTICATION_RESULTS_READER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/reason.h"
#include "tl/expected.hpp"

namespace dkimspec {

// "header.d=example.com". Type and name are in lower case; the value is without
// quotes, but an address stays as written: "\"a b\"@example.com".
struct AuthenticationProperty {
  std::string type;
  std::string name;
  std::string value;
};

// "dkim/1=fail reason=..." with its properties.
struct AuthenticationResult {
  std::string method;  // In lower case.
  int version = 1;     // Of the method; consumers ignore versions not theirs.
  std::string result;  // In lower case. Any word: see DkimResult().
  std::optional<std::string> reason;
  std::vector<AuthenticationProperty> properties;  // In the order written.

  // The first value of "header.d": Find("header", "d"). nullptr if none.
  const std::string* Find(std::string_view type, std::string_view name) const;

  // The word of section 2.7.1 that this result is, if it is one for DKIM in
  // version 1; what else stands there is to be ignored (section 2.7.7).
  std::optional<Result> DkimResult() const;
};

struct AuthenticationResults {
  std::string authserv_id;  // Without quotes.
  int version = 1;
  std::vector<AuthenticationResult> results;  // None: "none" stood there.
};

struct AuthenticationResultsError {
  std::size_t offset = 0;  // In the value: where reading stopped.
  std::string message;     // "a result is \"method=word\"".
};

// Reads what follows the colon; a CRLF at the end is left out. The grammar is
// that of section 2.2 with errata 5435 and 6026 (properties are separated by
// CFWS), and nothing beyond it: no ";" at the end, no bare value that is
// neither a token nor an address nor a domain name. UTF-8 may stand where
// section 2.2 and RFC 6532 allow it: in quoted strings, comments, addresses,
// domain names and the authserv-id.
//
// Of a version above 1 no results are read: its grammar is unknown (section
// 2.6), but the caller may need the authserv-id to remove the field (section
// 5).
tl::expected<AuthenticationResults, AuthenticationResultsError>
ParseAuthenticationResults(std::string_view value);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_AUTHENTICATION_RESULTS_READER_H_
