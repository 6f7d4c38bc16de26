// Tests of the command run it as people do: through a shell.
#ifndef DKIMSPEC_TESTS_RUNNERS_COMMAND_TEST_H_
#define DKIMSPEC_TESTS_RUNNERS_COMMAND_TEST_H_

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

#include "reference/base/file.h"
#include "tests/runners/temporary_folder.h"

namespace dkimspec {

struct Outcome {
  int status = -1;  // Exit status; -1 if a signal ended it.
  std::string out;
  std::string err;
};

// A test that runs `dkimspec`, with a folder of its own.
class CommandTest : public ::testing::Test {
 protected:
  // Arguments as a shell reads them; relative paths are the folder's.
  Outcome Run(const std::string& arguments, const std::string& input = "") {
    const std::string in = folder_.Write("stdin", input);
    const std::string err = folder_.Path("stderr");
    const std::string line = "cd " + folder_.Path() + " && " +
                             DKIMSPEC_COMMAND + " " + arguments + " < " + in +
                             " 2> " + err;
    Outcome outcome;
    FILE* pipe = popen(line.c_str(), "r");
    std::array<char, 4096> block;
    for (std::size_t n = 0;
         (n = fread(block.data(), 1, block.size(), pipe)) > 0;) {
      outcome.out.append(block.data(), n);
    }
    const int status = pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.err = ReadFile(err).value_or("");
    return outcome;
  }

  TemporaryFolder folder_;
};

}  // namespace dkimspec

#endif  // DKIMSPEC_TESTS_RUNNERS_COMMAND_TEST_H_
