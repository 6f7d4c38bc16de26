// Expected<T>: a value, or what went wrong in the harness and where.
//
// Only harness faults travel here: an unreadable file, malformed JSON, a port
// in use. What a message or the DNS holds is never an error; see verifier.h.
// No exception leaves a folder: libraries that throw are caught at the border.
#ifndef DKIMSPEC_REFERENCE_BASE_EXPECTED_H_
#define DKIMSPEC_REFERENCE_BASE_EXPECTED_H_

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace dkimspec {

struct Error {
  std::string place;    // File, file plus JSON pointer, address, or option.
  std::string message;  // What is wrong, and what to do about it.

  // "place: message", as printed to people.
  std::string ToString() const {
    return place.empty() ? message : place + ": " + message;
  }
};

template <typename T>
using Expected = tl::expected<T, Error>;

// `return Fail(path, "is not valid JSON");`
inline tl::unexpected<Error> Fail(std::string place, std::string message) {
  return tl::unexpected<Error>(Error{std::move(place), std::move(message)});
}

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BASE_EXPECTED_H_
