// What the table says that signatures survive, held against the reference:
// a promise must hold for every message, and what is not promised must break
// at least one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reference/base/file.h"
#include "reference/canonicalization.h"
#include "reference/header_hash.h"
#include "reference/signer.h"
#include "reference/verifier.h"
#include "tests/mutators/mutate.h"
#include "tests/mutators/samples.h"

namespace dkimspec::mutators {
namespace {

constexpr Canonicalization kBoth[] = {Canonicalization::kSimple,
                                      Canonicalization::kRelaxed};

bool HeaderPromise(const Mutator& mutator, Canonicalization canonicalization) {
  return canonicalization == Canonicalization::kSimple
             ? mutator.survives.header_simple
             : mutator.survives.header_relaxed;
}

bool BodyPromise(const Mutator& mutator, Canonicalization canonicalization) {
  return canonicalization == Canonicalization::kSimple
             ? mutator.survives.body_simple
             : mutator.survives.body_relaxed;
}

// Counts how often each part survived and how often it broke.
class Tally {
 public:
  void Note(std::string_view part, bool promised, bool survived,
            std::string_view context) {
    EXPECT_TRUE(survived || !promised) << part << " broke: " << context;
    Count& count = counts_[std::string(part)];
    count.promised = promised;
    count.broke += survived ? 0 : 1;
    ++count.tried;
  }

  bool empty() const { return counts_.empty(); }

  void ExpectUnpromisedToBreak() const {
    for (const auto& [part, count] : counts_) {
      EXPECT_GT(count.tried, 0) << part;
      EXPECT_EQ(count.promised, count.broke == 0) << part;
    }
    EXPECT_EQ(counts_.size(), 4u) << "some part was never tried";
  }

 private:
  struct Count {
    bool promised = false;
    int broke = 0;
    int tried = 0;
  };
  std::map<std::string, Count> counts_;
};

std::string PartName(std::string_view part, Canonicalization canonicalization) {
  return std::string(part) + " " + std::string(ToString(canonicalization));
}

// h= with each field as often as it occurs, and once more those that RFC 6376
// section 5.4.1 wants signed.
std::vector<std::string> AllNames(const MessageView& message) {
  std::vector<std::string> names;
  for (const HeaderField& field : message.fields) {
    if (field.well_formed) {
      names.emplace_back(field.name);
    }
  }
  for (const char* name : {"From", "Subject", "Date", "To", "Cc"}) {
    names.emplace_back(name);
  }
  return names;
}

std::string SignedHeader(Canonicalization canonicalization,
                         const MessageView& message,
                         const std::vector<std::string>& names) {
  std::string octets;
  for (const auto index :
       SelectHeaderFields(message.fields, names, std::nullopt)) {
    if (index) {
      octets += CanonicalizeHeaderField(canonicalization,
                                        message.fields[*index].octets);
    }
  }
  return octets;
}

class Survival : public testing::TestWithParam<const Mutator*> {
 protected:
  const Mutator& mutator() const { return *GetParam(); }
};

// Without keys: the canonical octets before and after, for many messages.
TEST_P(Survival, OfCanonicalOctets) {
  std::vector<std::string> messages = SampleMessages();
  Rng rng(6376);
  for (int i = 0; i < 1500; ++i) {
    messages.push_back(RandomMessage(rng));
  }
  Tally tally;
  for (const std::string& octets : messages) {
    const MessageView before = ParseMessage(octets);
    const std::vector<std::string> names = AllNames(before);
    for (const Params& params : ParamsToTry(mutator())) {
      const auto damage = Mutate(mutator().name, params, octets, rng.Next());
      if (!damage) {
        continue;
      }
      ASSERT_NE(damage->message, octets);
      const MessageView after = ParseMessage(damage->message);
      for (Canonicalization c : kBoth) {
        tally.Note(
            PartName("header", c), HeaderPromise(mutator(), c),
            SignedHeader(c, before, names) == SignedHeader(c, after, names),
            testing::PrintToString(octets));
        tally.Note(
            PartName("body", c), BodyPromise(mutator(), c),
            CanonicalizeBody(c, before.body) == CanonicalizeBody(c, after.body),
            testing::PrintToString(octets));
      }
    }
  }
  tally.ExpectUnpromisedToBreak();
}

TEST_P(Survival, DependsOnNothingButMessageParametersAndSeed) {
  Rng rng(8301);
  for (int i = 0; i < 200; ++i) {
    const std::string octets = RandomMessage(rng);
    for (const Params& params : ParamsToTry(mutator())) {
      const auto once = Mutate(mutator().name, params, octets, 7);
      const auto again = Mutate(mutator().name, params, std::string(octets), 7);
      ASSERT_EQ(once.has_value(), again.has_value());
      if (once) {
        EXPECT_EQ(once->message, again->message);
        EXPECT_EQ(once->touched_fields, again->touched_fields);
        EXPECT_EQ(once->touched_body, again->touched_body);
      }
    }
  }
}

// What was touched is what changed.
TEST_P(Survival, IsOnlyAtStakeWhereSomethingWasTouched) {
  Rng rng(8463);
  for (int i = 0; i < 500; ++i) {
    const std::string octets = RandomMessage(rng);
    const auto damage = Mutate(mutator().name, {}, octets, rng.Next());
    if (!damage) {
      continue;
    }
    const MessageView before = ParseMessage(octets);
    const MessageView after = ParseMessage(damage->message);
    EXPECT_EQ(damage->touched_body, before.body != after.body)
        << testing::PrintToString(octets);
    EXPECT_EQ(!damage->touched_fields.empty(), before.header != after.header)
        << testing::PrintToString(octets);
  }
}

// One key, and a DNS that has its record.
class Signing {
 public:
  Signing() {
    const auto pem =
        ReadFile(DKIMSPEC_SOURCE_DIR "/fixtures/keys/ed25519-a.pem");
    EXPECT_TRUE(pem) << pem.error().ToString();
    auto key = PrivateKey::FromPem(*pem, "ed25519-a.pem");
    EXPECT_TRUE(key) << key.error().ToString();
    key_ = std::make_unique<PrivateKey>(*key);
    ZoneEntry entry;
    entry.kind = ZoneEntry::Kind::kTxt;
    entry.txt = {SplitAt255(KeyRecordFor(*key_))};
    zone_["s._domainkey.dkim.example"] = entry;
  }

