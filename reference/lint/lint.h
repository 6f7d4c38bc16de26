// Looks for errors and risky practice in what people publish and send: key
// records, DKIM-Signature fields, whole messages.
//
// Unlike a verifier, which stops at the first reason to refuse, lint goes on:
// each tag is judged as if the others were right. Error and refusal are the
// same: a record or field with an error is refused by the reference verifier,
// one without is not, except for what only a message or the DNS can show.
#ifndef DKIMSPEC_REFERENCE_LINT_LINT_H_
#define DKIMSPEC_REFERENCE_LINT_LINT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reference/alignment.h"
#include "reference/crypto.h"
#include "reference/key_source.h"
#include "reference/lint/rules.h"

namespace dkimspec::lint {

struct Remark {
  Rule rule;
  std::string subject;     // "key record", "DKIM-Signature 1", "message".
  std::string tag;         // Empty: the remark is about no single tag.
  std::size_t offset = 0;  // Octets before the place, in the text examined.
  std::size_t line = 1;    // From 1; only LF, with or without CR, ends one.
  std::size_t column = 1;  // From 1, in octets.
  std::string detail;      // What stands there.
};

// One TXT record, its strings joined. With `key`: is p= its public half?
std::vector<Remark> LintKeyRecord(std::string_view record,
                                  const PrivateKey* key = nullptr);

// A DKIM-Signature field, or only its value.
std::vector<Remark> LintSignature(std::string_view field);

struct MessageReport {
  std::vector<Remark> remarks;
  Authors authors;
  // For each DKIM-Signature field whose d= can be read, in message order.
  std::vector<Alignment> alignments;
};

// All DKIM-Signature fields and what they have to do with the message. With
// `keys` also the key records and, by tree walk, alignment; places in a key
// record count from its own beginning.
MessageReport LintMessage(std::string_view message, KeySource* keys = nullptr,
                          const PrivateKey* key = nullptr);

}  // namespace dkimspec::lint

#endif  // DKIMSPEC_REFERENCE_LINT_LINT_H_
