#include "runners/mailbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

namespace dkimspec::runners {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFrom = "From ";

bool IsEmptyLine(std::string_view line) {
  return line == "\n" || line == "\r\n";
}

// ">From ", ">>From ", ...
bool IsQuotedFrom(std::string_view line) {
  const std::size_t begin = line.find_first_not_of('>');
  return begin != 0 && begin != std::string_view::npos &&
         line.substr(begin).starts_with(kFrom);
}

// A line with its end; false at the end of the stream.
bool TakeLine(std::istream& in, std::string& line) {
  if (!std::getline(in, line)) {
    return false;
  }
  if (!in.eof()) {
    line += '\n';
  }
  return true;
}

// Cuts the lines of an mbox into messages.
class MboxCutter {
 public:
  MboxCutter(const std::string& name, const MessageVisitor& visit)
      : name_(name), visit_(visit) {}

  void Add(std::string_view line) {
    if (line.starts_with(kFrom) && after_empty_) {
      Finish();
      ++number_;
      after_empty_ = false;
      return;
    }
    TakeHeldLine();
    if (IsEmptyLine(line)) {
      held_ = line;
    } else {
      octets_ += IsQuotedFrom(line) ? line.substr(1) : line;
    }
    after_empty_ = !held_.empty();
  }

  // The empty line that is held back belongs to the mbox.
  void Finish() {
    if (number_ > 0) {
      visit_({name_, number_, std::exchange(octets_, "")});
    }
    held_.clear();
  }

 private:
  void TakeHeldLine() {
    octets_ += held_;
    held_.clear();
  }

  const std::string& name_;
  const MessageVisitor& visit_;
  std::size_t number_ = 0;
  bool after_empty_ = true;
  std::string octets_;
  std::string held_;
};

Expected<void> VisitMbox(std::istream& in, std::string line,
                         const std::string& name, const MessageVisitor& visit) {
  MboxCutter cutter(name, visit);
  do {
    cutter.Add(line);
  } while (TakeLine(in, line));
  if (in.bad()) {
    return Fail(name, "cannot be read to its end");
  }
  cutter.Finish();
  return {};
}

// The files of one folder of a Maildir, by name.
Expected<std::vector<std::string>> ListFiles(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code problem;
  fs::directory_iterator entry(folder, problem);
  for (; !problem && entry != fs::directory_iterator();
       entry.increment(problem)) {
    std::error_code ignored;
    if (entry->path().filename().string().front() != '.' &&
        entry->is_regular_file(ignored)) {
      files.push_back(entry->path().string());
    }
  }
  if (problem) {
    return Fail(folder.string(), "cannot be read: " + problem.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Expected<void> VisitFile(const std::string& path, const MessageVisitor& visit) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return Fail(path, "does not exist");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Fail(path, fmt::format("cannot be read: {}", std::strerror(errno)));
  }
  return VisitMessages(in, path, visit);
}

// In a Maildir a file is a message, even if it begins with "From ".
Expected<void> VisitOne(const std::string& path, const MessageVisitor& visit) {
  std::ifstream in(path, std::ios::binary);
  std::string octets{std::istreambuf_iterator<char>(in), {}};
  if (!in || in.bad()) {
    return Fail(path, "cannot be read");
  }
  visit({path, 0, std::move(octets)});
  return {};
}

Expected<void> VisitMaildir(const std::string& path,
                            const MessageVisitor& visit) {
  const fs::path folder(path);
  bool is_maildir = false;
  for (const char* part : {"cur", "new"}) {
    std::error_code ignored;
    if (!fs::is_directory(folder / part, ignored)) {
      continue;
    }
    is_maildir = true;
    const auto files = ListFiles(folder / part);
    if (!files) {
      return tl::unexpected(files.error());
    }
    for (const std::string& file : *files) {
      if (auto done = VisitOne(file, visit); !done) {
        return done;
      }
    }
  }
  if (!is_maildir) {
    return Fail(path,
                "is a folder and no Maildir, which has cur and new in it; "
                "name the files in it");
  }
  return {};
}

}  // namespace

std::string StoredMessage::Name() const {
  return number == 0 ? file : fmt::format("{}#{}", file, number);
}

Expected<void> VisitMessages(const std::string& path,
                             const MessageVisitor& visit) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? VisitMaildir(path, visit)
                                         : VisitFile(path, visit);
}

Expected<void> VisitMessages(std::istream& in, const std::string& name,
                             const MessageVisitor& visit) {
  std::string octets;
  if (TakeLine(in, octets) && octets.starts_with(kFrom)) {
    return VisitMbox(in, std::move(octets), name, visit);
  }
  octets.append(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) {
    return Fail(name, "cannot be read to its end");
  }
  visit({name, 0, std::move(octets)});
  return {};
}

bool HasOnlyLf(std::string_view octets) {
  return octets.find('\n') != std::string_view::npos &&
         octets.find("\r\n") == std::string_view::npos;
}

std::string LfToCrlf(std::string_view octets) {
  std::string converted;
  converted.reserve(octets.size() + octets.size() / 32);
  for (const char c : octets) {
    if (c == '\n') {
      converted += '\r';
    }
    converted += c;
  }
  return converted;
}

}  // namespace dkimspec::runners
