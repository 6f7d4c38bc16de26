// differential_generate FIRST COUNT: JSON Lines on stdout, one generated
// message each, with what the reference and the oracle make of it.
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "reference/base/base64.h"
#include "reference/json/zone_json.h"
#include "reference/verifier.h"
#include "tests/differential/generator.h"
#include "tests/oracle/oracle.h"

namespace dkimspec::differential {
namespace {

using Json = nlohmann::ordered_json;

std::string ClassOf(State state) {
  switch (state) {
    case State::kSuccess:
      return "pass";
    case State::kTempFail:
      return "temporary";
    case State::kPermFail:
      break;
  }
  return "permanent";
}

std::string ClassOf(oracle::Verdict verdict) {
  switch (verdict) {
    case oracle::Verdict::kPass:
      return "pass";
    case oracle::Verdict::kTemporary:
      return "temporary";
    case oracle::Verdict::kPermanent:
      break;
  }
  return "permanent";
}

Json Reference(const Sample& sample) {
  VerifierPolicy policy;
  policy.now = kNow;
  ZoneKeySource keys(sample.zone);
  Json answers = Json::array();
  for (const Verification& found : Verify(sample.message, keys, policy)) {
    answers.push_back({{"class", ClassOf(found.state)},
                       {"reason", Info(found.reason).id},
                       {"says", found.detail}});
  }
  return answers;
}

Json Oracle(const Sample& sample) {
  using Kind = oracle::DnsAnswer::Kind;
  ZoneKeySource keys(sample.zone);
  const auto lookup = [&](const std::string& name) -> oracle::DnsAnswer {
    const KeyAnswer answer = keys.Lookup(name);
    switch (answer.status) {
      case KeyAnswer::Status::kFound:
        return {Kind::kRecords, answer.records};
      case KeyAnswer::Status::kNoRecord:
        return {Kind::kNoRecord, {}};
      case KeyAnswer::Status::kTemporary:
        break;
    }
    return {Kind::kFailure, {}};
  };
  Json answers = Json::array();
  for (const auto& found : oracle::Verify(sample.message, lookup, kNow)) {
    answers.push_back({{"class", ClassOf(found.verdict)}, {"says", found.why}});
  }
  return answers;
}

void Write(std::uint64_t number, const Keys& keys) {
  const Sample sample = Generate(number, keys);
  const Json line = {{"number", number},
                     {"now", kNow},
                     {"message", Base64Encode(sample.message)},
                     {"zone", ZoneToJson(sample.zone)},
                     {"features", sample.features},
                     {"reference", Reference(sample)},
                     {"oracle", Oracle(sample)}};
  std::cout << line.dump(-1, ' ', true, Json::error_handler_t::replace) << "\n";
}

int Main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: differential_generate FIRST COUNT\n";
    return 2;
  }
  const Expected<Keys> keys = LoadKeys();
  if (!keys) {
    std::cerr << keys.error().ToString() << "\n";
    return 3;
  }
  const std::uint64_t first = std::strtoull(arguments[1], nullptr, 10);
  const std::uint64_t many = std::strtoull(arguments[2], nullptr, 10);
  for (std::uint64_t i = 0; i < many; ++i) {
    Write(first + i, *keys);
  }
  return std::cout.flush() ? 0 : 3;
}

}  // namespace
}  // namespace dkimspec::differential

int main(int count, char** arguments) {
  return dkimspec::differential::Main(count, arguments);
}
