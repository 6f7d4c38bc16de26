// Many hands for those who wait: requests that may wait for the DNS are asked
// of further processes of the same program, several at a time. They cost a run
// a timeout each and no work, and one after the other they would cost minutes.
#ifndef DKIMSPEC_RUNNERS_POOL_H_
#define DKIMSPEC_RUNNERS_POOL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "reference/base/expected.h"
#include "runners/implementation.h"

namespace dkimspec::runners {

class Pool : public Implementation {
 public:
  // Starts one more; called from several threads, with 1, 2, ...
  using Start = std::function<Expected<std::unique_ptr<Implementation>>(
      std::size_t number)>;

  // `first` is asked whatever waits for nothing, and what is left over where no
  // other can be started or goes on answering. At most `most` others are
  // started, when needed.
  Pool(std::unique_ptr<Implementation> first, Start start, std::size_t most);
  ~Pool() override;

  const Description& description() const override;
  void Ask(const std::vector<Request>& requests, const Done& done) override;

 private:
  struct Shared;
  static bool TryOne(Implementation& one, Shared& shared, std::size_t index);
  void Help(std::size_t number, Shared& shared);

  std::unique_ptr<Implementation> first_;
  Start start_;
  std::vector<std::unique_ptr<Implementation>> others_;  // Null: not started.
};

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_POOL_H_
