#include "reference/lint/notes.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace dkimspec::lint {
namespace {

bool IsError(const Remark& remark) {
  return Info(remark.rule).severity == Severity::kError;
}

// Line and column of `offset`.
void Locate(std::string_view text, Remark& remark) {
  const std::string_view before = text.substr(0, remark.offset);
  const std::size_t line_end = before.rfind('\n');
  remark.line =
      static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) +
      1;
  remark.column = line_end == std::string_view::npos ? before.size() + 1
                                                     : before.size() - line_end;
}

}  // namespace

void Notes::Add(Rule rule, std::string_view tag, std::string_view where,
                std::string detail) {
  Remark remark{rule, subject_, std::string(tag), 0, 1, 1, std::move(detail)};
  if (where.data() != nullptr) {
    remark.offset = static_cast<std::size_t>(where.data() - whole_.data());
  }
  Locate(whole_, remark);
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
  return std::move(remarks_);
}

std::string Quote(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  return fmt::format("\"{}{}\"", text.substr(0, kLongest),
                     text.size() > kLongest ? "..." : "");
}

}  // namespace dkimspec::lint
