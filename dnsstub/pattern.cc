#include "dnsstub/pattern.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "dnsstub/wire.h"
#include "reference/base/ascii.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::string_view kFaultLabel = "{fault}";
constexpr std::size_t kMaxLabels = 128;  // RFC 1035 section 3.1: 255 octets.

// The labels of a name on the wire, without the root's.
class Labels {
 public:
  explicit Labels(std::string_view name) {
    while (name.size() > 1 && size_ < kMaxLabels) {
      const std::size_t length = static_cast<unsigned char>(name[0]);
      labels_[size_++] = name.substr(1, length);
      name = Parent(name);
    }
  }
  std::size_t size() const { return size_; }
  std::string_view operator[](std::size_t i) const { return labels_[i]; }

 private:
  std::array<std::string_view, kMaxLabels> labels_;
  std::size_t size_ = 0;
};

// "*" for any octets. Goes back to the last "*" only, which is enough.
bool GlobFits(std::string_view glob, std::string_view label) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  for (std::size_t i = 0; i < label.size();) {
    if (at < glob.size() && glob[at] == '*') {
      star = at++;
      resume = i;
    } else if (at < glob.size() && glob[at] == label[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', at) == std::string_view::npos;
}

// Whether `labels`, the last ones of a pattern, fit the last ones of a name;
// `fault` is where {fault} fitted, or the name's size.
bool LabelsFit(const std::vector<std::string>& pattern, std::size_t first,
               const Labels& name, std::size_t& fault) {
  for (std::size_t back = 1; back <= pattern.size() - first; ++back) {
    const std::string& wanted = pattern[pattern.size() - back];
    const std::size_t at = name.size() - back;
    if (wanted == kFaultLabel) {
      if (FindFault(name[at]) == nullptr) {
        return false;
      }
      fault = at;
    } else if (!GlobFits(wanted, name[at])) {
      return false;
    }
  }
  return true;
}

// What every name that fits ends with.
std::string PlainSuffix(const std::vector<std::string>& labels) {
  std::string wire(1, '\0');
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    if (label->find_first_of("*{") != std::string::npos) {
      break;
    }
    wire = static_cast<char>(label->size()) + *label + wire;
  }
  return wire;
}

std::string Without(const Labels& name, std::size_t left_out) {
  std::string wire;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (i != left_out) {
      wire += static_cast<char>(name[i].size());
      wire += name[i];
    }
  }
  return wire + '\0';
}

// "" if the label may stand in a pattern.
std::string_view LabelMistake(const std::string& label) {
  if (label == kFaultLabel) {
    return "";
  }
  if (label.empty() || label.size() > 63) {
    return "labels have 1 to 63 octets, and there is no final dot";
  }
  return label.find_first_of("{}") == std::string::npos
             ? ""
             : "{fault}, as a whole label, is all that braces can say";
}

}  // namespace

Expected<Pattern> Pattern::Parse(std::string_view text) {
  Pattern pattern;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t dot = std::min(text.find('.', at), text.size());
    pattern.labels_.push_back(ToLower(text.substr(at, dot - at)));
    const std::string& label = pattern.labels_.back();
    if (const auto mistake = LabelMistake(label); !mistake.empty()) {
      return Fail("", std::string(mistake));
    }
    if (label == kFaultLabel && pattern.names_fault_) {
      return Fail("", "{fault} may stand there once");
    }
    pattern.names_fault_ = pattern.names_fault_ || label == kFaultLabel;
    at = dot + 1;
  }
  if (pattern.labels_.size() > kMaxLabels) {
    return Fail("", "no name has so many labels");
  }
  pattern.any_depth_ = pattern.labels_[0] == "*";
  pattern.suffix_ = PlainSuffix(pattern.labels_);
  return pattern;
}

std::optional<Pattern::Fit> Pattern::Fits(std::string_view lower) const {
  if (!lower.ends_with(suffix_)) {
    return std::nullopt;  // Nearly all names: this needs no labels.
  }
  const Labels name(lower);
  if (name.size() < labels_.size() ||
      (name.size() > labels_.size() && !any_depth_)) {
    return std::nullopt;
  }
  std::size_t fault = name.size();
  if (!LabelsFit(labels_, 0, name, fault)) {
    return std::nullopt;
  }
  if (!names_fault_) {
    return Fit{};
  }
  return Fit{FindFault(name[fault]), Without(name, fault)};
}

bool Pattern::IsAbove(std::string_view lower) const {
  const Labels name(lower);
  std::size_t fault = 0;
  return name.size() < labels_.size() &&
         LabelsFit(labels_, labels_.size() - name.size(), name, fault);
}

}  // namespace dkimspec::dnsstub
