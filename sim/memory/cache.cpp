#include "sim/memory/cache.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {
namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr std::uint32_t kFreeTag = ~std::uint32_t{0};
constexpr std::uint32_t kTagChunk = 8;  // tags compared at once

/// Bit i: tags[i] == tag, for a chunk of tags.
inline std::uint32_t equal_mask(const std::uint32_t* tags, std::uint32_t tag) {
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag));
  const auto* chunk = reinterpret_cast<const __m128i*>(tags);
  const __m128i low = _mm_cmpeq_epi32(_mm_loadu_si128(chunk), wanted);
  const __m128i high = _mm_cmpeq_epi32(_mm_loadu_si128(chunk + 1), wanted);
  return static_cast<std::uint32_t>(
      _mm_movemask_epi8(_mm_packs_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128())));
#else
  std::uint32_t mask = 0;
  for (std::uint32_t i = 0; i < kTagChunk; ++i) mask |= std::uint32_t{tags[i] == tag} << i;
  return mask;
#endif
}

std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void answer_at(Reply& reply, Cycle granted, Cycle at) {
  reply.granted = reply.dram_start = reply.dram_done = granted;
  reply.at = at;
}

}  // namespace

/// One bank: serves the accesses that had to wait.
class Cache::Bank final : public Agent {
 public:
  Bank(Cache& cache, std::uint32_t index) : cache_(cache), index(index) {}

  Cycle step(Cycle now) override;
  bool done() const override { return head == kNone; }
  std::string waiting_for() const override {
    return "bank " + std::to_string(index) + ": " + std::to_string(cache_.mshrs_per_bank_) + " MSHRs taken or line " +
           std::to_string(cache_.queue_pool_[head].line) + " not yet served";
  }

 private:
  Cache& cache_;

 public:
  const std::uint32_t index;
  AgentId id = 0;
  Cycle next_free = 0;       // the first cycle in which it can serve another access
  std::uint64_t served = 0;  // accesses; also the clock of the replacement
  std::uint64_t evictions = 0;
  std::uint32_t leaving = 0;  // ways that are freed when their fill arrives
  std::uint32_t head = kNone, tail = kNone;
};

Cache::Cache(const SramConfig& config, Memory& dram, Kernel& kernel)
    : dram_(dram),
      kernel_(kernel),
      ways_(config.ways),
      tag_stride_((config.ways + kTagChunk - 1) / kTagChunk * kTagChunk),
      mshrs_per_bank_(config.mshrs / config.banks),
      bank_split_(config.banks),
      set_split_(config.capacity.count / kLineBytes / config.banks / config.ways),
      latency_(config.latency),
      replacement_(config.replacement) {
  const std::uint64_t sets = std::uint64_t{config.banks} * set_split_.divisor();
  HEDDLE_CHECK(sets > 0 && mshrs_per_bank_ > 0 && mshrs_per_bank_ < ways_);
  tags_.assign(sets * tag_stride_, kFreeTag);
  ways_of_sets_.resize(sets * ways_);
  stamps_.assign(sets * ways_, 0);
  mshrs_.resize(std::size_t{config.banks} * mshrs_per_bank_);
  mshr_free_at_.assign(mshrs_.size(), 0);
  for (std::uint32_t m = 0; m < mshrs_.size(); ++m) {
    mshrs_[m].bank = m / mshrs_per_bank_;
    mshrs_[m].waiters = kNone;
    for (Reply* reply : {&mshrs_[m].fill, &mshrs_[m].eviction}) reply->sink = this, reply->tag = m, reply->at = 0;
  }
  banks_.reserve(config.banks);
  for (std::uint32_t b = 0; b < config.banks; ++b) {
    banks_.emplace_back(*this, b);
    banks_.back().id = kernel.add(banks_.back(), true);
  }
}

Cache::~Cache() = default;

void Cache::read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) {
  access({line, &reply, kNone, Kind::read, tensor, 0}, now);
}

void Cache::fetch(LineAddr line, Tensor tensor, Cycle now, Reply& reply) {
  access({line, &reply, kNone, Kind::fetch, tensor, 0}, now);
}

