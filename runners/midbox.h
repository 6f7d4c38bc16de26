// A real resolver between an implementation and the stub: an unbound daemon of
// our own, which asks the stub as if it were the name server of every domain.
//
// It is a child of this process, listens on loopback alone, reads no
// configuration but ours, from its standard input, and writes no file. It keeps
// nothing: no answer is cached, and what it learns of a server that fails
// counts for one name alone, because every name with a fault is a zone of its
// own. So cases cannot reach each other through it.
#ifndef DKIMSPEC_RUNNERS_MIDBOX_H_
#define DKIMSPEC_RUNNERS_MIDBOX_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reference/base/expected.h"
#include "reference/base/zone.h"

namespace dkimspec::runners {

// An unbound that starts.
struct UnboundProgram {
  std::string path;
  std::string libraries;  // LD_LIBRARY_PATH; "": the system's.
  std::string version;    // "1.17.1"
};

// The one that fetch.py unpacked into `peers`, else the machine's. An error
// says how to get one.
Expected<UnboundProgram> FindUnbound(const std::string& peers);

struct MidboxOptions {
  UnboundProgram program;
  std::uint16_t stub_port = 0;  // On 127.0.0.1, an authoritative endpoint.
  Zone zone;                    // What the stub serves.
  // Records, as in a zone file, of keys below which DNSSEC is validated.
  std::vector<std::string> trust_anchors;
};

// The configuration of an unbound that listens on `port` of 127.0.0.1 and
// answers the TXT query `ready_name` without asking anyone.
std::string MidboxConfiguration(const MidboxOptions& options,
                                std::uint16_t port,
                                const std::string& ready_name);

class Midbox {
 public:
  // Returns once it answers. An error says what unbound said.
  static Expected<std::unique_ptr<Midbox>> Start(const MidboxOptions& options);
  ~Midbox();  // Ends it.

  std::uint16_t port() const;
  std::string address() const;  // "127.0.0.1:5353"
  int pid() const;              // Of the process that ends with it.

  // Empty while it runs; else how it ended, and what it said last.
  std::string WhyEnded() const;

 private:
  struct Impl;
  explicit Midbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_RUNNERS_MIDBOX_H_
