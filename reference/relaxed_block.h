// Relaxed canonicalization where there is something to change in every line:
// what relaxed_run.h finds is then too short to be worth the finding, so whole
// blocks are copied and what goes is left out on the way.
#ifndef DKIMSPEC_REFERENCE_RELAXED_BLOCK_H_
#define DKIMSPEC_REFERENCE_RELAXED_BLOCK_H_

#include <cstddef>

namespace dkimspec {

constexpr std::size_t kRelaxedStep = 64;

// Of `size` octets at `text`, a multiple of kRelaxedStep, copies to `out` what
// RFC 6376 section 3.4.4 leaves of them: of each run of WSP the last octet, as
// SP, and none if CRLF follows; all other octets. Two octets after the block
// are read, too, and decide over WSP at its end. Line ends at the end of the
// body are not its business.
//
// Returns where the copy ends. It writes up to eight octets beyond.
using RelaxedReducer = char* (*)(const char* text, std::size_t size, char* out);

// nullptr where this processor or build has no AVX2.
RelaxedReducer ReduceRelaxedAvx2();

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_RELAXED_BLOCK_H_
