// Our DNS server as the name server of domains, for a resolver to ask.
#ifndef DKIMSPEC_TESTS_RUNNERS_AUTHORITATIVE_STUB_H_
#define DKIMSPEC_TESTS_RUNNERS_AUTHORITATIVE_STUB_H_

#include <memory>

#include "dnsstub/server.h"
#include "reference/base/expected.h"

namespace dkimspec::runners {

inline Expected<std::unique_ptr<dnsstub::Server>> StartAuthoritative() {
  dnsstub::ServerOptions options;
  options.endpoints.emplace_back();
  options.endpoints.back().authoritative = true;
  return dnsstub::Server::Start(options);
}

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_TESTS_RUNNERS_AUTHORITATIVE_STUB_H_
