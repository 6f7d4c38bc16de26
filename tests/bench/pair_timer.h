// Times two things against each other on a machine that is never quiet.
#ifndef DKIMSPEC_TESTS_BENCH_PAIR_TIMER_H_
#define DKIMSPEC_TESTS_BENCH_PAIR_TIMER_H_

#include <algorithm>
#include <ctime>
#include <limits>

namespace dkimspec::bench {

// Processor time of this thread, in seconds: what others do costs less of it
// than of the time on the wall.
inline double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

// Runs in turn, a few rounds of one and a few of the other, so that whatever
// slows the machine slows both; the best turn of each counts, because nothing
// makes a turn faster than the work is.
class PairTimer {
 public:
  static constexpr int kRounds = 16;

  template <typename First, typename Second>
  void Turn(First first, Second second) {
    first_ = std::min(first_, TimeOf(first));
    second_ = std::min(second_, TimeOf(second));
  }

  double first() const { return first_; }  // Seconds for one round.
  double second() const { return second_; }

 private:
  template <typename Work>
  static double TimeOf(Work& work) {
    const double begin = ThreadSeconds();
    for (int i = 0; i < kRounds; ++i) {
      work();
    }
    return (ThreadSeconds() - begin) / kRounds;
  }

  double first_ = std::numeric_limits<double>::infinity();
  double second_ = std::numeric_limits<double>::infinity();
};

}  // namespace dkimspec::bench

#endif  // DKIMSPEC_TESTS_BENCH_PAIR_TIMER_H_
