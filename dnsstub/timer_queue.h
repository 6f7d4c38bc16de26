// What is to happen later, in order of time. Single-threaded.
#ifndef DKIMSPEC_DNSSTUB_TIMER_QUEUE_H_
#define DKIMSPEC_DNSSTUB_TIMER_QUEUE_H_

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

namespace dkimspec::dnsstub {

class TimerQueue {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = Clock::time_point (*)();

  explicit TimerQueue(Now now = &Clock::now) : now_(now) {}

  // Actions name sockets by numbers that are never used twice, and never by
  // file descriptor: by then, a descriptor may belong to another client.
  void After(std::chrono::milliseconds delay, std::function<void()> action) {
    actions_.emplace(now_() + delay, std::move(action));
  }

  // Runs what is due. An action may add further actions.
  void Run() {
    Clock::time_point now = now_();
    while (!actions_.empty() && actions_.begin()->first <= now) {
      std::function<void()> action = std::move(actions_.begin()->second);
      actions_.erase(actions_.begin());
      action();
    }
  }

  // For epoll_wait: milliseconds until something is due, rounded up; -1 if
  // nothing is.
  int Wait() const {
    if (actions_.empty()) {
      return -1;
    }
    auto left = std::chrono::ceil<std::chrono::milliseconds>(
        actions_.begin()->first - now_());
    constexpr std::chrono::milliseconds kAtMost{60000};
    return static_cast<int>(
        std::clamp(left, std::chrono::milliseconds(0), kAtMost).count());
  }

  std::size_t size() const { return actions_.size(); }

 private:
  Now now_;
  std::multimap<Clock::time_point, std::function<void()>> actions_;
};

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_TIMER_QUEUE_H_
