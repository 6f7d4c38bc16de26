#include "runners/worker_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace dkimspec::runners {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Kind = LineLink::Event::Kind;

// The last lines of a log, for an error message.
std::string Tail(const std::string& log) {
  constexpr std::size_t kEnough = 1000;
  std::string tail =
      log.size() > kEnough ? log.substr(log.size() - kEnough) : log;
  while (!tail.empty() && (tail.back() == '\n' || tail.back() == '\r')) {
    tail.pop_back();
  }
  return tail.empty() ? "" : "; it said: " + tail;
}

}  // namespace

std::string InSeconds(milliseconds time) {
  return fmt::format("{:g} s", static_cast<double>(time.count()) / 1000);
}

Expected<MessageFolder> MessageFolder::Make() {
  std::error_code error;
  std::string name = std::filesystem::temp_directory_path(error).string();
  name = (error ? "/tmp" : name) + "/dkimspec-worker-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    return Fail(name, "cannot be created for long messages");
  }
  return MessageFolder(std::move(name));
}

MessageFolder::MessageFolder(MessageFolder&& other) noexcept
    : path_(std::exchange(other.path_, "")) {}

MessageFolder& MessageFolder::operator=(MessageFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

MessageFolder::~MessageFolder() {
  std::error_code error;
  if (!path_.empty()) {
    std::filesystem::remove_all(path_, error);
  }
}

WorkerProcess::WorkerProcess(WorkerOptions options, MessageFolder folder)
    : options_(std::move(options)), folder_(std::move(folder)) {
  options_.process.visible.push_back(folder_.path());
  if (options_.process.environment.empty()) {
    options_.process.environment = CleanEnvironment();
  }
}

WorkerProcess::~WorkerProcess() {
  if (link_ != nullptr) {
    link_->process().CloseStdin();
    link_->process().WaitFor(milliseconds(1000));
  }
  Stop();
}

Expected<void> WorkerProcess::EnsureRunning() {
  if (link_ != nullptr && !link_->process().WaitFor(milliseconds(0))) {
    return {};
  }
  Stop();
  auto process = Process::Start(options_.process);
  if (!process) {
    return tl::unexpected(process.error());
  }
  if (options_.on_process_started) {
    options_.on_process_started(**process);
  }
  link_ = std::make_unique<LineLink>(*std::move(process));
  auto who = Greet();
  if (!who) {
    Stop();
    who.error().message += Tail(TakeLog());
    return tl::unexpected(std::move(who.error()));
  }
  who_ = *std::move(who);
  return {};
}

void WorkerProcess::Stop() {
  if (link_ == nullptr) {
    return;
  }
  if (options_.on_process_ended) {
    options_.on_process_ended(link_->process());
  }
  log_ += link_->TakeLog();
  link_.reset();
}

std::string WorkerProcess::TakeLog() {
  std::string log = std::exchange(log_, "");
  if (link_ != nullptr) {
    log += link_->TakeLog();
  }
  if (log.size() > kLogKept) {
    log.erase(0, log.size() - kLogKept);
  }
  return log;
}

std::string WorkerProcess::PathFor(std::uint64_t id) const {
  return fmt::format("{}/{}.eml", folder_.path(), id);
}

Expected<Description> WorkerProcess::Greet() {
  const std::string place = options_.process.argv.front();
  link_->Send(EncodeStart());
  const auto until = Clock::now() + options_.start_timeout;
  while (true) {
    const LineLink::Event event = link_->Next(until);
    switch (event.kind) {
      case Kind::kLine:
        if (!IsJsonObject(event.text)) {
          link_->AddToLog(event.text + "\n");
          break;
        }
        return Complete(DecodeDescription(event.text));
      case Kind::kEnded:
        return Fail(place, "ended before it answered \"start\": " + event.text);
      case Kind::kTooLong:
        return Fail(place, "wrote a line longer than 16 MiB");
      case Kind::kQuiet:
        return Fail(place, "did not answer \"start\" within " +
                               InSeconds(options_.start_timeout));
    }
  }
}

Expected<Description> WorkerProcess::Complete(Expected<Description> who) const {
  if (!who) {
    return Fail(options_.process.argv.front(), who.error().ToString());
  }
  if (!options_.name.empty()) {
    who->name = options_.name;
  }
  if (!options_.family.empty()) {
    who->family = options_.family;
  }
  if (who->family.empty()) {
    who->family = who->name;
  }
  who->dns = options_.dns.value_or(who->dns);
  who->features = options_.features.value_or(who->features);
  who->reports = options_.reports.value_or(who->reports);
  for (const auto& [word, result] : options_.words) {
    who->words[word] = result;
  }
  for (const std::string& policy : options_.policies) {
    if (std::find(who->policies.begin(), who->policies.end(), policy) ==
        who->policies.end()) {
      who->policies.push_back(policy);
    }
  }
  if (who->dns == DnsWay::kSandbox && !options_.process.isolated) {
    return Fail(who->name,
                "asks the DNS at 127.0.0.1:53, which only the sandbox can "
                "give it, and the sandbox is off");
  }
  return who;
}

}  // namespace dkimspec::runners
