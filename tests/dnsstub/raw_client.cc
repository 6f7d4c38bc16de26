#include "tests/dnsstub/raw_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dkimspec::dnsstub {
namespace {

constexpr std::chrono::seconds kPatience{60};

void Put16(std::string& out, int value) {
  out.push_back(static_cast<char>(value >> 8 & 0xff));
  out.push_back(static_cast<char>(value & 0xff));
}

// Throws std::out_of_range beyond the end, as std::string::at does.
class Decoder {
 public:
  explicit Decoder(const std::string& octets) : octets_(octets) {}

  int Take8() { return static_cast<unsigned char>(octets_.at(at_++)); }
  int Take16() {
    int high = Take8();
    return high << 8 | Take8();
  }
  std::string Take(std::size_t size) {
    std::string taken = octets_.substr(at_, size);
    if (taken.size() != size) {
      throw std::out_of_range("record");
    }
    at_ += size;
    return taken;
  }

  std::string Name() {
    std::string name;
    std::size_t back = 0;
    for (int labels = 0; labels < 128; ++labels) {
      int length = Take8();
      if (length >= 0xc0) {
        std::size_t to = static_cast<std::size_t>((length & 0x3f) << 8);
        to |= static_cast<std::size_t>(Take8());
        back = back == 0 ? at_ : back;
        at_ = to;
        continue;
      }
      if (length == 0) {
        at_ = back == 0 ? at_ : back;
        return name;
      }
      name +=
          (name.empty() ? "" : ".") + Take(static_cast<std::size_t>(length));
    }
    throw std::out_of_range("pointers");
  }

  Reply::Record Record() {
    Reply::Record record;
    record.name = Name();
    record.type = Take16();
    Take(6);
    record.rdata = Take(static_cast<std::size_t>(Take16()));
    return record;
  }

  bool AtEnd() const { return at_ == octets_.size(); }

 private:
  const std::string& octets_;
  std::size_t at_ = 0;
};

std::optional<Reply> DecodeOrThrow(const std::string& octets) {
  Decoder decoder(octets);
  Reply reply;
  reply.id = decoder.Take16();
  reply.flags = decoder.Take16();
  int questions = decoder.Take16();
  int counts[3];
  for (int& count : counts) {
    count = decoder.Take16();
  }
  if (questions == 1) {
    reply.question = decoder.Name();
    reply.question_type = decoder.Take16();
    decoder.Take16();
  }
  std::vector<Reply::Record>* sections[] = {&reply.answers, &reply.authorities,
                                            &reply.additional};
  for (int section = 0; section < 3; ++section) {
    for (int i = 0; i < counts[section]; ++i) {
      sections[section]->push_back(decoder.Record());
    }
  }
  return decoder.AtEnd() ? std::optional(reply) : std::nullopt;
}

Reply DecodeOrFail(const std::optional<std::string>& octets, const Ask& ask) {
  std::optional<Reply> reply;
  if (octets) {
    reply = Decode(*octets);
  }
  EXPECT_TRUE(octets.has_value()) << "no reply for " << ask.name;
  EXPECT_TRUE(reply.has_value()) << "no DNS message for " << ask.name;
  return reply.value_or(Reply());
}

}  // namespace

std::string FromHex(std::string_view hex) {
  std::string octets;
  std::string digits;
  for (char c : hex) {
    if (c == ' ' || c == '\n') {
      continue;
    }
    digits += c;
    if (digits.size() == 2) {
      octets.push_back(static_cast<char>(std::stoi(digits, nullptr, 16)));
      digits.clear();
    }
  }
  return octets;
}

