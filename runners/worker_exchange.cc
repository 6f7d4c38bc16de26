#include "runners/worker_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "reference/base/file.h"

namespace dkimspec::runners {
namespace {

using Clock = LineLink::Clock;
using std::chrono::milliseconds;
using Kind = LineLink::Event::Kind;

constexpr int kMostStrikes = 5;
constexpr int kMostBreaches = 3;
constexpr int kMostFailedStarts = 3;
constexpr std::string_view kGivenUpWhy =
    "given up after five crashes or time-outs in a row";

}  // namespace

WorkerExchange::WorkerExchange(WorkerProcess& worker,
                               std::vector<WorkerJob> jobs, bool signing,
                               Finished finished)
    : worker_(worker),
      jobs_(std::move(jobs)),
      deaths_(jobs_.size(), 0),
      asked_(jobs_.size(), 0),
      was_silent_(jobs_.size(), false),
      signing_(signing),
      finished_(std::move(finished)) {
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    pending_.push_back(i);
  }
}

void WorkerExchange::Run() {
  while (!pending_.empty() || !alone_.empty() || !held_.empty()) {
    if (worker_.given_up) {
      FinishUnasked();
    } else if (!held_.empty() || Restart()) {
      Fill();
      Step();
    }
  }
}

bool WorkerExchange::Restart() {
  auto running = worker_.EnsureRunning();
  if (running) {
    worker_.failed_starts = 0;
    return true;
  }
  if (++worker_.failed_starts >= kMostFailedStarts) {
    Answer answer;
    answer.detail = "cannot be started again: " + running.error().ToString();
    worker_.given_up = std::move(answer);
  }
  return false;
}

void WorkerExchange::Fill() {
  if (!alone_.empty()) {
    if (held_.empty()) {
      Send(alone_);
    }
    return;
  }
  const auto most = static_cast<std::size_t>(worker_.who().in_flight);
  while (held_.size() < most && !pending_.empty()) {
    Send(pending_);
  }
}

void WorkerExchange::Send(std::deque<std::size_t>& from) {
  const std::size_t index = from.front();
  from.pop_front();
  const WorkerJob& job = jobs_[index];
  std::string path;
  if (job.message->size() > worker_.options().inline_limit) {
    path = worker_.PathFor(job.id);
    if (auto written = WriteFileAtomically(path, *job.message); !written) {
      Finish(index, ErrorReply(written.error().ToString()));
      return;
    }
  }
  worker_.link().Send(job.encode(path));
  ++asked_[index];
  held_.push_back({index, Clock::now()});
  noise_until_.reset();
}

void WorkerExchange::Step() {
  if (held_.empty()) {
    return;
  }
  LineLink::Event event = worker_.link().Next(Deadline());
  switch (event.kind) {
    case Kind::kLine:
      OnLine(event.text);
      break;
    case Kind::kEnded:
      OnDeath(event.text);
      break;
    case Kind::kTooLong:
      OnBreach("a line is longer than 16 MiB");
      break;
    case Kind::kQuiet:
      OnQuiet();
      break;
  }
}

Clock::time_point WorkerExchange::Deadline() const {
  const Held& held = held_.front();
  const auto until = held.sent + Patience(held.index);
  return noise_until_ ? std::min(until, *noise_until_) : until;
}

// Whoever never answers is to be done with in five timeouts and a half.
std::chrono::milliseconds WorkerExchange::Patience(std::size_t index) const {
  const auto whole = worker_.options().timeout;
  return was_silent_[index] ? whole / 2 : whole;
}

void WorkerExchange::OnLine(const std::string& line) {
  if (!IsJsonObject(line)) {
    OnNoise(line);
    // An endless flood never lets Next() look at the deadline.
    if (Clock::now() >= Deadline()) {
      OnQuiet();
    }
    return;
  }
  auto reply = DecodeReply(line, worker_.who().words);
  if (!reply) {
    OnBreach(reply.error().ToString());
    return;
  }
  const auto found = std::find_if(
      held_.begin(), held_.end(),
      [&](const Held& held) { return jobs_[held.index].id == reply->id; });
  if (found == held_.end()) {
    OnBreach(fmt::format("answers id {}, which is not asked", reply->id));
  } else if (!Fits(*reply)) {
    OnBreach(signing_ ? "answers \"sign\" without \"message\""
                      : "answers \"verify\" with \"message\"");
  } else {
    OnReply(*found, *std::move(reply));
  }
}

bool WorkerExchange::Fits(const Reply& reply) const {
  const bool said = reply.answer.status == Answer::Status::kSaid;
  return !said || signing_ == !reply.message.empty();
}

