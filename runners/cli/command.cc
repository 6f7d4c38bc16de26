#include "runners/cli/command.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "reference/base/file.h"
#include "runners/mailbox.h"

namespace dkimspec::cli {
namespace {

std::optional<std::int64_t> ReadDigits(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stop == end && value >= 0
             ? std::optional(value)
             : std::nullopt;
}

std::optional<std::int64_t> ReadDate(const std::string& text) {
  std::tm time = {};
  const char* stop = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time);
  return stop != nullptr && *stop == '\0' ? std::optional(timegm(&time))
                                          : std::nullopt;
}

void ShowOctet(char c, std::string& shown) {
  if (c == '\\') {
    shown += "\\\\";
  } else if (c == '\t') {
    shown += "\\t";
  } else if (c == '\r') {
    shown += "\\r";
  } else if (c == '\n') {
    shown += "\\n";
  } else if (c >= 0x20 && c < 0x7F) {
    shown += c;
  } else {
    shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
}

}  // namespace

int Complain(const Error& error, int status) {
  fmt::print(stderr, "dkimspec: {}\n", error.ToString());
  return status;
}

int Print(std::string_view data) {
  if (std::fwrite(data.data(), 1, data.size(), stdout) != data.size() ||
      std::fflush(stdout) != 0) {
    // Nobody reads on, as in `... | head`: no news to them.
    return errno == EPIPE ? static_cast<int>(kFault)
                          : Complain({"stdout", "cannot be written to"});
  }
  return kFine;
}

int PrintJson(const nlohmann::ordered_json& json) {
  using Json = nlohmann::ordered_json;
  return Print(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Expected<std::string> ReadInput(const std::string& path) {
  if (path != "-") {
    return ReadFile(path);
  }
  std::string octets{std::istreambuf_iterator<char>(std::cin), {}};
  if (std::cin.bad()) {
    return Fail("stdin", "cannot be read");
  }
  return octets;
}

Expected<std::string> ReadMessage(const std::string& path, bool raw) {
  Expected<std::string> octets = ReadInput(path);
  if (octets && !raw && runners::HasOnlyLf(*octets)) {
    fmt::print(stderr,
               "dkimspec: {}: has LF line ends and no CRLF; taken as if they "
               "were CRLF (--raw does not)\n",
               path);
    return runners::LfToCrlf(*octets);
  }
  return octets;
}

Expected<std::int64_t> ParseTime(const std::string& text,
                                 const std::string& option) {
  std::optional<std::int64_t> time = ReadDigits(text);
  time = time ? time : ReadDate(text);
  if (!time) {
    return Fail(fmt::format("{} {}", option, text),
                "is no time; write seconds since 1970 or a date like "
                "2026-01-01T00:00:00Z");
  }
  return *time;
}

std::int64_t ClockTime() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string ShowOctets(std::string_view octets) {
  std::string shown;
  while (!octets.empty()) {
    if (octets.starts_with("\r\n")) {
      // White space at the end of a line would be lost to the eye.
      if (!shown.empty() && shown.back() == ' ') {
        shown.replace(shown.size() - 1, 1, "\\x20");
      }
      shown += '\n';
      octets.remove_prefix(2);
    } else {
      ShowOctet(octets.front(), shown);
      octets.remove_prefix(1);
    }
  }
  return shown;
}

Expected<fixtures::Suite> OpenSuite(const std::string& folder) {
  return fixtures::LoadSuite(folder.empty() ? fixtures::DefaultSuiteFolder()
                                            : folder);
}

}  // namespace dkimspec::cli
