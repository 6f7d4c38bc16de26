// A DNS client for tests that sees octets: its encoder and decoder share
// nothing with the server's.
#ifndef DKIMSPEC_TESTS_DNSSTUB_RAW_CLIENT_H_
#define DKIMSPEC_TESTS_DNSSTUB_RAW_CLIENT_H_

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dkimspec::dnsstub {

inline constexpr std::uint16_t kTxt = 16;

// "1234 81 80" as octets; white space is left out.
std::string FromHex(std::string_view hex);

struct Ask {
  std::string name;
  std::uint16_t type = kTxt;
  std::uint16_t id = 0x1234;
  int edns_size = 0;  // 0: no OPT record.
};
std::string MakeQuery(const Ask& ask);
std::string Framed(const std::string& message);  // Length in front.

struct Reply {
  struct Record {
    std::string name;
    int type = 0;
    std::string rdata;
  };
  int id = 0;
  int flags = 0;
  std::string question;  // "" if there is none.
  int question_type = 0;
  std::vector<Record> answers, authorities, additional;

  int rcode() const { return flags & 0x0f; }
  bool truncated() const { return (flags & 0x0200) != 0; }
};
// nullopt unless the octets are one message and nothing more.
std::optional<Reply> Decode(const std::string& octets);

// How a TCP connection stands.
enum class End { kOpen, kFin, kReset };

class Socket {
 public:
  // Connected to loopback; ok() is false if that was refused.
  Socket(int type, int family, std::uint16_t port);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool ok() const { return ok_; }
  int fd() const { return fd_; }
  void Send(const std::string& octets) const;
  // What comes next, at most `size` octets; nullopt: nothing until the timeout.
  // Over TCP "" is the end.
  std::optional<std::string> Receive(std::chrono::milliseconds timeout,
                                     std::size_t size = 65535);
  // TCP: everything up to `size` octets, the end or the timeout.
  std::string ReceiveAll(std::size_t size, std::chrono::milliseconds timeout);
  End end() const { return end_; }

 private:
  int fd_ = -1;
  bool ok_ = false;
  End end_ = End::kOpen;
};

class UdpSocket : public Socket {
 public:
  explicit UdpSocket(std::uint16_t port, int family = AF_INET)
      : Socket(SOCK_DGRAM, family, port) {}
};

class TcpSocket : public Socket {
 public:
  explicit TcpSocket(std::uint16_t port, int family = AF_INET)
      : Socket(SOCK_STREAM, family, port) {}
  // One message without its length; nullopt: it did not come as a whole.
  std::optional<std::string> ReceiveMessage(std::chrono::milliseconds timeout);
};

// What becomes of a TCP connection to an IPv4 address within the time.
enum class TcpFate { kOpen, kNobody, kReset, kSilent };
TcpFate TcpAt(const std::string& address, std::uint16_t port,
              std::chrono::milliseconds timeout);

// One query over a fresh socket. Aborts the test on silence.
Reply AskUdp(std::uint16_t port, const Ask& ask, int family = AF_INET);
Reply AskTcp(std::uint16_t port, const Ask& ask, int family = AF_INET);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_TESTS_DNSSTUB_RAW_CLIENT_H_
