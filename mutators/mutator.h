// A mutator is one named way to damage a message between signer and verifier:
// what a mailing list, a relay or a forger does to it.
//
// A mutator is a row of the table in registry.cc, not a subclass: whatever a
// case, a report or docs/mutators.md needs to know about it is data. The table
// is explicit: a static library drops self-registering objects.
//
// The same message, parameters and seed give the same octets on every machine:
// no clock, no globals, no std::random_device, no <random> distributions.
#ifndef DKIMSPEC_MUTATORS_MUTATOR_H_
#define DKIMSPEC_MUTATORS_MUTATOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mutators/rng.h"
#include "reference/base/expected.h"
#include "reference/message.h"

namespace dkimspec::mutators {

using ParamValue = std::variant<std::int64_t, std::string, bool>;

// What a value must obey beyond its type.
struct ParamRule {
  std::string_view text;  // "SP and HTAB, at least one": in errors and docs.
  bool (*holds)(const ParamValue& value);
};

struct Param {
  std::string_view name;
  std::string_view summary;
  ParamValue fallback;  // Also fixes the type.
  std::vector<std::string_view> words =
      {};  // If not empty: the values allowed.
  const ParamRule* rule = nullptr;
};

// Checked values for one mutator: every declared parameter is present.
using Params = std::map<std::string, ParamValue, std::less<>>;

// Whether a signature still verifies after the damage, if the touched fields
// are signed and l= is not used. True is a promise for every message; false
// says that there are messages which it breaks. Signed means: named in h= as
// often as they occur, or once more for fields that RFC 6376 section 5.4.1
// wants signed; nobody over-signs trace fields, whose number must grow.
struct Survives {
  bool header_simple = false;
  bool header_relaxed = false;
  bool body_simple = false;
  bool body_relaxed = false;
};

struct Damage {
  std::string message;                      // Never the message unchanged.
  std::vector<std::string> touched_fields;  // Names, as they were written.
  bool touched_body = false;
};

struct Mutator {
  std::string_view name;     // "refold-header": stable, in recipes and reports.
  std::string_view summary;  // One sentence.
  std::string_view seen_in;  // Who does this, and how we know.
  std::vector<Param> params;
  Survives survives;
  // On which transports the damage itself can be delivered unchanged.
  bool needs_raw_octets = false;  // Bare CR or LF, no final CRLF, long lines.

  // The damaged message and what was touched; nullopt if the message offers
  // nothing to damage: that is said, never hidden.
  std::optional<Damage> (*apply)(const MessageView& message,
                                 const Params& params, Rng& rng);
};

// All of them, sorted by name.
std::span<const Mutator> AllMutators();

// nullptr if there is none of that name.
const Mutator* FindMutator(std::string_view name);

// Fills in fallbacks and checks names, types and words. `place` is for errors.
Expected<Params> CheckParams(const Mutator& mutator, const Params& given,
                             const std::string& place);

// The value of one parameter as written on a command line: digits for a number,
// true or false for a flag; in a text \r \n \t \\ stand for CR, LF, HTAB and
// the backslash. Only name and type are checked here; CheckParams does the
// rest.
Expected<ParamValue> ParamFromText(const Mutator& mutator,
                                   std::string_view name, std::string_view text,
                                   const std::string& place);

}  // namespace dkimspec::mutators

#endif  // DKIMSPEC_MUTATORS_MUTATOR_H_
