// Rules that parameter values obey beyond their type.
#ifndef DKIMSPEC_MUTATORS_RULES_H_
#define DKIMSPEC_MUTATORS_RULES_H_

#include "mutators/mutator.h"

namespace dkimspec::mutators {

extern const ParamRule kWspRule;             // SP and HTAB, at least one.
extern const ParamRule kOneLineRule;         // Text that stays within its line.
extern const ParamRule kNotEmptyRule;        // Any octets.
extern const ParamRule kFieldNameRule;       // ftext, RFC 5322 section 2.2.
extern const ParamRule kMaybeFieldNameRule;  // The same, or empty.
extern const ParamRule kFieldNamesRule;  // Names with commas between, or none.
extern const ParamRule kCountRule;       // 1 to 1000.
extern const ParamRule kWidthRule;       // A line length, 20 to 100000.

}  // namespace dkimspec::mutators

#endif  // DKIMSPEC_MUTATORS_RULES_H_
