// The parts of a message are all of it, and canonicalization does not depend on
// where a body is cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "reference/canonicalization.h"
#include "reference/message.h"

namespace {

using dkimspec::BodyCanonicalizer;
using dkimspec::Canonicalization;

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void CheckParts(std::string_view octets) {
  const auto message = dkimspec::ParseMessage(octets);
  std::string joined;
  for (const auto& field : message.fields) {
    Require(octets.substr(field.offset, field.octets.size()) == field.octets);
    Require(dkimspec::CanonicalizeHeaderField(Canonicalization::kRelaxed,
                                              field.octets)
                .ends_with("\r\n"));
    joined += field.octets;
  }
  Require(joined == message.header);
  joined += message.has_separator ? "\r\n" : "";
  Require(joined + std::string(message.body) == octets);
}

std::string InTwo(Canonicalization canonicalization, std::string_view body,
                  std::size_t cut) {
  std::string canonical;
  BodyCanonicalizer canonicalizer(
      canonicalization, [&](std::string_view octets) { canonical += octets; });
  canonicalizer.Push(body.substr(0, cut));
  canonicalizer.Push(body.substr(cut));
  canonicalizer.Finish();
  return canonical;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  CheckParts(octets);
  for (const auto canonicalization :
       {Canonicalization::kSimple, Canonicalization::kRelaxed}) {
    const std::string whole =
        dkimspec::CanonicalizeBody(canonicalization, octets);
    const std::size_t cut = size == 0 ? 0 : data[0] % size;
    Require(InTwo(canonicalization, octets, cut) == whole);
    // What is canonical stays as it is.
    Require(dkimspec::CanonicalizeBody(canonicalization, whole) == whole);
  }
  return 0;
}
