#include "reference/lint/notes.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace dkimspec::lint {
namespace {

bool IsError(const Remark& remark) {
  return Info(remark.rule).severity == Severity::kError;
}

// Gives lines and columns to remarks in the order of the text, in one pass.
void Locate(std::string_view text, std::vector<Remark>& remarks) {
  std::size_t line = 1;
  std::size_t line_begin = 0;
  std::size_t read = 0;
  for (Remark& remark : remarks) {
    for (; read < remark.offset; ++read) {
      if (text[read] == '\n') {
        ++line;
        line_begin = read + 1;
      }
    }
    remark.line = line;
    remark.column = remark.offset - line_begin + 1;
  }
}

}  // namespace

void Notes::Add(Rule rule, std::string_view tag, std::string_view where,
                std::string detail) {
  Remark remark{rule, subject_, std::string(tag), 0, 1, 1, std::move(detail)};
  if (where.data() != nullptr) {
    remark.offset = static_cast<std::size_t>(where.data() - whole_.data());
  }
  remarks_.push_back(std::move(remark));
}

bool Notes::HasErrorAt(std::string_view tag) const {
  return std::any_of(remarks_.begin(), remarks_.end(), [&](const Remark& r) {
    return r.tag == tag && IsError(r);
  });
}

bool Notes::HasErrors() const {
  return std::any_of(remarks_.begin(), remarks_.end(), IsError);
}

std::vector<Remark> Notes::Take() {
  std::stable_sort(
      remarks_.begin(), remarks_.end(),
      [](const Remark& a, const Remark& b) { return a.offset < b.offset; });
  Locate(whole_, remarks_);
  return std::move(remarks_);
}

std::string Quote(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  return fmt::format("\"{}{}\"", text.substr(0, kLongest),
                     text.size() > kLongest ? "..." : "");
}

}  // namespace dkimspec::lint
