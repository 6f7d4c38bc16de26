// The organizational domain of a domain: what relaxed alignment compares.
#ifndef DKIMSPEC_REFERENCE_ORGANIZATIONAL_DOMAIN_H_
#define DKIMSPEC_REFERENCE_ORGANIZATIONAL_DOMAIN_H_

#include <string>
#include <string_view>
#include <vector>

#include "reference/key_source.h"

namespace dkimspec {

// RFC 9989 section 4.10.
struct TreeWalk {
  std::string organizational_domain;  // Lower case, A-labels. Empty if unknown.
  // Where the DMARC record stands that decided, without "_dmarc". Empty: there
  // is none, and the domain itself is the organizational one.
  std::string decided_by;
  std::vector<std::string> queries;  // Names asked, in order; at most eight.
  std::string problem;  // The DNS did not answer; then nothing is decided.
};

// Asks `txt` for TXT records.
TreeWalk WalkTree(std::string_view domain, KeySource& txt);

// As RFC 7489 section 3.2 had it: the public suffix and one label more, by the
// list that libpsl was built with. A public suffix is its own.
std::string OrganizationalDomainByList(std::string_view domain);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_ORGANIZATIONAL_DOMAIN_H_
