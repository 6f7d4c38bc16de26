// A worker around libopendkim: docs/worker-protocol.md on stdin and stdout.
//
// The library asks the name server of resolv.conf. Its words are the names of
// its DKIM_SIGERROR_ constants; implementation.json has the RFC 8601 words.
#include <stdbool.h>  // dkim.h says _Bool, also to C++.
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

extern "C" {
#include <opendkim/dkim.h>
}

namespace {

using nlohmann::json;

struct Word {
  int error;
  const char* name;
};

#define DKIMSPEC_WORD(name) \
  Word { DKIM_SIGERROR_##name, #name }
constexpr Word kWords[] = {
    DKIMSPEC_WORD(VERSION),        DKIMSPEC_WORD(DOMAIN),
    DKIMSPEC_WORD(EXPIRED),        DKIMSPEC_WORD(FUTURE),
    DKIMSPEC_WORD(TIMESTAMPS),     DKIMSPEC_WORD(INVALID_HC),
    DKIMSPEC_WORD(INVALID_BC),     DKIMSPEC_WORD(MISSING_A),
    DKIMSPEC_WORD(INVALID_A),      DKIMSPEC_WORD(MISSING_H),
    DKIMSPEC_WORD(INVALID_L),      DKIMSPEC_WORD(INVALID_Q),
    DKIMSPEC_WORD(INVALID_QO),     DKIMSPEC_WORD(MISSING_D),
    DKIMSPEC_WORD(EMPTY_D),        DKIMSPEC_WORD(MISSING_S),
    DKIMSPEC_WORD(EMPTY_S),        DKIMSPEC_WORD(MISSING_B),
    DKIMSPEC_WORD(EMPTY_B),        DKIMSPEC_WORD(CORRUPT_B),
    DKIMSPEC_WORD(NOKEY),          DKIMSPEC_WORD(DNSSYNTAX),
    DKIMSPEC_WORD(KEYFAIL),        DKIMSPEC_WORD(MISSING_BH),
    DKIMSPEC_WORD(EMPTY_BH),       DKIMSPEC_WORD(CORRUPT_BH),
    DKIMSPEC_WORD(BADSIG),         DKIMSPEC_WORD(SUBDOMAIN),
    DKIMSPEC_WORD(MULTIREPLY),     DKIMSPEC_WORD(EMPTY_H),
    DKIMSPEC_WORD(INVALID_H),      DKIMSPEC_WORD(TOOLARGE_L),
    DKIMSPEC_WORD(MBSFAILED),      DKIMSPEC_WORD(KEYVERSION),
    DKIMSPEC_WORD(KEYUNKNOWNHASH), DKIMSPEC_WORD(KEYHASHMISMATCH),
    DKIMSPEC_WORD(NOTEMAILKEY),    DKIMSPEC_WORD(KEYTYPEMISSING),
    DKIMSPEC_WORD(KEYTYPEUNKNOWN), DKIMSPEC_WORD(KEYREVOKED),
    DKIMSPEC_WORD(KEYDECODE),      DKIMSPEC_WORD(MISSING_V),
    DKIMSPEC_WORD(EMPTY_V),        DKIMSPEC_WORD(KEYTOOSMALL),
    DKIMSPEC_WORD(CONDITIONAL),    DKIMSPEC_WORD(CONDLOOP),
};
#undef DKIMSPEC_WORD

std::string DecodeBase64(std::string_view text) {
  std::string octets;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '=') {
      break;
    }
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) {
      throw std::runtime_error("message is not base64");
    }
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      octets += static_cast<char>((bits >> held) & 0xff);
    }
  }
  return octets;
}

