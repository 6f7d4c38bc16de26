// What the tests of the reference share: files, test keys, and messages signed
// with whatever tags a test asks for.
#ifndef DKIMSPEC_TESTS_REFERENCE_SUPPORT_H_
#define DKIMSPEC_TESTS_REFERENCE_SUPPORT_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/base/zone.h"
#include "reference/crypto.h"
#include "reference/verifier.h"

namespace dkimspec {

// "data/x.eml" beside the tests.
std::string ReadTestData(const std::string& name);

// A key of fixtures/keys, such as "rsa2048-a".
PrivateKey TestKey(const std::string& name);

// The tags of a signature that is right in every respect but b= and bh=, with
// changes: a value replaces or adds a tag, nullopt removes it.
using TagChanges =
    std::vector<std::pair<std::string, std::optional<std::string>>>;
std::string SignatureTags(const TagChanges& changes = {});

inline constexpr std::string_view kPlainMessage =
    "From: Joe <joe@example.com>\r\n"
    "To: Suzie <suzie@example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "\r\n"
    "Hi.\r\n\r\nJoe. \r\n\r\n";

// `message` under a DKIM-Signature field with these tags. In them "{bh}" and
// "{b}" stand for the right values; the tags must be acceptable to
// ParseSignature.
std::string SignedMessage(const PrivateKey& key, const std::string& tags,
                          std::string_view message = kPlainMessage);

// A zone with one TXT record at the name that SignatureTags() uses.
Zone ZoneOf(const std::vector<std::string>& records);
Zone ZoneOf(const PrivateKey& key);

// The only verification of a message with one signature.
Verification VerifyOne(std::string_view message, const Zone& zone,
                       const VerifierPolicy& policy = {});

}  // namespace dkimspec

#endif  // DKIMSPEC_TESTS_REFERENCE_SUPPORT_H_
