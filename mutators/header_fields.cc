// Damages that insert, duplicate or move whole header fields.
#include <algorithm>
#include <numeric>
#include <utility>

#include "fmt/format.h"
#include "mutators/damages.h"
#include "mutators/edit.h"
#include "reference/base/ascii.h"

namespace dkimspec::mutators {
namespace {

// A line that starts with WSP can only be the first of the header; below any
// other field it would become part of that field.
bool MayGetFieldOnTop(const MessageView& message) {
  return !message.fields.empty() && !IsWsp(message.octets.front());
}

std::optional<Damage> Prepend(const MessageView& message, std::string field,
                              std::string_view name) {
  if (!MayGetFieldOnTop(message)) {
    return std::nullopt;
  }
  std::vector<std::string> fields = FieldOctets(message);
  fields.insert(fields.begin(), std::move(field));
  return FieldsDamage(message, fields, {std::string(name)});
}

// Indexes of the fields that may move; lines that are no fields stay in place.
std::vector<std::size_t> MovableFields(const MessageView& message) {
  std::vector<std::size_t> movable;
  for (std::size_t i = 0; i < message.fields.size(); ++i) {
    if (message.fields[i].well_formed) {
      movable.push_back(i);
    }
  }
  return movable;
}

void Shuffle(std::vector<std::size_t>& items, Rng& rng) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[rng.Below(i)]);
  }
}

void SortByName(std::vector<std::size_t>& items, const MessageView& message) {
  std::stable_sort(items.begin(), items.end(),
                   [&](std::size_t a, std::size_t b) {
                     return ToLower(message.fields[a].name) <
                            ToLower(message.fields[b].name);
                   });
}

// Lets the instances of each name appear in their old order again: h= counts
// instances from the bottom (RFC 6376 section 5.4.2).
void RestoreInstanceOrder(std::vector<std::size_t>& items,
                          const MessageView& message) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t j = i + 1; j < items.size(); ++j) {
      if (items[j] < items[i] &&
          message.fields[items[j]].Is(message.fields[items[i]].name)) {
        std::swap(items[i], items[j]);
      }
    }
  }
}

// The fields in the order asked for; the order may turn out to be the old one.
std::vector<std::size_t> NewOrder(const MessageView& message,
                                  const std::vector<std::size_t>& movable,
                                  std::string_view order, Rng& rng) {
  std::vector<std::size_t> items = movable;
  if (order == "reverse") {
    std::reverse(items.begin(), items.end());
  } else if (order == "by-name") {
    SortByName(items, message);
  } else {
    Shuffle(items, rng);
  }
  RestoreInstanceOrder(items, message);
  if (items == movable && order == "shuffle") {
    std::rotate(items.begin(), items.begin() + 1, items.end());
    RestoreInstanceOrder(items, message);
  }
  return items;
}

struct Pair {
  std::size_t upper;
  std::size_t lower;
};

// Neighbouring instances of one name that differ.
std::vector<Pair> SwappablePairs(const MessageView& message,
                                 std::string_view wanted) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < message.fields.size(); ++i) {
    const HeaderField& field = message.fields[i];
    // Signatures are found wherever they stand, so swapping them is no damage.
    const bool mine =
        wanted.empty() ? !field.Is("DKIM-Signature") : field.Is(wanted);
    if (!field.well_formed || !mine) {
      continue;
    }
    const std::vector<std::size_t> same = message.Find(field.name);
    const auto next = std::upper_bound(same.begin(), same.end(), i);
    if (next != same.end() && WithoutCrlf(message.fields[*next].octets) !=
                                  WithoutCrlf(field.octets)) {
      pairs.push_back({i, *next});
    }
  }
  return pairs;
}

}  // namespace

std::optional<Damage> DropField(const MessageView& message,
                                const Params& params, Rng&) {
  std::vector<std::string> fields;
  std::vector<std::string> dropped;
  for (const HeaderField& field : message.fields) {
    if (field.Is(TextOf(params, "field"))) {
      dropped.emplace_back(field.name);
    } else {
      fields.emplace_back(field.octets);
    }
  }
  return FieldsDamage(message, fields, std::move(dropped));
}

std::optional<Damage> InsertTrace(const MessageView& message,
                                  const Params& params, Rng& rng) {
  // In this order: that of arguments differs between compilers.
  const std::uint64_t id = rng.Next();
  const std::uint64_t host = 1 + rng.Below(254);
  // 192.0.2.0/24 is for documentation (RFC 5737); no clock is read here.
  return Prepend(
      message,
      fmt::format(
          "Received: from relay.example (relay.example [192.0.2.{}])\r\n"
          "\tby {} with ESMTP id {:016X};\r\n"
          "\tThu, 1 Jan 2026 00:00:00 +0000\r\n",
          host, TextOf(params, "by"), id),
      "Received");
}

std::optional<Damage> PrependDuplicate(const MessageView& message,
                                       const Params& params, Rng&) {
  const std::string& name = TextOf(params, "field");
  if (message.Find(name).empty()) {
    return std::nullopt;
  }
  return Prepend(message, name + ": " + TextOf(params, "value") + "\r\n", name);
}

std::optional<Damage> ReorderHeader(const MessageView& message,
                                    const Params& params, Rng& rng) {
  const std::vector<std::size_t> movable = MovableFields(message);
  if (movable.size() < 2) {
    return std::nullopt;
  }
  const std::vector<std::size_t> order =
      NewOrder(message, movable, TextOf(params, "order"), rng);
  std::vector<std::string> fields = FieldOctets(message);
  std::vector<std::string> touched;
  for (std::size_t i = 0; i < movable.size(); ++i) {
    fields[movable[i]] = message.fields[order[i]].octets;
    if (order[i] != movable[i]) {
      touched.emplace_back(message.fields[order[i]].name);
    }
  }
  return touched.empty() ? std::nullopt
                         : FieldsDamage(message, fields, std::move(touched));
}

std::optional<Damage> SwapSameName(const MessageView& message,
                                   const Params& params, Rng& rng) {
  const std::vector<Pair> pairs =
      SwappablePairs(message, TextOf(params, "field"));
  if (pairs.empty()) {
    return std::nullopt;
  }
  const Pair pair = pairs[rng.Below(pairs.size())];
  std::vector<std::string> fields = FieldOctets(message);
  std::swap(fields[pair.upper], fields[pair.lower]);
  return FieldsDamage(message, fields,
                      {std::string(message.fields[pair.upper].name)});
}

}  // namespace dkimspec::mutators
