// RFC 8616 section 3 asks for the A-labels of a domain name: "xn--" and the
// Punycode of RFC 3492, transcribed from its section 6.3.
#include "tests/oracle/text.h"

namespace oracle {
namespace {

using Points = std::vector<unsigned long>;

// Of UTF-8 that ParseTags has checked.
Points CodePoints(const string& utf8) {
  Points points;
  for (char c : utf8) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80) {
      points.push_back(octet);
    } else if (octet >= 0xC0) {
      points.push_back(octet & (octet < 0xE0   ? 0x1Fu
                                : octet < 0xF0 ? 0x0Fu
                                               : 0x07u));
    } else if (!points.empty()) {
      points.back() = points.back() * 64 + (octet & 0x3Fu);
    }
  }
  return points;
}

// Section 6.1.
unsigned long Adapt(unsigned long delta, unsigned long count, bool first) {
  delta = first ? delta / 700 : delta / 2;
  delta += delta / count;
  unsigned long k = 0;
  for (; delta > 455; k += 36) {
    delta /= 35;
  }
  return k + 36 * delta / (delta + 38);
}

string Number(unsigned long q, unsigned long bias) {
  const string digits = "abcdefghijklmnopqrstuvwxyz0123456789";
  string text;
  for (unsigned long k = 36;; k += 36) {
    const unsigned long t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
    if (q < t) {
      return text + digits[q];
    }
    text += digits[t + (q - t) % (36 - t)];
    q = (q - t) / (36 - t);
  }
}

string Punycode(const Points& input) {
  string output;
  for (unsigned long c : input) {
    output += c < 0x80 ? string(1, static_cast<char>(c)) : "";
  }
  const size_t b = output.size();
  output += b > 0 ? "-" : "";
  unsigned long n = 0x80;
  unsigned long delta = 0;
  unsigned long bias = 72;
  for (size_t h = b; h < input.size(); ++n, ++delta) {
    unsigned long m = 0x110000;
    for (unsigned long c : input) {
      m = c >= n && c < m ? c : m;
    }
    delta += (m - n) * (h + 1);
    n = m;
    for (unsigned long c : input) {
      delta += c < n ? 1 : 0;
      if (c == n) {
        output += Number(delta, bias);
        bias = Adapt(delta, h + 1, h == b);
        delta = 0;
        ++h;
      }
    }
  }
  return output;
}

bool IsAscii(const string& text) {
  for (char c : text) {
    if ((c & 0x80) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

string ALabels(const string& domain) {
  string result;
  for (const string& label : Split(domain, '.')) {
    result += result.empty() ? "" : ".";
    result += IsAscii(label) ? label : "xn--" + Punycode(CodePoints(label));
  }
  return result;
}

}  // namespace oracle
