// What a program sees inside the sandbox.
#include "runners/sandbox.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/runners/process_support.h"

namespace dkimspec::runners {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class Sandbox : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_ISOLATION();
    char name[] = "/tmp/dkimspec-sandbox-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    std::ofstream(folder_ + "/here") << "seen\n";
  }
  void TearDown() override {
    if (!folder_.empty()) {
      std::filesystem::remove_all(folder_);
    }
  }
  std::string folder_;
};

std::string Shell(const std::string& script) {
  return OutputOf(Options({"sh", "-c", script}));
}

TEST_F(Sandbox, RootIsReadOnly) {
  for (const char* path : {"/dkimspec-probe", "/usr/dkimspec-probe",
                           "/etc/dkimspec-probe", "/var/dkimspec-probe"}) {
    EXPECT_THAT(Shell(std::string("touch ") + path),
                HasSubstr("Read-only file system"))
        << path;
    EXPECT_FALSE(std::filesystem::exists(path)) << path;
  }
}

// Not even the program, which is root inside, can undo it.
TEST_F(Sandbox, MountsCannotBeChanged) {
  EXPECT_THAT(Shell("mount -o remount,rw,bind / 2>&1; touch /dkimspec-probe"),
              HasSubstr("Read-only file system"));
  EXPECT_THAT(Shell("umount /tmp 2>&1; ls /tmp | wc -l"), HasSubstr("0\n"));
}

TEST_F(Sandbox, FoldersOfPeopleArePrivate) {
  for (const char* path : {"/tmp", "/var/tmp", "/run", "/root"}) {
    EXPECT_EQ(Shell(std::string("echo x > ") + path +
                    "/dkimspec-probe && cat " + path + "/dkimspec-probe"),
              "x\n")
        << path;
    std::error_code unreadable;  // /root, where we are not root.
    EXPECT_FALSE(std::filesystem::exists(std::string(path) + "/dkimspec-probe",
                                         unreadable));
  }
  EXPECT_EQ(Shell("ls -A /tmp"), "");
}

TEST_F(Sandbox, VisibleFoldersAreSeenReadOnly) {
  ProcessOptions options = Options(
      {"sh", "-c", "cat " + folder_ + "/here; touch " + folder_ + "/new"});
  EXPECT_THAT(OutputOf(options), HasSubstr("No such file"));
  options.visible = {folder_};
  EXPECT_THAT(OutputOf(options),
              AllOf(HasSubstr("seen"), HasSubstr("Read-only file system")));
}

TEST_F(Sandbox, TheWorkingFolderIsSeenReadOnly) {
  ProcessOptions options = Options({"sh", "-c", "cat here; touch new"});
  options.working_folder = folder_;
  EXPECT_THAT(OutputOf(options),
              AllOf(HasSubstr("seen"), HasSubstr("Read-only file system")));
}

TEST_F(Sandbox, WritableFoldersAreWritable) {
  ProcessOptions options =
      Options({"sh", "-c", "echo kept > " + folder_ + "/new"});
  options.writable = {folder_};
  EXPECT_EQ(OutputOf(options), "");
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/new"));
}

TEST_F(Sandbox, FilesShownLaterAreSeen) {
  ProcessOptions options =
      Options({"sh", "-c", "read line; cat " + folder_ + "/late"});
  options.visible = {folder_};
  auto process = MustStart(options);
  ASSERT_NE(process, nullptr);
  std::ofstream(folder_ + "/late") << "late\n";
  ASSERT_EQ(write(process->stdin_fd(), "go\n", 3), 3);
  EXPECT_EQ(ReadLine(process->stdout_fd()), "late");
}

// A script given as an argument brings its folder along; one that is reached
// through a link brings the folder it really lies in.
TEST_F(Sandbox, ScriptsAreFoundWithTheirNeighbours) {
  std::filesystem::create_directory(folder_ + "/real");
  std::ofstream(folder_ + "/real/helper.py") << "word = 'imported'\n";
  std::ofstream(folder_ + "/real/main.py")
      << "import helper\nprint(helper.word)\n";
  std::filesystem::create_directory(folder_ + "/links");
  std::filesystem::create_symlink("../real/main.py",
                                  folder_ + "/links/main.py");
  EXPECT_EQ(OutputOf(Options({"/usr/bin/python3", folder_ + "/real/main.py"})),
            "imported\n");
  EXPECT_EQ(OutputOf(Options({"/usr/bin/python3", folder_ + "/links/main.py"})),
            "imported\n");
}

