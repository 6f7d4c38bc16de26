// Where `dkimspec verify` has its keys from.
#ifndef DKIMSPEC_RUNNERS_CLI_VERIFY_KEYS_H_
#define DKIMSPEC_RUNNERS_CLI_VERIFY_KEYS_H_

#include <memory>
#include <string>

#include "reference/base/expected.h"
#include "reference/key_source.h"

namespace dkimspec::cli {

struct KeyOptions {
  std::string zone;        // A zone file.
  std::string nameserver;  // "127.0.0.1:5353".
  bool offline = false;    // Nothing is asked: all keys are unavailable.
  double dns_timeout = 0;  // Seconds for one lookup; 0: the default.
};

// The one that is set; else the name servers of this machine.
Expected<std::unique_ptr<KeySource>> OpenKeys(const KeyOptions& options);

}  // namespace dkimspec::cli

#endif  // DKIMSPEC_RUNNERS_CLI_VERIFY_KEYS_H_
