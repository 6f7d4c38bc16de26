// The forms that the values of tags have in common: RFC 6376 sections 2.10,
// 2.11, 3.5 and 3.6.1. Values come from ParseTagList, which has checked that
// every CR and LF in them is part of FWS.
#ifndef DKIMSPEC_REFERENCE_TAG_VALUE_H_
#define DKIMSPEC_REFERENCE_TAG_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dkimspec {

// The elements between colons, with the FWS around them removed. nullopt if one
// is empty: no list in RFC 6376 may be or hold nothing.
std::optional<std::vector<std::string_view>> SplitColonList(
    std::string_view value);

// hyphenated-word, section 2.10.
bool IsHyphenatedWord(std::string_view text);

// base64string, section 2.10: FWS may stand anywhere in it. Padding is
// required as in RFC 2045 section 6.8, which section 3.5 refers to, although
// the grammar of section 2.10 shows it as optional. nullopt also if empty.
std::optional<std::string> DecodeBase64String(std::string_view value);

// dkim-quoted-printable, section 2.11. FWS is removed first, then "=" must be
// followed by two upper-case hexadecimal digits. UTF-8 may stand unencoded
// (RFC 8616 section 4).
std::optional<std::string> DecodeQuotedPrintable(std::string_view value);

// The inverse: all that must be encoded is, and nothing else.
std::string EncodeQuotedPrintable(std::string_view octets);

// 1*76DIGIT, section 3.5, l=. Values beyond 64 bits become the largest one.
std::optional<std::uint64_t> ParseCount(std::string_view value);

// field-name of RFC 5322 section 3.6.8: printable ASCII without colon. ";" is
// left out too: it would end the tag.
bool IsFieldName(std::string_view text);

}  // namespace dkimspec

#endif  // DKIMSPEC_REFERENCE_TAG_VALUE_H_