std::string MakeQuery(const Ask& ask) {
  std::string out;
  for (int value : {int{ask.id}, 0x0100, 1, 0, 0, ask.edns_size > 0 ? 1 : 0}) {
    Put16(out, value);
  }
  std::string_view rest = ask.name;
  while (!rest.empty()) {
    std::string_view label = rest.substr(0, rest.find('.'));
    out.push_back(static_cast<char>(label.size()));
    out += label;
    rest.remove_prefix(std::min(rest.size(), label.size() + 1));
  }
  out.push_back('\0');
  Put16(out, ask.type);
  Put16(out, 1);
  if (ask.edns_size > 0) {
    out.push_back('\0');
    for (int value : {41, ask.edns_size, 0, 0x8000, 0}) {
      Put16(out, value);
    }
  }
  return out;
}

std::string Framed(const std::string& message) {
  std::string framed;
  Put16(framed, static_cast<int>(message.size()));
  return framed + message;
}

std::optional<Reply> Decode(const std::string& octets) {
  try {
    return DecodeOrThrow(octets);
  } catch (const std::out_of_range&) {
    return std::nullopt;
  }
}

Socket::Socket(int type, int family, std::uint16_t port)
    : fd_(socket(family, type | SOCK_CLOEXEC, 0)) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  ok_ = family == AF_INET
            ? connect(fd_, reinterpret_cast<sockaddr*>(&v4), sizeof v4) == 0
            : connect(fd_, reinterpret_cast<sockaddr*>(&v6), sizeof v6) == 0;
}

Socket::~Socket() { close(fd_); }

void Socket::Send(const std::string& octets) const {
  EXPECT_EQ(send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(octets.size()));
}

std::optional<std::string> Socket::Receive(std::chrono::milliseconds timeout,
                                           std::size_t max) {
  pollfd wait{fd_, POLLIN, 0};
  if (poll(&wait, 1, static_cast<int>(timeout.count())) != 1) {
    return std::nullopt;
  }
  std::string octets(max, '\0');
  ssize_t size = recv(fd_, octets.data(), octets.size(), 0);
  if (size <= 0) {
    end_ = size == 0 ? End::kFin : End::kReset;
  }
  octets.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return octets;
}

std::string Socket::ReceiveAll(std::size_t size,
                               std::chrono::milliseconds timeout) {
  std::string all;
  while (all.size() < size && end_ == End::kOpen) {
    std::optional<std::string> piece = Receive(timeout, size - all.size());
    if (!piece) {
      break;
    }
    all += *piece;
  }
  return all;
}

std::optional<std::string> TcpSocket::ReceiveMessage(
    std::chrono::milliseconds timeout) {
  std::string all = ReceiveAll(2, timeout);
  if (all.size() < 2) {
    return std::nullopt;
  }
  std::size_t size =
      static_cast<std::size_t>(static_cast<unsigned char>(all[0]) << 8 |
                               static_cast<unsigned char>(all[1]));
  all += ReceiveAll(size + 2 - all.size(), timeout);
  return all.size() == size + 2 ? std::optional(all.substr(2)) : std::nullopt;
}

TcpFate TcpAt(const std::string& address, std::uint16_t port,
              std::chrono::milliseconds timeout) {
  const int limit = static_cast<int>(timeout.count());
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to);
  pollfd wait{fd, POLLOUT, 0};
  TcpFate fate = TcpFate::kSilent;
  if (poll(&wait, 1, limit) == 1) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    wait.events = POLLIN;
    if (error == ECONNREFUSED) {
      fate = TcpFate::kNobody;
    } else if (error != 0 || poll(&wait, 1, limit) == 1) {
      fate = TcpFate::kReset;
    } else {
      fate = TcpFate::kOpen;
    }
  }
  close(fd);
  return fate;
}

Reply AskUdp(std::uint16_t port, const Ask& ask, int family) {
  UdpSocket socket(port, family);
  socket.Send(MakeQuery(ask));
  return DecodeOrFail(socket.Receive(kPatience), ask);
}

Reply AskTcp(std::uint16_t port, const Ask& ask, int family) {
  TcpSocket socket(port, family);
  socket.Send(Framed(MakeQuery(ask)));
  return DecodeOrFail(socket.ReceiveMessage(kPatience), ask);
}

}  // namespace dkimspec::dnsstub