TEST_F(Sandbox, AScriptDirectlyInTmpIsFound) {
  const std::string script = "/tmp/" + Marker("dkimspec-script");
  std::ofstream(script) << "echo found; ls /tmp\n";
  const std::string output = OutputOf(Options({"sh", script}));
  std::filesystem::remove(script);
  EXPECT_EQ(output, "found\n" + script.substr(5) + "\n");
}

TEST_F(Sandbox, AProgramInATemporaryFolderIsFound) {
  std::filesystem::create_directory(folder_ + "/bin");
  const std::string program = folder_ + "/bin/program";
  std::ofstream(program) << "#!/bin/sh\ncat \"$(dirname \"$0\")/../here\"\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  EXPECT_EQ(OutputOf(Options({program})), "seen\n");
}

// A folder of PATH is shown; for /root/bin that is not all of /root.
TEST_F(Sandbox, FoldersOfPathAreSeenWithTheirPrefix) {
  std::filesystem::create_directories(folder_ + "/prefix/bin");
  std::filesystem::create_directories(folder_ + "/prefix/lib");
  std::ofstream(folder_ + "/prefix/lib/data") << "library\n";
  const std::string program = folder_ + "/prefix/bin/dkimspec-tool";
  std::ofstream(program) << "#!/bin/sh\ncat \"${0%/*}/../lib/data\"\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  ProcessOptions options =
      Options({"sh", "-c", "dkimspec-tool; cat " + folder_ + "/here"});
  options.environment = {{"PATH", folder_ + "/prefix/bin:/usr/bin:/bin"}};
  EXPECT_THAT(OutputOf(options), AllOf(testing::StartsWith("library\n"),
                                       HasSubstr("No such file")));
}

TEST_F(Sandbox, HasItsOwnProcesses) {
  if (OutputOf(Python("import os\nprint(os.getpid() == "
                      "int(os.readlink('/proc/self')))")) != "True\n") {
    GTEST_SKIP() << "this machine masks parts of /proc, so that the sandbox "
                    "cannot have its own";
  }
  // The supervisor and sh, which looks by itself: the processes of a pipeline
  // need not all have started when the first of them looks.
  EXPECT_EQ(Shell("set -- /proc/[0-9]*; echo $#"), "2\n");
}

TEST_F(Sandbox, HasOnlyLoopback) {
  EXPECT_EQ(Shell("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '"),
            "lo\n");
}

TEST_F(Sandbox, DevicesWorkAndAreFew) {
  EXPECT_EQ(Shell("echo x > /dev/null && head -c 4 /dev/zero | wc -c && "
                  "head -c 5 /dev/urandom | wc -c && "
                  "echo y > /dev/shm/f && cat /dev/shm/f"),
            "4\n5\ny\n");
  EXPECT_THAT(Shell("echo x > /dev/full"),
              AnyOf(HasSubstr("No space left"), HasSubstr("I/O error")));
  EXPECT_EQ(Shell("ls /dev | tr '\\n' ' '"),
            "fd full log null random shm stderr stdin stdout tty urandom "
            "zero ");
}

