// Presets: answers that are legal and unusual. A client that resolves
// correctly gets them all; what DKIM makes of the records is another question.
#include <algorithm>

#include "dnsstub/fault_shapes.h"
#include "dnsstub/txt.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::uint32_t kTtlTopBit = 0x80000000u;  // RFC 2181 section 8.

// Cuts the record's text into strings of at most `size` octets, with `between`
// where they meet.
Shape CutAt(std::size_t size, const std::vector<std::string>& between = {}) {
  return EachTxt([size, between](Record& record) {
    std::string text = JoinStrings(DecodeTxt(record.rdata));
    std::vector<std::string> cut;
    for (std::size_t at = 0; at == 0 || at < text.size(); at += size) {
      if (at > 0) {
        cut.insert(cut.end(), between.begin(), between.end());
      }
      cut.push_back(text.substr(at, size));
    }
    record.rdata = EncodeTxt(cut);
  });
}

Shape ChangeStrings(void (*change)(std::vector<std::string>& strings)) {
  return EachTxt([change](Record& record) {
    std::vector<std::string> strings = DecodeTxt(record.rdata);
    change(strings);
    record.rdata = EncodeTxt(strings);
  });
}

// Lengthens the record's text with the tag n= (RFC 6376 section 3.6.1), which
// says nothing to a verifier.
Shape Filled(std::size_t size) {
  return EachTxt([size](Record& record) {
    std::string text = JoinStrings(DecodeTxt(record.rdata));
    if (text.size() >= size) {
      return;
    }
    const std::string tag = text.ends_with(';') ? " n=" : "; n=";
    text += tag.substr(0, size - text.size());
    text.append(size - text.size(), 'x');
    record.rdata = EncodeTxt(SplitAt255(text));
  });
}

enum class Where { kBefore, kAfter };

Shape Beside(const std::string& text, Where where) {
  return [text, where](Message& message) {
    if (message.answers.empty()) {
      return;
    }
    Record extra = message.answers.back();
    extra.rdata = EncodeTxt({text});
    auto first = std::find_if(
        message.answers.begin(), message.answers.end(),
        [](const Record& record) { return record.type == kTypeTxt; });
    message.answers.insert(
        where == Where::kBefore ? first : message.answers.end(), extra);
  };
}

// All but zero: 255 octets are the most that a string holds.
std::string EveryOctet() {
  std::string all;
  for (int octet = 0; octet < 256; ++octet) {
    all += static_cast<char>(octet);
  }
  return all.substr(1);
}

void Reverse(Message& message) {
  std::reverse(message.answers.begin(), message.answers.end());
  std::stable_partition(
      message.answers.begin(), message.answers.end(),
      [](const Record& record) { return record.type != kTypeTxt; });
}

void Repeat(Message& message) {
  const std::vector<Record> all = message.answers;
  std::copy_if(all.begin(), all.end(), std::back_inserter(message.answers),
               [](const Record& record) { return record.type == kTypeTxt; });
}

// A record of type A beside TXT, at the same owner.
void MixTypes(Message& message) {
  if (!message.answers.empty()) {
    const std::string owner = message.answers.back().name;
    message.answers.push_back(
        {owner, kTypeA, "\x7f" + std::string("\0\0\1", 3)});
    message.answers.insert(message.answers.end() - 2,
                           {owner, 65280, std::string("\1\2\3", 3)});
  }
}

void Noisy(Message& message) {
  const std::string owner("\2ns\7example\0", 12);
  message.authorities.push_back(
      {std::string("\7example\0", 9), kTypeNs, owner});
  message.additional.push_back(
      {owner, kTypeA, "\x7f" + std::string("\0\0\1", 3)});
}

Shape Ttl(std::uint32_t ttl) {
  return [ttl](Message& message) {
    for (Record& record : message.answers) {
      record.ttl = ttl;
    }
  };
}

std::vector<Fault> SizeFaults() {
  using enum Outcome;
  auto row = [](std::string_view name, std::string_view summary,
                std::string_view wire, std::size_t size) {
    return Fault{name,    summary,   wire,   kCore,
                 kAnswer, kNeedsTxt, !kSlow, Shaped(Filled(size))};
  };
  std::vector<Fault> rows = {
      row("text-255", "The text fills one string.",
          "The answer; each text filled to 255 octets with the tag n=.", 255),
      row("text-256", "The text is one octet more than a string holds.",
          "The answer; each text filled to 256 octets with the tag n=.", 256),
      row("text-600", "The answer does not fit 512 octets.",
          "The answer; each text filled to 600 octets with the tag n=.", 600),
      row("text-1300", "The answer does not fit 1232 octets.",
          "The answer; each text filled to 1300 octets with the tag n=.", 1300),
      row("text-4096", "The record is long.",
          "The answer; each text filled to 4096 octets with the tag n=.", 4096),
      row("text-64000", "The record is almost as long as TCP can carry.",
          "The answer; each text filled to 64000 octets with the tag n=.",
          64000),
      row("text-70000", "The record is longer than TCP can carry.",
          "UDP and TCP: TC=1, no records.", 70000)};
  rows.back().outcome = kTemporary;
  return rows;
}

