#include "dnsstub/wire.h"

#include <algorithm>
#include <utility>

namespace dkimspec::dnsstub {
namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kUsualLabels = 8;      // Of all names in a message.
constexpr std::size_t kMaxPointer = 0x3fff;  // RFC 1035 section 4.1.4.

std::uint8_t Octet(char c) { return static_cast<std::uint8_t>(c); }

void Put8(std::string& out, unsigned value) {
  out.push_back(static_cast<char>(value & 0xff));
}

void Put16(std::string& out, std::size_t value) {
  Put8(out, static_cast<unsigned>(value >> 8));
  Put8(out, static_cast<unsigned>(value));
}

// Reads forward over a packet. After a read past the end every read gives
// zeros, and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view packet) : rest_(packet) {}

  bool ok() const { return ok_; }

  std::string_view Take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::uint8_t Take8() {
    std::string_view octet = Take(1);
    return octet.empty() ? std::uint8_t{0} : Octet(octet[0]);
  }

  std::uint16_t Take16() {
    unsigned high = Take8();
    return static_cast<std::uint16_t>(high << 8 | Take8());
  }

  // A name without pointers: in a question there is nothing to point to.
  std::string TakeName() {
    std::string name;
    while (ok_) {
      std::size_t length = Take8();
      if (length > kMaxLabel || name.size() + length + 1 > kMaxName) {
        ok_ = false;
        break;
      }
      Put8(name, static_cast<unsigned>(length));
      if (length == 0) {
        break;
      }
      name += Take(length);
    }
    return ok_ ? name : std::string();
  }

