#include "reference/json/zone_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "reference/base/base64.h"
#include "reference/base/utf8.h"
#include "reference/json/strict_reader.h"

namespace dkimspec {
namespace {

using Kind = ZoneEntry::Kind;

constexpr std::size_t kMaxString = 255;  // RFC 1035 section 3.3.14.

struct Word {
  std::string_view word;
  Kind kind;
};
constexpr std::array<Word, 4> kWords = {{{"nxdomain", Kind::kNxDomain},
                                         {"nodata", Kind::kNoData},
                                         {"servfail", Kind::kServFail},
                                         {"timeout", Kind::kTimeout}}};

Expected<void> CheckName(std::string_view name, const std::string& place) {
  if (name.empty()) {
    return Fail(place, "a DNS name cannot be empty");
  }
  if (name.ends_with('.')) {
    return Fail(place, "DNS names are written without final dot");
  }
  return {};
}

// Text, or {"hex": "00ff"}.
Expected<std::string> OctetsFromJson(const Json& value,
                                     const std::string& place) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (!value.is_object()) {
    return Fail(place, fmt::format("must be a string or {{\"hex\": \"...\"}}, "
                                   "not {}",
                                   value.type_name()));
  }
  ObjectReader reader(value, place);
  const std::optional<std::string> octets = HexDecode(reader.String("hex"));
  if (!octets) {
    reader.Refuse("hex", "must be pairs of hexadecimal digits");
  }
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  return *octets;
}

Expected<TxtRecord> StringsFromJson(const Json& value,
                                    const std::string& place) {
  TxtRecord record;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string here = ElementPlace(place, i);
    auto octets = OctetsFromJson(value[i], here);
    if (!octets) {
      return tl::unexpected(octets.error());
    }
    if (octets->size() > kMaxString) {
      return Fail(here, fmt::format("is a string of {} octets; at most {} fit "
                                    "into one: cut it, or write the record as "
                                    "one text",
                                    octets->size(), kMaxString));
    }
    record.push_back(std::move(*octets));
  }
  if (record.empty()) {
    return Fail(place, "a TXT record needs at least one string");
  }
  return record;
}

Expected<TxtRecord> RecordFromJson(const Json& value,
                                   const std::string& place) {
  if (value.is_array()) {
    return StringsFromJson(value, place);
  }
  return OctetsFromJson(value, place).map([](const std::string& octets) {
    return SplitAt255(octets);
  });
}

Expected<std::vector<TxtRecord>> TxtFromJson(const Json& value,
                                             const std::string& place) {
  if (!value.is_array() || value.empty()) {
    return Fail(place, "must be an array of one or more TXT records");
  }
  std::vector<TxtRecord> records;
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto record = RecordFromJson(value[i], ElementPlace(place, i));
    if (!record) {
      return tl::unexpected(record.error());
    }
    records.push_back(std::move(*record));
  }
  return records;
}

Expected<ZoneEntry> WordFromJson(std::string_view word,
                                 const std::string& place) {
  const auto found =
      std::find_if(kWords.begin(), kWords.end(),
                   [&](const Word& w) { return w.word == word; });
  if (found == kWords.end()) {
    return Fail(place,
                fmt::format("\"{}\" is not one of nxdomain, nodata, servfail, "
                            "timeout; a TXT record is written as an array, "
                            "any fault as {{\"fault\": \"name\"}}",
                            word));
  }
  ZoneEntry entry;
  entry.kind = found->kind;
  return entry;
}

Expected<ZoneEntry> CnameFromJson(const Json& value, const std::string& place) {
  ObjectReader reader(value, place);
  ZoneEntry entry;
  entry.kind = Kind::kCname;
  entry.target = reader.String("cname");
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  if (auto name = CheckName(entry.target, reader.PlaceOf("cname")); !name) {
    return tl::unexpected(name.error());
  }
  return entry;
}

Expected<ZoneEntry> FaultFromJson(const Json& value, const std::string& place) {
  ObjectReader reader(value, place);
  ZoneEntry entry;
  entry.kind = Kind::kFault;
  entry.fault = reader.String("fault");
  const Json* txt = reader.OptionalValue("txt");
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  if (txt == nullptr) {
    return entry;
  }
  return TxtFromJson(*txt, reader.PlaceOf("txt"))
      .map([&](std::vector<TxtRecord> records) {
        entry.txt = std::move(records);
        return entry;
      });
}

bool IsPlainText(std::string_view octets) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
  };
  return IsUtf8(octets) &&
         std::none_of(octets.begin(), octets.end(), is_control);
}

Json OctetsToJson(const std::string& octets) {
  if (IsPlainText(octets)) {
    return octets;
  }
  return {{"hex", HexEncode(octets)}};
}

Json TxtToJson(const std::vector<TxtRecord>& records) {
  Json array = Json::array();
  for (const TxtRecord& record : records) {
    const std::string text = JoinStrings(record);
    if (record == SplitAt255(text)) {
      array.push_back(OctetsToJson(text));
      continue;
    }
    Json strings = Json::array();
    for (const std::string& octets : record) {
      strings.push_back(OctetsToJson(octets));
    }
    array.push_back(std::move(strings));
  }
  return array;
}

Json EntryToJson(const ZoneEntry& entry) {
  switch (entry.kind) {
    case Kind::kTxt:
      return TxtToJson(entry.txt);
    case Kind::kCname:
      return {{"cname", entry.target}};
    case Kind::kFault: {
      Json value = {{"fault", entry.fault}};
      if (!entry.txt.empty()) {
        value["txt"] = TxtToJson(entry.txt);
      }
      return value;
    }
    default:
      break;
  }
  return std::find_if(kWords.begin(), kWords.end(),
                      [&](const Word& w) { return w.kind == entry.kind; })
      ->word;
}

}  // namespace

Expected<ZoneEntry> ZoneEntryFromJson(const nlohmann::json& value,
                                      const std::string& place) {
  if (value.is_array()) {
    return TxtFromJson(value, place).map([](std::vector<TxtRecord> records) {
      ZoneEntry entry;
      entry.kind = Kind::kTxt;
      entry.txt = std::move(records);
      return entry;
    });
  }
  if (value.is_string()) {
    return WordFromJson(value.get_ref<const std::string&>(), place);
  }
  if (value.is_object() && value.contains("cname")) {
    return CnameFromJson(value, place);
  }
  if (value.is_object() && value.contains("fault")) {
    return FaultFromJson(value, place);
  }
  return Fail(place,
              "must be an array of TXT records, a word such as \"nxdomain\", "
              "{\"cname\": ...} or {\"fault\": ...}");
}

Expected<Zone> ZoneFromJson(const nlohmann::json& value,
                            const std::string& place) {
  if (!value.is_object()) {
    return Fail(place, fmt::format("a zone must be an object, not {}",
                                   value.type_name()));
  }
  Zone zone;
  for (const auto& member : value.items()) {
    const std::string here = MemberPlace(place, member.key());
    if (auto name = CheckName(member.key(), here); !name) {
      return tl::unexpected(name.error());
    }
    auto entry = ZoneEntryFromJson(member.value(), here);
    if (!entry) {
      return tl::unexpected(entry.error());
    }
    if (!zone.emplace(member.key(), std::move(*entry)).second) {
      return Fail(here,
                  "is the name of another entry in other case; DNS names "
                  "do not differ by case");
    }
  }
  return zone;
}

nlohmann::json ZoneToJson(const Zone& zone) {
  Json value = Json::object();
  for (const auto& [name, entry] : zone) {
    value[name] = EntryToJson(entry);
  }
  return value;
}

}  // namespace dkimspec
