// Presets: truncation, what TCP makes of it, and what TCP itself can break.
#include "dnsstub/fault_shapes.h"

namespace dkimspec::dnsstub {
namespace {

using std::chrono::milliseconds;

Step Ends(After after) { return {.send = false, .after = after}; }

Plan TruncatedThen(Shape shape) {
  return Truncated({{.shape = std::move(shape)}});
}

Plan Framed(Damage frame, After after = After::kClose) {
  return Truncated({{.frame = std::move(frame), .after = after}});
}

// The records stay although TC says that some are missing.
void TruncateAndAnswer(Message& message) { message.truncated = true; }

void Half(std::string& octets) { octets.resize(octets.size() / 2); }

void AddToLength(std::string& framed, int difference) {
  const int length = static_cast<unsigned char>(framed[0]) << 8 |
                     static_cast<unsigned char>(framed[1]);
  Set16(framed, 0, static_cast<unsigned>(length + difference));
}

void Twice(std::string& framed) { framed += std::string(framed); }

}  // namespace

std::vector<Fault> TransportFaults() {
  using enum Outcome;
  return {
      {"tc-tcp", "The answer is given over TCP only.",
       "UDP: TC=1, no records. TCP: the answer.", kCore, kAnswer, kNeedsTxt,
       !kSlow, Truncated({Step{}})},
      {"tc-with-answer", "Truncated, although the answer is there.",
       "UDP: the answer with TC=1. TCP: the answer.", kCore, kAnswer, kNeedsTxt,
       !kSlow, Udp({{.shape = TruncateAndAnswer}})},
      {"tc-with-forgery", "Truncated, and what is there is wrong.",
       "UDP: TC=1 and the record \"v=DKIM1; p=\". TCP: the answer.", kCore,
       kAnswer, kNeedsTxt, !kSlow,
       Udp({{.shape =
                 [](Message& message) {
                   Forge(message);
                   message.truncated = true;
                 }}})},
      {"tc-reset",
       "Truncated, and TCP is of no use. Server and listener are shared with "
       "other names, so TCP is reset once it asks for this one; an endpoint "
       "without TCP refuses it outright.",
       "UDP: TC=1, no records. TCP: RST after the query is read.", kCore,
       kTemporary, !kNeedsTxt, !kSlow, Truncated({Ends(After::kReset)})},
      {"tc-close", "Truncated, and TCP ends without an answer.",
       "UDP: TC=1, no records. TCP: FIN after the query is read.", kCore,
       kTemporary, !kNeedsTxt, !kSlow, Truncated({Ends(After::kClose)})},
      {"tc-hang", "Truncated, and TCP never answers.",
       "UDP: TC=1, no records. TCP: the query is read and never answered.",
       kCore, kTemporary, !kNeedsTxt, kSlow, Truncated({})},
      {"tc-servfail", "Truncated, and the server fails over TCP.",
       "UDP: TC=1, no records. TCP: RCODE 2, no records.", kCore, kTemporary,
       !kNeedsTxt, !kSlow, TruncatedThen(Fails(kServFail))},
      {"tc-nxdomain", "Truncated, and over TCP the name does not exist.",
       "UDP: TC=1, no records. TCP: as nxdomain.", kCore, kNoRecord, !kNeedsTxt,
       !kSlow, TruncatedThen(NoRecord(kNxDomain))},
      {"tc-loop", "Truncated over TCP as well.",
       "UDP and TCP: TC=1, no records.", kWire, kTemporary, !kNeedsTxt, !kSlow,
       TruncatedThen(Truncate)},
      {"tc-delay", "The answer over TCP is a little late.",
       "UDP: TC=1, no records. TCP: the answer, 100 ms after the query.", kCore,
       kAnswer, kNeedsTxt, !kSlow, Truncated({{.delay = milliseconds(100)}})},
      {"tc-split", "The length arrives alone.",
       "UDP: TC=1, no records. TCP: the length, and 30 ms later the answer.",
       kWire, kAnswer, kNeedsTxt, !kSlow,
       Truncated({{.pace = {2, 0xffff, milliseconds(30)}}})},
      {"tc-drip", "The answer arrives octet by octet.",
       "UDP: TC=1, no records. TCP: length and answer, an octet each 2 ms.",
       kWire, kAnswer, kNeedsTxt, !kSlow,
       Truncated({{.pace = {1, 1, milliseconds(2)}}})},
      {"tc-drip-slowly", "The answer arrives too slowly to wait for.",
       "UDP: TC=1, no records. TCP: length and answer, an octet each second.",
       kWire, kTemporary, kNeedsTxt, kSlow,
       Truncated({{.pace = {1, 1, milliseconds(1000)}}})},
      {"tc-answer-close", "The server closes after each answer.",
       "UDP: TC=1, no records. TCP: the answer, FIN.", kCore, kAnswer,
       kNeedsTxt, !kSlow, Truncated({{.after = After::kClose}})},
      {"tc-two-answers", "Two answers arrive together.",
       "UDP: TC=1, no records. TCP: length and answer, both twice.", kWire,
       kAnswer, kNeedsTxt, !kSlow, Framed(Twice, After::kKeep)},
      {"tc-short", "The answer over TCP breaks off.",
       "UDP: TC=1, no records. TCP: the true length, half of the answer, FIN.",
       kWire, kTemporary, kNeedsTxt, !kSlow, Framed(Half)},
      {"tc-half-length", "TCP ends within the length.",
       "UDP: TC=1, no records. TCP: the length's first octet, FIN.", kWire,
       kTemporary, !kNeedsTxt, !kSlow, Framed(Resized(1))},
      {"tc-length-only", "TCP ends after the length.",
       "UDP: TC=1, no records. TCP: the true length, FIN.", kWire, kTemporary,
       !kNeedsTxt, !kSlow, Framed(Resized(2))},
      {"tc-length-zero", "A message of no octets comes over TCP.",
       "UDP: TC=1, no records. TCP: the length 0, FIN.", kWire, kTemporary,
       !kNeedsTxt, !kSlow,
       Framed([](std::string& framed) { framed.assign(2, '\0'); })},
      {"tc-length-too-long", "The length over TCP promises more than comes.",
       "UDP: TC=1, no records. TCP: the length plus 10, the answer, FIN.",
       kWire, kTemporary, kNeedsTxt, !kSlow,
       Framed([](std::string& framed) { AddToLength(framed, 10); })},
      {"tc-length-too-short", "The length over TCP ends within the record.",
       "UDP: TC=1, no records. TCP: the length less 2, the answer, FIN.", kWire,
       kTemporary, kNeedsTxt, !kSlow,
       Framed([](std::string& framed) { AddToLength(framed, -2); })},
      {"tc-wrong-id", "The reply over TCP is to another query.",
       "UDP: TC=1, no records. TCP: the answer with both octets of ID xor 55.",
       kWire, kTemporary, kNeedsTxt, kSlow, Truncated({{.damage = WrongId}})},
      {"tc-garbage", "The reply over TCP is noise.",
       "UDP: TC=1, no records. TCP: 60 octets, always the same.", kWire,
       kTemporary, !kNeedsTxt, kSlow, Truncated({{.damage = Noise}})},
      {"any-size", "The answer is larger than the client said it takes.",
       "UDP: the whole answer, up to 65507 octets. TCP: the answer.", kWire,
       kAnswer, kNeedsTxt, !kSlow, Udp({{.any_size = true}})},
  };
}

}  // namespace dkimspec::dnsstub