  // Steps over a name, which may end in a pointer; pointers are not followed.
  // Returns whether it was the root.
  bool SkipName() {
    bool root = true;
    while (ok_) {
      std::size_t length = Take8();
      if (length == 0) {
        return root;
      }
      root = false;
      if (length >= 0xc0) {
        Take8();
        return false;
      }
      ok_ = ok_ && length <= kMaxLabel;
      Take(length);
    }
    return false;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct Counts {
  unsigned question = 0;
  unsigned records = 0;  // Of all three sections.
};

// Steps over one record; false if it may not stand in a query.
bool ReadRecord(Reader& reader, Query& query) {
  bool root = reader.SkipName();
  std::uint16_t type = reader.Take16();
  std::uint16_t klass = reader.Take16();
  reader.Take8();  // Upper bits of the RCODE.
  std::uint8_t version = reader.Take8();
  std::uint16_t flags = reader.Take16();
  reader.Take(reader.Take16());
  if (!reader.ok()) {
    return false;
  }
  if (type != kTypeOpt) {
    return true;
  }
  if (query.edns || !root) {
    return false;  // RFC 6891 section 6.1.1: at most one, owned by the root.
  }
  query.edns = true;
  query.edns_size = klass;
  query.edns_version = version;
  query.dnssec_ok = (flags & 0x8000) != 0;
  return true;
}

bool ReadSections(Reader& reader, const Counts& counts, Query& query) {
  if (counts.question != 1) {
    return false;  // RFC 9619: a QUERY has exactly one question.
  }
  query.name = reader.TakeName();
  query.type = reader.Take16();
  query.qclass = reader.Take16();
  for (unsigned i = 0; i < counts.records && reader.ok(); ++i) {
    if (!ReadRecord(reader, query)) {
      return false;
    }
  }
  return reader.ok();
}

// Names already written and where, so that a later owner can point there.
class Writer {
 public:
  explicit Writer(bool compress) : compress_(compress) {
    seen_.reserve(kUsualLabels);
  }

  std::string& out() { return out_; }

  void Name(std::string_view name) {
    while (name.size() > 1) {
      auto seen =
          std::find_if(seen_.begin(), seen_.end(),
                       [&](const auto& entry) { return entry.first == name; });
      if (compress_ && seen != seen_.end()) {
        Put16(out_, 0xc000 | seen->second);
        return;
      }
      Remember(name, out_.size());
      std::size_t label = Octet(name[0]) + 1u;
      out_ += name.substr(0, label);
      name.remove_prefix(label);
    }
    Put8(out_, 0);
  }

  void Add(const Record& record) {
    Name(record.name);
    Put16(out_, record.type);
    Put16(out_, record.rclass);
    Put16(out_, record.ttl >> 16);
    Put16(out_, record.ttl);
    Put16(out_, record.rdata.size());
    if (record.type == kTypeCname) {
      Remember(record.rdata, out_.size());  // The next owner in the chain.
    }
    out_ += record.rdata;
  }

 private:
  void Remember(std::string_view name, std::size_t offset) {
    if (offset <= kMaxPointer) {
      seen_.emplace_back(name, offset);
    }
  }

  bool compress_;
  std::string out_;
  std::vector<std::pair<std::string_view, std::size_t>> seen_;
};

void PutHeader(std::string& out, const Message& message) {
  Put16(out, message.id);
  Put8(out, 0x80u | unsigned{message.opcode} << 3 |
                (message.authoritative ? 0x04u : 0u) |
                (message.truncated ? 0x02u : 0u) |
                (message.recursion_desired ? 0x01u : 0u));
  Put8(out, (message.recursion_available ? 0x80u : 0u) |
                (message.authentic ? 0x20u : 0u) |
                (message.checking_disabled ? 0x10u : 0u) |
                (static_cast<unsigned>(message.rcode) & 0x0fu));
  Put16(out, message.question ? 1 : 0);
  Put16(out, message.answers.size());
  Put16(out, message.authorities.size());
  Put16(out, message.additional.size() + (message.edns ? 1 : 0));
}

// RFC 6891 section 6.1.2.
void PutOpt(std::string& out, const Message& message) {
  Put8(out, 0);
  Put16(out, kTypeOpt);
  Put16(out, kEdnsSize);
  Put8(out, static_cast<unsigned>(message.rcode) >> 4);
  Put8(out, 0);
  Put16(out, message.dnssec_ok ? 0x8000 : 0);
  Put16(out, message.edns_options.size());
  out += message.edns_options;
}

}  // namespace

Query ParseQuery(std::string_view packet) {
  Query query;
  Reader reader(packet);
  query.id = reader.Take16();
  unsigned flags = reader.Take16();
  Counts counts;
  counts.question = reader.Take16();
  for (int section = 0; section < 3; ++section) {
    counts.records += reader.Take16();
  }
  if (!reader.ok() || (flags & 0x8000) != 0) {
    return query;
  }
  query.opcode = static_cast<std::uint8_t>(flags >> 11 & 0x0f);
  query.recursion_desired = (flags & 0x0100) != 0;
  query.checking_disabled = (flags & 0x0010) != 0;
  if (query.opcode == 0 && !ReadSections(reader, counts, query)) {
    query.status = Query::Status::kFormatError;
    query.name.clear();
    query.edns = false;
    return query;
  }
  query.status = Query::Status::kOk;
  return query;
}

std::string Encode(const Message& message) {
  Writer writer(message.compress);
  writer.out().reserve(kUdpSize);
  PutHeader(writer.out(), message);
  if (message.question) {
    writer.Name(message.question->name);
    Put16(writer.out(), message.question->type);
    Put16(writer.out(), message.question->qclass);
  }
  for (const auto* section :
       {&message.answers, &message.authorities, &message.additional}) {
    for (const Record& record : *section) {
      writer.Add(record);
    }
  }
  if (message.edns) {
    PutOpt(writer.out(), message);
  }
  return std::move(writer.out());
}

Record MakeSoa(const Message& message) {
  std::string_view name;
  if (message.question) {
    name = message.question->name;
  }
  if (!message.answers.empty() && message.answers.back().type == kTypeCname) {
    name = message.answers.back().rdata;
  }
  while (Parent(name).size() > 1) {
    name = Parent(name);
  }
  std::string apex = name.empty() ? std::string(1, '\0') : std::string(name);
  Record soa{apex, kTypeSoa, "\2ns" + apex + "\12hostmaster" + apex};
  // SERIAL, REFRESH, RETRY, EXPIRE, MINIMUM (RFC 1035 section 3.3.13).
  for (unsigned value : {1u, 3600u, 600u, 86400u, 0u}) {
    Put16(soa.rdata, value >> 16);
    Put16(soa.rdata, value);
  }
  return soa;
}

}  // namespace dkimspec::dnsstub
