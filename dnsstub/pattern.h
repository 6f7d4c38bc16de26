// Patterns of names: "*.{fault}.f.example".
#ifndef DKIMSPEC_DNSSTUB_PATTERN_H_
#define DKIMSPEC_DNSSTUB_PATTERN_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dnsstub/fault.h"
#include "reference/base/expected.h"

namespace dkimspec::dnsstub {

// Compared label by label, without regard to case:
//
//   *          one label, any; as the first one: one label or more
//   sel-*-x    "*" within a label stands for any octets, or none
//   {fault}    a label that is the name of a preset
//
// Anything else stands for itself.
class Pattern {
 public:
  // A name that fits. Where the pattern has {fault}, `fault` is what stood
  // there, and `rest` the name without that label: on the wire, lower case.
  struct Fit {
    const Fault* fault = nullptr;
    std::string rest;
  };

  // The error says what is wrong, without place.
  static Expected<Pattern> Parse(std::string_view text);

  // `lower` is on the wire in lower case.
  std::optional<Fit> Fits(std::string_view lower) const;

  // Whether names that fit lie below this one, so that it must exist.
  bool IsAbove(std::string_view lower) const;

  bool names_fault() const { return names_fault_; }

 private:
  std::vector<std::string> labels_;
  std::string suffix_;      // On the wire: the last labels, as far as plain.
  bool any_depth_ = false;  // The first label is "*".
  bool names_fault_ = false;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_PATTERN_H_
