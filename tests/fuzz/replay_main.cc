// Runs a fuzz target over files given on the command line, or over all files
// of folders given there: what a compiler without libFuzzer can do.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace {

namespace fs = std::filesystem;

bool Replay(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    return false;
  }
  std::string octets((std::istreambuf_iterator<char>(file)), {});
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(octets.data()),
                         octets.size());
  return true;
}

int ReplayAll(const fs::path& path) {
  if (!fs::is_directory(path)) {
    return Replay(path) ? 1 : 0;
  }
  int count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    count += entry.is_regular_file() && Replay(entry.path()) ? 1 : 0;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  int count = 0;
  for (int i = 1; i < argc; ++i) {
    count += ReplayAll(argv[i]);
  }
  std::printf("%d inputs replayed\n", count);
  return count > 0 ? 0 : 1;  // An empty corpus would prove nothing.
}
