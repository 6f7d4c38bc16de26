// Damages to the layout of header fields: folding, colons, case of names.
#include <algorithm>

#include "mutators/damages.h"
#include "mutators/edit.h"
#include "reference/base/ascii.h"

namespace dkimspec::mutators {
namespace {

std::size_t SkipWsp(std::string_view text, std::size_t at) {
  while (at < text.size() && IsWsp(text[at])) {
    ++at;
  }
  return at;
}

// Where to fold `line`: before the last run of WSP that starts within `width`,
// or the first run beyond; at least one octet after `keep` stays. A run at the
// end is left alone: a continuation line of nothing but WSP is obsolete (RFC
// 5322 section 3.2.2). npos: nowhere.
std::size_t FoldPoint(std::string_view line, std::size_t keep,
                      std::size_t width) {
  std::size_t best = std::string_view::npos;
  for (std::size_t i = SkipWsp(line, keep) + 1; i < line.size(); ++i) {
    if (!IsWsp(line[i]) || IsWsp(line[i - 1])) {
      continue;
    }
    if (SkipWsp(line, i) == line.size()) {
      break;
    }
    if (i > width) {
      return best == std::string_view::npos ? i : best;
    }
    best = i;
  }
  return best;
}

std::string FoldLine(std::string_view line, std::size_t keep,
                     std::size_t width) {
  std::string folded;
  while (line.size() > width) {
    const std::size_t at = FoldPoint(line, keep, width);
    if (at == std::string_view::npos) {
      break;
    }
    folded += line.substr(0, at);
    folded += kCrlf;
    line.remove_prefix(at);
    keep = 0;
  }
  folded += line;
  return folded;
}

std::string Refold(const HeaderField& field, std::size_t width) {
  std::string refolded;
  std::size_t keep = ValueOffset(field);
  for (std::string_view line : SplitLines(field.octets)) {
    refolded += FoldLine(WithoutCrlf(line), keep, width);
    refolded += line.substr(WithoutCrlf(line).size());
    keep = 0;
  }
  return refolded;
}

std::string Recase(std::string_view name, std::string_view style) {
  std::string recased;
  bool starts_word = true;
  for (char c : name) {
    const char lower = ToLower(c);
    const bool raise = style == "upper" || (style == "title" && starts_word);
    recased += raise && IsAlpha(c) ? static_cast<char>(lower & ~0x20) : lower;
    starts_word = c == '-';
  }
  return recased;
}

}  // namespace

std::optional<Damage> RefoldHeader(const MessageView& message,
                                   const Params& params, Rng&) {
  const auto width = static_cast<std::size_t>(NumberOf(params, "width"));
  return EditFields(message, params, [&](const HeaderField& field) {
    return Refold(field, width);
  });
}

std::optional<Damage> UnfoldHeader(const MessageView& message,
                                   const Params& params, Rng&) {
  return EditFields(message, params, [](const HeaderField& field) {
    std::string unfolded;
    for (std::string_view line : SplitLines(field.octets)) {
      unfolded += WithoutCrlf(line);
    }
    return field.octets.ends_with(kCrlf) ? unfolded.append(kCrlf) : unfolded;
  });
}

std::optional<Damage> SpaceAfterColon(const MessageView& message,
                                      const Params& params, Rng&) {
  return EditFields(message, params, [](const HeaderField& field) {
    std::string spaced(field.octets);
    if (!field.value.empty() && !IsWsp(field.value.front()) &&
        field.value.front() != '\r') {
      spaced.insert(ValueOffset(field), 1, ' ');
    }
    return spaced;
  });
}

std::optional<Damage> NoSpaceBeforeColon(const MessageView& message,
                                         const Params& params, Rng&) {
  return EditFields(message, params, [](const HeaderField& field) {
    std::string tight(field.name);
    return tight.append(field.octets.substr(ValueOffset(field) - 1));
  });
}

std::optional<Damage> RecaseFieldNames(const MessageView& message,
                                       const Params& params, Rng&) {
  const std::string& style = TextOf(params, "style");
  return EditFields(message, params, [&](const HeaderField& field) {
    std::string recased = Recase(field.name, style);
    return recased.append(field.octets.substr(field.name.size()));
  });
}

}  // namespace dkimspec::mutators
