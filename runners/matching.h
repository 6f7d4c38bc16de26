// Finds out which answer speaks of which signature.
#ifndef DKIMSPEC_RUNNERS_MATCHING_H_
#define DKIMSPEC_RUNNERS_MATCHING_H_

#include <string>
#include <vector>

#include "fixtures/case.h"
#include "runners/implementation.h"

namespace dkimspec::runners {

// One subject and what was said of it.
struct Match {
  const fixtures::Subject* subject = nullptr;
  const SignatureAnswer* answer = nullptr;  // nullptr: silent.
  std::string problem;  // Not empty: nobody can tell what was said of it.
};

// Matches by Description::reports:
//
//   each         by order if there are as many answers as DKIM-Signature
//                fields and no d= or s= speaks against it, else by d=, s= and
//                the start of b=;
//   first        one answer: the signature it names, else the topmost one;
//   one-for-all  one answer: the subject with the best expectation.
//
// `owed` holds the expectation of each subject of `test`, in their order.
// Views into `test` and `answers`.
std::vector<Match> MatchAnswers(const fixtures::Case& test,
                                const std::vector<fixtures::Verdict>& owed,
                                Reports reports,
                                const std::vector<SignatureAnswer>& answers);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_MATCHING_H_
