#include "reference/base/master_file.h"

#include "fmt/format.h"

namespace dkimspec {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c >= ' ' && c <= '~') {
      quoted += c;
    } else {
      quoted += fmt::format("\\{:03}", static_cast<unsigned char>(c));
    }
  }
  return quoted + "\"";
}

}  // namespace

std::string TxtLine(std::string_view name, const TxtRecord& record) {
  std::string line = fmt::format("{}. IN TXT", name);
  for (const std::string& text : record) {
    line += " " + Quoted(text);
  }
  return line;
}

}  // namespace dkimspec
