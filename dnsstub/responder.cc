#include "dnsstub/responder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dnsstub/server.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::size_t kMaxDatagram = 65507;  // Over IPv4, without jumbograms.

// What is right to say, faults aside.
Message RightAnswer(const Query& query, Resolution& resolution) {
  Message message;
  message.id = query.id;
  message.opcode = query.opcode;
  message.recursion_desired = query.recursion_desired;
  message.checking_disabled = query.checking_disabled;
  message.edns = query.edns;
  message.dnssec_ok = query.dnssec_ok;
  message.rcode = resolution.rcode;
  if (!query.name.empty()) {
    message.question = Question{query.name, query.type, query.qclass};
  }
  message.answers = std::move(resolution.answers);
  if (resolution.negative) {
    message.authorities.push_back(MakeSoa(message));
  }
  return message;
}

// An error that has nothing to do with the zone; kNoError if there is none.
int ProtocolError(const Query& query) {
  if (query.status == Query::Status::kFormatError) {
    return kFormErr;
  }
  if (query.opcode != 0) {
    return kNotImp;
  }
  if (query.edns && query.edns_version != 0) {
    return kBadVers;  // RFC 6891 section 6.1.3.
  }
  return query.qclass == kClassIn ? kNoError : kRefused;
}

std::size_t Limit(const Query& query, bool tcp, bool any_size) {
  if (tcp) {
    return kMaxMessage;
  }
  if (any_size) {
    return kMaxDatagram;
  }
  return query.edns
             ? std::clamp<std::size_t>(query.edns_size, kUdpSize, kEdnsSize)
             : kUdpSize;
}

// What does not fit is left out as a whole, so that no client can take the
// rest for the answer (RFC 2181 section 9). What not even TCP can carry is
// truncated there too.
std::string EncodeWithin(Message& message, std::size_t limit) {
  std::string octets = Encode(message);
  if (octets.size() > limit) {
    message.truncated = true;
    message.answers.clear();
    message.authorities.clear();
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
  sent.rcode = message.rcode;
  sent.truncated = message.truncated;
  sent.answers = message.answers.size();
  sent.type = sent.answers > 0 ? message.answers.back().type : kTypeTxt;
  sent.octets = octets;
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
  if (step.shape != nullptr) {
    step.shape(message);
  }
  delivery.octets = EncodeWithin(message, limit);
  if (step.damage != nullptr) {
    step.damage(delivery.octets);
  }
  Describe(message, delivery.octets.size(), sent);
  sent.delay = step.delay;
  ++sent.packets;
  if (tcp) {
    delivery.octets = Frame(delivery.octets);
  }
  if (step.half) {
    delivery.octets.resize(delivery.octets.size() / 2);
  }
  return delivery;
}

}  // namespace

// Looks the name up and counts; forgets the fault where it does not apply.
Resolution Responder::Ask(const Query& query, int network) {
  Resolution resolution;
  resolution.rcode = ProtocolError(query);
  if (resolution.rcode != kNoError) {
    return resolution;
  }
  resolution = zone_.Resolve(query.name, query.type);
  if (!resolution.expected) {
    log_.CountUnexpected();
  }
  if (query.type == kTypeTxt) {
    std::size_t nth = log_.Count(LowerName(query.name), network);
    if (resolution.fault != nullptr && resolution.fault->plan.only_first > 0 &&
        nth > resolution.fault->plan.only_first) {
      resolution.fault = nullptr;
    }
  } else {
    resolution.fault = nullptr;
  }
  return resolution;
}

std::vector<Delivery> Responder::React(std::string_view packet, bool tcp,
                                       int network) {
  std::vector<Delivery> deliveries;
  Query query = ParseQuery(packet);
  Sent sent;
  std::lock_guard<std::mutex> lock(mutex_);
  if (query.status == Query::Status::kIgnore) {
    sent.fault = "not a query";
    log_.Add(network, tcp, query, sent);
    return deliveries;
  }
  Resolution resolution = Ask(query, network);
  const Fault* fault = resolution.fault;
  static const Plan kRight{.udp = {Step{}}, .tcp = {Step{}}};
  const Plan& plan = fault != nullptr ? fault->plan : kRight;
  Message message = RightAnswer(query, resolution);
  for (const Step& step : tcp ? plan.tcp : plan.udp) {
    std::size_t limit = Limit(query, tcp, step.any_size);
    deliveries.push_back(Perform(step, message, limit, tcp, sent));
  }
  sent.fault = fault != nullptr ? fault->name : "";
  log_.Add(network, tcp, query, sent);
  return deliveries;
}

void Responder::SetZone(const Zone& zone) {
  ZoneIndex fresh;
  fresh.Add(zone);
  std::lock_guard<std::mutex> lock(mutex_);
  std::swap(zone_, fresh);
}

void Responder::AddZone(const Zone& zone) {
  std::lock_guard<std::mutex> lock(mutex_);
  zone_.Add(zone);
}

int Responder::AddNetwork(const std::string& name) {
  std::lock_guard<std::mutex> lock(mutex_);
  return log_.AddNetwork(name);
}

std::vector<LogEntry> Responder::Log() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return log_.All();
}

std::vector<LogEntry> Responder::LogFor(std::string_view name) const {
  std::optional<std::string> wire = ToWireName(name);
  std::lock_guard<std::mutex> lock(mutex_);
  return wire ? log_.For(LowerName(*wire)) : std::vector<LogEntry>();
}

std::size_t Responder::QueriesFor(std::string_view name) const {
  std::optional<std::string> wire = ToWireName(name);
  std::lock_guard<std::mutex> lock(mutex_);
  return wire ? log_.CountFor(LowerName(*wire)) : 0;
}

std::uint64_t Responder::unexpected() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return log_.unexpected();
}

void Responder::Reset() {
  std::lock_guard<std::mutex> lock(mutex_);
  log_.Clear();
}

}  // namespace dkimspec::dnsstub