void WorkerExchange::OnReply(const Held held, Reply reply) {
  Forget(held.index);
  worker_.strikes = 0;
  worker_.breaches = 0;
  worker_.ever_answered = true;
  reply.answer.elapsed = Since(held.sent);
  Finish(held.index, std::move(reply));
}

void WorkerExchange::OnNoise(const std::string& line) {
  worker_.link().AddToLog(line + "\n");
  if (!worker_.ever_answered && !noise_until_) {
    first_noise_ = line.substr(0, 200);
    noise_until_ = Clock::now() + worker_.options().noise_patience;
  }
}

void WorkerExchange::OnDeath(const std::string& how) {
  worker_.Stop();
  if (held_.size() > 1) {
    AskAlone();
    return;
  }
  const Held held = held_.front();
  if (++deaths_[held.index] < 2) {
    AskAlone();
    return;
  }
  Strike(held, Answer::Status::kDied, how);
}

void WorkerExchange::OnQuiet() {
  if (noise_until_ && !worker_.ever_answered) {
    OnBreach("only lines that are no JSON objects, the first: " + first_noise_);
    return;
  }
  worker_.Stop();
  if (held_.size() > 1) {
    AskAlone();
    return;
  }
  const Held held = held_.front();
  if (MayBeAskedAgain(held.index)) {
    was_silent_[held.index] = true;
    AskAlone();
    return;
  }
  std::string how = "no answer within " + InSeconds(worker_.options().timeout);
  if (was_silent_[held.index]) {
    how += ", nor within " + InSeconds(Patience(held.index)) + " asked again";
  }
  Strike(held, Answer::Status::kTimedOut, how);
}

// Not right after a strike: who never answers would cost twice the time.
bool WorkerExchange::MayBeAskedAgain(std::size_t index) const {
  return !jobs_[index].may_wait && !was_silent_[index] && worker_.strikes == 0;
}

void WorkerExchange::OnBreach(const std::string& what) {
  worker_.Stop();
  if (held_.size() > 1) {
    AskAlone();
    return;
  }
  const Held held = held_.front();
  Forget(held.index);
  Reply reply = ErrorReply(what);
  reply.answer.elapsed = Since(held.sent);
  Finish(held.index, std::move(reply));
  if (++worker_.breaches >= kMostBreaches) {
    worker_.given_up =
        ErrorReply(fmt::format("given up after {} answers in a row that "
                               "break the protocol; the "
                               "last: {}",
                               kMostBreaches, what))
            .answer;
  }
}

void WorkerExchange::Strike(const Held held, Answer::Status status,
                            const std::string& detail) {
  Forget(held.index);
  Reply reply;
  reply.answer.status = status;
  reply.answer.detail = detail;
  reply.answer.elapsed = Since(held.sent);
  Finish(held.index, std::move(reply));
  if (++worker_.strikes >= kMostStrikes) {
    Answer answer;
    answer.status = Answer::Status::kGivenUp;
    answer.detail = kGivenUpWhy;
    worker_.given_up = std::move(answer);
  }
}

void WorkerExchange::AskAlone() {
  for (auto held = held_.rbegin(); held != held_.rend(); ++held) {
    alone_.push_front(held->index);
  }
  held_.clear();
  noise_until_.reset();
}

void WorkerExchange::FinishUnasked() {
  for (std::deque<std::size_t>* queue : {&alone_, &pending_}) {
    for (const std::size_t index : *queue) {
      Reply reply;
      reply.answer = *worker_.given_up;
      asked_[index] = 0;
      Finish(index, std::move(reply));
    }
    queue->clear();
  }
}

void WorkerExchange::Finish(std::size_t index, Reply reply) {
  if (jobs_[index].message->size() > worker_.options().inline_limit) {
    std::error_code error;
    std::filesystem::remove(worker_.PathFor(jobs_[index].id), error);
  }
  reply.answer.log = worker_.TakeLog();
  reply.answer.times_asked = asked_[index];
  finished_(index, std::move(reply));
}

void WorkerExchange::Forget(std::size_t index) {
  std::erase_if(held_, [&](const Held& held) { return held.index == index; });
  noise_until_.reset();
}

Reply WorkerExchange::ErrorReply(const std::string& detail) {
  Reply reply;
  reply.answer.status = Answer::Status::kError;
  reply.answer.detail = detail;
  return reply;
}

milliseconds WorkerExchange::Since(Clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
}

}  // namespace dkimspec::runners
