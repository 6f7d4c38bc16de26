// DNS messages as octets (RFC 1035 section 4): a bounded reader for queries
// and a writer for answers. No DNS library stands behind it, because half of
// the faults are messages that such a library refuses to write.
#ifndef DKIMSPEC_DNSSTUB_WIRE_H_
#define DKIMSPEC_DNSSTUB_WIRE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dkimspec::dnsstub {

inline constexpr std::uint16_t kTypeA = 1;
inline constexpr std::uint16_t kTypeNs = 2;
inline constexpr std::uint16_t kTypeCname = 5;
inline constexpr std::uint16_t kTypeSoa = 6;
inline constexpr std::uint16_t kTypeTxt = 16;
inline constexpr std::uint16_t kTypeDname = 39;
inline constexpr std::uint16_t kTypeOpt = 41;
inline constexpr std::uint16_t kTypeAny = 255;
inline constexpr std::uint16_t kClassIn = 1;

inline constexpr int kNoError = 0;
inline constexpr int kFormErr = 1;
inline constexpr int kServFail = 2;
inline constexpr int kNxDomain = 3;
inline constexpr int kNotImp = 4;
inline constexpr int kRefused = 5;
inline constexpr int kBadVers = 16;  // RFC 6891 section 9.

inline constexpr std::size_t kHeaderSize = 12;
inline constexpr std::size_t kUdpSize = 512;       // RFC 1035 section 4.2.1.
inline constexpr std::size_t kEdnsSize = 1232;     // The most we advertise.
inline constexpr std::size_t kMaxMessage = 65535;  // RFC 1035 section 4.2.2.

// A name on the wire: labels, each behind its length, up to the root's zero
// octet; at most 255 octets (RFC 1035 section 3.1). Never compressed.
//
// From text without escapes; nullopt if a label is empty or above 63 octets,
// or the whole is too long. "" and "." are the root.
std::optional<std::string> ToWireName(std::string_view text);

// Text without final dot, the root being "."; dots within labels, backslashes
// and octets that are not printable are escaped (RFC 4343 section 2.1).
std::string ToText(std::string_view wire_name);

// ASCII letters in lower case. Length octets stay: they are below 64.
std::string LowerName(std::string_view wire_name);

// The name one label up; the root stays.
std::string_view Parent(std::string_view wire_name);

struct Query {
  enum class Status {
    kOk,
    kFormatError,  // Answer FORMERR; only `id` and the flags are known.
    kIgnore,       // Not a query at all: any answer could start a loop.
  };
  Status status = Status::kIgnore;
  std::uint16_t id = 0;
  std::uint8_t opcode = 0;  // Other than 0: the question is not read.
  bool recursion_desired = false;
  bool checking_disabled = false;
  std::string name;  // On the wire, case kept.
  std::uint16_t type = 0;
  std::uint16_t qclass = 0;
  bool edns = false;  // RFC 6891.
  std::uint16_t edns_size = 0;
  std::uint8_t edns_version = 0;
  bool dnssec_ok = false;
};

// Accepts any octets.
Query ParseQuery(std::string_view packet);

struct Record {
  std::string name;  // On the wire.
  std::uint16_t type = kTypeTxt;
  std::string rdata;
  std::uint32_t ttl = 0;
  std::uint16_t rclass = kClassIn;
};

struct Question {
  std::string name;  // On the wire.
  std::uint16_t type = 0;
  std::uint16_t qclass = kClassIn;
};

struct Message {
  std::uint16_t id = 0;
  std::uint8_t opcode = 0;
  bool truncated = false;
  bool recursion_desired = false;
  bool checking_disabled = false;
  int rcode = kNoError;  // 12 bits; the upper 8 travel in OPT.
  std::optional<Question> question;
  std::vector<Record> answers;
  std::vector<Record> authorities;
  std::vector<Record> additional;  // OPT, which follows them, excluded.
  bool edns = false;
  bool dnssec_ok = false;
  std::string edns_options;  // RFC 6891 section 6.1.2: code, length, data.
  bool authoritative = false;
  bool recursion_available = true;
  bool authentic = false;
  bool compress = true;  // Owner names; those within RDATA never are.

  // Not on the wire: which query for the name this answers, from 1, and what
  // random choices start from.
  std::size_t nth = 1;
  std::uint64_t seed = 0;
};

// The message on the wire, QR set. May be longer than a transport can carry;
// then the octets are of no use.
std::string Encode(const Message& message);

// The SOA for a negative answer (RFC 2308 section 3), owned by the last label
// of the name that the question or its CNAMEs end at. Nothing in it may be
// cached.
Record MakeSoa(const Message& message);

// "NOERROR", "SERVFAIL", "RCODE 9".
std::string RcodeName(int rcode);

// "TXT", "AAAA", "TYPE 99".
std::string TypeName(std::uint16_t type);

// From "TXT", in any case, or "TYPE99"; nullopt if unknown.
std::optional<std::uint16_t> TypeFromName(std::string_view name);

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_WIRE_H_
