// The member "rules": what happens to queries that match.
#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "dnsstub/config_reader.h"
#include "dnsstub/fault.h"

namespace dkimspec::dnsstub {
namespace {

Expected<Match> MatchFromJson(const Json& value, const std::string& place) {
  ObjectReader reader(value, place);
  Match match;
  if (const auto name = reader.OptionalString("qname")) {
    match.name = NameMember(reader, "qname", *name);
  }
  if (const auto suffix = reader.OptionalString("suffix")) {
    match.suffix = NameMember(reader, "suffix", *suffix);
  }
  if (const auto text = reader.OptionalString("pattern")) {
    auto pattern = Pattern::Parse(*text);
    if (pattern) {
      match.pattern = std::move(*pattern);
    } else {
      reader.Refuse("pattern", "\"" + *text + "\" is no pattern: " +
                                   pattern.error().message);
    }
  }
  if (const auto type = reader.OptionalString("qtype")) {
    match.type = *type == "*" ? std::nullopt : TypeFromName(*type);
    if (*type != "*" && !match.type) {
      reader.Refuse("qtype", "\"" + *type + "\" is no type; \"*\" is any");
    }
  }
  if (reader.Has("transport")) {
    match.tcp = reader.OneOf("transport", {"udp", "tcp"}) == "tcp";
  }
  match.edns = reader.OptionalBool("edns");
  if (match.pattern && match.pattern->names_fault() && !reader.Has("qtype")) {
    match.type = std::nullopt;  // The name is there for all types.
  }
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  return match;
}

Expected<std::vector<Step>> Steps(const Json* value, const std::string& place) {
  return EachFromJson<Step>(value, place, StepFromJson);
}

Expected<Plan> FaultPlan(ObjectReader& reader) {
  const std::string name = reader.String("fault");
  const Fault* fault = FindFault(name);
  if (fault == nullptr) {
    reader.Refuse("fault", "there is no preset \"" + name +
                               "\"; `dkimspec dns --faults` lists them");
  } else if (fault->zone != nullptr) {
    reader.Refuse("fault", "\"" + name +
                               "\" is made of several names; write it into "
                               "\"zone\" instead");
  } else {
    return fault->plan;
  }
  return Plan{};
}

constexpr std::string_view kByName = "{fault}";

struct RuleContext {
  const std::vector<std::string>* epochs;
  bool names_fault = false;  // By the rule's pattern.
};

// "do" for both transports, or "udp" and "tcp", or "fault".
Expected<Plan> PlanFromJson(ObjectReader& reader) {
  if (reader.Has("fault")) {
    return FaultPlan(reader);
  }
  const bool both = reader.Has("do");
  if (!both && !reader.Has("udp") && !reader.Has("tcp")) {
    reader.Refuse("do",
                  "is missing: give \"do\", \"udp\" and \"tcp\", or "
                  "\"fault\"");
    return Plan{};
  }
  Plan plan{.udp = {Step{}}, .tcp = {Step{}}};
  for (const auto& [member, steps] :
       {std::pair("udp", &plan.udp), std::pair("tcp", &plan.tcp)}) {
    const char* name = both ? "do" : member;
    if (!reader.Has(name)) {
      continue;
    }
    auto read = Steps(reader.OptionalValue(name), reader.PlaceOf(name));
    if (!read) {
      return tl::unexpected(read.error());
    }
    *steps = std::move(*read);
  }
  return plan;
}

// "3", "1-2" or "4-".
bool ReadRange(std::string_view text, Phase& phase) {
  const char* end = text.data() + text.size();
  auto first = std::from_chars(text.data(), end, phase.from);
  phase.to = phase.from;
  if (first.ec != std::errc() || phase.from == 0) {
    return false;
  }
  if (first.ptr == end) {
    return true;
  }
  if (*first.ptr != '-') {
    return false;
  }
  if (first.ptr + 1 == end) {
    phase.to = Phase().to;
    return true;
  }
  auto last = std::from_chars(first.ptr + 1, end, phase.to);
  return last.ec == std::errc() && last.ptr == end && phase.to >= phase.from;
}

// What happens in a phase: in a rule without phases, to all queries.
Expected<void> ReadPlan(ObjectReader& reader, const RuleContext& context,
                        Phase& phase) {
  const Json* fault = reader.OptionalValue("fault");
  phase.by_name = fault != nullptr && *fault == kByName;
  if (phase.by_name) {
    if (!context.names_fault) {
      reader.Refuse("fault",
                    "needs {fault} in the pattern of the rule's \"match\"");
    }
    return {};
  }
  auto plan = PlanFromJson(reader);
  if (!plan) {
    return tl::unexpected(plan.error());
  }
  phase.plan = std::move(*plan);
  return {};
}

Expected<Phase> PhaseFromJson(const Json& value, const std::string& place,
                              const RuleContext& context) {
  ObjectReader reader(value, place);
  const std::vector<std::string>& epochs = *context.epochs;
  Phase phase;
  if (const auto epoch = reader.OptionalString("epoch")) {
    phase.epoch = *epoch;
    if (std::find(epochs.begin(), epochs.end(), *epoch) == epochs.end()) {
      reader.Refuse("epoch", "\"" + *epoch + "\" is not among \"epochs\"");
    }
  }
  if (const auto range = reader.OptionalString("queries");
      range && !ReadRange(*range, phase)) {
    reader.Refuse("queries", "must be such as \"3\", \"1-2\" or \"4-\"");
  }
  if (auto read = ReadPlan(reader, context, phase); !read) {
    return tl::unexpected(read.error());
  }
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  return phase;
}

Expected<std::vector<Phase>> Phases(ObjectReader& reader,
                                    const RuleContext& context) {
  if (reader.Has("when")) {
    return EachFromJson<Phase>(reader.OptionalValue("when"),
                               reader.PlaceOf("when"),
                               [&](const Json& each, const std::string& where) {
                                 return PhaseFromJson(each, where, context);
                               });
  }
  std::vector<Phase> phases(1);
  return ReadPlan(reader, context, phases[0]).map([&] {
    return std::move(phases);
  });
}

// Which queries are counted together: those alike in all that is named.
CountBy ReadCountBy(ObjectReader& reader) {
  CountBy by{false, false, false, false, false};
  const std::pair<std::string_view, bool CountBy::*> kParts[] = {
      {"name", &CountBy::name},
      {"type", &CountBy::type},
      {"network", &CountBy::network},
      {"transport", &CountBy::transport},
      {"client", &CountBy::client}};
  for (const std::string& word : reader.OptionalStrings("count_by")) {
    const auto part =
        std::find_if(std::begin(kParts), std::end(kParts),
                     [&](const auto& each) { return each.first == word; });
    if (part == std::end(kParts) || by.*(part->second)) {
      reader.Refuse("count_by",
                    "\"" + word +
                        "\" may not stand there: give \"name\", \"type\", "
                        "\"network\", \"transport\" and \"client\", each at "
                        "most once");
      break;
    }
    by.*(part->second) = true;
  }
  return by;
}

}  // namespace

Expected<Rule> RuleFromJson(const Json& value, const std::string& place,
                            const std::vector<std::string>& epochs) {
  ObjectReader reader(value, place);
  Rule rule;
  rule.id = reader.String("id");
  auto match = MatchFromJson(reader.Value("match"), reader.PlaceOf("match"));
  if (!match) {
    return tl::unexpected(match.error());
  }
  rule.match = std::move(*match);
  if (reader.Has("count_by")) {
    rule.count_by = ReadCountBy(reader);
  }
  const auto& pattern = rule.match.pattern;
  auto phases = Phases(reader, {&epochs, pattern && pattern->names_fault()});
  if (!phases) {
    return tl::unexpected(phases.error());
  }
  rule.phases = std::move(*phases);
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  return rule;
}

}  // namespace dkimspec::dnsstub
