// The member "records": truth in every type, as octets.
#include <optional>
#include <utility>

#include "dnsstub/config_reader.h"
#include "dnsstub/txt.h"
#include "reference/base/base64.h"
#include "reference/base/file.h"

namespace dkimspec::dnsstub {
namespace {

constexpr std::int64_t kMaxRepeat = 65535;
constexpr std::size_t kMaxString = 255;

// {"hex": "00ff"}, {"repeat": "x", "n": 255} or {"file": "key.txt"}; the final
// line end of a file is no part of it.
Expected<std::string> SpecialOctets(const Json& value, const std::string& place,
                                    const ConfigContext& context) {
  ObjectReader reader(value, place);
  std::string octets;
  if (reader.Has("hex")) {
    const auto decoded = HexDecode(reader.String("hex"));
    if (!decoded) {
      reader.Refuse("hex", "must be pairs of hexadecimal digits");
    }
    octets = decoded.value_or("");
  } else if (reader.Has("repeat")) {
    const std::string piece = reader.String("repeat");
    const std::int64_t n = reader.Integer("n");
    if (n < 0 || n > kMaxRepeat ||
        static_cast<std::size_t>(n) * piece.size() > std::size_t{1} << 20) {
      reader.Refuse("n", "must be from 0 to 65535, for 1 MiB at most");
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        octets += piece;
      }
    }
  } else {
    auto file = ReadFile(context.folder + "/" + reader.String("file"));
    if (!file) {
      reader.Refuse("file", file.error().ToString());
    } else {
      octets = std::move(*file);
      octets.resize(octets.size() - (octets.ends_with('\n') ? 1 : 0));
    }
  }
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  return octets;
}

Expected<std::string> Octets(const Json& value, const std::string& place,
                             const ConfigContext& context) {
  return value.is_string() ? Expected<std::string>(value.get<std::string>())
                           : SpecialOctets(value, place, context);
}

// The strings of one record.
Expected<std::string> TxtFromStrings(const Json& value,
                                     const std::string& place,
                                     const ConfigContext& context) {
  auto strings = EachFromJson<std::string>(
      &value, place, [&](const Json& each, const std::string& where) {
        return Octets(each, where, context);
      });
  if (!strings) {
    return tl::unexpected(strings.error());
  }
  for (std::size_t i = 0; i < strings->size(); ++i) {
    if ((*strings)[i].size() > kMaxString) {
      return Fail(ElementPlace(place, i),
                  "is longer than 255 octets; use \"text\", which is cut");
    }
  }
  return EncodeTxt(*strings);
}

Expected<std::vector<std::string>> TxtData(ObjectReader& reader,
                                           const ConfigContext& context) {
  auto one = [](Expected<std::string> rdata) {
    return rdata.map(
        [](const std::string& data) { return std::vector<std::string>{data}; });
  };
  if (reader.Has("strings")) {
    return one(TxtFromStrings(reader.Value("strings"),
                              reader.PlaceOf("strings"), context));
  }
  if (reader.Has("rrs")) {
    return EachFromJson<std::string>(
        &reader.Value("rrs"), reader.PlaceOf("rrs"),
        [&](const Json& each, const std::string& where) {
          return TxtFromStrings(each, where, context);
        });
  }
  const std::int64_t split = reader.OptionalInteger("split").value_or(255);
  if (split < 1 || split > 255) {
    reader.Refuse("split", "must be from 1 to 255");
    return std::vector<std::string>{};
  }
  return one(Octets(reader.Value("text"), reader.PlaceOf("text"), context)
                 .map([&](const std::string& text) {
                   TxtRecord record;
                   const auto size = static_cast<std::size_t>(split);
                   for (std::size_t at = 0; at < text.size(); at += size) {
                     record.push_back(text.substr(at, size));
                   }
                   return EncodeTxt(record);
                 }));
}

Expected<std::vector<std::string>> Data(ObjectReader& reader,
                                        std::uint16_t type,
                                        const ConfigContext& context) {
  if (reader.Has("rdata_hex")) {
    const auto decoded = HexDecode(reader.String("rdata_hex"));
    if (!decoded) {
      reader.Refuse("rdata_hex", "must be pairs of hexadecimal digits");
    }
    return std::vector<std::string>{decoded.value_or("")};
  }
  if (type == kTypeCname || type == kTypeDname || type == kTypeNs) {
    const std::string target = reader.String("target");
    NameMember(reader, "target", target);
    return std::vector<std::string>{ToWireName(target).value_or("")};
  }
  if (type != kTypeTxt) {
    reader.Refuse("type", "is written with \"rdata_hex\"");
    return std::vector<std::string>{};
  }
  return TxtData(reader, context);
}

}  // namespace

Expected<RecordSet> RecordSetFromJson(const Json& value,
                                      const std::string& place,
                                      const ConfigContext& context) {
  ObjectReader reader(value, place);
  RecordSet set;
  set.name = reader.String("name");
  NameMember(reader, "name", set.name);
  const std::string type = reader.OptionalString("type").value_or("TXT");
  set.ttl = context.ttl;
  if (const auto ttl = reader.OptionalInteger("ttl")) {
    set.ttl = static_cast<std::uint32_t>(*ttl);
    if (*ttl < 0 || *ttl > 0xffffffff) {
      reader.Refuse("ttl", "must be from 0 to 4294967295 seconds");
    }
  }
  if (reader.Has("order")) {
    const std::string order =
        reader.OneOf("order", {"fixed", "rotate", "shuffle"});
    set.order = order == "rotate"    ? Order::kRotate
                : order == "shuffle" ? Order::kShuffle
                                     : Order::kFixed;
  }
  if (type != "NONE") {
    const auto known = TypeFromName(type);
    if (!known) {
      reader.Refuse("type", "\"" + type + "\" is no type; TYPE99 is one");
    }
    set.type = known.value_or(kTypeTxt);
    auto data = Data(reader, set.type, context);
    if (!data) {
      return tl::unexpected(data.error());
    }
    set.rdata = std::move(*data);
  }
  if (auto end = reader.Finish(); !end) {
    return tl::unexpected(end.error());
  }
  return set;
}

}  // namespace dkimspec::dnsstub
