#include "dnsstub/answer_cache.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace dkimspec::dnsstub {
namespace {

constexpr std::size_t kIdSize = 2;
constexpr std::size_t kMaxReadyQuery = 512;

std::string_view WithoutId(std::string_view packet) {
  return packet.substr(kIdSize);
}

char Mark(bool authoritative) { return authoritative ? '\1' : '\0'; }

}  // namespace

AnswerCache::Place AnswerCache::PlaceOf(std::string_view packet,
                                        bool authoritative) {
  Place place;
  if (packet.size() > kIdSize && packet.size() <= kMaxReadyQuery) {
    place.packet = packet;
    place.authoritative = authoritative;
    place.hash = std::hash<std::string_view>()(WithoutId(packet));
  }
  return place;
}

const ReadyAnswer* AnswerCache::Find(const Place& place) const {
  if (place.packet.empty()) {
    return nullptr;
  }
  for (const Slot& slot : sets_[place.hash % kSets].slots) {
    if (slot.hash == place.hash && slot.generation == generation_ &&
        WithoutId(slot.answer.query) == WithoutId(place.packet) &&
        slot.answer.query[0] == Mark(place.authoritative)) {
      return &slot.answer;
    }
  }
  return nullptr;
}

bool AnswerCache::Welcomes(const Place& place) {
  if (place.packet.empty()) {
    return false;
  }
  Set& set = sets_[place.hash % kSets];
  if (std::find(set.seen.begin(), set.seen.end(), place.hash) !=
      set.seen.end()) {
    return true;
  }
  set.seen[set.next_seen] = place.hash;
  set.next_seen = (set.next_seen + 1) % kWays;
  return false;
}

void AnswerCache::Store(const Place& place, ReadyAnswer answer) {
  if (answer.octets.size() > kMaxReadyAnswer) {
    return;
  }
  answer.query = place.packet;
  answer.query[0] = Mark(place.authoritative);
  Set& set = sets_[place.hash % kSets];
  set.slots[set.next] = {generation_, place.hash, std::move(answer)};
  set.next = (set.next + 1) % kWays;
}

}  // namespace dkimspec::dnsstub
