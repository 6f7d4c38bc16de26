// The supervisor stands between us and a program: first process of its PID
// namespace, or, without isolation, reaper of whatever the program leaves. It
// ends all of them when the program ends or when we do: it holds one end of
// the channel, and the kernel closes ours however we die. (A parent death
// signal would not do: it follows the thread that cloned, not the process.)
#ifndef DKIMSPEC_RUNNERS_SUPERVISOR_H_
#define DKIMSPEC_RUNNERS_SUPERVISOR_H_

#include <cstdint>

#include "runners/process_plan.h"

namespace dkimspec::runners {

// What the supervisor tells over the channel, one packet each.
struct Report {
  enum class Kind : std::int32_t {
    kFailed,  // `number` is errno, `text` the step.
    kUdp,     // These carry a descriptor.
    kTcp,
    kLog,
    kStarted,  // The program was executed.
    kEnded,    // `number` is a wait status.
  };
  Kind kind = Kind::kFailed;
  std::int32_t number = 0;
  char text[248] = {};
};

struct ChildEnds {
  int channel = -1;  // SOCK_SEQPACKET
  int standard[3] = {-1, -1, -1};
};

// Runs in the cloned process, with all signals blocked. Waits for one octet on
// the channel (the user map is ours to write), sets up, runs the program.
[[noreturn]] void Supervise(const Plan& plan, const ChildEnds& ends);

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_SUPERVISOR_H_
