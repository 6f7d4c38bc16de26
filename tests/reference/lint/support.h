// What the tests of lint share.
#ifndef DKIMSPEC_TESTS_REFERENCE_LINT_SUPPORT_H_
#define DKIMSPEC_TESTS_REFERENCE_LINT_SUPPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "reference/lint/lint.h"

namespace dkimspec::lint {

// A key of fixtures/keys, such as "rsa2048-a".
PrivateKey TestKey(const std::string& name);

// The content of p= for such a key.
std::string PublicKeyText(const std::string& name);

// "p-missing stray-quotes@p": the ids of remarks and their tags, in order.
std::string Ids(const std::vector<Remark>& remarks);

bool HasError(const std::vector<Remark>& remarks);

// nullptr if there is none.
const Remark* Find(const std::vector<Remark>& remarks, Rule rule);

}  // namespace dkimspec::lint

#endif  // DKIMSPEC_TESTS_REFERENCE_LINT_SUPPORT_H_
