// Messages that between them offer something to every mutator.
#ifndef DKIMSPEC_TESTS_MUTATORS_SAMPLES_H_
#define DKIMSPEC_TESTS_MUTATORS_SAMPLES_H_

#include <string>
#include <vector>

#include "mutators/mutator.h"

namespace dkimspec::mutators {

// Written by hand; each has a From field and can be signed. None has a bare CR
// or LF: signers must not sign those (RFC 6376 section 5.3).
std::vector<std::string> SampleMessages();

// Short and odd: bare CR and LF, white space everywhere, stray lines, fields of
// the same name, sometimes no separator, no final CRLF or no body.
std::string RandomMessage(Rng& rng);

// The parameters to try for a mutator: the fallbacks, then every word of each
// parameter that is chosen from words, then both values of each flag.
std::vector<Params> ParamsToTry(const Mutator& mutator);

}  // namespace dkimspec::mutators

#endif  // DKIMSPEC_TESTS_MUTATORS_SAMPLES_H_
