// Who is asked what, by a pool.
#include "runners/pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dkimspec::runners {
namespace {

// Who was asked for which request, told from several threads.
struct Book {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint64_t, std::string> asked;  // By request id.
  std::size_t held = 0;
};

// Writes down what it is asked. `together`: answers a request that may wait
// only once so many are held at the same time.
class Clerk : public Implementation {
 public:
  Clerk(std::string name, Book& book, std::size_t together)
      : book_(book), together_(together) {
    description_.name = std::move(name);
  }
  const Description& description() const override { return description_; }

  void Ask(const std::vector<Request>& requests, const Done& done) override {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      Answer answer;
      answer.status =
          Hold(requests[i]) ? Answer::Status::kSaid : Answer::Status::kTimedOut;
      answer.detail = std::to_string(requests[i].id);
      done(i, std::move(answer));
    }
  }

 private:
  bool Hold(const Request& request) {
    std::unique_lock lock(book_.mutex);
    EXPECT_TRUE(book_.asked.emplace(request.id, description_.name).second);
    if (!request.may_wait) {
      return true;
    }
    ++book_.held;
    book_.changed.notify_all();
    return book_.changed.wait_for(lock, std::chrono::minutes(2),
                                  [&] { return book_.held >= together_; });
  }

  Description description_;
  Book& book_;
  std::size_t together_;
};

std::vector<Request> Requests(const std::vector<bool>& may_wait) {
  std::vector<Request> requests(may_wait.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].id = i + 100;
    requests[i].may_wait = may_wait[i];
  }
  return requests;
}

// Asks, and sees that each request was answered once and as what it was.
void AskAll(Pool& pool, const std::vector<Request>& requests) {
  std::vector<int> answers(requests.size(), 0);
  pool.Ask(requests, [&](std::size_t i, const Answer& answer) {
    ++answers[i];
    EXPECT_EQ(answer.detail, std::to_string(requests[i].id));
    EXPECT_EQ(answer.status, Answer::Status::kSaid);
  });
  EXPECT_EQ(answers, std::vector<int>(requests.size(), 1));
}

TEST(PoolTest, OthersWaitTogetherWhileTheFirstGoesOn) {
  Book book;
  Pool pool(
      std::make_unique<Clerk>("first", book, 3),
      [&](std::size_t number) -> Expected<std::unique_ptr<Implementation>> {
        return std::make_unique<Clerk>(std::to_string(number), book, 3);
      },
      3);
  EXPECT_EQ(pool.description().name, "first");
  AskAll(pool, Requests({true, false, true, false, true}));
  EXPECT_EQ(book.asked.at(101), "first");
  EXPECT_EQ(book.asked.at(103), "first");
  const std::set<std::string> others = {book.asked.at(100), book.asked.at(102),
                                        book.asked.at(104)};
  EXPECT_EQ(others, (std::set<std::string>{"1", "2", "3"}));
}

TEST(PoolTest, NoMoreAreStartedThanThereAreWaiting) {
  Book book;
  std::mutex mutex;
  std::size_t started = 0;
  Pool pool(
      std::make_unique<Clerk>("first", book, 0),
      [&](std::size_t) -> Expected<std::unique_ptr<Implementation>> {
        const std::lock_guard lock(mutex);
        ++started;
        return std::make_unique<Clerk>("other", book, 0);
      },
      8);
  AskAll(pool, Requests({false, false}));
  EXPECT_EQ(started, 0u);
  book.asked.clear();
  AskAll(pool, Requests({true, false, true}));
  EXPECT_LE(started, 2u);
  EXPECT_GE(started, 1u);
}

TEST(PoolTest, TheFirstDoesWhatOthersCannotBeStartedFor) {
  for (const std::size_t most : {0u, 2u}) {
    Book book;
    Pool pool(
        std::make_unique<Clerk>("first", book, 0),
        [](std::size_t) -> Expected<std::unique_ptr<Implementation>> {
          return Fail("here", "does not start");
        },
        most);
    AskAll(pool, Requests({true, false, true}));
    for (const auto& [id, name] : book.asked) {
      EXPECT_EQ(name, "first") << id;
    }
  }
}

// Answers so many, and is given up then.
class Tired : public Implementation {
 public:
  Tired(int strength, std::vector<std::uint64_t>& answered)
      : strength_(strength), answered_(answered) {}
  const Description& description() const override { return description_; }

  void Ask(const std::vector<Request>& requests, const Done& done) override {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      Answer answer;
      answer.status = Answer::Status::kGivenUp;
      answer.times_asked = 0;
      if (strength_-- > 0) {
        answer.status = Answer::Status::kSaid;
        answer.times_asked = 1;
        answer.detail = std::to_string(requests[i].id);
        answered_.push_back(requests[i].id);
      }
      done(i, std::move(answer));
    }
  }

 private:
  Description description_;
  int strength_;
  std::vector<std::uint64_t>& answered_;
};

TEST(PoolTest, WhoIsGivenUpTakesNothingFromTheOthers) {
  std::vector<std::uint64_t> by_first;
  std::vector<std::uint64_t> by_other;
  int started = 0;
  Pool pool(
      std::make_unique<Tired>(100, by_first),
      [&](std::size_t) -> Expected<std::unique_ptr<Implementation>> {
        ++started;
        return std::make_unique<Tired>(2, by_other);
      },
      1);
  const std::vector<Request> requests =
      Requests({true, true, true, true, true});
  AskAll(pool, requests);
  EXPECT_EQ(by_other, (std::vector<std::uint64_t>{100, 101}));
  EXPECT_EQ(by_first, (std::vector<std::uint64_t>{102, 103, 104}));
  // Next time another helps.
  AskAll(pool, requests);
  EXPECT_EQ(by_other, (std::vector<std::uint64_t>{100, 101, 100, 101}));
  EXPECT_EQ(started, 2);
}

TEST(PoolTest, TheFirstHasTheLastWord) {
  std::vector<std::uint64_t> answered;
  Pool pool(
      std::make_unique<Tired>(0, answered),
      [&](std::size_t) -> Expected<std::unique_ptr<Implementation>> {
        return std::make_unique<Tired>(0, answered);
      },
      1);
  std::vector<Answer::Status> statuses(2, Answer::Status::kSaid);
  pool.Ask(Requests({true, true}), [&](std::size_t i, const Answer& answer) {
    statuses.at(i) = answer.status;
  });
  EXPECT_EQ(statuses, std::vector<Answer::Status>(2, Answer::Status::kGivenUp));
}

}  // namespace
}  // namespace dkimspec::runners