void Cache::put(LineAddr line, std::uint32_t bytes, Cycle now, Reply& reply) {
  HEDDLE_DCHECK(bytes > 0 && bytes <= kLineBytes);
  access({line, &reply, kNone, Kind::put, Tensor::partial, static_cast<std::uint8_t>(bytes)}, now);
}

void Cache::take(LineAddr line, std::uint32_t bytes, Cycle now, Reply& reply) {
  access({line, &reply, kNone, Kind::take, Tensor::partial, static_cast<std::uint8_t>(bytes)}, now);
}

void Cache::access(const Access& access, Cycle now) {
  const Place place = locate(access.line);
  Bank& bank = place.bank;
  if (bank.head == kNone) {
    const Cycle g = std::max(now, bank.next_free);
    if (serve(access, place, g, g > now)) return;
    kernel_.wake(bank.id, g > now ? g : retry_cycle(bank, now));
  }
  access.reply->at = kNever;
  enqueue(bank, access);
}

void Cache::enqueue(Bank& bank, const Access& access) {
  std::uint32_t index = free_access_;
  if (index == kNone) {
    index = static_cast<std::uint32_t>(queue_pool_.size());
    queue_pool_.push_back(access);
  } else {
    free_access_ = queue_pool_[index].next;
    queue_pool_[index] = access;
  }
  queue_pool_[index].next = kNone;
  (bank.head == kNone ? bank.head : queue_pool_[bank.tail].next) = index;
  bank.tail = index;
}

Cycle Cache::Bank::step(Cycle now) {
  while (head != kNone) {
    const Cycle g = std::max(now, next_free);
    const Access access = cache_.queue_pool_[head];
    const Place place = cache_.locate(access.line);
    if (!cache_.serve(access, place, g, g > now)) return g > now ? g : cache_.retry_cycle(*this, now);
    const std::uint32_t served_access = std::exchange(head, access.next);
    cache_.queue_pool_[served_access].next = std::exchange(cache_.free_access_, served_access);
    if (access.reply->known()) access.reply->sink->on_reply(*access.reply);
  }
  return kNever;
}

/// The head could not be served at `now` for want of an MSHR: the next cycle, as far as known, in which one is free or
/// a fill arrives (a put may then find a clean line to replace). Others wake the bank when they are decided.
Cycle Cache::retry_cycle(const Bank& bank, Cycle now) const {
  Cycle retry = kNever;
  const std::size_t first = std::size_t{bank.index} * mshrs_per_bank_;
  for (std::size_t m = first; m < first + mshrs_per_bank_; ++m)
    for (const Cycle at : {mshrs_[m].fill.at, mshr_free_at_[m]})
      if (at > now) retry = std::min(retry, at);
  return retry;
}

/// Serve in cycle `g`. False if no MSHR is free, or if g is `ahead` and serving takes more than the bank itself: the
/// line is not there or when its fill comes is not decided.
bool Cache::serve(const Access& access, const Place& place, Cycle g, bool ahead) {
  Bank& bank = place.bank;
  if (bank.leaving != 0) reap(place, g);
  const std::uint32_t way = find(place.tags, place.tag);
  if (way != kNone) {
    if (ahead && place.ways[way].fill_at == kNever) return false;
    serve_present(access, place, way, g);
  } else if (ahead || !(access.kind == Kind::put ? serve_put(access, place, g) : serve_absent(access, place, g))) {
    return false;
  }
  bank.next_free = g + 1;
  return true;
}

inline std::uint32_t Cache::find(const std::uint32_t* tags, std::uint32_t tag) const {
  for (std::uint32_t first = 0; first < tag_stride_; first += kTagChunk) {
    const std::uint32_t matches = equal_mask(tags + first, tag);
    if (matches != 0) return first + static_cast<std::uint32_t>(std::countr_zero(matches));
  }
  return kNone;
}

/// Free the ways of the set whose last user left while they were being filled.
void Cache::reap(const Place& place, Cycle g) {
  for (std::uint32_t w = 0; w < ways_; ++w) {
    if (!place.ways[w].leaving || place.ways[w].fill_at > g) continue;
    release(place, w);
    --place.bank.leaving;
  }
}

void Cache::release(const Place& place, std::uint32_t way) {
  place.tags[way] = kFreeTag;
  place.ways[way] = Way{};
  place.stamps[way] = 0;
}

