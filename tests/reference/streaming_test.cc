// Verifying streams: what it holds in memory, and how often it asks for more,
// does not depend on the length of the body or the number of header fields.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "reference/key_source.h"
#include "reference/verifier.h"
#include "support.h"

namespace {

std::atomic<std::size_t> allocations = 0;

}  // namespace

// g++ 12 does not see that new and delete are replaced together.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) {
    return memory;
  }
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#pragma GCC diagnostic pop

namespace dkimspec {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

// Greatest resident size so far, in octets: Linux counts in kB.
long MaxResident() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

std::string Repeated(std::string_view text, std::size_t size) {
  std::string repeated;
  while (repeated.size() < size) {
    repeated += text;
  }
  return repeated;
}

// Pushes the header of `message` and then `size` octets of body, by turns text
// and white space that may yet turn out to be at the end.
Verification VerifyBodyOf(std::size_t size, std::string_view message,
                          KeySource& keys) {
  const std::string pieces[] = {
      Repeated("Is dinner ready?  We\tare hungry. \r\nJoe.\r\n\r\n", kPiece),
      std::string(kPiece / 4, ' ') + Repeated("\r\n", kPiece / 4)};
  Verifier verifier(keys, {});
  verifier.Push(message.substr(0, message.find("\r\n\r\n") + 4));
  std::size_t turn = 0;
  for (std::size_t left = size; left > 0; turn = 1 - turn) {
    const std::string_view piece =
        std::string_view(pieces[turn]).substr(0, left);
    verifier.Push(piece);
    left -= piece.size();
  }
  return verifier.Finish()[0];
}

// Sanitizers make hashing slow, and see what is kept by other means.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kLarge = 50'000'000;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::size_t kLarge = 50'000'000;
#else
constexpr std::size_t kLarge = 1'000'000'000;
#endif
#else
constexpr std::size_t kLarge = 1'000'000'000;
#endif

TEST(Streaming, HoldsNoMoreOfAGigabyteThanOfAKilobyte) {
  constexpr long kMegabyte = 1'000'000;
  const PrivateKey key = TestKey("rsa2048-a");
  const std::string message = SignedMessage(key, SignatureTags());
  const Zone zone = ZoneOf(key);
  ZoneKeySource keys(zone);
  VerifyBodyOf(1'000, message, keys);
  const long small = MaxResident();
  const Verification large = VerifyBodyOf(kLarge, message, keys);
  const long growth = MaxResident() - small;
  EXPECT_EQ(large.body_hash, Check::kMismatch);
  EXPECT_EQ(large.header_signature, Check::kMatch);
  RecordProperty("growth_in_octets", std::to_string(growth));
  EXPECT_LT(growth, kMegabyte);
}

// How often verifying a message with so many fields and lines asks for memory.
std::size_t Allocations(std::size_t fields, std::size_t lines) {
  const PrivateKey key = TestKey("rsa2048-a");
  std::string plain = "From: joe@example.com\r\nSubject: Dinner\r\n";
  for (std::size_t i = 0; i < fields; ++i) {
    plain += "X-Field-With-A-Long-Name: and a value,\r\n\tfolded\r\n";
  }
  plain += "\r\n";
  for (std::size_t i = 0; i < lines; ++i) {
    plain += "Is dinner  ready? \r\n\r\n";
  }
  const std::string message = SignedMessage(
      key, SignatureTags({{"h", "From:Subject:X-Field-With-A-Long-Name"}}),
      plain);
  const Zone zone = ZoneOf(key);
  ZoneKeySource keys(zone);
  const std::size_t before = allocations;
  const auto verifications = Verify(message, keys, {});
  const std::size_t count = allocations - before;
  EXPECT_EQ(verifications[0].state, State::kSuccess);
  return count;
}

TEST(Streaming, AsksForNoMemoryPerLine) {
  EXPECT_GT(Allocations(1, 1), 0u);
  EXPECT_EQ(Allocations(1, 10'000), Allocations(1, 1));
}

// Lists of fields double, so a thousand times as many take ten steps more each.
TEST(Streaming, AsksForNoMemoryPerHeaderField) {
  EXPECT_LT(Allocations(1'024, 1), Allocations(1, 1) + 40);
}

}  // namespace
}  // namespace dkimspec
