// One step of a rule: a packet, from the right answer by way of changes, or the
// end of a connection.
#include <optional>
#include <utility>

#include "dnsstub/config_reader.h"
#include "dnsstub/fault_shapes.h"
#include "reference/base/base64.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::int64_t kMaxDelay = 3600000;

std::int64_t Number(ObjectReader& reader, std::string_view member,
                    std::int64_t high) {
  const std::int64_t value = reader.OptionalInteger(member).value_or(0);
  if (value < 0 || value > high) {
    reader.Refuse(member, "must be from 0 to " + std::to_string(high));
    return 0;
  }
  return value;
}

std::string Hex(ObjectReader& reader, std::string_view member) {
  const auto octets = HexDecode(reader.OptionalString(member).value_or(""));
  if (!octets) {
    reader.Refuse(member, "must be pairs of hexadecimal digits");
  }
  return octets.value_or("");
}

std::optional<int> Rcode(const std::string& word) {
  for (int rcode = 0; rcode <= kBadVers; ++rcode) {
    if (RcodeName(rcode) == word) {
      return rcode;
    }
  }
  return std::nullopt;
}

Shape Then(Shape first, Shape second) {
  if (!first) {
    return second;
  }
  return
      [first = std::move(first), second = std::move(second)](Message& message) {
        first(message);
        second(message);
      };
}

Damage Then(Damage first, Damage second) {
  if (!first) {
    return second;
  }
  return [first = std::move(first),
          second = std::move(second)](std::string& octets) {
    first(octets);
    second(octets);
  };
}

// true: the name's own; "empty"; or another name's.
void ReadAnswer(ObjectReader& reader, Step& step) {
  const Json* answer = reader.OptionalValue("answer");
  if (answer == nullptr || *answer == true) {
    return;
  }
  if (*answer == "empty") {
    step.shape = Fails(kNoError);
  } else if (answer->is_string()) {
    step.answer_of = NameMember(reader, "answer", answer->get<std::string>());
  } else {
    reader.Refuse("answer", "must be true, \"empty\" or a name");
  }
}

void ReadRcode(ObjectReader& reader, Step& step) {
  const Json* value = reader.OptionalValue("rcode");
  if (value == nullptr) {
    return;
  }
  std::optional<int> rcode;
  if (value->is_string()) {
    rcode = Rcode(value->get<std::string>());
  } else if (value->is_number_integer() && *value >= 0 && *value <= 0xfff) {
    rcode = value->get<int>();
  }
  if (!rcode) {
    reader.Refuse("rcode", "must be 0 to 4095 or a word such as \"SERVFAIL\"");
    return;
  }
  step.shape = Then(std::move(step.shape), [code = *rcode](Message& message) {
    message.rcode = code;
  });
}

struct Flag {
  const char* name;
  bool Message::*member;
};
constexpr Flag kFlags[] = {{"AA", &Message::authoritative},
                           {"TC", &Message::truncated},
                           {"RD", &Message::recursion_desired},
                           {"RA", &Message::recursion_available},
                           {"AD", &Message::authentic},
                           {"CD", &Message::checking_disabled},
                           {"OPT", &Message::edns}};

Expected<void> ReadFlags(ObjectReader& reader, Step& step) {
  const Json* value = reader.OptionalValue("flags");
  if (value == nullptr) {
    return {};
  }
  ObjectReader flags(*value, reader.PlaceOf("flags"));
  for (const Flag& flag : kFlags) {
    if (const auto on = flags.OptionalBool(flag.name)) {
      step.shape = Then(std::move(step.shape),
                        [member = flag.member, set = *on](Message& message) {
                          message.*member = set;
                        });
    }
  }
  return flags.Finish();
}

void ReadDamage(ObjectReader& reader, Step& step) {
  if (reader.Has("raw_hex")) {
    const bool copy_id = reader.OptionalBool("copy_id").value_or(true);
    step.damage = [raw = Hex(reader, "raw_hex"), copy_id](std::string& octets) {
      const std::string id = octets.substr(0, 2);
      octets = raw;
      if (copy_id && octets.size() >= 2) {
        octets.replace(0, 2, id);
      }
    };
  }
  if (reader.Has("id_xor")) {
    const std::int64_t mask = Number(reader, "id_xor", 0xffff);
    step.damage = Then(std::move(step.damage), [mask](std::string& octets) {
      if (octets.size() >= 2) {
        octets[0] = static_cast<char>(octets[0] ^ (mask >> 8));
        octets[1] = static_cast<char>(octets[1] ^ (mask & 0xff));
      }
    });
  }
  if (reader.Has("cut")) {
    step.damage = Then(
        std::move(step.damage),
        Resized(static_cast<std::size_t>(Number(reader, "cut", kMaxMessage))));
  }
  if (reader.Has("append_hex")) {
    step.damage = Then(std::move(step.damage),
                       [more = Hex(reader, "append_hex")](std::string& octets) {
                         octets += more;
                       });
  }
}

// What happens to TCP afterwards; "rst" and "fin" alone send nothing first.
void ReadConnection(ObjectReader& reader, Step& step) {
  if (reader.Has("conn")) {
    step.send =
        reader.Has("answer") || reader.Has("raw_hex") || reader.Has("rcode");
    step.after = reader.OneOf("conn", {"rst", "fin"}) == "rst" ? After::kReset
                                                               : After::kClose;
  }
}

Expected<void> ReadPace(ObjectReader& reader, Step& step) {
  const Json* value = reader.OptionalValue("pace");
  if (value == nullptr) {
    return {};
  }
  ObjectReader pace(*value, reader.PlaceOf("pace"));
  step.pace.first =
      static_cast<std::size_t>(Number(pace, "first", kMaxMessage));
  step.pace.rest = static_cast<std::size_t>(Number(pace, "rest", kMaxMessage));
  step.pace.gap = std::chrono::milliseconds(Number(pace, "gap_ms", kMaxDelay));
  if (step.pace.first == 0 || step.pace.rest == 0) {
    pace.Refuse("first", "and \"rest\" must be 1 or more");
  }
  return pace.Finish();
}

}  // namespace

Expected<Step> StepFromJson(const Json& value, const std::string& place) {
  ObjectReader reader(value, place);
  Step step;
  ReadAnswer(reader, step);
  ReadRcode(reader, step);
  for (auto part : {ReadFlags, ReadPace}) {
    if (auto read = part(reader, step); !read) {
      return tl::unexpected(read.error());
    }
  }
  ReadDamage(reader, step);
  ReadConnection(reader, step);
  step.delay = std::chrono::milliseconds(Number(reader, "delay_ms", kMaxDelay));
  step.loss_percent =
      static_cast<unsigned>(Number(reader, "loss_percent", 100));
  step.any_size = reader.OptionalBool("any_size").value_or(false);
  step.elsewhere = reader.OptionalBool("elsewhere").value_or(false);
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  return step;
}

}  // namespace dkimspec::dnsstub
