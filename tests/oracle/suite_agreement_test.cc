// The oracle comes to the expected verdict in every case of the suite. With
// the same test of the reference (tests/fixtures), two verifiers that share no
// code stand behind each expectation.
#include <gtest/gtest.h>

#include "dnsstub/fault.h"
#include "fixtures/suite.h"
#include "reference/key_source.h"
#include "tests/oracle/oracle.h"

namespace dkimspec {
namespace {

oracle::DnsAnswer LookUp(const Zone& zone, const std::string& name) {
  using Kind = oracle::DnsAnswer::Kind;
  ZoneKeySource source(zone);
  KeyAnswer answer = source.Lookup(name);
  switch (answer.status) {
    case KeyAnswer::Status::kFound:
      return {Kind::kRecords, std::move(answer.records)};
    case KeyAnswer::Status::kNoRecord:
      return {Kind::kNoRecord, {}};
    case KeyAnswer::Status::kTemporary:
      break;
  }
  return {Kind::kFailure, {}};
}

fixtures::Verdict ToClass(oracle::Verdict verdict) {
  switch (verdict) {
    case oracle::Verdict::kPass:
      return fixtures::Verdict::kPass;
    case oracle::Verdict::kTemporary:
      return fixtures::Verdict::kTemporary;
    case oracle::Verdict::kPermanent:
      break;
  }
  return fixtures::Verdict::kPermanent;
}

// A verdict conforms if it is the expected one, or tolerated from everyone.
bool Conforms(const fixtures::Subject& subject, fixtures::Verdict verdict) {
  if (verdict == subject.expected) {
    return true;
  }
  for (const fixtures::Tolerance& tolerance : subject.tolerate) {
    if (tolerance.verdict == verdict && tolerance.policy.empty()) {
      return true;
    }
  }
  return false;
}

// Cases whose fault only a socket can show are left to the runners.
bool Projects(const Zone& zone, Zone& projected) {
  for (const auto& [name, entry] : zone) {
    const auto plain = dnsstub::Project(entry);
    if (!plain) {
      return false;
    }
    projected[name] = *plain;
  }
  return true;
}

void ExpectAgreement(const fixtures::Case& test) {
  Zone zone;
  if (test.needs_sockets || !Projects(test.zone, zone)) {
    return;
  }
  const auto judgements = oracle::Verify(
      test.message, [&](const std::string& name) { return LookUp(zone, name); },
      test.now);
  for (const fixtures::Subject& subject : test.subjects) {
    if (!subject.position) {
      EXPECT_TRUE(judgements.empty()) << test.id;
      continue;
    }
    ASSERT_LT(*subject.position, judgements.size()) << test.id;
    const auto& judgement = judgements[*subject.position];
    EXPECT_TRUE(Conforms(subject, ToClass(judgement.verdict)))
        << test.id << ", " << subject.label << ": expected "
        << ToString(subject.expected) << ", the oracle says "
        << ToString(ToClass(judgement.verdict)) << " (" << judgement.why << ")";
  }
}

TEST(OracleAndSuite, AgreeInEveryCase) {
  const auto suite =
      fixtures::LoadSuite(std::string(DKIMSPEC_SOURCE_DIR) + "/fixtures");
  ASSERT_TRUE(suite) << suite.error().ToString();
  const auto cases = fixtures::Build(*suite, fixtures::kLockTime, "");
  ASSERT_TRUE(cases) << cases.error().ToString();
  ASSERT_FALSE(cases->empty());
  for (const fixtures::Case& test : *cases) {
    ExpectAgreement(test);
  }
}

}  // namespace
}  // namespace dkimspec
