// Timers by a clock that the test turns.
#include "dnsstub/timer_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dkimspec::dnsstub {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::ElementsAre;

TimerQueue::Clock::time_point g_now;  // NOLINT: a plain function reads it.

class TimerQueueTest : public testing::Test {
 protected:
  TimerQueueTest() { g_now = TimerQueue::Clock::time_point(); }

  void Note(int delay_ms) {
    timers_.After(milliseconds(delay_ms),
                  [this, delay_ms] { ran_.push_back(delay_ms); });
  }

  TimerQueue timers_{[] { return g_now; }};
  std::vector<int> ran_;
};

TEST_F(TimerQueueTest, NothingIsEarlyAndNothingIsLeftThatIsDue) {
  for (int delay : {30, 10, 20, 10, 0}) {
    Note(delay);
  }
  for (int us = 0; us < 40000; us += 250) {
    g_now = TimerQueue::Clock::time_point(microseconds(us));
    timers_.Run();
    const std::size_t due = us >= 30000   ? 5
                            : us >= 20000 ? 4
                            : us >= 10000 ? 3
                                          : 1;
    ASSERT_EQ(ran_.size(), due) << us;
  }
  EXPECT_THAT(ran_, ElementsAre(0, 10, 10, 20, 30));
}

// Sleeping so long is never too short, and less than a millisecond too long.
TEST_F(TimerQueueTest, WaitsAsLongAsNeeded) {
  EXPECT_EQ(timers_.Wait(), -1);
  Note(10);
  const std::pair<int, int> kTable[] = {{0, 10},    {1, 10},   {999, 10},
                                        {1000, 9},  {9001, 1}, {9999, 1},
                                        {10000, 0}, {20000, 0}};
  for (const auto& [us, wait] : kTable) {
    g_now = TimerQueue::Clock::time_point(microseconds(us));
    EXPECT_EQ(timers_.Wait(), wait) << us;
  }
}

TEST_F(TimerQueueTest, AnActionMayAddAnother) {
  timers_.After(milliseconds(5), [this] { Note(5); });
  g_now += milliseconds(5);
  timers_.Run();
  EXPECT_THAT(ran_, ElementsAre());
  EXPECT_EQ(timers_.Wait(), 5);
  g_now += milliseconds(5);
  timers_.Run();
  EXPECT_THAT(ran_, ElementsAre(5));
  EXPECT_EQ(timers_.size(), 0u);
}

}  // namespace
}  // namespace dkimspec::dnsstub