  std::string Signed(const std::string& message, Canonicalization header,
                     Canonicalization body,
                     const std::vector<std::string>& names) const {
    SignerOptions options;
    options.sdid = "dkim.example";
    options.selector = "s";
    options.header_canonicalization = header;
    options.body_canonicalization = body;
    options.signed_header_fields = names;
    const Expected<std::string> field = Sign(message, *key_, options);
    EXPECT_TRUE(field) << field.error().ToString();
    return field.value_or("") + message;
  }

  Verification Verified(const std::string& message) const {
    ZoneKeySource keys(zone_);
    const auto verifications = Verify(message, keys, VerifierPolicy());
    EXPECT_EQ(verifications.size(), 1u);
    return verifications.empty() ? Verification() : verifications[0];
  }

 private:
  std::unique_ptr<PrivateKey> key_;
  Zone zone_;
};

const Signing& TheSigning() {
  static const auto& signing = *new Signing;
  return signing;
}

// Signs with h= chosen by the signer, then with every field named.
std::vector<std::string> SignedBothWays(const std::string& message,
                                        Canonicalization header,
                                        Canonicalization body) {
  return {TheSigning().Signed(message, header, body, {}),
          TheSigning().Signed(message, header, body,
                              AllNames(ParseMessage(message)))};
}

TEST_P(Survival, OfSignatures) {
  Tally tally;
  for (const std::string& message : SampleMessages()) {
    for (int i = 0; i < 4; ++i) {
      const Canonicalization header = kBoth[i / 2];
      const Canonicalization body = kBoth[i % 2];
      for (const std::string& mail : SignedBothWays(message, header, body)) {
        ASSERT_EQ(TheSigning().Verified(mail).state, State::kSuccess) << mail;
        for (const Params& params : ParamsToTry(mutator())) {
          const auto damage = Mutate(mutator().name, params, mail);
          if (!damage) {
            continue;
          }
          const Verification seen = TheSigning().Verified(damage->message);
          tally.Note(PartName("header", header),
                     HeaderPromise(mutator(), header),
                     seen.header_signature == Check::kMatch, damage->message);
          tally.Note(PartName("body", body), BodyPromise(mutator(), body),
                     seen.body_hash == Check::kMatch, damage->message);
        }
      }
    }
  }
  if (mutator().name == "lf-to-crlf") {
    EXPECT_TRUE(tally.empty()) << "a bare LF was signed";
    return;
  }
  tally.ExpectUnpromisedToBreak();
}

std::vector<const Mutator*> Rows() {
  std::vector<const Mutator*> rows;
  for (const Mutator& mutator : AllMutators()) {
    rows.push_back(&mutator);
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Each, Survival, testing::ValuesIn(Rows()),
                         [](const auto& row) {
                           std::string name(row.param->name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace dkimspec::mutators
