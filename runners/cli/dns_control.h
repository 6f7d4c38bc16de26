// The control socket of `dkimspec dns`: a Unix socket that takes one command a
// connection, a line, and answers with lines.
//
//   epoch NAME       changes the epoch
//   reset            empties log and counters
//   log [NAME]       the log as JSON Lines, of one name or all
//   queries NAME     how many TXT queries came for the name
//   wait NAME N MS   waits for N such queries: "yes", or "no" after MS
//   unexpected       how many queries were for names nobody knows
//   stop             ends the server
#ifndef DKIMSPEC_RUNNERS_CLI_DNS_CONTROL_H_
#define DKIMSPEC_RUNNERS_CLI_DNS_CONTROL_H_

#include <string>
#include <vector>

#include "dnsstub/server.h"
#include "reference/base/expected.h"

namespace dkimspec::cli {

class DnsControl {
 public:
  // Without a path nothing is bound. The path must not exist; it is removed in
  // the end. Only its owner may connect.
  static Expected<DnsControl> Open(const std::string& path);
  ~DnsControl();
  DnsControl(DnsControl&& other) noexcept;
  DnsControl& operator=(DnsControl&&) = delete;

  int fd() const { return fd_; }  // -1 without a path.

  // Takes one connection; false if it said "stop".
  bool Serve(dnsstub::Server& server, const std::vector<std::string>& epochs);

 private:
  DnsControl(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  int fd_;
  std::string path_;
};

}  // namespace dkimspec::cli

#endif  // DKIMSPEC_RUNNERS_CLI_DNS_CONTROL_H_
