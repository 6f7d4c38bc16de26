#include "tests/mutators/samples.h"

#include <array>
#include <string_view>

namespace dkimspec::mutators {
namespace {

std::string Repeat(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) {
    repeated += text;
  }
  return repeated;
}

template <std::size_t kSize>
std::string_view Pick(const std::array<std::string_view, kSize>& pool,
                      Rng& rng) {
  return pool[rng.Below(kSize)];
}

std::string Pieces(const auto& pool, std::uint64_t count, Rng& rng) {
  std::string text;
  for (std::uint64_t i = 0; i < count; ++i) {
    text += Pick(pool, rng);
  }
  return text;
}

std::string Multipart() {
  return "From: a@dkim.example\r\nTo: b@dkim.example,c@dkim.example\r\n"
         "Subject: parts\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed; boundary=b\r\n"
         "Content-Transfer-Encoding: 8bit\r\n\r\n--b\r\n"
         "Content-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9f Gott\r\n"
         "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         Repeat("QUJD", 19) + "\r\nRA==\r\n--b--\r\n";
}

}  // namespace

std::vector<std::string> SampleMessages() {
  const std::string from = "From: Alice <a@dkim.example>\r\n";
  const std::string usual = from +
                            "To: b@dkim.example\r\nSubject: Dinner\r\n"
                            "Date: Thu, 1 Jan 2026 00:00:00 "
                            "+0000\r\nMessage-ID: <1@dkim.example>\r\n";
  return {
      usual + "\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n",
      usual + "\r\n",
      usual + "\r\nno final line end",
      from +
          "Subject:no space\r\nTo: x@dkim.example,\"q,r\" <y@dkim.example>\r\n"
          "X-Odd : value\r\nMIME-Version: 1.0\r\n"
          "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
          ".dot\r\n..dots\r\nFrom here  on \t\r\n>From there\r\n\r\n\r\n",
      from + "Subject: one\r\n two\r\n\tthree\r\nReferences: " +
          Repeat("<0123456789@dkim.example> ", 5) + "<end@dkim.example>\r\n" +
          "X-Long: " + Repeat("x", 1200) + "\r\n\r\n" + Repeat("y", 2500) +
          "\r\n",
      "Received: from one by two\r\nReceived: from zero by one\r\n" + usual +
          "Bcc: c@dkim.example\r\nComments: first\r\nComments: second\r\n\r\nx "
          "\r\n",
      from +
          "Content-Transfer-Encoding: 8bit\r\n"
          "Content-Type: text/plain; charset=\"utf-8\"\r\n\r\n"
          "caf\xc3\xa9 = 3 \xe2\x82\xac \r\n",
      Multipart(),
  };
}

std::string RandomMessage(Rng& rng) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "From", "Subject", "subject", "To",       "Received",
      "X-A",  "x-a ",    "Date",    "Reply-To", "Bcc"};
  static constexpr std::array<std::string_view, 14> kValues = {
      "a",  "bc", " ", "\t", ",", "\r\n ", "\r\n\t",
      "\r", "\n", "<", ">",  "(", "\"",    "a long enough piece of text "};
  static constexpr std::array<std::string_view, 14> kBodies = {
      "x",  "y z", " ", "\t",    "\r\n", "\r\n", "\r\n",
      "\r", "\n",  ".", "From ", ">",    "=",    "\xc3\xa9"};
  std::string message;
  for (std::uint64_t i = 0, count = 1 + rng.Below(6); i < count; ++i) {
    message += Pick(kNames, rng);
    message += rng.Below(8) == 0 ? "" : ":";  // Now and then no field at all.
    message += Pieces(kValues, rng.Below(8), rng) + "\r\n";
  }
  if (rng.Below(10) == 0) {
    return message.substr(0, message.size() - 2 * rng.Below(2));
  }
  return message + "\r\n" + Pieces(kBodies, rng.Below(16), rng);
}

std::vector<Params> ParamsToTry(const Mutator& mutator) {
  std::vector<Params> tries = {{}};
  for (const Param& param : mutator.params) {
    for (std::string_view word : param.words) {
      tries.push_back({{std::string(param.name), std::string(word)}});
    }
    if (std::holds_alternative<bool>(param.fallback)) {
      tries.push_back({{std::string(param.name), true}});
      tries.push_back({{std::string(param.name), false}});
    }
  }
  return tries;
}

}  // namespace dkimspec::mutators
