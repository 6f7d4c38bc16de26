// Starts the workers of tests/workers and asks them.
#ifndef DKIMSPEC_TESTS_RUNNERS_WORKER_SUPPORT_H_
#define DKIMSPEC_TESTS_RUNNERS_WORKER_SUPPORT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runners/worker.h"
#include "tests/runners/process_support.h"

namespace dkimspec::runners {

inline const std::string kWorkers = DKIMSPEC_SOURCE_DIR "/tests/workers/";

// Without isolation: what is tested here does not depend on it, and machines
// without namespaces are to run it too.
inline WorkerOptions Scripted(std::vector<std::string> arguments = {}) {
  WorkerOptions options;
  options.process.argv = {"/usr/bin/python3", "-B", kWorkers + "scripted.py"};
  for (std::string& argument : arguments) {
    options.process.argv.push_back(std::move(argument));
  }
  options.process.isolated = false;
  return options;
}

inline WorkerOptions Trivial(const std::string& name) {
  WorkerOptions options;
  options.process.argv = {"/usr/bin/python3", "-B", kWorkers + name};
  options.process.isolated = WhyNoIsolation().empty();
  return options;
}

inline std::unique_ptr<Worker> MustStart(WorkerOptions options) {
  auto worker = Worker::Start(std::move(options));
  if (!worker) {
    ADD_FAILURE() << worker.error().ToString();
    return nullptr;
  }
  return *std::move(worker);
}

inline std::string StartError(WorkerOptions options) {
  auto worker = Worker::Start(std::move(options));
  EXPECT_FALSE(worker.has_value());
  return worker ? "" : worker.error().ToString();
}

inline std::vector<Answer> AskAll(Worker& worker,
                                  const std::vector<std::string>& messages) {
  std::vector<Request> requests;
  for (const std::string& message : messages) {
    Request request;
    request.id = RandomRequestId();
    request.message = message;
    requests.push_back(std::move(request));
  }
  std::vector<Answer> answers(messages.size());
  std::vector<int> times(messages.size(), 0);
  worker.Ask(requests, [&](std::size_t index, Answer answer) {
    ++times.at(index);
    answers[index] = std::move(answer);
  });
  EXPECT_THAT(times, testing::Each(1)) << "each request is answered once";
  return answers;
}

inline std::vector<Answer> AskAll(WorkerOptions options,
                                  const std::vector<std::string>& messages) {
  std::unique_ptr<Worker> worker = MustStart(std::move(options));
  return worker == nullptr ? std::vector<Answer>(messages.size())
                           : AskAll(*worker, messages);
}

inline std::vector<Answer::Status> Statuses(
    const std::vector<Answer>& answers) {
  std::vector<Answer::Status> statuses;
  for (const Answer& answer : answers) {
    statuses.push_back(answer.status);
  }
  return statuses;
}

inline std::string TemporaryPath(const std::string& name) {
  const std::string path =
      std::filesystem::temp_directory_path() / Marker(name);
  std::filesystem::remove(path);
  return path;
}

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_TESTS_RUNNERS_WORKER_SUPPORT_H_
