#include "tests/differential/generator.h"

#include "reference/base/file.h"
#include "reference/message.h"

namespace dkimspec::differential {

Expected<Keys> LoadKeys() {
  Keys keys;
  for (const char* name : {"rsa1024-a", "rsa2048-a", "rsa2048-b", "ed25519-a",
                           "ed25519-b", "rsa768-a"}) {
    const std::string path =
        std::string(DKIMSPEC_SOURCE_DIR) + "/fixtures/keys/" + name + ".pem";
    const Expected<std::string> pem = ReadFile(path);
    if (!pem) {
      return tl::unexpected(pem.error());
    }
    Expected<PrivateKey> key = PrivateKey::FromPem(*pem, path);
    if (!key) {
      return tl::unexpected(key.error());
    }
    keys.emplace(name, *std::move(key));
  }
  return keys;
}

namespace {

void Sign(std::vector<std::string>& fields, const std::string& body,
          const Keys& keys, Dice& dice, Sample& sample) {
  const Signed made = SignMessage(fields, body, keys, dice, sample.features);
  const PrivateKey& key = keys.at(made.key);
  const PrivateKey& other = keys.at(key.IsRsa() ? "rsa2048-b" : "ed25519-b");
  sample.zone[made.key_name] = MakeEntry(key, other, dice, sample.features);
  fields.insert(fields.begin(), made.field);
}

}  // namespace

Sample Generate(std::uint64_t number, const Keys& keys) {
  Dice dice(number);
  Sample sample;
  std::vector<std::string> fields = MakeHeader(dice, sample.features);
  const std::string body = MakeBody(dice, sample.features);
  Sign(fields, body, keys, dice, sample);
  if (dice.Chance(8)) {
    sample.features.insert("two-signatures");
    Sign(fields, body, keys, dice, sample);
  }
  if (body.empty() && dice.Chance(30)) {
    for (const std::string& field : fields) {
      sample.message += field;
    }
  } else {
    sample.message = JoinMessage(fields, body);
  }
  Damage(sample, dice);
  Observe(sample);
  return sample;
}

}  // namespace dkimspec::differential
