// The reference verifier as an implementation under test: it is scored by the
// same cases as everyone else.
#ifndef DKIMSPEC_RUNNERS_IN_PROCESS_H_
#define DKIMSPEC_RUNNERS_IN_PROCESS_H_

#include <memory>

#include "reference/key_source.h"
#include "runners/implementation.h"

namespace dkimspec {

class KeyCache;  // reference/key_cache.h

namespace runners {

// The reference of this build. `dns` is kRequest, or kNameserver: then
// libunbound asks the name server of the request.
Description DescribeReference(DnsWay dns);

// What the reference says about one message; a cache changes nothing
// but the time it takes.
Answer AskReference(const Request& request, KeySource& keys,
                    KeyCache* cache = nullptr);

// Nothing here can fail to start.
std::unique_ptr<Implementation> MakeReference(DnsWay dns);

}  // namespace runners
}  // namespace dkimspec

#endif  // DKIMSPEC_RUNNERS_IN_PROCESS_H_
