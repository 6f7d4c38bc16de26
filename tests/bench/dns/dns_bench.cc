// Queries per second over UDP for 10,000 names with a TXT record of 400 octets:
//
//   dns_bench [--queries N] [--no-log | --mix-case]
//                                       the stub server, in this process; with
//                                       --mix-case no query comes twice
//   dns_bench [--queries N] HOST PORT   a server that runs already
//   dns_bench --serve                   the stub server until standard input
//                                       ends; prints its port
//   dns_bench --zone-file               the same records as a zone file
//   dns_bench --names                   their names, as dnsperf reads them
//   dns_bench --load N                  how long N records take to load
//   dns_bench --rss                     RSS after 2 and after 10 million
//   queries,
//                                       half of them for names made up
//   dns_bench --delay                   how late delayed answers come
//
// For the stub server the second figure divides by the processor time of its
// thread, so that a busy machine does not change it much; RSS is in MiB.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "dnsstub/responder.h"
#include "dnsstub/server.h"
#include "dnsstub/wire.h"

namespace {

using namespace dkimspec;           // NOLINT: a program of one file
using namespace dkimspec::dnsstub;  // NOLINT

constexpr int kNames = 10000;
constexpr std::size_t kTextSize = 400;
constexpr unsigned kWindow = 64;  // Queries on their way.

std::string NameOf(int i) {
  return fmt::format("s{}._domainkey.bench.example", i % kNames);
}

Zone MakeZone(int count) {
  Zone zone;
  for (int i = 0; i < count; ++i) {
    zone[fmt::format("s{}._domainkey.bench.example", i)] = {
        ZoneEntry::Kind::kTxt,
        {SplitAt255(std::string(kTextSize, 'x'))},
        "",
        ""};
  }
  return zone;
}

double Seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) / 1e9;
}

double ResidentMib() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return static_cast<double>(resident) *
         static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576.0;
}

// ID, RD, one question, OPT with 1232 octets.
std::string MakeQuery(int i, const std::string& name) {
  std::string query("\0\0\1\0\0\1\0\0\0\0\0\1", 12);
  query[0] = static_cast<char>(i >> 8 & 0xff);
  query[1] = static_cast<char>(i & 0xff);
  query += ToWireName(name).value_or("");
  query += std::string("\0\x10\0\1\0\0\x29\4\xd0\0\0\0\0\0\0", 15);
  return query;
}

class Client {
 public:
  Client(const char* host, std::uint16_t port, bool mix_case = false)
      : fd_(socket(AF_INET, SOCK_DGRAM, 0)), mix_case_(mix_case) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, host, &to.sin_addr);
    connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to);
    for (int i = 0; i < kNames; ++i) {
      queries_.push_back(MakeQuery(i, NameOf(i)));
    }
  }
  ~Client() { close(fd_); }

  // Answers received to `count` queries, a window at a time.
  long Run(long count) {
    long received = 0;
    for (long at = 0; at < count; at += kWindow) {
      SendWindow(at);
      for (unsigned got = 0; got < kWindow;) {
        const int more = ReceiveSome();
        if (more <= 0) {
          break;  // Lost, or nobody there.
        }
        got += static_cast<unsigned>(more);
        received += more;
      }
    }
    return received;
  }

  // Seconds from sending one query to its answer.
  double AskOnce() {
    const double start = Seconds(CLOCK_MONOTONIC);
    send(fd_, queries_[0].data(), queries_[0].size(), 0);
    char answer[2048];
    [[maybe_unused]] const ssize_t size = recv(fd_, answer, sizeof answer, 0);
    return Seconds(CLOCK_MONOTONIC) - start;
  }

 private:
  void SendWindow(long at) {
    std::array<mmsghdr, kWindow> headers{};
    std::array<iovec, kWindow> parts{};
    for (unsigned i = 0; i < kWindow; ++i) {
      std::string& query =
          queries_[static_cast<std::size_t>(at + i) % queries_.size()];
      if (mix_case_) {
        MixCase(query, static_cast<unsigned long>(at) + i);
      }
      parts[i] = {query.data(), query.size()};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    sendmmsg(fd_, headers.data(), kWindow, 0);
  }

  // The letters of "_domainkey.bench" count in binary.
  static void MixCase(std::string& query, unsigned long number) {
    const std::size_t begin = query.find("_");
    for (std::size_t i = 0; i < 15; ++i) {
      char& c = query[begin + 1 + i];
      if (c >= 'A' && ((number >> (i + 3)) & 1) != 0) {
        c = static_cast<char>(c ^ 0x20);
      }
    }
  }

  int ReceiveSome() {
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, 200) != 1) {
      return 0;
    }
    std::array<mmsghdr, kWindow> headers{};
    std::array<iovec, kWindow> parts{};
    for (unsigned i = 0; i < kWindow; ++i) {
      parts[i] = {space_[i].data(), space_[i].size()};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    return recvmmsg(fd_, headers.data(), kWindow, MSG_DONTWAIT, nullptr);
  }

  int fd_;
  bool mix_case_;
  std::vector<std::string> queries_;
  std::array<std::array<char, 2048>, kWindow> space_;
};

void Report(const char* host, std::uint16_t port, long queries, bool own,
            bool mix_case = false) {
  Client client(host, port, mix_case);
  client.Run(queries / 10);  // Warm.
  const double wall = Seconds(CLOCK_MONOTONIC);
  const double mine = Seconds(CLOCK_THREAD_CPUTIME_ID);
  const double all = Seconds(CLOCK_PROCESS_CPUTIME_ID);
  const long received = client.Run(queries);
  const double took = Seconds(CLOCK_MONOTONIC) - wall;
  const double server = Seconds(CLOCK_PROCESS_CPUTIME_ID) - all -
                        (Seconds(CLOCK_THREAD_CPUTIME_ID) - mine);
  fmt::print("{} of {} answered, {:.0f} queries/s", received, queries,
             static_cast<double>(received) / took);
  if (own) {
    fmt::print(", {:.0f} queries per second of the server's thread, {:.1f} MiB",
               static_cast<double>(received) / server, ResidentMib());
  }
  fmt::print("\n");
}

