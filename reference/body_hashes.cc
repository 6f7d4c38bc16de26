#include "reference/body_hashes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dkimspec {

// One canonicalization of the body and the hashes taken of it.
struct BodyHashes::Pass {
  struct Entry {
    std::size_t index;
    std::optional<Count> length_count;
    Hasher hasher;
  };

  explicit Pass(Canonicalization wanted)
      : canonicalization(wanted),
        canonicalizer(wanted, [this](std::string_view piece) { Take(piece); }) {
  }

  // l= counts canonical octets and may end inside a line (section 3.5).
  void Take(std::string_view piece) {
    for (Entry& entry : entries) {
      std::size_t take = piece.size();
      if (entry.length_count) {
        const Count left =
            *entry.length_count - std::min(*entry.length_count, length);
        take = static_cast<std::size_t>(std::min<Count>(take, left));
      }
      entry.hasher.Update(piece.substr(0, take));
    }
    length += piece.size();
  }

  Canonicalization canonicalization;
  BodyCanonicalizer canonicalizer;
  std::vector<Entry> entries;
  Count length = 0;  // Canonical octets seen.
};

BodyHashes::BodyHashes() = default;
BodyHashes::~BodyHashes() = default;

std::size_t BodyHashes::Add(const BodyHashRequest& request) {
  const auto same = std::find(requests_.begin(), requests_.end(), request);
  const auto index = static_cast<std::size_t>(same - requests_.begin());
  if (same != requests_.end()) {
    return index;
  }
  requests_.push_back(request);
  hashes_.emplace_back();
  auto pass = std::find_if(passes_.begin(), passes_.end(), [&](const auto& p) {
    return p->canonicalization == request.canonicalization;
  });
  if (pass == passes_.end()) {
    passes_.push_back(std::make_unique<Pass>(request.canonicalization));
    pass = std::prev(passes_.end());
  }
  (*pass)->entries.push_back(
      {index, request.length_count, Hasher(request.algorithm)});
  return index;
}

void BodyHashes::Push(std::string_view octets) {
  for (const auto& pass : passes_) {
    pass->canonicalizer.Push(octets);
  }
}

void BodyHashes::Finish() {
  for (const auto& pass : passes_) {
    pass->canonicalizer.Finish();
    for (Pass::Entry& entry : pass->entries) {
      hashes_[entry.index] = {entry.hasher.Finish(), pass->length};
    }
  }
}

const BodyHash& BodyHashes::Get(std::size_t index) const {
  return hashes_[index];
}

}  // namespace dkimspec
