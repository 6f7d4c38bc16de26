// What the oracle reads RFC text with: strings, base64, quoted-printable and
// tag-lists. Wrong input throws a Failure.
#ifndef DKIMSPEC_TESTS_ORACLE_TEXT_H_
#define DKIMSPEC_TESTS_ORACLE_TEXT_H_

#include <map>
#include <string>
#include <vector>

#include "tests/oracle/oracle.h"

namespace oracle {

using std::string;
using Strings = std::vector<string>;
using Tags = std::map<string, string>;

// RFC 6376 section 3.9: PERMFAIL or TEMPFAIL, and why.
struct Failure {
  Verdict verdict;
  string why;
};

void Require(bool condition, const string& why);  // Or else a PERMFAIL.

inline bool IsWsp(char c) { return c == ' ' || c == '\t'; }

extern const string kLetters;
extern const string kDigits;
extern const string kFtext;  // RFC 5322 section 2.2: octets of a field name.

bool Only(const string& allowed, const string& text);
string Lower(string text);
string Strip(const string& text);
Strings Split(const string& text, char separator);
string Unfold(const string& text);   // RFC 5322 section 2.2.3.
string Squeeze(const string& text);  // WSP runs become one SP.

// RFC 6376 section 2.10: FWS may stand anywhere. RFC 2045 asks for padding.
string Base64(const string& text, const string& tag);

bool IsUtf8(const string& text);  // RFC 3629.

// RFC 6376 section 2.11.
string QuotedPrintable(const string& text, const string& tag);

// RFC 6376 section 3.2. `text` is what stands after the colon, without the
// final CRLF; `order` receives the names in the order written.
Tags ParseTags(const string& text, Strings* order = nullptr);

// Colon-separated, FWS around each item: h= and q= of signatures; h=, s= and
// t= of keys.
Strings Items(const string& value);
bool Contains(const Strings& items, const string& wanted);  // In lower case.

// RFC 6376 section 2.10: hyphenated-word.
bool IsHyphenatedWord(const string& text);

// RFC 5321 section 4.1.2 with RFC 6531 section 3.3: Local-part.
bool IsLocalPart(const string& text);

// RFC 8616 section 3: U-labels become A-labels. idna.cc.
string ALabels(const string& domain);

}  // namespace oracle

#endif  // DKIMSPEC_TESTS_ORACLE_TEXT_H_
