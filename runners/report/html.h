// Results as one HTML file that needs nothing else: a summary, a matrix of
// cases and implementations with a filter, and a page for each case.
#ifndef DKIMSPEC_RUNNERS_REPORT_HTML_H_
#define DKIMSPEC_RUNNERS_REPORT_HTML_H_

#include <string>
#include <vector>

#include "fixtures/case.h"
#include "runners/results.h"

namespace dkimspec::runners {

// `cases` are those of the run, built with its time and salt; cases that are
// missing from it are shown without message and zone.
//
// The page is report/page.html with the data as JSON in it. Nothing that a
// message or a program said can leave that JSON: "<" is written as an escape,
// and the script puts text into the page as text, never as markup.
std::string WriteHtml(const Results& results,
                      const std::vector<fixtures::Case>& cases);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_REPORT_HTML_H_