int Load(int count) {
  const Zone zone = MakeZone(count);
  auto server = Server::Start({});
  if (!server) {
    return 1;
  }
  const double start = Seconds(CLOCK_MONOTONIC);
  const double mine = Seconds(CLOCK_THREAD_CPUTIME_ID);
  (*server)->AddZone(zone);
  fmt::print("{} records in {:.2f} s, {:.2f} s of the processor, {:.1f} MiB\n",
             count, Seconds(CLOCK_MONOTONIC) - start,
             Seconds(CLOCK_THREAD_CPUTIME_ID) - mine, ResidentMib());
  return 0;
}

// The queries go to the responder as the server's loop hands them over, without
// sockets between, which would only take time. Every second one is for a name
// that nobody asks for again.
int Rss() {
  Responder responder(ServerOptions().log_capacity);
  const int network = responder.AddNetwork({});
  responder.SetZone(MakeZone(kNames));
  std::array<char, kMaxReadyAnswer> space;
  auto ask = [&](const std::string& query) {
    if (responder.ReactAtOnce(query, network, 4711, space.data()) == 0) {
      responder.React(query, false, network, 4711);
    }
  };
  long sent = 0;
  for (const long millions : {1, 2, 4, 6, 8, 10}) {
    for (; sent < millions * 1000000; sent += 2) {
      ask(MakeQuery(static_cast<int>(sent),
                    NameOf(static_cast<int>(sent / 2))));
      ask(MakeQuery(1, fmt::format("n{}._domainkey.bench.example", sent)));
    }
    fmt::print("{:2} million queries: {:.2f} MiB, {} in the log\n", millions,
               ResidentMib(),
               std::min<std::uint64_t>(responder.total(),
                                       ServerOptions().log_capacity));
    std::fflush(stdout);
  }
  return 0;
}

// From the client's side: sending, waking up and receiving included.
int Delay() {
  auto server = Server::Start({});
  if (!server) {
    return 1;
  }
  for (const char* fault : {"delay-20ms", "delay-100ms"}) {
    const double wanted = fault == std::string("delay-20ms") ? 20 : 100;
    Zone zone = MakeZone(kNames);
    for (auto& [name, entry] : zone) {
      entry = {ZoneEntry::Kind::kFault, entry.txt, "", fault};
    }
    (*server)->SetZone(zone);
    Client client("127.0.0.1", (*server)->port());
    std::vector<double> late;
    for (int i = 0; i < 201; ++i) {
      late.push_back(client.AskOnce() * 1000 - wanted);
    }
    std::sort(late.begin(), late.end());
    fmt::print(
        "{}: {} answers, ms late: {:.2f} at least, {:.2f} median, "
        "{:.2f} at most\n",
        fault, late.size(), late.front(), late[late.size() / 2], late.back());
  }
  return 0;
}

void PrintZoneFile() {
  fmt::print(
      "$ORIGIN bench.example.\n$TTL 0\n@ SOA ns hostmaster 1 3600 600 86400 0\n"
      "@ NS ns\nns A 127.0.0.1\n");
  for (int i = 0; i < kNames; ++i) {
    fmt::print("s{}._domainkey TXT \"{}\" \"{}\"\n", i, std::string(255, 'x'),
               std::string(kTextSize - 255, 'x'));
  }
}

int Serve() {
  auto server = Server::Start({});
  if (!server) {
    return 1;
  }
  (*server)->SetZone(MakeZone(kNames));
  fmt::print("{}\n", (*server)->port());
  std::fflush(stdout);
  char c = 0;
  while (read(STDIN_FILENO, &c, 1) == 1) {
  }
  return 0;
}

int Own(long queries, const std::string& word) {
  ServerOptions options;
  options.log_capacity = word == "--no-log" ? 0 : options.log_capacity;
  auto server = Server::Start(options);
  if (!server) {
    fmt::print("{}\n", server.error().ToString());
    return 1;
  }
  (*server)->SetZone(MakeZone(kNames));
  for (int run = 0; run < 3; ++run) {
    Report("127.0.0.1", (*server)->port(), queries, true, word == "--mix-case");
  }
  return (*server)->unexpected() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  long queries = 400000;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "--load") {
      return Load(std::atoi(words[i + 1].c_str()));
    }
    if (words[i] == "--queries") {
      queries = std::atol(words[i + 1].c_str());
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i),
                  words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      break;
    }
  }
  if (!words.empty() && words[0] == "--zone-file") {
    PrintZoneFile();
    return 0;
  }
  if (!words.empty() && words[0] == "--names") {
    for (int i = 0; i < kNames; ++i) {
      fmt::print("{} TXT\n", NameOf(i));
    }
    return 0;
  }
  if (!words.empty() && words[0] == "--rss") {
    return Rss();
  }
  if (!words.empty() && words[0] == "--delay") {
    return Delay();
  }
  if (!words.empty() && words[0] == "--serve") {
    return Serve();
  }
  if (words.size() == 2) {
    Report(words[0].c_str(), static_cast<std::uint16_t>(std::stoi(words[1])),
           queries, false);
    return 0;
  }
  return Own(queries, words.empty() ? "" : words[0]);
}
