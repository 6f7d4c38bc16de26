// Selectors that mail services have their customers delegate by CNAME; private
// to this folder.
#ifndef DKIMSPEC_REFERENCE_LINT_DELEGATIONS_H_
#define DKIMSPEC_REFERENCE_LINT_DELEGATIONS_H_

#include <optional>
#include <string_view>

namespace dkimspec::lint {

struct Delegation {
  std::string_view service;
  std::string_view target;  // Where the CNAME leads, with what varies in < >.
};

// nullopt: the selector is nobody's that we know.
std::optional<Delegation> DelegationOf(std::string_view selector);

}  // namespace dkimspec::lint

#endif  // DKIMSPEC_REFERENCE_LINT_DELEGATIONS_H_
