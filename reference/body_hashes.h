// The body hashes of all signatures of a message, in one pass over its body.
#ifndef DKIMSPEC_REFERENCE_BODY_HASHES_H_
#define DKIMSPEC_REFERENCE_BODY_HASHES_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/canonicalization.h"
#include "reference/crypto.h"
#include "reference/signature.h"

namespace dkimspec {

// What one signature wants hashed: RFC 6376 section 3.7 step 1.
struct BodyHashRequest {
  Canonicalization canonicalization = Canonicalization::kSimple;
  HashAlgorithm algorithm = HashAlgorithm::kSha256;
  std::optional<Count> length_count;  // l=. Absent: the whole body.

  friend bool operator==(const BodyHashRequest&,
                         const BodyHashRequest&) = default;
};

struct BodyHash {
  std::string digest;          // Of at most l= octets.
  Count canonical_length = 0;  // Of the whole body, whatever l= says.
};

// Equal requests share a hash, and each canonicalization is done once. Nothing
// of the body is kept.
class BodyHashes {
 public:
  BodyHashes();
  ~BodyHashes();

  // Before the first Push. The index is for Get().
  std::size_t Add(const BodyHashRequest& request);

  void Push(std::string_view octets);
  void Finish();  // Once, after the last Push.

  const BodyHash& Get(std::size_t index) const;  // After Finish().

 private:
  struct Pass;

  std::vector<std::unique_ptr<Pass>> passes_;
  std::vector<BodyHashRequest> requests_;
  std::vector<BodyHash> hashes_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_BODY_HASHES_H_
