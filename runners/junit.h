// Results as JUnit XML, which every CI system reads.
#ifndef DKIMSPEC_RUNNERS_JUNIT_H_
#define DKIMSPEC_RUNNERS_JUNIT_H_

#include <string>
#include <string_view>

#include "runners/results.h"

namespace dkimspec::runners {

// One testsuite for each implementation that ran and one testcase for each
// case. Wrong is a failure, no verdict is skipped with its reason, and so is
// everything of an implementation that did not run.
std::string WriteJUnit(const Results& results);

// Text for XML 1.0: markup is escaped; control characters and octets that are
// not UTF-8, which XML cannot hold in any form, are replaced by "?".
std::string EscapeXml(std::string_view text);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_JUNIT_H_
