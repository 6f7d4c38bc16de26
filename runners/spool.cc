#include "runners/spool.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

namespace dkimspec::runners {
namespace {

constexpr std::size_t kInMemory = std::size_t{1} << 20U;
constexpr std::size_t kBlock = 65536;

// Without a name, so that it is gone when it is closed; nullptr if there is no
// room for one.
std::unique_ptr<std::fstream> OpenTemporary(const std::string& folder) {
  std::string path = folder + "/dkimspec-XXXXXX";
  const int descriptor = mkstemp(path.data());
  if (descriptor < 0) {
    return nullptr;
  }
  auto file = std::make_unique<std::fstream>(
      path, std::ios::in | std::ios::out | std::ios::binary);
  unlink(path.c_str());
  close(descriptor);
  return file;
}

std::string ReadBlock(std::istream& in, std::size_t size) {
  std::string block(size, '\0');
  in.read(block.data(), static_cast<std::streamsize>(size));
  block.resize(static_cast<std::size_t>(in.gcount()));
  return block;
}

bool CopyAll(std::istream& in, std::string_view begin, std::ostream& out) {
  out << begin;
  std::array<char, kBlock> block;
  while (out && in) {
    in.read(block.data(), block.size());
    out.write(block.data(), in.gcount());
  }
  return static_cast<bool>(out.flush());
}

Expected<std::unique_ptr<std::istream>> SpoolToFile(std::istream& in,
                                                    std::string_view begin,
                                                    const std::string& name) {
  std::error_code problem;
  const std::string folder = std::filesystem::temp_directory_path(problem);
  auto file = problem ? nullptr : OpenTemporary(folder);
  if (!file || !CopyAll(in, begin, *file)) {
    return Fail(name, fmt::format("cannot be kept in \"{}\", where temporary "
                                  "files are; is there room? TMPDIR names "
                                  "another folder",
                                  folder));
  }
  file->seekg(0);
  return file;
}

}  // namespace

bool CanRewind(std::istream& in) {
  const bool can = in.tellg() != std::istream::pos_type(-1);
  in.clear(in.rdstate() & std::ios::badbit);
  return can;
}

Expected<std::unique_ptr<std::istream>> Spool(std::istream& in,
                                              const std::string& name) {
  std::string begin = ReadBlock(in, kInMemory);
  if (!in) {
    return std::make_unique<std::istringstream>(std::move(begin));
  }
  return SpoolToFile(in, begin, name);
}

}  // namespace dkimspec::runners
