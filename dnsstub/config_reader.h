// The parts of a configuration file. Private to the folder.
#ifndef DKIMSPEC_DNSSTUB_CONFIG_READER_H_
#define DKIMSPEC_DNSSTUB_CONFIG_READER_H_

#include <string>
#include <vector>

#include "dnsstub/config.h"
#include "reference/json/strict_reader.h"

namespace dkimspec::dnsstub {

struct ConfigContext {
  std::string folder;  // Of files that the configuration names.
  std::uint32_t ttl = 0;
};

// "c1.example" on the wire, in lower case; "" after a complaint to `reader`.
std::string NameMember(ObjectReader& reader, std::string_view member,
                       const std::string& text);

Expected<RecordSet> RecordSetFromJson(const Json& value,
                                      const std::string& place,
                                      const ConfigContext& context);
Expected<Rule> RuleFromJson(const Json& value, const std::string& place,
                            const std::vector<std::string>& epochs);
Expected<Step> StepFromJson(const Json& value, const std::string& place);

// Reads each element of an array; a missing one (nullptr) is an empty one.
template <typename Item, typename Read>
Expected<std::vector<Item>> EachFromJson(const Json* array,
                                         const std::string& place, Read read) {
  std::vector<Item> items;
  if (array == nullptr) {
    return items;
  }
  if (!array->is_array()) {
    return Fail(place, "must be an array");
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    Expected<Item> item = read((*array)[i], ElementPlace(place, i));
    if (!item) {
      return tl::unexpected(item.error());
    }
    items.push_back(std::move(*item));
  }
  return items;
}

}  // namespace dkimspec::dnsstub

#endif  // DKIMSPEC_DNSSTUB_CONFIG_READER_H_
