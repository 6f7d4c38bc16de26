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
    place.hash = std::hash<std::string_view>()(WithoutId(packet)) +
                 (authoritative ? 1 : 0);
  }
  return place;
}

const ReadyAnswer* AnswerCache::Find(const Place& place) const {
  if (place.packet.empty()) {
    return nullptr;
  }
  const std::size_t set = place.hash % kSets;
  for (std::size_t way = 0; way < kWays; ++way) {
    if (tags_[set][way] != TagOf(place)) {
      continue;
    }
    const ReadyAnswer& answer = answers_[set * kWays + way];
    if (WithoutId(answer.query) == WithoutId(place.packet) &&
        answer.query[0] == Mark(place.authoritative)) {
      return &answer;
    }
  }
  return nullptr;
}

bool AnswerCache::Welcomes(const Place& place) {
  if (place.packet.empty()) {
    return false;
  }
  Turn& seen = seen_[place.hash % kSets];
  if (std::find(seen.tags.begin(), seen.tags.end(), TagOf(place)) !=
      seen.tags.end()) {
    return true;
  }
  seen.tags[seen.next++ % kWays] = TagOf(place);
  return false;
}

void AnswerCache::Store(const Place& place, ReadyAnswer answer) {
  if (answer.octets.size() > kMaxReadyAnswer) {
    return;
  }
  answer.query = place.packet;
  answer.query[0] = Mark(place.authoritative);
  const std::size_t set = place.hash % kSets;
  const std::size_t way = next_[set]++ % kWays;
  tags_[set][way] = TagOf(place);
  answers_[set * kWays + way] = std::move(answer);
}

}  // namespace dkimspec::dnsstub
