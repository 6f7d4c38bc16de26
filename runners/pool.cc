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
  std::mutex mutex;                   // Of `done`.

  void Report(std::size_t index, Answer answer) {
    const std::lock_guard lock(mutex);
    done(index, std::move(answer));
  }
};

Pool::Pool(std::unique_ptr<Implementation> first, Start start, std::size_t most)
    : first_(std::move(first)), start_(std::move(start)), others_(most) {}

Pool::~Pool() = default;

const Description& Pool::description() const { return first_->description(); }

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
    AskSome(*own, shared.requests, {shared.waiting[i]},
            [&](std::size_t index, Answer answer) {
              shared.Report(index, std::move(answer));
            });
  }
}

void Pool::Ask(const std::vector<Request>& requests, const Done& done) {
  std::vector<std::size_t> quick;
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    (requests[i].may_wait ? waiting : quick).push_back(i);
  }
  Shared shared{requests, std::move(waiting), done, {}, {}};
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
  std::vector<std::size_t> left;
  for (std::size_t i = shared.next; i < shared.waiting.size(); ++i) {
    left.push_back(shared.waiting[i]);
  }
  AskSome(*first_, requests, left, report);
}

}  // namespace dkimspec::runners
