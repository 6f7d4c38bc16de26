// Runs small programs and waits for what they print.
#ifndef DKIMSPEC_TESTS_RUNNERS_PROCESS_SUPPORT_H_
#define DKIMSPEC_TESTS_RUNNERS_PROCESS_SUPPORT_H_

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runners/sandbox.h"

#define SKIP_WITHOUT_ISOLATION()                                \
  do {                                                          \
    if (const std::string why = WhyNoIsolation(); !why.empty()) \
      GTEST_SKIP() << "no isolation here: " << why;             \
  } while (false)

namespace dkimspec::runners {

inline ProcessOptions Options(std::vector<std::string> argv,
                              bool isolated = true) {
  ProcessOptions options;
  options.argv = std::move(argv);
  options.environment = CleanEnvironment();
  options.isolated = isolated;
  return options;
}

inline ProcessOptions Python(const std::string& script, bool isolated = true) {
  return Options({"/usr/bin/python3", "-c", script}, isolated);
}

inline std::unique_ptr<Process> MustStart(const ProcessOptions& options) {
  auto process = Process::Start(options);
  if (!process) {
    ADD_FAILURE() << process.error().ToString();
    return nullptr;
  }
  return *std::move(process);
}

// All that `fd` delivers until its end or the deadline.
inline std::string ReadAll(
    int fd, std::chrono::seconds patience = std::chrono::seconds(10)) {
  const auto until = std::chrono::steady_clock::now() + patience;
  std::string text;
  while (std::chrono::steady_clock::now() < until) {
    pollfd wait = {fd, POLLIN, 0};
    poll(&wait, 1, 100);
    char piece[4096];
    const ssize_t got = read(fd, piece, sizeof piece);
    if (got == 0) {
      return text;
    }
    if (got > 0) {
      text.append(piece, static_cast<std::size_t>(got));
    }
  }
  ADD_FAILURE() << "no end of output; so far: " << text;
  return text;
}

inline std::string ReadLine(int fd) {
  std::string line;
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < until) {
    pollfd wait = {fd, POLLIN, 0};
    poll(&wait, 1, 100);
    char c = 0;
    const ssize_t got = read(fd, &c, 1);
    if (got == 0 || c == '\n') {
      return line;
    }
    if (got > 0) {
      line += c;
    }
  }
  return line;
}

inline std::string OutputOf(const ProcessOptions& options) {
  std::unique_ptr<Process> process = MustStart(options);
  if (process == nullptr) {
    return "";
  }
  process->CloseStdin();
  std::string text = ReadAll(process->stdout_fd());
  text += ReadAll(process->stderr_fd());
  EXPECT_TRUE(process->WaitFor(std::chrono::seconds(10)));
  return text;
}

// How many processes on this machine carry `marker` in their command line.
// Namespaces do not hide them from us.
inline int CountMarked(const std::string& marker) {
  int count = 0;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc", error)) {
    FILE* file = std::fopen((entry.path() / "cmdline").c_str(), "r");
    if (file == nullptr) {
      continue;
    }
    char text[8192];
    const std::string line(text, std::fread(text, 1, sizeof text, file));
    std::fclose(file);
    count += line.find(marker) != std::string::npos ? 1 : 0;
  }
  return count;
}

// A word that no other process has: `base` and our pid.
inline std::string Marker(const std::string& base) {
  return base + "-" + std::to_string(getpid());
}

inline bool BecomesZero(const std::string& marker) {
  for (int i = 0; i < 500; ++i) {
    if (CountMarked(marker) == 0) {
      return true;
    }
    usleep(10000);
  }
  return false;
}

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_TESTS_RUNNERS_PROCESS_SUPPORT_H_
