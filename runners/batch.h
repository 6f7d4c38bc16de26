// Many messages at once: JSON Lines in, JSON Lines out (docs/batch.md).
#ifndef DKIMSPEC_RUNNERS_BATCH_H_
#define DKIMSPEC_RUNNERS_BATCH_H_

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reference/base/expected.h"
#include "reference/verifier.h"

namespace dkimspec::runners {

// What a message with several signatures is told in one word: none without
// signatures, pass if any passes, else what the first one is.
Result OverallResult(const std::vector<Verification>& verifications);

struct BatchSettings {
  VerifierPolicy policy;    // `now` is for lines that say none.
  std::string folder;       // Where a relative message_path begins.
  std::size_t threads = 0;  // 0: one for each core.
};

// The answer to one line; never throws, whatever the line is. What a cache
// holds is found by the octets of a key record, so lines whose zones differ may
// share one.
struct BatchAnswer {
  std::string line;     // JSON, ending in LF.
  bool is_bad = false;  // The line was none that can be answered.
};
BatchAnswer AnswerBatchLine(std::string_view line, std::size_t number,
                            const BatchSettings& settings,
                            KeyCache* cache = nullptr);

struct BatchSummary {
  std::size_t lines = 0;
  std::size_t bad_lines = 0;
};

// Writes what it is given, all of it; false ends the batch.
using BatchWriter = std::function<bool(std::string_view octets)>;

// Answers each line of `in` in order. Verifying goes on in several threads;
// `write` is called from one of them, never twice at once. A bounded number of
// lines is held, so memory does not grow with the batch. An answer is written
// as soon as it and all before it are ready, so a program may wait for it
// before it sends the next line. Fails if `write` does or `in` breaks.
Expected<BatchSummary> RunBatch(std::istream& in, const BatchWriter& write,
                                const BatchSettings& settings);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_BATCH_H_
