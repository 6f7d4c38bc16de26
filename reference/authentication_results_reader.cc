#include "reference/authentication_results_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "fmt/format.h"
#include "reference/base/ascii.h"
#include "reference/base/cursor.h"
#include "reference/base/utf8.h"
#include "reference/domain.h"
#include "reference/local_part.h"

namespace dkimspec {
namespace {

// Deeper comments are nobody's, and the reader keeps count in an int.
constexpr int kMostNested = 64;

bool IsText(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x20 && octet != 0x7F;
}

// token of RFC 2045 section 5.1: no SPACE, CTLs or tspecials.
bool IsTokenOctet(char c) {
  constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";
  return c > ' ' && c <= '~' && kSpecials.find(c) == std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenOctet);
}

// Keyword of RFC 5321 section 4.1.2: letters, digits and hyphens, and no hyphen
// at the end.
bool IsKeywordOctet(char c) { return IsAlnum(c) || c == '-'; }

// What a value without quotes may reach to: white space, a comment, the next
// result or a quote.
bool IsBareOctet(char c) {
  constexpr std::string_view kEnds = "\"();\\";
  return IsText(c) && c != ' ' && kEnds.find(c) == std::string_view::npos;
}

// Each Take... moves on or leaves an error; after one, nothing counts.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), cursor_(text) {}

  tl::expected<AuthenticationResults, AuthenticationResultsError> Read();

 private:
  bool SkipCfws();
  void SkipComment();
  std::string TakeKeyword(std::string_view what);
  int TakeVersion();
  void Expect(char c);
  std::string TakeQuoted();
  std::string TakeValue();
  std::string TakeAuthservId();
  std::string TakePropertyValue();
  std::string TakeBarePropertyValue();
  std::string TakeDomainAfterQuotes(std::size_t begin);
  void TakeReason(AuthenticationResult& result);
  void TakeProperty(std::string type, AuthenticationResult& result);
  AuthenticationResult TakeResult(std::string method);
  void TakeResults(AuthenticationResults& field);

  bool HasFailed() const { return error_.has_value(); }
  bool NextIs(char c) const { return cursor_.Rest().starts_with(c); }
  void Refuse(std::string message) { RefuseAt(cursor_.offset(), message); }
  void RefuseAt(std::size_t offset, std::string message) {
    if (!error_) {
      error_ = {offset, std::move(message)};
    }
  }

  std::string_view text_;
  Cursor cursor_;
  std::optional<AuthenticationResultsError> error_;
};

// CFWS, RFC 5322 section 3.2.2. Whether there was any.
bool Reader::SkipCfws() {
  const std::size_t begin = cursor_.offset();
  cursor_.SkipFws();
  while (!HasFailed() && NextIs('(')) {
    SkipComment();
    cursor_.SkipFws();
  }
  return cursor_.offset() > begin;
}

void Reader::SkipComment() {
  const std::size_t begin = cursor_.offset();
  int depth = 0;
  do {
    cursor_.SkipFws();
    if (cursor_.Take('(')) {
      ++depth;
    } else if (cursor_.Take(')')) {
      --depth;
    } else {
      cursor_.Take('\\');  // The next octet is text, whatever it is.
      if (cursor_.AtEnd() || !IsText(cursor_.Rest()[0])) {
        return RefuseAt(begin, "a comment that begins here does not end");
      }
      cursor_.Advance(1);
    }
  } while (depth > 0 && depth <= kMostNested);
  if (depth > 0) {
    RefuseAt(begin, "comments are nested too deeply");
  }
}

std::string Reader::TakeKeyword(std::string_view what) {
  const std::size_t begin = cursor_.offset();
  const std::string_view word = cursor_.TakeWhile(IsKeywordOctet);
  if (word.empty() || word.back() == '-') {
    RefuseAt(begin,
             fmt::format("{} is wanted: letters, digits and hyphens", what));
  }
  return ToLower(word);
}

