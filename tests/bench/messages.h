// Messages for the benchmarks: the same octets in every run and on every
// machine.
#ifndef DKIMSPEC_TESTS_BENCH_MESSAGES_H_
#define DKIMSPEC_TESTS_BENCH_MESSAGES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "reference/base/zone.h"
#include "reference/crypto.h"

namespace dkimspec::bench {

enum class Style {
  kProse,     // Words, lines of at most 72 octets, an empty line now and then.
  kIndented,  // As HTML is written: runs of SP, tabs, WSP at ends of lines.
};

std::string_view ToString(Style style);  // "prose", "indented".

// A body of about `size` octets that ends in CRLF.
std::string Body(Style style, std::size_t size);

// A message of `size` octets or a little more with the header of everyday mail
// and one signature, rsa-sha256 and relaxed/relaxed.
std::string SignedMessage(Style style, std::size_t size, const PrivateKey& key);

PrivateKey BenchKey();  // RSA of 2048 bits.

Zone ZoneOf(const PrivateKey& key);  // Its record, where the message says.

}  // namespace dkimspec::bench

#endif  // DKIMSPEC_TESTS_BENCH_MESSAGES_H_
