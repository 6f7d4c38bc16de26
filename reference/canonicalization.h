// The canonicalization algorithms of RFC 6376 section 3.4, with erratum 5839.
#ifndef DKIMSPEC_REFERENCE_CANONICALIZATION_H_
#define DKIMSPEC_REFERENCE_CANONICALIZATION_H_

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

// Canonicalizes a body that comes in any pieces; the result does not depend on
// where they are cut. Memory is bounded, except that nothing at all is kept of
// the text: runs of white space and of empty lines are counted.
//
// A last line without CRLF is a line: relaxed removes its trailing WSP, and
// both algorithms add the CRLF (sections 3.4.3 and 3.4.4). An empty body is
// CRLF in simple and nothing in relaxed.
class BodyCanonicalizer {
 public:
  using Sink = std::function<void(std::string_view octets)>;

  // `sink` receives canonical octets, in order, in pieces of any size.
  BodyCanonicalizer(Canonicalization canonicalization, Sink sink);

  void Push(std::string_view octets);
  void Finish();  // Once, after the last Push.

 private:
  void Simple(std::string_view octets);
  void Relaxed(std::string_view octets);
  void EndLine();
  void Emit(std::string_view octets);

  Canonicalization canonicalization_;
  Sink sink_;
  std::uint64_t pending_empty_lines_ = 0;
  bool pending_wsp_ = false;  // Relaxed: WSP seen, not yet known if trailing.
  bool pending_cr_ = false;   // A CR that may be half of a CRLF.
  bool line_has_text_ = false;
  bool any_output_ = false;
};

// The whole body at once.
std::string CanonicalizeBody(Canonicalization canonicalization,
                             std::string_view body);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_CANONICALIZATION_H_
