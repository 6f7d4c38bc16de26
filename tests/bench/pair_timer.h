// Times two things against each other on a machine that is never quiet.
#ifndef DKIMSPEC_TESTS_BENCH_PAIR_TIMER_H_
#define DKIMSPEC_TESTS_BENCH_PAIR_TIMER_H_

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <vector>

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
// slows the machine down, or lets it run faster for a moment, does so to both.
// The middle of all turns counts.
class PairTimer {
 public:
  static constexpr int kRounds = 16;

  template <typename First, typename Second>
  void Turn(First first, Second second) {
    first_.push_back(TimeOf(first));
    second_.push_back(TimeOf(second));
    ratio_.push_back(first_.back() / second_.back());
  }

  // After one turn at least.
  double first() const { return Median(first_); }  // Seconds for one round.
  double second() const { return Median(second_); }
  double ratio() const { return Median(ratio_); }  // First to second.

 private:
  template <typename Work>
  static double TimeOf(Work& work) {
    const double begin = ThreadSeconds();
    for (int i = 0; i < kRounds; ++i) {
      work();
    }
    return (ThreadSeconds() - begin) / kRounds;
  }

  static double Median(std::vector<double> values) {
    const auto middle =
        values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  }

  std::vector<double> first_;
  std::vector<double> second_;
  std::vector<double> ratio_;
};

}  // namespace dkimspec::bench

#endif  // DKIMSPEC_TESTS_BENCH_PAIR_TIMER_H_
