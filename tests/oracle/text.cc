#include "tests/oracle/text.h"

#include <openssl/evp.h>

namespace oracle {

void Require(bool condition, const string& why) {
  if (!condition) {
    throw Failure{Verdict::kPermanent, why};
  }
}

const string kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const string kDigits = "0123456789";

const string kFtext = [] {
  string all;
  for (char c = 33; c < 127; ++c) {
    all += c == ':' ? "" : string(1, c);
  }
  return all;
}();

bool Only(const string& allowed, const string& text) {
  return text.find_first_not_of(allowed) == string::npos;
}

string Lower(string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c + 32);
    }
  }
  return text;
}

string Strip(const string& text) {
  const size_t begin = text.find_first_not_of(" \t");
  const size_t end = text.find_last_not_of(" \t");
  return begin == string::npos ? "" : text.substr(begin, end + 1 - begin);
}

Strings Split(const string& text, char separator) {
  Strings parts(1);
  for (char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

string Unfold(const string& text) {
  string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\r\n") == 0 && i + 2 < text.size() &&
        IsWsp(text[i + 2])) {
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

string Squeeze(const string& text) {
  string result;
  for (char c : text) {
    if (!IsWsp(c)) {
      result += c;
    } else if (result.empty() || result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}

// RFC 3629, as RFC 8616 section 4 allows in values.
bool IsUtf8(const string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const string next = text.substr(i + 1, 1);
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 ||
        (lead == 0xE0 && next < "\xA0") || (lead == 0xED && next > "\x9F") ||
        (lead == 0xF0 && next < "\x90") || (lead == 0xF4 && next > "\x8F")) {
      return false;
    }
    int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    for (; more > 0; --more) {
      if (++i == text.size() || (text[i] & 0xC0) != 0x80) {
        return false;
      }
    }
  }
  return true;
}

string Base64(const string& text, const string& tag) {
  string digits;
  for (char c : text) {
    if (!IsWsp(c)) {
      digits += c;
    }
  }
  const size_t end = digits.find_last_not_of('=') + 1;
  const size_t padding = digits.size() - end;
  Require(digits.size() % 4 == 0 && padding <= 2 &&
              Only(kLetters + kDigits + "+/", digits.substr(0, end)),
          tag + "= is not base64");
  string octets(digits.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                  reinterpret_cast<const unsigned char*>(digits.data()),
                  static_cast<int>(digits.size()));
  octets.resize(octets.size() - padding);
  return octets;
}

string QuotedPrintable(const string& text, const string& tag) {
  static const string kHex = "0123456789ABCDEF";
  string octets;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsWsp(text[i])) {
      continue;
    }
    if (text[i] != '=') {
      octets += text[i];
      continue;
    }
    Require(i + 2 < text.size(), tag + "= ends inside =XX");
    const size_t high = kHex.find(text[i + 1]);
    const size_t low = kHex.find(text[i + 2]);
    Require(high != string::npos && low != string::npos,
            tag + "= has = without two hexadecimal digits");
    octets += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return octets;
}

bool IsTagName(const string& name) {
  return !name.empty() && Only(kLetters, name.substr(0, 1)) &&
         Only(kLetters + kDigits + "_", name);
}

Tags ParseTags(const string& text, Strings* order) {
  const string unfolded = Unfold(text);
  Require(IsUtf8(unfolded), "the tag-list is not UTF-8");
  for (char c : unfolded) {
    Require((c >= 0x21 && c <= 0x7E) || IsWsp(c) || (c & 0x80) != 0,
            "a control character in the tag-list");
  }
  Tags tags;
  const Strings parts = Split(unfolded, ';');
  for (size_t i = 0; i < parts.size(); ++i) {
    const string part = Strip(parts[i]);
    if (part.empty() && i + 1 == parts.size() && i > 0) {
      break;  // A final ";" is allowed.
    }
    const size_t equals = part.find('=');
    Require(equals != string::npos, "a tag without =");
    const string name = Strip(part.substr(0, equals));
    Require(IsTagName(name), "bad tag name: " + name);
    Require(tags.emplace(name, Strip(part.substr(equals + 1))).second,
            "tag " + name + " occurs twice");  // MUST NOT, section 3.2.
    if (order != nullptr) {
      order->push_back(name);
    }
  }
  return tags;
}

Strings Items(const string& value) {
  Strings items = Split(value, ':');
  for (string& item : items) {
    item = Strip(item);
  }
  return items;
}

bool Contains(const Strings& items, const string& wanted) {
  for (const string& item : items) {
    if (Lower(item) == wanted) {
      return true;
    }
  }
  return false;
}

bool IsHyphenatedWord(const string& text) {
  return !text.empty() && Only(kLetters, text.substr(0, 1)) &&
         text.back() != '-' && Only(kLetters + kDigits + "-", text);
}

// Atoms between single dots.
bool IsDotString(const string& text) {
  for (const string& atom : Split(text, '.')) {
    string ascii;
    for (char c : atom) {
      ascii += (c & 0x80) == 0 ? string(1, c) : "";
    }
    if (atom.empty() ||
        !Only(kLetters + kDigits + "!#$%&'*+-/=?^_`{|}~", ascii)) {
      return false;
    }
  }
  return true;
}

bool IsQuotedString(const string& text) {
  if (text.size() < 2 || text[0] != '"' || text.back() != '"') {
    return false;
  }
  const size_t last = text.size() - 1;
  for (size_t i = 1; i < last; ++i) {
    if (text[i] == '"') {
      return false;
    }
    if (text[i] == '\\' && ++i == last) {
      return false;
    }
    if ((text[i] >= 0 && text[i] < ' ') || text[i] == 0x7F) {
      return false;
    }
  }
  return true;
}

bool IsLocalPart(const string& text) {
  return IsUtf8(text) && (IsDotString(text) || IsQuotedString(text));
}

}  // namespace oracle
