// Presets: silence, delay, loss and duplicates.
#include "dnsstub/fault_shapes.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;

Plan Lossy(unsigned percent) { return Udp({{.loss_percent = percent}}); }

Plan Late(Shape shape, milliseconds delay) {
  return Both({.delay = delay, .shape = std::move(shape)});
}

}  // namespace

std::vector<Fault> TimeFaults() {
  using enum Outcome;
  return {
      {"drop", "No reply ever comes.",
       "UDP: nothing. TCP: the query is read and never answered.", kCore,
       kTemporary, !kNeedsTxt, kSlow, Plan{}},
      {"drop-udp", "Only TCP is answered, and nothing says so.",
       "UDP: nothing. TCP: the answer.", kCore, kTemporary, kNeedsTxt, kSlow,
       Udp({})},
      {"delay-20ms", "The answer takes as long as usual.",
       "The answer, 20 ms after the query.", kCore, kAnswer, kNeedsTxt, !kSlow,
       Delayed(milliseconds(20))},
      {"delay-100ms", "The answer is a little late.",
       "The answer, 100 ms after the query.", kCore, kAnswer, kNeedsTxt, !kSlow,
       Delayed(milliseconds(100))},
      {"delay-300ms", "The answer is somewhat late.",
       "The answer, 300 ms after the query.", kCore, kAnswer, kNeedsTxt, !kSlow,
       Delayed(milliseconds(300))},
      {"delay-500ms", "The answer is late.",
       "The answer, 500 ms after the query.", kCore, kAnswer, kNeedsTxt, !kSlow,
       Delayed(milliseconds(500))},
      {"delay-1s", "The answer is late by a usual limit.",
       "The answer, 1 s after the query.", kCore, kAnswer, kNeedsTxt, kSlow,
       Delayed(milliseconds(1000))},
      {"delay-2s", "The answer is very late.",
       "The answer, 2 s after the query.", kCore, kAnswer, kNeedsTxt, kSlow,
       Delayed(milliseconds(2000))},
      {"delay-6s", "The answer comes after a first retry.",
       "The answer, 6 s after the query.", kCore, kAnswer, kNeedsTxt, kSlow,
       Delayed(milliseconds(6000))},
      {"delay-30s", "The answer comes when nobody waits any more.",
       "The answer, 30 s after the query.", kCore, kTemporary, kNeedsTxt, kSlow,
       Delayed(milliseconds(30000))},
      {"delayed-nxdomain", "That the name does not exist is said late.",
       "As nxdomain, 100 ms after the query.", kCore, kNoRecord, !kNeedsTxt,
       !kSlow, Late(NoRecord(kNxDomain), milliseconds(100))},
      {"delayed-servfail", "The server fails late.",
       "As servfail, 100 ms after the query.", kCore, kTemporary, !kNeedsTxt,
       !kSlow, Late(Fails(kServFail), milliseconds(100))},
      {"duplicate", "The answer comes twice.",
       "UDP: the answer twice, at once. TCP: the answer.", kCore, kAnswer,
       kNeedsTxt, !kSlow, Udp({Step{}, Step{}})},
      {"late-duplicate", "The answer comes again later.",
       "UDP: the answer, and again 50 ms later. TCP: the answer.", kCore,
       kAnswer, kNeedsTxt, !kSlow, Udp({Step{}, {.delay = milliseconds(50)}})},
      {"answer-then-servfail", "A failure follows the answer.",
       "UDP: the answer, and as servfail 50 ms later. TCP: the answer.", kCore,
       kAnswer, kNeedsTxt, !kSlow,
       Udp({Step{}, {.delay = milliseconds(50), .shape = Fails(kServFail)}})},
      {"loss-10", "One query in ten is lost.",
       "UDP: nothing for 10 % of the queries, else the answer. TCP: the "
       "answer.",
       kWire, kAnswer, kNeedsTxt, kSlow, Lossy(10)},
      {"loss-30", "Three queries in ten are lost.",
       "UDP: nothing for 30 % of the queries, else the answer. TCP: the "
       "answer.",
       kWire, kAnswer, kNeedsTxt, kSlow, Lossy(30)},
      {"loss-50", "Every other query is lost.",
       "UDP: nothing for 50 % of the queries, else the answer. TCP: the "
       "answer.",
       kWire, kAnswer, kNeedsTxt, kSlow, Lossy(50)},
      {"loss-90", "Nine queries in ten are lost.",
       "UDP: nothing for 90 % of the queries, else the answer. TCP: the "
       "answer.",
       kWire, kTemporary, kNeedsTxt, kSlow, Lossy(90)},
  };
}

}  // namespace dkimspec::dnsstub
