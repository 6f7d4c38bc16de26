// Writes docs/lint.md from the table of rules.
#ifndef DKIMSPEC_REFERENCE_LINT_DESCRIBE_H_
#define DKIMSPEC_REFERENCE_LINT_DESCRIBE_H_

#include <string>

namespace dkimspec::lint {

std::string DescribeRules();

}  // namespace dkimspec::lint

#endif  // DKIMSPEC_REFERENCE_LINT_DESCRIBE_H_
