#include "runners/mailbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>
#include <system_error>
#include <vector>

#include "runners/message_pieces.h"
#include "runners/spool.h"

namespace dkimspec::runners {
namespace {

namespace fs = std::filesystem;

// All messages of a stream that can be rewound.
Expected<void> ReadAll(std::istream& in, const std::string& name,
                       bool may_be_mbox, MessageSink& sink) {
  MessagePieces pieces(in, may_be_mbox);
  do {
    const bool has_only_lf = pieces.HasOnlyLf();
    sink.Begin({name, pieces.number(), has_only_lf});
    for (std::string_view piece = pieces.Take(); !piece.empty();
         piece = pieces.Take()) {
      sink.Push(piece);
    }
    if (in.bad()) {
      return Fail(name, "cannot be read to its end");
    }
    sink.End();
  } while (pieces.NextMessage());
  return {};
}

Expected<void> ReadStream(std::istream& in, const std::string& name,
                          bool may_be_mbox, MessageSink& sink) {
  if (CanRewind(in)) {
    return ReadAll(in, name, may_be_mbox, sink);
  }
  const auto spool = Spool(in, name);
  if (!spool) {
    return tl::unexpected(spool.error());
  }
  if (in.bad()) {
    return Fail(name, "cannot be read to its end");
  }
  return ReadAll(**spool, name, may_be_mbox, sink);
}

Expected<void> ReadFile(const std::string& path, bool may_be_mbox,
                        MessageSink& sink) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return Fail(path, "does not exist");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Fail(path, fmt::format("cannot be read: {}", std::strerror(errno)));
  }
  return ReadStream(in, path, may_be_mbox, sink);
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

// In a Maildir a file is a message, even if it begins with "From ".
Expected<void> ReadMaildir(const std::string& path, MessageSink& sink) {
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
      if (auto done = ReadFile(file, false, sink); !done) {
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

Expected<void> ReadMessages(const std::string& path, MessageSink& sink) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? ReadMaildir(path, sink)
                                         : ReadFile(path, true, sink);
}

Expected<void> ReadMessages(std::istream& in, const std::string& name,
                            MessageSink& sink) {
  return ReadStream(in, name, true, sink);
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