void Cache::serve_present(const Access& access, const Place& place, std::uint32_t index, Cycle g) {
  Bank& bank = place.bank;
  Way& way = place.ways[index];
  HEDDLE_DCHECK(access.kind != Kind::put);
  ++bank.served;
  if (replacement_ == Replacement::lru) place.stamps[index] = bank.served;
  if (access.kind == Kind::fetch) {
    ++stats_.fetches;
    return answer_at(*access.reply, g, g + 1);
  }
  ++stats_.hits;
  stats_.read_bytes += kLineBytes;
  if (way.fill_at <= g)
    answer_at(*access.reply, g, g + latency_);
  else
    wait_for_fill(mshrs_[way.mshr], *access.reply, g);
  if (access.kind != Kind::take) return;
  if (way.left > access.bytes) {
    way.left = static_cast<std::uint8_t>(way.left - access.bytes);
  } else if (way.fill_at <= g) {
    release(place, index);
  } else if (!way.leaving) {
    way.leaving = true;
    ++bank.leaving;
  }
}

bool Cache::serve_absent(const Access& access, const Place& place, Cycle g) {
  Bank& bank = place.bank;
  const std::uint32_t index = free_mshr(bank, g);
  if (index == kNone) return false;
  Mshr& mshr = mshrs_[index];
  ++bank.served;
  mshr.fill.at = kNever;
  mshr.eviction.at = 0;
  mshr.way = nullptr;
  dram_.read(access.line, access.tensor, g, mshr.fill);
  if (access.kind != Kind::take) {
    const std::uint32_t way = victim(place, g);
    evict(place, way, index, g);
    place.tags[way] = place.tag;
    place.ways[way] = {mshr.fill.at, index, 0, false};
    place.stamps[way] = bank.served;
    mshr.way = &place.ways[way];
    stats_.written_bytes += kLineBytes;
  }
  update_mshr(index);
  if (access.kind == Kind::fetch) {
    ++stats_.fetches;
    answer_at(*access.reply, g, g + 1);
    return true;
  }
  ++stats_.misses;
  stats_.read_bytes += kLineBytes;
  wait_for_fill(mshr, *access.reply, g);
  return true;
}

bool Cache::serve_put(const Access& access, const Place& place, Cycle g) {
  Bank& bank = place.bank;
  const std::uint32_t way = victim(place, g);
  std::uint32_t index = kNone;
  if (place.ways[way].left != 0) {
    index = free_mshr(bank, g);
    if (index == kNone) return false;
    mshrs_[index].fill.at = 0;
    mshrs_[index].way = nullptr;
  }
  evict(place, way, index, g);
  if (index != kNone) update_mshr(index);
  ++bank.served;
  place.tags[way] = place.tag;
  place.ways[way] = {0, 0, access.bytes, false};
  place.stamps[way] = bank.served;
  stats_.written_bytes += kLineBytes;
  answer_at(*access.reply, g, g + 1);
  return true;
}

/// The way to be taken: the first free one, or the one to evict. Free ways have stamp 0, so both are the smallest
/// stamp.
std::uint32_t Cache::victim(const Place& place, Cycle g) const {
  std::uint32_t oldest = 0;
  std::uint64_t stamp = place.stamps[0];
  for (std::uint32_t w = 1; w < ways_; ++w) {
    const bool older = place.stamps[w] < stamp;
    stamp = older ? place.stamps[w] : stamp;
    oldest = older ? w : oldest;
  }
  if (stamp == 0) return oldest;
  if (replacement_ != Replacement::random && place.ways[oldest].fill_at <= g) return oldest;
  std::uint32_t candidates = 0;  // not being filled
  oldest = kNone;
  for (std::uint32_t w = 0; w < ways_; ++w) {
    if (place.ways[w].fill_at > g) continue;
    ++candidates;
    if (oldest == kNone || place.stamps[w] < place.stamps[oldest]) oldest = w;
  }
  HEDDLE_CHECK(candidates > 0);
  if (replacement_ != Replacement::random) return oldest;
  std::uint64_t drawn = splitmix64((std::uint64_t{place.bank.index} << 32) + place.bank.evictions) % candidates;
  for (std::uint32_t w = 0;; ++w) {
    if (place.ways[w].fill_at > g) continue;
    if (drawn-- == 0) return w;
  }
}

