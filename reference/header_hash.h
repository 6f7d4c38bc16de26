// Which header fields are hashed, and the octets that the signature covers:
// RFC 6376 sections 3.7 and 5.4.2, with errata 5252 and 5839.
#ifndef DKIMSPEC_REFERENCE_HEADER_HASH_H_
#define DKIMSPEC_REFERENCE_HEADER_HASH_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/canonicalization.h"
#include "reference/message.h"

namespace dkimspec {

// For each name in h=, the index of the field it selects: bottom-up, each name
// with its own counter, so that the n-th mention selects the n-th instance from
// the bottom. nullopt: no instance is left, the null string is hashed (over-
// signing). The field at index `own` is never selected.
std::vector<std::optional<std::size_t>> SelectHeaderFields(
    const std::vector<HeaderField>& fields,
    const std::vector<std::string>& signed_header_fields,
    std::optional<std::size_t> own);

// The octets that are hashed: the selected fields, canonicalized, then the
// DKIM-Signature field `own_octets` with the value of b= removed,
// canonicalized, without its final CRLF.
std::string HeaderHashInput(
    Canonicalization canonicalization, const std::vector<HeaderField>& fields,
    const std::vector<std::optional<std::size_t>>& selected,
    std::string_view own_octets);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_HEADER_HASH_H_
