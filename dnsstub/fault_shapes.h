// What the fault tables are written in. Private to the folder.
#ifndef DKIMSPEC_DNSSTUB_FAULT_SHAPES_H_
#define DKIMSPEC_DNSSTUB_FAULT_SHAPES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "dnsstub/fault.h"
#include "dnsstub/plan.h"
#include "dnsstub/wire.h"

namespace dkimspec::dnsstub {

inline constexpr bool kCore = true;
inline constexpr bool kWire = false;
inline constexpr bool kNeedsTxt = true;
inline constexpr bool kSlow = true;

// One topic each, in the order of docs/dns-faults.md.
std::vector<Fault> ResponseCodeFaults();
std::vector<Fault> TimeFaults();
std::vector<Fault> TransportFaults();
std::vector<Fault> EdnsFaults();
std::vector<Fault> SpoofingFaults();
std::vector<Fault> MalformedFaults();
std::vector<Fault> DataFaults();
std::vector<Fault> AliasFaults();
std::vector<Fault> SequenceFaults();

// Shapes.
void Empty(Message& message);  // No records.
Shape Fails(int rcode);        // No records, and this RCODE.
// CNAMEs that led here stay: the final name is the one without records.
Shape NoRecord(int rcode);
void Truncate(Message& message);
// Calls `change` for each TXT record of the answer.
Shape EachTxt(std::function<void(Record& record)> change);
// The TXT records of the answer in another order, by `nth` and `seed`.
void Rotate(Message& message);
void Shuffle(Message& message);
void Forge(Message& message);  // Other data: "v=DKIM1; p=".

// Damages.
void WrongId(std::string& octets);
void Noise(std::string& octets);
Damage Resized(std::size_t size);  // Never longer than it was.

// Octets that repeat a value at an offset; beyond the end nothing happens.
void Set8(std::string& octets, std::size_t at, unsigned value);
void Set16(std::string& octets, std::size_t at, unsigned value);

// Plans. The same packets over both transports, unless said otherwise.
Plan Both(Step step);
Plan Shaped(Shape shape);
Plan Damaged(Damage damage);
Plan Delayed(std::chrono::milliseconds delay);
Plan Truncated(std::vector<Step> tcp);  // UDP: TC=1, no records.
Plan Udp(std::vector<Step> udp);        // TCP: the right answer.
Plan OnlyEdns(Plan plan);

template <std::size_t count>
Plan First(Plan plan) {
  plan.applies = [](std::size_t nth) { return nth <= count; };
  return plan;
}
template <std::size_t count>
Plan Beyond(Plan plan) {
  plan.applies = [](std::size_t nth) { return nth > count; };
  return plan;
}
Plan EverySecond(Plan plan);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_FAULT_SHAPES_H_
