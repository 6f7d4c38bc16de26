#include "dnsstub/perform.h"

#include <algorithm>
#include <utility>

namespace dkimspec::dnsstub {
namespace {

constexpr std::size_t kMaxDatagram = 65507;  // Over IPv4, without jumbograms.

// What does not fit is left out as a whole, so that no client can take the
// rest for the answer (RFC 2181 section 9). What not even TCP can carry is
// truncated there too.
std::string EncodeWithin(Message& message, std::size_t limit) {
  std::string octets = Encode(message);
  if (octets.size() > limit) {
    message.truncated = true;
    message.answers.clear();
    message.authorities.clear();
    message.additional.clear();
    octets = Encode(message);
  }
  return octets;
}

std::string Frame(const std::string& octets) {
  std::size_t size = std::min(octets.size(), kMaxMessage);
  std::string framed{static_cast<char>(size >> 8),
                     static_cast<char>(size & 0xff)};
  return framed.append(octets, 0, size);
}

void Describe(const Message& message, std::size_t octets, Sent& sent) {
  sent.rcode = static_cast<std::int16_t>(message.rcode);
  sent.truncated = message.truncated;
  sent.answers = static_cast<std::uint16_t>(message.answers.size());
  sent.type = sent.answers > 0 ? message.answers.back().type : kTypeTxt;
  sent.octets = static_cast<std::uint32_t>(octets);
}

}  // namespace

std::size_t Limit(const Query& query, bool tcp, bool any_size,
                  std::size_t udp_max) {
  if (tcp) {
    return kMaxMessage;
  }
  if (any_size) {
    return kMaxDatagram;
  }
  return query.edns
             ? std::clamp<std::size_t>(query.edns_size, kUdpSize, udp_max)
             : kUdpSize;
}

Delivery Perform(const Step& step, Message message, std::size_t limit, bool tcp,
                 Sent& sent) {
  Delivery delivery;
  delivery.delay = step.delay;
  delivery.send = step.send;
  delivery.after = step.after;
  if (!step.send) {
    return delivery;
  }
  if (step.shape) {
    step.shape(message);
  }
  delivery.octets = EncodeWithin(message, limit);
  if (step.damage) {
    step.damage(delivery.octets);
  }
  Describe(message, delivery.octets.size(), sent);
  sent.delay_ms = static_cast<std::uint32_t>(step.delay.count());
  ++sent.packets;
  delivery.elsewhere = step.elsewhere && !tcp;
  if (tcp) {
    delivery.octets = Frame(delivery.octets);
    delivery.pace = step.pace;
    if (step.frame) {
      step.frame(delivery.octets);
    }
  }
  return delivery;
}

}  // namespace dkimspec::dnsstub
