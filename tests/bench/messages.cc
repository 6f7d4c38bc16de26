#include "tests/bench/messages.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "reference/base/file.h"
#include "reference/signer.h"

namespace dkimspec::bench {
namespace {

constexpr std::string_view kHeader =
    "Received: from mx.example.net (mx.example.net [192.0.2.1])\r\n"
    "\tby mail.example.org (Postfix) with ESMTPS id 4F2A61C0\r\n"
    "\tfor <suzie@example.org>; Mon, 06 Jan 2025 10:00:03 +0000 (UTC)\r\n"
    "Received: from [198.51.100.7] (port=52044 helo=client)\r\n"
    "\tby mx.example.net with esmtpsa (TLS1.3)\r\n"
    "\t(envelope-from <joe@example.com>) id 1tUjXf-0003bA-2Q;\r\n"
    "\tMon, 06 Jan 2025 10:00:01 +0000\r\n"
    "From: Joe SixPack <joe@example.com>\r\n"
    "To: Suzie Q <suzie@example.org>\r\n"
    "Cc: The others <others@example.org>\r\n"
    "Subject: Is dinner ready, and if so,\r\n"
    " when may we come?\r\n"
    "Date: Mon, 06 Jan 2025 10:00:00 +0000\r\n"
    "Message-ID: <20250106100000.4F2A61C0@example.com>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "X-Mailer: Example 1.0\r\n"
    "\r\n";

constexpr std::array<std::string_view, 12> kWords = {
    "the", "dinner", "is",      "ready", "and",   "we",
    "are", "hungry", "already", "game",  "lost.", "understandable"};

// A generator that is the same everywhere; std::shuffle and the distributions
// of <random> are not.
class Sequence {
 public:
  std::size_t Below(std::size_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33U) % bound;
  }

 private:
  std::uint64_t state_ = 1;
};

std::string Line(Style style, Sequence& sequence) {
  constexpr std::size_t kLongest = 58;
  std::string line;
  if (style == Style::kIndented) {
    line.append(2 * sequence.Below(6), ' ');
    line.append(sequence.Below(2), '\t');
  }
  while (line.size() < kLongest) {
    line += kWords[sequence.Below(kWords.size())];
    line += ' ';
  }
  if (style == Style::kProse || sequence.Below(4) > 0) {
    line.pop_back();
  }
  return line + "\r\n";
}

template <typename T>
T OrExit(Expected<T> value) {
  if (!value) {
    std::fprintf(stderr, "%s\n", value.error().ToString().c_str());
    std::exit(2);
  }
  return *std::move(value);
}

}  // namespace

std::string_view ToString(Style style) {
  return style == Style::kProse ? "prose" : "indented";
}

std::string Body(Style style, std::size_t size) {
  constexpr std::size_t kParagraph = 7;
  Sequence sequence;
  std::string body;
  for (std::size_t line = 1; body.size() < size; ++line) {
    body += Line(style, sequence);
    body += line % kParagraph == 0 ? "\r\n" : "";
  }
  return body;
}

std::string SignedMessage(Style style, std::size_t size,
                          const PrivateKey& key) {
  constexpr std::size_t kSignature = 700;
  const std::size_t header = kHeader.size() + kSignature;
  const std::string message =
      std::string(kHeader) + Body(style, size - std::min(size, header));
  SignerOptions options;
  options.sdid = "example.com";
  options.selector = "bench";
  return OrExit(Sign(message, key, options)) + message;
}

PrivateKey BenchKey() {
  const std::string path = DKIMSPEC_SOURCE_DIR "/fixtures/keys/rsa2048-a.pem";
  return OrExit(PrivateKey::FromPem(OrExit(ReadFile(path)), path));
}

Zone ZoneOf(const PrivateKey& key) {
  Zone zone;
  ZoneEntry entry;
  entry.kind = ZoneEntry::Kind::kTxt;
  entry.txt = {SplitAt255(KeyRecordFor(key))};
  zone.emplace("bench._domainkey.example.com", std::move(entry));
  return zone;
}

}  // namespace dkimspec::bench
