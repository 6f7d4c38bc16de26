#include "runners/pool.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

namespace dkimspec::runners {
namespace {

// Asks for the requests at `indexes`; `done` gets the index among all.
void AskSome(Implementation& one, const std::vector<Request>& requests,
             const std::vector<std::size_t>& indexes,
             const Implementation::Done& done) {
  std::vector<Request> some;
  for (std::size_t index : indexes) {
    some.push_back(requests[index]);
  }
  one.Ask(some, [&](std::size_t i, Answer answer) {
    done(indexes[i], std::move(answer));
  });
}

}  // namespace

// What the hands share while one call of Ask lasts.
struct Pool::Shared {
  const std::vector<Request>& requests;
  const std::vector<std::size_t> waiting;  // Indexes of `requests`.
  const Done& done;
  std::atomic<std::size_t> next = 0;  // In `waiting`.
  std::mutex mutex;                   // Of what follows, and of `done`.
  std::vector<std::size_t> returned;  // Indexes that nobody answered for.

  void Report(std::size_t index, Answer answer) {
    const std::lock_guard lock(mutex);
    done(index, std::move(answer));
  }

  void Return(std::size_t index) {
    const std::lock_guard lock(mutex);
    returned.push_back(index);
  }
};

Pool::Pool(std::unique_ptr<Implementation> first, Start start, std::size_t most)
    : first_(std::move(first)), start_(std::move(start)), others_(most) {}

Pool::~Pool() = default;

const Description& Pool::description() const { return first_->description(); }

// False: `one` answers nothing any more. Its request goes back, or such a hand
// would be the quickest of all and take every request from those at work.
bool Pool::TryOne(Implementation& one, Shared& shared, std::size_t index) {
  bool goes_on = true;
  AskSome(one, shared.requests, {index}, [&](std::size_t, Answer answer) {
    goes_on = answer.times_asked > 0;
    if (goes_on) {
      shared.Report(index, std::move(answer));
    } else {
      shared.Return(index);
    }
  });
  return goes_on;
}

void Pool::Help(std::size_t number, Shared& shared) {
  std::unique_ptr<Implementation>& own = others_[number];
  if (own == nullptr) {
    auto started = start_(number + 1);
    if (!started) {
      return;  // The first one does what is left.
    }
    own = std::move(*started);
  }
  const std::size_t count = shared.waiting.size();
  for (std::size_t i = shared.next++; i < count; i = shared.next++) {
    if (!TryOne(*own, shared, shared.waiting[i])) {
      own.reset();
      return;
    }
  }
}

void Pool::Ask(const std::vector<Request>& requests, const Done& done) {
  std::vector<std::size_t> quick;
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    (requests[i].may_wait ? waiting : quick).push_back(i);
  }
  Shared shared{requests, std::move(waiting), done, {}, {}, {}};
  std::vector<std::thread> hands;
  for (std::size_t i = 0; i < std::min(others_.size(), shared.waiting.size());
       ++i) {
    hands.emplace_back([this, i, &shared] { Help(i, shared); });
  }
  const Done report = [&](std::size_t index, Answer answer) {
    shared.Report(index, std::move(answer));
  };
  AskSome(*first_, requests, quick, report);
  for (std::thread& hand : hands) {
    hand.join();
  }
  std::vector<std::size_t> left = std::move(shared.returned);
  for (std::size_t i = shared.next; i < shared.waiting.size(); ++i) {
    left.push_back(shared.waiting[i]);
  }
  AskSome(*first_, requests, left, report);
}

}  // namespace dkimspec::runners