// 1*DIGIT. What no int holds is a version nobody knows.
int Reader::TakeVersion() {
  const std::size_t begin = cursor_.offset();
  const std::string_view digits = cursor_.TakeWhile(IsDigit);
  int version = 0;
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (digits.empty()) {
    RefuseAt(begin, "a version is a number");
  }
  return problem == std::errc::result_out_of_range ? -1 : version;
}

void Reader::Expect(char c) {
  if (!HasFailed() && !cursor_.Take(c)) {
    Refuse(fmt::format("\"{}\" is wanted here", c));
  }
}

// quoted-string, RFC 5322 section 3.2.4: folds are taken out, and so are the
// backslashes of quoted pairs.
std::string Reader::TakeQuoted() {
  const std::size_t begin = cursor_.offset();
  std::string content;
  cursor_.Advance(1);
  while (!cursor_.Take('"')) {
    const std::size_t fws = FwsLength(cursor_.Rest());
    for (const char c : cursor_.Rest().substr(0, fws)) {
      content += IsWsp(c) ? std::string(1, c) : "";
    }
    cursor_.Advance(fws);
    if (fws > 0) {
      continue;
    }
    cursor_.Take('\\');
    if (cursor_.AtEnd() ||
        !(IsText(cursor_.Rest()[0]) || IsWsp(cursor_.Rest()[0]))) {
      RefuseAt(begin, "a quoted string that begins here does not end");
      return "";
    }
    content += cursor_.Rest()[0];
    cursor_.Advance(1);
  }
  return content;
}

std::string Reader::TakeValue() {
  if (NextIs('"')) {
    return TakeQuoted();
  }
  const std::string_view token = cursor_.TakeWhile(IsTokenOctet);
  if (token.empty()) {
    Refuse("a value is wanted: a token or a quoted string");
  }
  return std::string(token);
}

// A value; section 2.5 lets it be a domain name in UTF-8.
std::string Reader::TakeAuthservId() {
  const std::size_t begin = cursor_.offset();
  if (NextIs('"')) {
    return TakeQuoted();
  }
  const std::string_view bare = cursor_.TakeWhile(IsBareOctet);
  if (!IsToken(bare) && !IsDomainName(bare)) {
    RefuseAt(begin,
             "an authserv-id is wanted: a token, a quoted string or a domain "
             "name");
  }
  return std::string(bare);
}

// [ [ local-part ] "@" ] domain-name, or a token.
std::string Reader::TakeBarePropertyValue() {
  const std::size_t begin = cursor_.offset();
  const std::string_view bare = cursor_.TakeWhile(IsBareOctet);
  const std::size_t at = bare.rfind('@');
  const bool is_right = at == std::string_view::npos
                            ? IsToken(bare) || IsDomainName(bare)
                            : IsDomainName(bare.substr(at + 1)) &&
                                  (at == 0 || IsLocalPart(bare.substr(0, at)));
  if (!is_right) {
    RefuseAt(begin,
             "a property's value is a token, a quoted string, an address or a "
             "domain name");
  }
  return std::string(bare);
}

// What stands in quotes is the local-part of an address, as it turns out.
std::string Reader::TakeDomainAfterQuotes(std::size_t begin) {
  const std::string_view local = cursor_.Since(begin);
  cursor_.Advance(1);
  const std::string_view domain = cursor_.TakeWhile(IsBareOctet);
  if (!IsLocalPart(local) || !IsDomainName(domain)) {
    RefuseAt(begin, "an address is local-part@domain");
  }
  return std::string(cursor_.Since(begin));
}

std::string Reader::TakePropertyValue() {
  const std::size_t begin = cursor_.offset();
  if (!NextIs('"')) {
    return TakeBarePropertyValue();
  }
  std::string content = TakeQuoted();
  return NextIs('@') ? TakeDomainAfterQuotes(begin) : content;
}

