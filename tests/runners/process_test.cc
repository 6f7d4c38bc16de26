// Starting, ending and reporting of programs, with isolation and without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <thread>

#include "runners/sandbox.h"
#include "tests/runners/process_support.h"

namespace dkimspec::runners {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class EitherWay : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (isolated()) {
      SKIP_WITHOUT_ISOLATION();
    }
  }
  bool isolated() const { return GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(Process, EitherWay, testing::Bool(),
                         [](const auto& test_info) {
                           return test_info.param ? "Isolated" : "Plain";
                         });

TEST_P(EitherWay, PassesStdinThroughToStdout) {
  auto process = MustStart(Options({"cat"}, isolated()));
  ASSERT_NE(process, nullptr);
  ASSERT_EQ(write(process->stdin_fd(), "hello\n", 6), 6);
  EXPECT_EQ(ReadLine(process->stdout_fd()), "hello");
  EXPECT_EQ(process->HowItEnded(), "");
  process->CloseStdin();
  EXPECT_TRUE(process->WaitFor(seconds(10)));
  EXPECT_EQ(process->HowItEnded(), "exit status 0");
}

TEST_P(EitherWay, TellsHowItEnded) {
  auto exits = MustStart(Options({"sh", "-c", "exit 3"}, isolated()));
  ASSERT_NE(exits, nullptr);
  EXPECT_TRUE(exits->WaitFor(seconds(10)));
  EXPECT_EQ(exits->HowItEnded(), "exit status 3");

  auto dies = MustStart(Options({"sh", "-c", "kill -SEGV $$"}, isolated()));
  ASSERT_NE(dies, nullptr);
  EXPECT_TRUE(dies->WaitFor(seconds(10)));
  EXPECT_EQ(dies->HowItEnded(), "killed by signal 11 (SIGSEGV)");
}

TEST_P(EitherWay, WaitingEndsAtTheDeadline) {
  auto process = MustStart(Options({"sleep", "60"}, isolated()));
  ASSERT_NE(process, nullptr);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(process->WaitFor(milliseconds(100)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(30));
  process->Kill();
  EXPECT_EQ(process->HowItEnded(), "killed by signal 9 (SIGKILL)");
  EXPECT_NE(kill(process->pid(), 0), 0);
}

// A grandchild in a session of its own, deaf to polite signals.
std::string Daemonizes(const std::string& marker) {
  return "import os,signal,time\n"
         "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
         "if os.fork() == 0:\n"
         "  os.setsid()\n"
         "  if os.fork() == 0:\n"
         "    os.execvp('sh', ['sh', '-c', 'sleep 300; :', '" +
         marker +
         "'])\n"
         "  os._exit(0)\n"
         "time.sleep(0.2)\n"
         "print('ready', flush=True)\n";
}

TEST_P(EitherWay, NothingIsLeftAfterDestruction) {
  const std::string marker = Marker("left-by-destructor");
  {
    auto process =
        MustStart(Python(Daemonizes(marker) + "time.sleep(300)", isolated()));
    ASSERT_NE(process, nullptr);
    ASSERT_EQ(ReadLine(process->stdout_fd()), "ready");
    ASSERT_GT(CountMarked(marker), 0);
  }
  EXPECT_EQ(CountMarked(marker), 0);
}

TEST_P(EitherWay, NothingIsLeftAfterTheProgramEnds) {
  const std::string marker = Marker("left-by-program");
  auto process = MustStart(Python(Daemonizes(marker), isolated()));
  ASSERT_NE(process, nullptr);
  EXPECT_TRUE(process->WaitFor(seconds(10)));
  EXPECT_EQ(process->HowItEnded(), "exit status 0");
  EXPECT_EQ(CountMarked(marker), 0);
}

// The parent is killed so that no destructor can run.
TEST_P(EitherWay, NothingIsLeftAfterWeAreKilled) {
  const std::string marker = Marker("left-by-killed");
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t victim = fork();
  if (victim == 0) {
    auto process = Process::Start(
        Python(Daemonizes(marker) + "time.sleep(300)", isolated()));
    if (process && ReadLine((*process)->stdout_fd()) == "ready") {
      static_cast<void>(!write(ready[1], "r", 1));
    }
    pause();
    _exit(0);
  }
  char got = 0;
  close(ready[1]);
  const ssize_t told = read(ready[0], &got, 1);
  close(ready[0]);
  EXPECT_EQ(told, 1);
  EXPECT_GT(CountMarked(marker), 0);
  kill(victim, SIGKILL);
  waitpid(victim, nullptr, 0);
  EXPECT_TRUE(BecomesZero(marker));
}

TEST_P(EitherWay, SurvivesTheThreadThatStartedIt) {
  std::unique_ptr<Process> process;
  std::thread starter(
      [&] { process = MustStart(Options({"cat"}, isolated())); });
  starter.join();
  ASSERT_NE(process, nullptr);
  EXPECT_FALSE(process->WaitFor(milliseconds(200)));
  ASSERT_EQ(write(process->stdin_fd(), "x\n", 2), 2);
  EXPECT_EQ(ReadLine(process->stdout_fd()), "x");
}

// A pipe held by a sibling would keep `cat` waiting for its end of input.
TEST_P(EitherWay, SiblingsHoldNoneOfItsPipes) {
  auto first = MustStart(Options({"cat"}, isolated()));
  auto second = MustStart(Options({"cat"}, isolated()));
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  first->CloseStdin();
  EXPECT_TRUE(first->WaitFor(seconds(10)));
  EXPECT_FALSE(second->WaitFor(milliseconds(50)));
}

TEST_P(EitherWay, HasOnlyTheEnvironmentGiven) {
  setenv("DKIMSPEC_TEST_LEAK", "1", 1);
  ProcessOptions options = Options({"env"}, isolated());
  options.environment = {{"PATH", "/usr/bin:/bin"}, {"ONLY", "this one"}};
  EXPECT_EQ(OutputOf(options), "PATH=/usr/bin:/bin\nONLY=this one\n");
}

TEST_P(EitherWay, HasNoDescriptorsOfOurs) {
  const std::string list =
      "import os\nprint([n for n in map(int, os.listdir('/proc/self/fd'))"
      " if n > 2 and not os.path.exists('/proc/self/fd/%d/.' % n)"
      " and os.path.lexists('/proc/self/fd/%d' % n)])";
  EXPECT_EQ(OutputOf(Python(list, isolated())), "[]\n");
}

TEST_P(EitherWay, StartsInItsWorkingFolder) {
  ProcessOptions options = Options({"pwd"}, isolated());
  options.working_folder = "/usr/bin";
  EXPECT_EQ(OutputOf(options), "/usr/bin\n");
}

TEST_P(EitherWay, MemoryIsLimited) {
  ProcessOptions options = Python(
      "try:\n  bytearray(512 << 20)\nexcept MemoryError:\n  print('refused')",
      isolated());
  options.memory_limit = std::size_t{256} << 20;
  EXPECT_EQ(OutputOf(options), "refused\n");
  options.memory_limit = 0;
  EXPECT_EQ(OutputOf(options), "");
}

TEST_P(EitherWay, CannotGainPrivileges) {
  EXPECT_THAT(OutputOf(Options({"cat", "/proc/self/status"}, isolated())),
              HasSubstr("NoNewPrivs:\t1"));
}

TEST_P(EitherWay, HasNoTerminal) {
  EXPECT_THAT(OutputOf(Python("try:\n  open('/dev/tty')\n  print('has')\n"
                              "except OSError as e:\n  print('none')",
                              isolated())),
              "none\n");
}

TEST_P(EitherWay, ErrorsNameTheProgramAndTheReason) {
  auto start = [&](std::vector<std::string> argv) {
    return Process::Start(Options(std::move(argv), isolated()))
        .error()
        .ToString();
  };
  EXPECT_EQ(start({}), "no program is given to start");
  EXPECT_EQ(start({"no-such-program-here"}),
            "no-such-program-here: is in no folder of PATH; install it or "
            "give its path");
  EXPECT_EQ(start({"/usr/no/such"}), "/usr/no/such: does not exist");
  EXPECT_EQ(start({"/etc/passwd"}), "/etc/passwd: is not an executable file");
  EXPECT_EQ(start({"/usr"}), "/usr: is not an executable file");

  ProcessOptions options = Options({"true"}, isolated());
  options.working_folder = "/no/such/folder";
  EXPECT_EQ(Process::Start(options).error().ToString(),
            "/no/such/folder: is no folder, so no program can be started in "
            "it");
}

// Executable, but nothing that the kernel can execute.
TEST_P(EitherWay, AFailedExecIsTold) {
  const std::string folder =
      std::filesystem::temp_directory_path() / Marker("exec");
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/program";
  FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs("#!/no/such/interpreter\n", file);
  std::fclose(file);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  auto process = Process::Start(Options({path}, isolated()));
  std::filesystem::remove_all(folder);
  ASSERT_FALSE(process.has_value());
  EXPECT_EQ(process.error().ToString(), path + ": cannot be started: execute " +
                                            path +
                                            ": No such file or directory");
}

}  // namespace
}  // namespace dkimspec::runners
