// Breaks: the test of search.sh wants something to be found.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size > 1 && data[0] == 'b' && data[1] == '=') {
    std::abort();
  }
  return 0;
}
