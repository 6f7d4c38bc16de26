// What each preset must put on the wire, written by hand in hexadecimal digits
// for the query "k.example TXT" (ID 1234, RD) and the record "abc".
#ifndef DKIMSPEC_TESTS_DNSSTUB_FAULT_EXPECTATIONS_H_
#define DKIMSPEC_TESTS_DNSSTUB_FAULT_EXPECTATIONS_H_

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "tests/dnsstub/raw_client.h"

namespace dkimspec::dnsstub {

inline const std::string kQuestion = "016b 076578616d706c65 00 0010 0001";
inline const std::string kOwner = "016b 076578616d706c65 00";
inline const std::string kRecord = "c00c 0010 0001 00000000 0004 03616263";
inline const std::string kSoaData =
    "026e73 076578616d706c65 00 0a686f73746d6173746572 076578616d706c65 00"
    "00000001 00000e10 00000258 00015180 00000000";
inline const std::string kSoa = "c00e 0006 0001 00000000 0034" + kSoaData;
inline const std::string kOpt = "00 0029 04d0 00000000 0000";
inline const std::string kRight =
    "1234 8180 0001 0001 0000 0000" + kQuestion + kRecord;
inline const std::string kRightEdns =
    "1234 8180 0001 0001 0000 0001" + kQuestion + kRecord + kOpt;
inline const std::string kWrongId =
    "4761 8180 0001 0001 0000 0000" + kQuestion + kRecord;
inline const std::string kTruncated =
    "1234 8380 0001 0000 0000 0000" + kQuestion;
inline const std::string kNegative = "0001 0000 0001 0000" + kQuestion + kSoa;
// TXT "v=DKIM1; p=".
inline const std::string kForged =
    "c00c 0010 0001 00000000 000c 0b763d444b494d313b20703d";

struct Expected {
  std::string fault;
  std::vector<std::string> udp;        // Datagrams in order.
  std::string tcp;                     // The message, its length excluded.
  End end = End::kOpen;                // How TCP stands afterwards.
  std::chrono::milliseconds delay{0};  // Of the last packet, both transports.
  bool edns = false;                   // The query has OPT, size 1232.
  bool framed = false;                 // `tcp` has its length in front.
  std::size_t before = 0;              // Queries sent before, unread.
};

// For GoogleTest, which would print the octets of the struct.
inline void PrintTo(const Expected& expected, std::ostream* out) {
  *out << expected.fault;
}

Expected Same(std::string fault, const std::string& message);
Expected SameEdns(std::string fault, const std::string& message);
Expected AfterTruncation(std::string fault, std::string tcp,
                         End end = End::kOpen);
Expected RawAfterTruncation(std::string fault, std::string framed,
                            End end = End::kFin);
Expected Late(std::string fault, int ms);
// UDP as given, TCP right.
Expected OnlyUdp(std::string fault, std::vector<std::string> datagrams);

// A message without records, with these flags.
std::string Bare(const std::string& flags);
// An answer of these records, each in hexadecimal digits.
std::string Answer(const std::vector<std::string>& records);
// A record with this RDATA, owned by the name asked for.
std::string Txt(const std::string& rdata);

std::string Hex(const std::string& octets);

std::vector<Expected> ResponseCodeExpectations();
std::vector<Expected> TimeExpectations();
std::vector<Expected> TransportExpectations();
std::vector<Expected> EdnsExpectations();
std::vector<Expected> SpoofingExpectations();
std::vector<Expected> MalformedExpectations();
std::vector<Expected> DataExpectations();
std::vector<Expected> AliasExpectations();
std::vector<Expected> SequenceExpectations();

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_TESTS_DNSSTUB_FAULT_EXPECTATIONS_H_
