#include "dnsstub/fault_shapes.h"

#include <algorithm>
#include <utility>

namespace dkimspec::dnsstub {

void Empty(Message& message) {
  message.answers.clear();
  message.authorities.clear();
}

Shape Fails(int rcode) {
  return [rcode](Message& message) {
    Empty(message);
    message.rcode = rcode;
  };
}

Shape NoRecord(int rcode) {
  return [rcode](Message& message) {
    std::erase_if(message.answers,
                  [](const Record& record) { return record.type == kTypeTxt; });
    message.authorities = {MakeSoa(message)};
    message.rcode = rcode;
  };
}

void Truncate(Message& message) {
  Empty(message);
  message.truncated = true;
}

Shape EachTxt(std::function<void(Record& record)> change) {
  return [change = std::move(change)](Message& message) {
    for (Record& record : message.answers) {
      if (record.type == kTypeTxt) {
        change(record);
      }
    }
  };
}

void Forge(Message& message) {
  EachTxt([](Record& record) { record.rdata = "\x0bv=DKIM1; p="; })(message);
}

void WrongId(std::string& octets) {
  for (std::size_t i = 0; i < std::min<std::size_t>(octets.size(), 2); ++i) {
    octets[i] = static_cast<char>(octets[i] ^ 0x55);
  }
}

void Noise(std::string& octets) {
  octets.clear();
  unsigned state = 1;
  for (int i = 0; i < 60; ++i) {
    state = state * 1103515245u + 12345u;
    octets.push_back(static_cast<char>(state >> 16));
  }
}

Damage Resized(std::size_t size) {
  return [size](std::string& octets) {
    octets.resize(std::min(size, octets.size()));
  };
}

void Set8(std::string& octets, std::size_t at, unsigned value) {
  if (at < octets.size()) {
    octets[at] = static_cast<char>(value & 0xff);
  }
}

void Set16(std::string& octets, std::size_t at, unsigned value) {
  Set8(octets, at, value >> 8);
  Set8(octets, at + 1, value);
}

Plan Both(Step step) { return {.udp = {step}, .tcp = {step}}; }

Plan Shaped(Shape shape) { return Both({.shape = std::move(shape)}); }

Plan Damaged(Damage damage) { return Both({.damage = std::move(damage)}); }

Plan Delayed(std::chrono::milliseconds delay) { return Both({.delay = delay}); }

Plan Truncated(std::vector<Step> tcp) {
  return {.udp = {{.shape = Truncate}}, .tcp = std::move(tcp)};
}

Plan Udp(std::vector<Step> udp) {
  return {.udp = std::move(udp), .tcp = {Step{}}};
}

Plan OnlyEdns(Plan plan) {
  plan.only_edns = true;
  return plan;
}

Plan EverySecond(Plan plan) {
  plan.applies = [](std::size_t nth) { return nth % 2 == 0; };
  return plan;
}

}  // namespace dkimspec::dnsstub
