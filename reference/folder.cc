#include "reference/folder.h"

namespace dkimspec {
namespace {

constexpr std::size_t kLongestLine = 78;

}  // namespace

Folder::Folder(std::string_view start) : text_(start), column_(start.size()) {}

void Folder::Add(std::string_view part, Gap gap) {
  const std::size_t width = part.size() + (gap == Gap::kSpace ? 1 : 0);
  if (column_ + width > kLongestLine) {
    StartLine();
  } else if (gap == Gap::kSpace) {
    text_ += ' ';
    ++column_;
  }
  text_ += part;
  column_ += part.size();
}

void Folder::AddAnywhere(std::string_view text) {
  while (!text.empty()) {
    if (column_ >= kLongestLine) {
      StartLine();
    }
    const std::string_view piece = text.substr(0, kLongestLine - column_);
    text_ += piece;
    column_ += piece.size();
    text.remove_prefix(piece.size());
  }
}

void Folder::StartLine() {
  text_ += "\r\n ";
  column_ = 1;
}

}  // namespace dkimspec