std::vector<Fault> StringFaults() {
  using enum Outcome;
  auto row = [](std::string_view name, std::string_view summary,
                std::string_view wire, Shape shape) {
    return Fault{name,    summary,   wire,   kCore,
                 kAnswer, kNeedsTxt, !kSlow, Shaped(std::move(shape))};
  };
  return {
      row("strings-of-1", "Each octet is a string of its own.",
          "The answer; each text cut into strings of 1 octet.", CutAt(1)),
      row("strings-of-100", "The text is cut early.",
          "The answer; each text cut into strings of at most 100 octets.",
          CutAt(100)),
      row("empty-string-first", "The record begins with an empty string.",
          "The answer; each RDATA begins with an octet 00.",
          ChangeStrings(
              [](auto& strings) { strings.insert(strings.begin(), ""); })),
      row("empty-string-last", "The record ends with an empty string.",
          "The answer; each RDATA ends with an octet 00.",
          ChangeStrings([](auto& strings) { strings.emplace_back(); })),
      row("empty-strings-between", "Empty strings stand between others.",
          "The answer; each text cut into strings of 2 octets with an octet "
          "00 where they meet.",
          CutAt(2, {""})),
  };
}

std::vector<Fault> RecordFaults() {
  using enum Outcome;
  auto row = [](std::string_view name, std::string_view summary,
                std::string_view wire, Shape shape) {
    return Fault{name,    summary,   wire,   kCore,
                 kAnswer, kNeedsTxt, !kSlow, Shaped(std::move(shape))};
  };
  return {
      row("records-rotate", "The records take turns at coming first.",
          "The answer; query n for the name begins with record n.", Rotate),
      row("records-shuffled", "The records come in any order.",
          "The answer; the order depends on the seed and n.", Shuffle),
      row("records-reversed", "The last record comes first.",
          "The answer; TXT records in reverse order.", Reverse),
      row("records-twice", "Each record comes twice.",
          "The answer; TXT records again behind the last.", Repeat),
      row("foreign-record-first", "A record of another purpose comes first.",
          "The answer; before it TXT \"v=spf1 -all\".",
          Beside("v=spf1 -all", Where::kBefore)),
      row("foreign-record-last", "A record of another purpose comes last.",
          "The answer; behind it TXT \"v=spf1 -all\".",
          Beside("v=spf1 -all", Where::kAfter)),
      row("empty-record-first", "A record with no text comes first.",
          "The answer; before it TXT \"\".", Beside("", Where::kBefore)),
      row("binary-record-last", "A record of octets that are no text follows.",
          "The answer; behind it TXT of the octets 01 to FF.",
          Beside(EveryOctet(), Where::kAfter)),
      row("revoked-record-last", "A revoked key comes last.",
          "The answer; behind it TXT \"v=DKIM1; p=\".",
          Beside("v=DKIM1; p=", Where::kAfter)),
      row("mixed-types", "Records of other types stand in the answer.",
          "The answer; before its last TXT an RR of type 65280, behind it A.",
          MixTypes),
      row("other-sections", "The other sections hold records.",
          "The answer; AUTHORITY: NS, ADDITIONAL: A, both unrelated.", Noisy),
      row("uncompressed", "No name is compressed.",
          "The answer without pointers.",
          [](Message& message) { message.compress = false; }),
      row("ttl-1-day", "The record may be kept for a day.",
          "The answer with TTL 86400.", Ttl(86400)),
      row("ttl-2-31", "The TTL has its top bit set.",
          "The answer with TTL 2147483648, which means 0 (RFC 2181 section 8).",
          Ttl(kTtlTopBit)),
      row("ttl-max", "The TTL is the largest.",
          "The answer with TTL "
          "2147483647.",
          Ttl(kTtlTopBit - 1)),
  };
}

}  // namespace

void Rotate(Message& message) {
  auto first = std::stable_partition(
      message.answers.begin(), message.answers.end(),
      [](const Record& record) { return record.type != kTypeTxt; });
  const auto count = message.answers.end() - first;
  if (count > 1) {
    const auto by = static_cast<std::ptrdiff_t>(message.nth - 1) % count;
    std::rotate(first, first + by, message.answers.end());
  }
}

// Our own generator, so that a seed means the same everywhere.
void Shuffle(Message& message) {
  std::uint64_t state = message.seed * 6364136223846793005u + message.nth;
  for (std::size_t left = message.answers.size(); left > 1; --left) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const auto other = static_cast<std::size_t>((state >> 33) % left);
    if (message.answers[left - 1].type == kTypeTxt &&
        message.answers[other].type == kTypeTxt) {
      std::swap(message.answers[left - 1], message.answers[other]);
    }
  }
}

std::vector<Fault> DataFaults() {
  std::vector<Fault> all = SizeFaults();
  for (auto part : {StringFaults, RecordFaults}) {
    for (Fault& fault : part()) {
      all.push_back(std::move(fault));
    }
  }
  return all;
}

}  // namespace dkimspec::dnsstub