void Reader::TakeReason(AuthenticationResult& result) {
  if (result.reason || !result.properties.empty()) {
    Refuse("\"reason\" stands once, between the result and its properties");
  }
  Expect('=');
  SkipCfws();
  if (!HasFailed()) {
    result.reason = TakeValue();
  }
}

void Reader::TakeProperty(std::string type, AuthenticationResult& result) {
  Expect('.');
  SkipCfws();
  std::string name = HasFailed() ? "" : TakeKeyword("a property's name");
  SkipCfws();
  Expect('=');
  SkipCfws();
  if (!HasFailed()) {
    result.properties.push_back(
        {std::move(type), std::move(name), TakePropertyValue()});
  }
}

// From after the method to the next ";" or the end.
AuthenticationResult Reader::TakeResult(std::string method) {
  AuthenticationResult result;
  result.method = std::move(method);
  SkipCfws();
  if (cursor_.Take('/')) {
    SkipCfws();
    result.version = TakeVersion();
    SkipCfws();
  }
  Expect('=');
  SkipCfws();
  result.result = HasFailed() ? "" : TakeKeyword("a result");
  while (!HasFailed()) {
    const bool is_separate = SkipCfws();
    if (HasFailed() || cursor_.AtEnd() || NextIs(';')) {
      break;
    }
    if (!is_separate) {
      Refuse("white space or a comment is wanted here");
      break;
    }
    std::string word = TakeKeyword("\"reason\", a property or \";\"");
    SkipCfws();
    if (word == "reason" && NextIs('=')) {
      TakeReason(result);
    } else {
      TakeProperty(std::move(word), result);
    }
  }
  return result;
}

// no-result / 1*resinfo
void Reader::TakeResults(AuthenticationResults& field) {
  do {
    Expect(';');
    SkipCfws();
    if (HasFailed()) {
      return;
    }
    std::string method = TakeKeyword("a method");
    SkipCfws();
    if (method == "none" && cursor_.AtEnd() && field.results.empty()) {
      return;
    }
    if (!HasFailed()) {
      field.results.push_back(TakeResult(std::move(method)));
    }
  } while (!HasFailed() && !cursor_.AtEnd());
}

tl::expected<AuthenticationResults, AuthenticationResultsError> Reader::Read() {
  AuthenticationResults field;
  if (!IsUtf8(text_)) {
    Refuse("the field is not UTF-8");
  }
  SkipCfws();
  if (!HasFailed()) {
    field.authserv_id = TakeAuthservId();
  }
  const bool is_separate = SkipCfws();
  if (!HasFailed() && is_separate && !cursor_.AtEnd() && !NextIs(';')) {
    field.version = TakeVersion();
    SkipCfws();
  }
  if (!HasFailed() && field.version == 1) {
    TakeResults(field);
  }
  if (error_) {
    return tl::unexpected(*std::move(error_));
  }
  return field;
}

}  // namespace

const std::string* AuthenticationResult::Find(std::string_view type,
                                              std::string_view name) const {
  for (const AuthenticationProperty& property : properties) {
    if (property.type == type && property.name == name) {
      return &property.value;
    }
  }
  return nullptr;
}

std::optional<Result> AuthenticationResult::DkimResult() const {
  constexpr std::array kAll = {
      Result::kNone,    Result::kPass,      Result::kFail,     Result::kPolicy,
      Result::kNeutral, Result::kTempError, Result::kPermError};
  if (method != "dkim" || version != 1) {
    return std::nullopt;
  }
  const auto* found = std::find_if(kAll.begin(), kAll.end(), [&](Result word) {
    return ToString(word) == result;
  });
  return found == kAll.end() ? std::nullopt : std::optional(*found);
}

tl::expected<AuthenticationResults, AuthenticationResultsError>
ParseAuthenticationResults(std::string_view value) {
  if (value.ends_with("\r\n")) {
    value.remove_suffix(2);
  }
  return Reader(value).Read();
}

}  // namespace dkimspec