/// Replace what is in `way`, if anything; a dirty line's write occupies `mshr`.
void Cache::evict(const Place& place, std::uint32_t way, std::uint32_t mshr, Cycle g) {
  if (place.tags[way] == kFreeTag) return;
  ++place.bank.evictions;
  ++stats_.evictions;
  if (place.ways[way].left == 0) return;
  ++stats_.spills;
  stats_.read_bytes += kLineBytes;
  mshrs_[mshr].eviction.at = kNever;
  dram_.write(line_at(place, place.tags[way]), Tensor::partial, g, mshrs_[mshr].eviction);
}

std::uint32_t Cache::free_mshr(const Bank& bank, Cycle g) const {
  const std::uint32_t first = bank.index * mshrs_per_bank_;
  for (std::uint32_t m = first; m < first + mshrs_per_bank_; ++m)
    if (mshr_free_at_[m] <= g) return m;
  return kNone;
}

/// Both the fill and the eviction have to be over; kNever while one is not decided.
void Cache::update_mshr(std::uint32_t index) {
  mshr_free_at_[index] = std::max(mshrs_[index].fill.at, mshrs_[index].eviction.at);
}

void Cache::answer_from_fill(Reply& reply, const Reply& fill, Cycle g) const {
  reply.granted = g;
  reply.dram_start = std::max(g, fill.dram_start);
  reply.dram_done = std::max(g, fill.dram_done);
  reply.queue_cause = fill.queue_cause;
  reply.at = std::max(g, fill.at) + latency_;
}

void Cache::wait_for_fill(Mshr& mshr, Reply& reply, Cycle g) {
  if (mshr.fill.known()) return answer_from_fill(reply, mshr.fill, g);
  reply.at = kNever;
  std::uint32_t index = free_waiter_;
  if (index == kNone) {
    index = static_cast<std::uint32_t>(waiter_pool_.size());
    waiter_pool_.emplace_back();
  } else {
    free_waiter_ = waiter_pool_[index].next;
  }
  waiter_pool_[index] = {&reply, g, kNone};
  (mshr.waiters == kNone ? mshr.waiters : waiter_pool_[mshr.last_waiter].next) = index;
  mshr.last_waiter = index;
}

void Cache::on_reply(Reply& reply) {
  Mshr& mshr = mshrs_[reply.tag];
  update_mshr(reply.tag);
  Bank& bank = banks_[mshr.bank];
  if (bank.head != kNone) kernel_.wake(bank.id, reply.at);
  if (&reply != &mshr.fill) return;
  if (mshr.way != nullptr) mshr.way->fill_at = reply.at;
  for (std::uint32_t w = std::exchange(mshr.waiters, kNone); w != kNone;) {
    const Waiter waiter = waiter_pool_[w];
    waiter_pool_[w].next = std::exchange(free_waiter_, w);
    w = waiter.next;
    answer_from_fill(*waiter.reply, reply, waiter.granted);
    waiter.reply->sink->on_reply(*waiter.reply);
  }
}

Cache::Place Cache::locate(LineAddr line) {
  const auto [above, bank] = bank_split_.split(line);
  const auto [tag, set] = set_split_.split(above);
  HEDDLE_CHECK(tag < kFreeTag);
  const std::uint64_t index = bank * set_split_.divisor() + set;
  return {banks_[bank], &tags_[index * tag_stride_], &ways_of_sets_[index * ways_], &stamps_[index * ways_],
          static_cast<std::uint32_t>(tag)};
}

LineAddr Cache::line_at(const Place& place, std::uint32_t tag) const {
  const std::uint64_t sets = set_split_.divisor();
  const auto index = static_cast<std::uint64_t>(place.tags - tags_.data()) / tag_stride_;
  return (tag * sets + index % sets) * bank_split_.divisor() + place.bank.index;
}

Cycle Cache::last_service_end() const {
  Cycle last = 0;
  for (const Bank& bank : banks_) last = std::max(last, bank.next_free);
  return last;
}

}  // namespace heddle
