// Presets: what depends on how often the name was asked for. Counted by name
// and network.
#include "dnsstub/fault_shapes.h"

namespace dkimspec::dnsstub {

std::vector<Fault> SequenceFaults() {
  using enum Outcome;
  return {
      {"servfail-once", "The server fails once and then answers.",
       "First query for the name: as servfail. Later ones: the answer.", kWire,
       kAnswer, kNeedsTxt, !kSlow, First<1>(Shaped(Fails(kServFail)))},
      {"servfail-twice", "The server fails twice and then answers.",
       "First two queries for the name: as servfail. Later ones: the answer.",
       kWire, kTemporary, kNeedsTxt, !kSlow,
       First<2>(Shaped(Fails(kServFail)))},
      {"refused-once", "The server refuses once and then answers.",
       "First query for the name: as refused. Later ones: the answer.", kWire,
       kAnswer, kNeedsTxt, !kSlow, First<1>(Shaped(Fails(kRefused)))},
      {"nxdomain-once", "The name comes into being.",
       "First query for the name: as nxdomain. Later ones: the answer.", kCore,
       kNoRecord, kNeedsTxt, !kSlow, First<1>(Shaped(NoRecord(kNxDomain)))},
      {"nodata-once", "The record comes into being.",
       "First query for the name: as nodata. Later ones: the answer.", kCore,
       kNoRecord, kNeedsTxt, !kSlow, First<1>(Shaped(NoRecord(kNoError)))},
      {"drop-once", "The first query is lost.",
       "First query for the name: as drop. Later ones: the answer.", kCore,
       kAnswer, kNeedsTxt, kSlow, First<1>(Plan{})},
      {"drop-twice", "The first two queries are lost.",
       "First two queries for the name: as drop. Later ones: the answer.",
       kWire, kAnswer, kNeedsTxt, kSlow, First<2>(Plan{})},
      {"wrong-id-once", "The first reply is to another query.",
       "First query for the name: as wrong-id. Later ones: the answer.", kWire,
       kAnswer, kNeedsTxt, kSlow, First<1>(Damaged(WrongId))},
      {"garbage-once", "The first reply is noise.",
       "First query for the name: as garbage. Later ones: the answer.", kWire,
       kAnswer, kNeedsTxt, kSlow, First<1>(Damaged(Noise))},
      {"good-then-servfail", "The server answers once and then fails.",
       "First query for the name: the answer. Later ones: as servfail.", kCore,
       kAnswer, kNeedsTxt, !kSlow, Beyond<1>(Shaped(Fails(kServFail)))},
      {"good-then-nxdomain", "The name goes out of being.",
       "First query for the name: the answer. Later ones: as nxdomain.", kCore,
       kAnswer, kNeedsTxt, !kSlow, Beyond<1>(Shaped(NoRecord(kNxDomain)))},
      {"good-then-revoked", "The key is revoked after its first use.",
       "First query for the name: the answer. Later ones: \"v=DKIM1; p=\".",
       kCore, kAnswer, kNeedsTxt, !kSlow, Beyond<1>(Shaped(Forge))},
      {"good-then-drop", "The server answers once and then is silent.",
       "First query for the name: the answer. Later ones: as drop.", kCore,
       kAnswer, kNeedsTxt, kSlow, Beyond<1>(Plan{})},
      {"flapping", "The server answers and fails in turn.",
       "Queries 1, 3, 5, ...: the answer. 2, 4, 6, ...: as servfail.", kCore,
       kAnswer, kNeedsTxt, !kSlow, EverySecond(Shaped(Fails(kServFail)))},
      {"flapping-drop", "The server answers and is silent in turn.",
       "Queries 1, 3, 5, ...: the answer. 2, 4, 6, ...: as drop.", kCore,
       kAnswer, kNeedsTxt, kSlow, EverySecond(Plan{})},
  };
}

}  // namespace dkimspec::dnsstub