TEST_F(Sandbox, ResolversAskLoopback) {
  EXPECT_EQ(Shell("cat /etc/resolv.conf"),
            "nameserver 127.0.0.1\noptions timeout:2 attempts:2\n");
  ProcessOptions options = Options({"cat", "/etc/resolv.conf"});
  options.resolver_options = "timeout:1 attempts:1";
  EXPECT_EQ(OutputOf(options),
            "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
}

TEST_F(Sandbox, SyslogIsHeard) {
  auto process = MustStart(
      Python("import syslog\nsyslog.syslog('my reason')\nprint('said')"));
  ASSERT_NE(process, nullptr);
  ASSERT_EQ(ReadLine(process->stdout_fd()), "said");
  char text[512] = {};
  EXPECT_GT(recv(process->log_fd(), text, sizeof text - 1, 0), 0);
  EXPECT_THAT(text, HasSubstr("my reason"));
}

// Asks as a resolver inside would; we answer outside.
std::string Asks(const char* family, const char* type, const char* address) {
  return std::string("import socket\ns = socket.socket(socket.") + family +
         ", socket." + type + ")\ns.settimeout(10)\ns.connect(('" + address +
         "', 53))\ns.sendall(b'question')\nprint(s.recv(100).decode())\n";
}

void AnswerUdp(int fd) {
  pollfd wait = {fd, POLLIN, 0};
  ASSERT_EQ(poll(&wait, 1, 10000), 1);
  sockaddr_storage from = {};
  socklen_t length = sizeof from;
  char text[100];
  ASSERT_EQ(recvfrom(fd, text, sizeof text, 0,
                     reinterpret_cast<sockaddr*>(&from), &length),
            8);
  EXPECT_EQ(
      sendto(fd, "answer", 6, 0, reinterpret_cast<sockaddr*>(&from), length),
      6);
}

void AnswerTcp(int fd) {
  pollfd wait = {fd, POLLIN, 0};
  ASSERT_EQ(poll(&wait, 1, 10000), 1);
  const int connection = accept(fd, nullptr, nullptr);
  ASSERT_GE(connection, 0);
  char text[100];
  EXPECT_EQ(recv(connection, text, sizeof text, 0), 8);
  EXPECT_EQ(send(connection, "answer", 6, MSG_NOSIGNAL), 6);
  close(connection);
}

struct Endpoint {
  const char* name;
  const char* family;
  const char* type;
  const char* address;
  std::size_t index;
};

class SandboxDns : public testing::TestWithParam<Endpoint> {};

INSTANTIATE_TEST_SUITE_P(
    Endpoints, SandboxDns,
    testing::Values(Endpoint{"Udp4", "AF_INET", "SOCK_DGRAM", "127.0.0.1", 0},
                    Endpoint{"Tcp4", "AF_INET", "SOCK_STREAM", "127.0.0.1", 0},
                    Endpoint{"Udp6", "AF_INET6", "SOCK_DGRAM", "::1", 1},
                    Endpoint{"Tcp6", "AF_INET6", "SOCK_STREAM", "::1", 1}),
    [](const auto& test_info) { return std::string(test_info.param.name); });

TEST_P(SandboxDns, SocketsAreServedFromOutside) {
  SKIP_WITHOUT_ISOLATION();
  const Endpoint& end = GetParam();
  auto process = MustStart(Python(Asks(end.family, end.type, end.address)));
  ASSERT_NE(process, nullptr);
  const std::vector<int> udp = process->TakeUdpSockets();
  const std::vector<int> tcp = process->TakeTcpSockets();
  if (end.index >= udp.size()) {
    GTEST_SKIP() << "no IPv6 on this machine";
  }
  if (std::string(end.type) == "SOCK_DGRAM") {
    AnswerUdp(udp[end.index]);
  } else {
    AnswerTcp(tcp[end.index]);
  }
  EXPECT_EQ(ReadAll(process->stdout_fd()), "answer\n");
  for (int fd : udp) {
    close(fd);
  }
  for (int fd : tcp) {
    close(fd);
  }
}

TEST_F(Sandbox, ManyRunAtOnce) {
  std::vector<std::unique_ptr<Process>> processes;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 32; ++i) {
    processes.push_back(MustStart(Options({"cat"})));
    ASSERT_NE(processes.back(), nullptr);
    EXPECT_EQ(processes.back()->TakeUdpSockets().empty(), false);
  }
  const auto each = std::chrono::duration_cast<std::chrono::microseconds>(
      (std::chrono::steady_clock::now() - begin) / 32);
  RecordProperty("start_microseconds", static_cast<int>(each.count()));
}

}  // namespace
}  // namespace dkimspec::runners
