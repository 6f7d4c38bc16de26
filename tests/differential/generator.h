// Messages for comparing verifiers, made from a number: the same number gives
// the same message, zone and features on every machine. What a verifier is to
// say of it is left open; the comparison decides.
#ifndef DKIMSPEC_TESTS_DIFFERENTIAL_GENERATOR_H_
#define DKIMSPEC_TESTS_DIFFERENTIAL_GENERATOR_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mutators/rng.h"
#include "reference/base/zone.h"
#include "reference/crypto.h"

namespace dkimspec::differential {

// Verifying time. Times in messages lie years before or after it, so that
// verifiers that read the clock agree with those that take this: years from
// 2026 to 2090 are all the same.
inline constexpr std::int64_t kNow = 1782864000;  // 2026-07-01.

// What is special about a message, for the rules of explained.json.
using Features = std::set<std::string>;

class Dice : public mutators::Rng {
 public:
  explicit Dice(std::uint64_t seed) : Rng(seed) {}
  bool Chance(unsigned percent) { return Below(100) < percent; }
  template <class List>
  const auto& Pick(const List& list) {
    return list[Below(std::size(list))];
  }
};

using Keys = std::map<std::string, PrivateKey>;

// The keys of the suite that the generator uses.
Expected<Keys> LoadKeys();

struct Sample {
  std::string message;
  Zone zone;
  Features features;
};

Sample Generate(std::uint64_t number, const Keys& keys);

// ---- The parts, each in a file of its own ----------------------------------

// header.cc: fields, each with its final CRLF.
std::vector<std::string> MakeHeader(Dice& dice, Features& features);

// body.cc
std::string MakeBody(Dice& dice, Features& features);

// signature_field.cc: signs, and says where the key has to be.
struct Signed {
  std::string field;     // With final CRLF.
  std::string key_name;  // As the DNS has it.
  std::string key;       // Of the Keys.
};
Signed SignMessage(const std::vector<std::string>& fields,
                   const std::string& body, const Keys& keys, Dice& dice,
                   Features& features);

// key_record.cc: what the zone has for a key.
ZoneEntry MakeEntry(const PrivateKey& key, const PrivateKey& other, Dice& dice,
                    Features& features);

// damage.cc: changes the finished sample, or not.
void Damage(Sample& sample, Dice& dice);
// Adds what can be seen in the finished message.
void Observe(Sample& sample);

}  // namespace dkimspec::differential

#endif  // DKIMSPEC_TESTS_DIFFERENTIAL_GENERATOR_H_
