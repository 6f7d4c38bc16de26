// Collects remarks about one text; private to this folder.
#ifndef DKIMSPEC_REFERENCE_LINT_NOTES_H_
#define DKIMSPEC_REFERENCE_LINT_NOTES_H_

#include <string>
#include <string_view>
#include <vector>

#include "reference/lint/lint.h"

namespace dkimspec::lint {

class Notes {
 public:
  // Places are counted in `whole`; remarks are made about views into it.
  Notes(std::string subject, std::string_view whole)
      : subject_(std::move(subject)), whole_(whole) {}

  // `where` is a view into `whole`, or empty for its beginning.
  void Add(Rule rule, std::string_view tag, std::string_view where,
           std::string detail);

  bool HasErrorAt(std::string_view tag) const;
  bool HasErrors() const;

  // In the order of the text.
  std::vector<Remark> Take();

 private:
  std::string subject_;
  std::string_view whole_;
  std::vector<Remark> remarks_;
};

// `text` between quotation marks, shortened.
std::string Quote(std::string_view text);

}  // namespace dkimspec::lint

#endif  // DKIMSPEC_REFERENCE_LINT_NOTES_H_
