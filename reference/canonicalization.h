// The canonicalization algorithms of RFC 6376 section 3.4, with erratum 5839.
#ifndef DKIMSPEC_REFERENCE_CANONICALIZATION_H_
#define DKIMSPEC_REFERENCE_CANONICALIZATION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "reference/message.h"

namespace dkimspec {

enum class Canonicalization { kSimple, kRelaxed };

std::string_view ToString(Canonicalization canonicalization);

// One header field, ending in exactly one CRLF (sections 3.4.1 and 3.4.2).
// `octets` is a whole field; a missing final CRLF is added.
std::string CanonicalizeHeaderField(Canonicalization canonicalization,
                                    std::string_view octets);

// Likewise, put at the end of `out`.
void AppendCanonicalHeaderField(Canonicalization canonicalization,
                                std::string_view octets, std::string& out);

// Canonicalizes a body that comes in any pieces; the result does not depend on
// where they are cut. Nothing is kept of the text: line ends and white space
// whose fate is open are counted, so memory is constant.
//
// A last line without CRLF is a line: relaxed removes its trailing WSP, and
// both algorithms add the CRLF (sections 3.4.3 and 3.4.4). An empty body is
// CRLF in simple and nothing in relaxed. Only CRLF ends a line; a bare CR or LF
// is text.
class BodyCanonicalizer {
 public:
  using Sink = std::function<void(std::string_view octets)>;

  // `sink` receives canonical octets, in order, in pieces of any size: long
  // runs of the input where they are canonical as they stand.
  BodyCanonicalizer(Canonicalization canonicalization, Sink sink);

  void Push(std::string_view octets);
  void Finish();  // Once, after the last Push.

 private:
  void PushSimple(std::string_view octets);
  void PushRelaxed(std::string_view octets);
  std::size_t PushReduced(std::string_view octets);
  bool SettleCr(char next);
  void EmitLines(std::string_view octets);
  void EmitText(std::string_view text);
  void EmitLineEnds(std::uint64_t count);

  Canonicalization canonicalization_;
  Sink sink_;
  // Held back, in this order, until more text shows that they are not the end
  // of the body: CRLFs, then WSP, then a CR that may be half of a CRLF.
  std::uint64_t held_line_ends_ = 0;
  bool held_wsp_ = false;  // Relaxed only.
  bool held_cr_ = false;
  bool any_text_ = false;
};

// The whole body at once.
std::string CanonicalizeBody(Canonicalization canonicalization,
                             std::string_view body);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_CANONICALIZATION_H_
