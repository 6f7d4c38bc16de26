#include "runners/batch.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <istream>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "reference/key_cache.h"

namespace dkimspec::runners {
namespace {

// A line on its way: read, answered by any thread, written in order.
struct Job {
  std::string line;
  std::size_t number = 0;
  BatchAnswer answer;
  bool is_done = false;
};

// One thread reads and calls Add(), several call Work(), one calls Write().
class Queue {
 public:
  Queue(const BatchSettings& settings, std::size_t threads)
      : settings_(settings), most_jobs_(8 * threads) {}

  // Waits until there is room; false if writing has failed.
  bool Add(std::string line, std::size_t number);
  void End();  // No more lines come.

  void Work();
  void Write(const BatchWriter& write);

  // After Write() has returned.
  bool has_failed() const { return has_failed_; }
  std::size_t bad_lines() const { return bad_lines_; }

 private:
  // Room for one line at least, whatever its length.
  bool HasRoom() const {
    return in_order_.empty() ||
           (in_order_.size() < most_jobs_ && octets_ < kMostOctets);
  }

  static constexpr std::size_t kMostOctets = 64U << 20U;

  const BatchSettings& settings_;
  const std::size_t most_jobs_;
  KeyCache cache_;  // Many messages of a batch come from few signers.
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_work_;
  std::condition_variable has_answer_;
  std::deque<std::shared_ptr<Job>> in_order_;  // Read and not yet written.
  std::deque<std::shared_ptr<Job>> waiting_;   // Those that nobody took.
  std::size_t octets_ = 0;                     // Of the lines in `in_order_`.
  std::size_t bad_lines_ = 0;
  bool has_ended_ = false;
  bool has_failed_ = false;
};

bool Queue::Add(std::string line, std::size_t number) {
  std::unique_lock lock(mutex_);
  has_room_.wait(lock, [&] { return has_failed_ || HasRoom(); });
  if (has_failed_) {
    return false;
  }
  octets_ += line.size();
  auto job = std::make_shared<Job>();
  job->line = std::move(line);
  job->number = number;
  in_order_.push_back(job);
  waiting_.push_back(std::move(job));
  has_work_.notify_one();
  return true;
}

void Queue::End() {
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  has_work_.notify_all();
  has_answer_.notify_all();
}

void Queue::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    has_work_.wait(lock, [&] { return has_ended_ || !waiting_.empty(); });
    if (waiting_.empty() || has_failed_) {
      return;
    }
    const std::shared_ptr<Job> job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    BatchAnswer answer =
        AnswerBatchLine(job->line, job->number, settings_, &cache_);
    lock.lock();
    job->answer = std::move(answer);
    job->is_done = true;
    has_answer_.notify_one();
  }
}

void Queue::Write(const BatchWriter& write) {
  std::unique_lock lock(mutex_);
  for (;;) {
    has_answer_.wait(lock, [&] {
      return in_order_.empty() ? has_ended_ : in_order_.front()->is_done;
    });
    if (in_order_.empty()) {
      return;
    }
    const std::shared_ptr<Job> job = in_order_.front();
    lock.unlock();
    const bool is_written = write(job->answer.line);
    lock.lock();
    in_order_.pop_front();
    octets_ -= job->line.size();
    bad_lines_ += job->answer.is_bad ? 1 : 0;
    has_room_.notify_one();
    if (!is_written) {
      has_failed_ = true;
      return;
    }
  }
}

std::size_t ThreadCount(const BatchSettings& settings) {
  return settings.threads > 0
             ? settings.threads
             : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

// The number of lines.
std::size_t ReadLines(std::istream& in, Queue& queue) {
  std::size_t number = 0;
  std::string line;
  while (std::getline(in, line)) {
    ++number;
    if (!queue.Add(std::move(line), number)) {
      break;
    }
    line.clear();
  }
  return number;
}

}  // namespace

Expected<BatchSummary> RunBatch(std::istream& in, const BatchWriter& write,
                                const BatchSettings& settings) {
  const std::size_t count = ThreadCount(settings);
  Queue queue(settings, count);
  std::vector<std::thread> threads;
  threads.emplace_back([&] { queue.Write(write); });
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&] { queue.Work(); });
  }
  const std::size_t lines = ReadLines(in, queue);
  queue.End();
  for (std::thread& thread : threads) {
    thread.join();
  }
  if (queue.has_failed()) {
    return Fail("batch", "its answers cannot be written");
  }
  if (in.bad()) {
    return Fail("batch", "cannot be read to its end");
  }
  return BatchSummary{lines, queue.bad_lines()};
}

}  // namespace dkimspec::runners
