// The table of mutators as text for people: docs/mutators.md is made of it.
#ifndef DKIMSPEC_MUTATORS_DESCRIBE_H_
#define DKIMSPEC_MUTATORS_DESCRIBE_H_

#include <string>

namespace dkimspec::mutators {

// Markdown, with LF line ends.
std::string DescribeMutators();

}  // namespace dkimspec::mutators

#endif  // DKIMSPEC_MUTATORS_DESCRIBE_H_