std::string MessageOf(const json& request) {
  if (request.value("message_path", json()).is_null()) {
    return DecodeBase64(request.at("message").get<std::string>());
  }
  const std::string path = request.at("message_path");
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::runtime_error(path + ": cannot be read");
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Text(const void* chars) {
  return chars == nullptr ? "" : static_cast<const char*>(chars);
}

// What became of a signature; nothing if the library never came to it.
std::optional<std::string> WordFor(DKIM_SIGINFO* signature) {
  const bool passed =
      (dkim_sig_getflags(signature) & DKIM_SIGFLAG_PASSED) != 0U;
  const int body_hash = dkim_sig_getbh(signature);
  if (passed && body_hash == DKIM_SIGBH_MATCH) {
    return "pass";
  }
  const int error = dkim_sig_geterror(signature);
  for (const Word& word : kWords) {
    if (word.error == error) {
      return word.name;
    }
  }
  if (body_hash == DKIM_SIGBH_MISMATCH) {
    return "body-hash-mismatch";
  }
  return std::nullopt;
}

json Describe(DKIM_SIGINFO* signature, const std::string& word) {
  json answer = {{"result", word}};
  const std::string d = Text(dkim_sig_getdomain(signature));
  const std::string s = Text(dkim_sig_getselector(signature));
  if (!d.empty()) {
    answer["d"] = d;
  }
  if (!s.empty()) {
    answer["s"] = s;
  }
  if (word != "pass") {
    answer["says"] =
        dkim_sig_getbh(signature) == DKIM_SIGBH_MISMATCH
            ? "body hash mismatch"
            : Text(dkim_sig_geterrorstr(dkim_sig_geterror(signature)));
  }
  return answer;
}

// The library takes octets it may write to.
DKIM_STAT Feed(DKIM* dkim, std::string message) {
  auto* octets = reinterpret_cast<unsigned char*>(message.data());
  DKIM_STAT status = dkim_chunk(dkim, octets, message.size());
  if (status == DKIM_STAT_OK) {
    status = dkim_chunk(dkim, nullptr, 0);
  }
  return status == DKIM_STAT_OK ? dkim_eom(dkim, nullptr) : status;
}

json Verify(DKIM_LIB* library, const json& request) {
  const std::string message = MessageOf(request);
  DKIM_STAT status = DKIM_STAT_OK;
  const auto* job = reinterpret_cast<const unsigned char*>("dkimspec");
  const std::unique_ptr<DKIM, DKIM_STAT (*)(DKIM*)> dkim(
      dkim_verify(library, job, nullptr, &status), dkim_free);
  if (dkim == nullptr) {
    throw std::runtime_error(std::string("dkim_verify: ") +
                             dkim_getresultstr(status));
  }
  status = Feed(dkim.get(), message);
  DKIM_SIGINFO** signatures = nullptr;
  int count = 0;
  dkim_getsiglist(dkim.get(), &signatures, &count);
  json answers = json::array();
  for (int i = 0; i < count; ++i) {
    if (const auto word = WordFor(signatures[i])) {
      answers.push_back(Describe(signatures[i], *word));
    }
  }
  if (answers.empty() && (count > 0 || status != DKIM_STAT_NOSIG)) {
    std::string says = Text(dkim_getresultstr(status));
    if (const char* error = dkim_geterror(dkim.get())) {
      says += std::string(": ") + error;
    }
    return {{"silent", true}, {"says", says}};
  }
  return {{"signatures", answers}};
}

std::string EncodeBase64(std::string_view octets) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = i; k < i + 3; ++k) {
      const auto octet = k < octets.size() ? octets[k] : '\0';
      bits = (bits << 8) | static_cast<unsigned char>(octet);
    }
    for (int shift = 18; shift >= 0; shift -= 6) {
      text += kDigits[(bits >> shift) & 63];
    }
  }
  for (std::size_t i = 0; i < (3 - octets.size() % 3) % 3; ++i) {
    text[text.size() - 1 - i] = '=';
  }
  return text;
}

const unsigned char* Octets(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.c_str());
}

dkim_canon_t CanonOf(const json& request, const char* member) {
  return request.value(member, "relaxed") == "simple" ? DKIM_CANON_SIMPLE
                                                      : DKIM_CANON_RELAXED;
}

json Sign(DKIM_LIB* library, const json& request) {
  const std::string algorithm = request.value("algorithm", "rsa-sha256");
  if (algorithm != "rsa-sha256") {
    return {{"unsupported", algorithm}};
  }
  const std::string message = MessageOf(request);
  const std::string domain = request.at("domain");
  const std::string selector = request.at("selector");
  std::string key = request.at("key_pem");  // It takes octets it may write to.
  const auto* job = reinterpret_cast<const unsigned char*>("dkimspec");
  DKIM_STAT status = DKIM_STAT_OK;
  const std::unique_ptr<DKIM, DKIM_STAT (*)(DKIM*)> dkim(
      dkim_sign(library, job, nullptr,
                reinterpret_cast<unsigned char*>(key.data()), Octets(selector),
                Octets(domain), CanonOf(request, "header_canonicalization"),
                CanonOf(request, "body_canonicalization"), DKIM_SIGN_RSASHA256,
                -1, &status),
      dkim_free);
  if (dkim == nullptr) {
    throw std::runtime_error(std::string("dkim_sign: ") +
                             dkim_getresultstr(status));
  }
  const std::string name = "DKIM-Signature: ";
  unsigned char* value = nullptr;
  std::size_t size = 0;
  status = Feed(dkim.get(), message);
  if (status == DKIM_STAT_OK) {
    status = dkim_getsighdr_d(dkim.get(), name.size(), &value, &size);
  }
  if (status != DKIM_STAT_OK) {
    throw std::runtime_error(std::string("signing: ") +
                             dkim_getresultstr(status));
  }
  const std::string field = name + Text(value) + "\r\n";
  return {{"message", EncodeBase64(field + message)}};
}

json Start() {
  const std::uint32_t version = dkim_libversion();  // One octet a part.
  char text[32];
  std::snprintf(text, sizeof text, "%u.%u.%u", version >> 24,
                (version >> 16) & 0xff, (version >> 8) & 0xff);
  return {{"protocol", 1},
          {"name", "opendkim"},
          {"version", text},
          {"language", "c"},
          {"ops", {"verify", "sign"}},
          {"features", {"rsa-sha1", "rsa-sha256", "ed25519-sha256"}},
          {"takes", json::array()},
          {"dns", "sandbox"},
          {"reports", "each"}};
}

json AnswerTo(DKIM_LIB* library, const std::string& line) {
  json answer;
  try {
    const json request = json::parse(line);
    if (request.contains("id")) {
      answer["id"] = request["id"];
    }
    const std::string op = request.at("op");
    if (op == "start") {
      return Start();
    }
    if (op != "verify" && op != "sign") {
      throw std::runtime_error("unknown op '" + op + "'");
    }
    answer.update(op == "sign" ? Sign(library, request)
                               : Verify(library, request));
  } catch (const std::exception& error) {
    answer["error"] = error.what();
  }
  return answer;
}

}  // namespace

int main() {
  DKIM_LIB* library = dkim_init(nullptr, nullptr);
  if (library == nullptr) {
    std::cerr << "dkim_init failed\n";
    return 1;
  }
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) {
      std::cout << AnswerTo(library, line)
                       .dump(-1, ' ', true, json::error_handler_t::replace)
                << std::endl;
    }
  }
  dkim_close(library);
}
