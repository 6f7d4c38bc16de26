// Finds the octets that relaxed canonicalization leaves as they are, which is
// nearly all of a message: whoever finds them fast canonicalizes fast.
#ifndef DKIMSPEC_REFERENCE_RELAXED_RUN_H_
#define DKIMSPEC_REFERENCE_RELAXED_RUN_H_

namespace dkimspec {

// Where CRLF may stand in a run.
enum class LineEnds {
  kStay,  // In a body: they are part of the canonical form.
  kStop,  // In a header field: they may be folding white space.
};

// Where the run that begins at `p` ends: its octets are text, single SPs and,
// if they stay, CRLFs, so that relaxed passes them on whole (RFC 6376 sections
// 3.4.2 and 3.4.4). If p != end and *p is text, so is the last octet of the
// run: what follows decides over SPs and CRLFs at its end. Text is any octet
// but SP, HTAB and CR.
//
// Chosen once for this processor among the functions below, which are equal in
// all but speed.
using RelaxedRunFinder = const char* (*)(const char* p, const char* end,
                                         LineEnds line_ends);
const char* EndOfRelaxedRun(const char* p, const char* end, LineEnds line_ends);

const char* EndOfRelaxedRunPortable(const char* p, const char* end,
                                    LineEnds line_ends);

// nullptr where this processor or build has no AVX2.
RelaxedRunFinder EndOfRelaxedRunAvx2();

namespace internal {

// The first octet at or after `p` that may end a run: HTAB, an SP before
// anything but text, a CR that is not of a CRLF that stays, or the last octet
// unless it is text.
const char* FindStopPortable(const char* p, const char* end,
                             LineEnds line_ends);

// `stop` without the CRLFs before it; an SP there would itself have stopped.
const char* BackToText(const char* begin, const char* stop);

}  // namespace internal
}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_RELAXED_RUN_H_
