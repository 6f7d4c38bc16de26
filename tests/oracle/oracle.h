// A plain DKIM verifier, transcribed from the RFCs section by section: whole
// messages, whole copies, exceptions, no care for speed. It shares nothing with
// the reference but OpenSSL, and is the other side of every comparison.
//
// Where a text leaves room the choice made here is named in oracle.cc beside
// the section it comes from.
#ifndef DKIMSPEC_TESTS_ORACLE_ORACLE_H_
#define DKIMSPEC_TESTS_ORACLE_ORACLE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace oracle {

enum class Verdict { kPass, kPermanent, kTemporary };

struct DnsAnswer {
  enum class Kind { kRecords, kNoRecord, kFailure };
  Kind kind = Kind::kNoRecord;
  std::vector<std::string> records;  // Strings of each record joined.
};
using Lookup = std::function<DnsAnswer(const std::string& name)>;

struct Judgement {
  Verdict verdict = Verdict::kPermanent;
  std::string why;  // Empty for a pass.
};

// One judgement for each DKIM-Signature field, top to bottom. `now` is in
// seconds since 1970.
std::vector<Judgement> Verify(const std::string& message, const Lookup& lookup,
                              std::int64_t now);

// RFC 6376 section 3.4, for tests that compare canonical forms.
std::string CanonicalField(bool relaxed, const std::string& field);
std::string CanonicalBody(bool relaxed, const std::string& body);

}  // namespace oracle

#endif  // DKIMSPEC_TESTS_ORACLE_ORACLE_H_
