#include "reference/key_cache.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "reference/key_source.h"
#include "reference/signer.h"
#include "support.h"

namespace dkimspec {
namespace {

// A record that differs from the others and is refused as soon as it is read.
std::string Refused(int number) { return "p=; n=" + std::to_string(number); }

TEST(KeyCache, ReadsARecordOnce) {
  KeyCache cache;
  const std::string record = KeyRecordFor(TestKey("rsa1024-a"));
  const auto first = cache.Get(record);
  ASSERT_TRUE(first->record);
  ASSERT_TRUE(first->key);
  EXPECT_EQ(first->key->RsaBits(), 1024);
  EXPECT_EQ(cache.Get(record), first);
  EXPECT_NE(cache.Get(record + " "), first);
}

TEST(KeyCache, KeepsFindingsToo) {
  KeyCache cache;
  const auto broken = cache.Get("v=DKIM2; p=AAAA");
  ASSERT_FALSE(broken->record);
  EXPECT_EQ(broken->record.error().reason, Reason::kKeySyntaxError);
  EXPECT_EQ(cache.Get("v=DKIM2; p=AAAA"), broken);
}

TEST(KeyCache, IsBounded) {
  KeyCache cache(10);
  for (int i = 0; i < 1'000; ++i) {
    cache.Get(Refused(i));
    ASSERT_LE(cache.size(), 20u);
  }
}

TEST(KeyCache, KeepsWhatIsAskedFor) {
  KeyCache cache(10);
  const auto kept = cache.Get(Refused(-1));
  for (int i = 0; i < 1'000; ++i) {
    cache.Get(Refused(i));
    ASSERT_EQ(cache.Get(Refused(-1)), kept);
  }
}

TEST(KeyCache, KeepsNoLongRecordAndNothingWithoutCapacity) {
  KeyCache cache;
  cache.Get("p=; n=" + std::string(5'000, 'x'));
  EXPECT_EQ(cache.size(), 0u);
  KeyCache none(0);
  EXPECT_FALSE(none.Get(Refused(1))->record->public_key.size() > 0);
  EXPECT_EQ(none.size(), 0u);
}

// The verdict does not depend on the cache, nor on what it was asked before.
TEST(KeyCache, ChangesNoVerdict) {
  KeyCache cache;
  const PrivateKey key = TestKey("rsa2048-a");
  const std::string good = SignedMessage(key, SignatureTags());
  std::string bad = good;
  bad.replace(bad.find("Is dinner"), 9, "Is supper");
  const Zone right = ZoneOf(key);
  const Zone wrong = ZoneOf(TestKey("rsa2048-b"));
  for (const Zone* zone : {&right, &wrong, &right}) {
    for (const std::string& message : {good, bad, good}) {
      ZoneKeySource keys(*zone);
      const Verification cached = Verify(message, keys, {}, &cache)[0];
      const Verification fresh = Verify(message, keys, {})[0];
      EXPECT_EQ(cached.reason, fresh.reason);
      EXPECT_EQ(cached.padding, fresh.padding);
      EXPECT_EQ(cached.detail, fresh.detail);
      EXPECT_EQ(cached.key_bits, fresh.key_bits);
    }
  }
}

TEST(KeyCache, IsSharedByThreads) {
  KeyCache cache(2);
  const PrivateKey key = TestKey("rsa2048-a");
  const std::string message = SignedMessage(key, SignatureTags());
  const Zone zone = ZoneOf(key);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      ZoneKeySource keys(zone);
      for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(Verify(message, keys, {}, &cache)[0].state, State::kSuccess);
        cache.Get(Refused(t * 1'000 + i));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace dkimspec
