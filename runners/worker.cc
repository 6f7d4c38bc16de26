#include "runners/worker.h"

#include <utility>

#include "runners/worker_exchange.h"
#include "runners/worker_process.h"

namespace dkimspec::runners {

Worker::Worker(std::unique_ptr<WorkerProcess> process)
    : process_(std::move(process)) {}
Worker::~Worker() = default;

Expected<std::unique_ptr<Worker>> Worker::Start(WorkerOptions options) {
  if (options.process.argv.empty()) {
    return Fail(options.name, "no program is given to start");
  }
  auto folder = MessageFolder::Make();
  if (!folder) {
    return tl::unexpected(folder.error());
  }
  auto process =
      std::make_unique<WorkerProcess>(std::move(options), *std::move(folder));
  if (auto running = process->EnsureRunning(); !running) {
    return tl::unexpected(running.error());
  }
  return std::unique_ptr<Worker>(new Worker(std::move(process)));
}

const Description& Worker::description() const { return process_->who(); }

void Worker::Ask(const std::vector<Request>& requests, const Done& done) {
  std::vector<WorkerJob> jobs;
  for (const Request& request : requests) {
    jobs.push_back({request.id, &request.message, request.may_wait,
                    [&request](const std::string& message_path) {
                      return EncodeVerify(request, message_path);
                    }});
  }
  WorkerExchange(*process_, std::move(jobs), /*signing=*/false,
                 [&](std::size_t index, Reply reply) {
                   done(index, std::move(reply.answer));
                 })
      .Run();
}

void Worker::Sign(const std::vector<SignRequest>& requests,
                  const SignDone& done) {
  std::vector<WorkerJob> jobs;
  for (const SignRequest& request : requests) {
    jobs.push_back({request.id, &request.message, false,
                    [&request](const std::string& message_path) {
                      return EncodeSign(request, message_path);
                    }});
  }
  WorkerExchange(*process_, std::move(jobs), /*signing=*/true,
                 [&](std::size_t index, Reply reply) {
                   done(index,
                        {reply.answer.status, std::move(reply.message),
                         std::move(reply.answer.detail),
                         std::move(reply.answer.log), reply.answer.elapsed});
                 })
      .Run();
}

}  // namespace dkimspec::runners
