#include "sim/memory/cache.h"

#include <algorithm>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {
namespace {

constexpr std::uint32_t kNone = CacheSets::kNone;
constexpr std::uint32_t kUnknown = kNone - 1;
constexpr Cycle kServed = 0;

std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::uint32_t line_count(std::uint64_t first, std::uint64_t end) {
  return static_cast<std::uint32_t>((end - 1) / kLineBytes - first / kLineBytes + 1);
}

/// Nothing but a bank had to be waited for.
Milestones on_chip(Cycle granted, Cycle at) {
  return {at, granted, granted, granted, Cause::dram_queue};
}

}  // namespace

/// One bank: serves the accesses that had to wait.
class Cache::Bank final : public Agent {
 public:
  Bank(Cache& cache, std::uint32_t index) : cache_(cache), index(index) {}

  Cycle step(Cycle now) override;
  bool done() const override { return waiting.empty(); }
  std::string waiting_for() const override {
    return "bank " + std::to_string(index) + ": " + std::to_string(cache_.mshrs_.per_bank()) + " MSHRs taken or line " +
           std::to_string(cache_.queue_.front(waiting).line) + " not yet served";
  }

 private:
  Cache& cache_;

 public:
  const std::uint32_t index;
  AgentId id = 0;
  std::uint32_t clock = 0;  // of the replacement: accesses served
  Cycle next_free = 0;      // the first cycle in which it can serve another access
  std::uint64_t evictions = 0;
  std::uint32_t found = kUnknown;   // the way that holds the head's line, as long as it is the head; kNone if none does
  std::uint32_t oldest = kUnknown;  // the way of its set to be replaced, unless that is being filled
  ListPool<Access>::List waiting;   // for their turn
};

Cache::Cache(const SramConfig& config, Memory& dram, Kernel& kernel)
    : dram_(dram),
      kernel_(kernel),
      bank_split_(config.banks),
      cluster_split_(config.banks / config.clusters),
      set_split_(config.capacity.count / kLineBytes / config.banks / config.ways),
      latency_(config.latency),
      replacement_(config.replacement),
      sets_(config.banks * set_split_.divisor(), config.ways),
      mshrs_(config.banks, config.mshrs / config.banks, config.latency, *this) {
  HEDDLE_CHECK(set_split_.divisor() > 0 && mshrs_.per_bank() < config.ways);
  banks_.reserve(config.banks);
  for (std::uint32_t b = 0; b < config.banks; ++b) {
    banks_.emplace_back(*this, b);
    banks_.back().id = kernel.add(banks_.back(), true);
  }
}

Cache::~Cache() = default;

void Cache::expect_reads(LineAddr first, std::uint64_t lines) {
  if (replacement_ == Replacement::next_use) uses_ = UsesToCome(first, lines);
}

/// The places of successive lines over some banks: those of a cluster for lines that are read, all for partial lines.
/// The lowest bit of a tag tells the two apart.
class Cache::Walk {
 public:
  static Walk of_reads(Cache& cache, LineAddr first, std::uint32_t cluster) {
    return {cache, cache.cluster_split_, cluster * cache.cluster_split_.divisor(), 0, first};
  }
  static Walk of_partials(Cache& cache, LineAddr first) { return {cache, cache.bank_split_, 0, 1, first}; }

  const Place& place() const { return place_; }
  void advance() {
    if (++bank_ == banks_) {
      bank_ = 0;
      ++above_;
      set_place();
    } else {
      ++place_.bank;
      ++place_.number;
      place_.set = cache_.sets_.after(place_.set);
    }
  }

 private:
  Walk(Cache& cache, const Splitter& split, std::uint64_t first_bank, std::uint32_t mark, LineAddr first)
      : cache_(cache), banks_(split.divisor()), first_bank_(first_bank), mark_(mark) {
    const auto [above, bank] = split.split(first);
    above_ = above;
    bank_ = bank;
    set_place();
  }
  void set_place() {
    const auto [tag, set] = cache_.set_split_.split(above_);
    HEDDLE_CHECK(tag < CacheSets::kFreeTag / 2);
    const std::uint64_t bank = first_bank_ + bank_;
    const auto number = static_cast<std::uint32_t>(set * cache_.bank_split_.divisor() + bank);
    place_ = {&cache_.banks_[bank], cache_.sets_.set(number), number, 2 * static_cast<std::uint32_t>(tag) + mark_};
  }

  Cache& cache_;
  std::uint64_t banks_, first_bank_;
  std::uint32_t mark_;
  std::uint64_t above_, bank_;  // the latter of the banks_
  Place place_;
};

/// The quick path of most reads: serve a line that has been there for some time and return the cycle of service; kNever
/// if it takes more than that.
inline Cycle Cache::hit_at_once(const Place& place, Cycle now) {
  Bank& bank = *place.bank;
  if (!bank.waiting.empty()) return kNever;
  const std::uint32_t way = sets_.find(place.set, place.tag);
  if (way == kNone || place.set.ways[way].mshr != CacheSets::kNoMshr) return kNever;
  const Cycle g = std::max(now, bank.next_free);
  bank.next_free = g + 1;
  stamp(place, way);
  return g;
}

/// An access arrives at its bank. What has to queue is made where it queues: the host would wait for a copy of what was
/// written a moment ago.
inline void Cache::access(const Place& place, Cycle now, LineAddr line, BurstReply& reply, std::uint32_t number,
                          Kind kind, Tensor tensor, std::uint8_t bytes) {
  Bank& bank = *place.bank;
  if (!bank.waiting.empty())
    return queue_.push(bank.waiting, {line, &reply, number, place.number, place.tag, kind, tensor, bytes});
  const Access access{line, &reply, number, place.number, place.tag, kind, tensor, bytes};
  const Cycle g = std::max(now, bank.next_free);
  const Cycle retry = serve(access, place, g, g > now);
  if (retry == kServed) return;
  kernel_.wake(bank.id, retry);
  queue_.push(bank.waiting, access);
}

void Cache::read(LineAddr first, std::uint32_t lines, Tensor tensor, Cycle now, BurstReply& reply,
                 std::uint32_t cluster) {
  reply.open(lines, now + lines - 1 + latency_);
  const bool counted = replacement_ == Replacement::next_use && tensor == Tensor::b;
  std::uint32_t hits = 0, latest_line = 0;
  Cycle served = 0;  // the latest hit, one past
  Walk walk = Walk::of_reads(*this, first, cluster);
  for (std::uint32_t i = 0; i < lines; ++i, walk.advance()) {
    const Cycle g = hit_at_once(walk.place(), now);
    if (g == kNever) {
      access(walk.place(), now, first + i, reply, i, Kind::read, tensor, 0);
      continue;
    }
    ++hits;
    if (counted) uses_.take(first + i);
    if (g >= served) served = g + 1, latest_line = i;
  }
  if (hits == 0) return;
  stats_.hits += hits;
  stats_.read_bytes += hits * kLineBytes;
  reply.decide(latest_line, on_chip(served - 1, served - 1 + latency_), hits);
}

void Cache::put(std::uint64_t first, std::uint64_t end, Cycle now, BurstReply& reply) {
  reply.open(line_count(first, end), 0);
  access_bytes(Kind::put, first, end, now, reply);
}

void Cache::take(std::uint64_t first, std::uint64_t end, Cycle now, BurstReply& reply) {
  const std::uint32_t lines = line_count(first, end);
  reply.open(lines, now + lines - 1 + latency_);
  access_bytes(Kind::take, first, end, now, reply);
}

void Cache::access_bytes(Kind kind, std::uint64_t first, std::uint64_t end, Cycle now, BurstReply& reply) {
  Walk walk = Walk::of_partials(*this, first / kLineBytes);
  for (std::uint32_t i = 0; first < end; ++i, walk.advance()) {
    const std::uint64_t line = first / kLineBytes;
    const std::uint64_t next = std::min((line + 1) * kLineBytes, end);
    const auto bytes = static_cast<std::uint8_t>(next - first);
    access(walk.place(), now, line, reply, i, kind, Tensor::partial, bytes);
    first = next;
  }
}

Cycle Cache::Bank::step(Cycle now) {
  while (!waiting.empty()) {
    const Cycle g = std::max(now, next_free);
    const Access& access = cache_.queue_.front(waiting);
    const Place place{this, cache_.sets_.set(access.set), access.set, access.tag};
    const Cycle retry = cache_.serve(access, place, g, g > now);
    if (retry != kServed) return retry;
    BurstReply& reply = *access.reply;
    cache_.queue_.pop(waiting);
    if (reply.known()) reply.sink->on_reply(reply);
  }
  return kNever;
}

/// Whatever happens before it is served, `access` needs an MSHR. (It may need one also if not.)
bool Cache::needs_mshr(const Access& access, const Place& place, Cycle g) const {
  if (access.kind != Kind::put) return place.bank->found == kNone;
  if (!evicts_by_age()) return false;
  const std::uint32_t oldest = oldest_way(place);
  return place.set.ways[oldest].left != 0 && !filling(place, oldest, g);
}

/// Serve in cycle `g` and return kServed. But if no MSHR is free, or if g is `ahead` and serving takes more than the
/// bank itself (the line is not there or when its fill comes is not decided), return the next cycle in which it may be
/// served, as far as known. Whoever frees an MSHR at a cycle not known yet wakes the bank.
Cycle Cache::serve(const Access& access, const Place& place, Cycle g, bool ahead) {
  Bank& bank = *place.bank;
  if (bank.found == kUnknown) bank.found = access.kind == Kind::put ? kNone : sets_.find(place.set, place.tag);
  const std::uint32_t way = bank.found;
  if (way != kNone) {
    if (ahead && filling(place, way, kNever - 1)) return g;
    serve_present(access, place, way, g);
  } else {
    const Cycle free = needs_mshr(access, place, g) ? mshrs_.free_at(bank.index) : 0;
    if (ahead || free > g) return std::max(g, free);
    if (access.kind != Kind::put)
      serve_absent(access, place, g);
    else if (!serve_put(access, place, g))  // the end of a fill may give it a clean line to replace
      return mshrs_.next_end(bank.index, g);
  }
  if (replacement_ == Replacement::next_use && access.tensor == Tensor::b) uses_.take(access.line);
  bank.next_free = g + 1;
  bank.found = bank.oldest = kUnknown;
  return kServed;
}

/// The fill of `way` is under way in cycle `g`, or not even decided.
inline bool Cache::filling(const Place& place, std::uint32_t way, Cycle g) const {
  return mshrs_.filling(place.bank->index, place.set.ways[way].mshr, g);
}

/// `way` is the latest of its bank.
inline void Cache::stamp(const Place& place, std::uint32_t way) {
  Bank& bank = *place.bank;
  if (bank.clock == CacheSets::kMaxStamp) [[unlikely]] {
    sets_.renumber(bank.index, bank_split_.divisor(), set_split_.divisor());
    bank.clock = sets_.ways();
  }
  ++bank.clock;
  if (replacement_ != Replacement::fifo || place.set.stamps[way] == 0) place.set.stamps[way] = bank.clock;
}

void Cache::serve_present(const Access& access, const Place& place, std::uint32_t index, Cycle g) {
  CacheSets::Way& way = place.set.ways[index];
  HEDDLE_DCHECK(access.kind != Kind::put);
  stamp(place, index);
  ++stats_.hits;
  stats_.read_bytes += kLineBytes;
  const bool under_way = filling(place, index, g);
  if (under_way) {
    wait_for_fill(access, mshrs_.index(place.bank->index, way.mshr), g);
  } else {
    way.mshr = CacheSets::kNoMshr;
    access.reply->decide(access.number, on_chip(g, g + latency_));
  }
  if (access.kind != Kind::take) return;
  HEDDLE_DCHECK(!under_way && way.left >= access.bytes);  // only lines that were put are here
  way.left = static_cast<std::uint8_t>(way.left - access.bytes);
  if (way.left == 0) sets_.release(place.set, index);
}

/// There is a free MSHR.
void Cache::serve_absent(const Access& access, const Place& place, Cycle g) {
  const std::uint32_t index = mshrs_.find_free(place.bank->index, g);
  Mshrs::Mshr& mshr = mshrs_.take(index);
  mshr.fill.at = kNever;
  dram_.read(access.line, access.tensor, g, mshr.fill);
  if (access.kind != Kind::take) {
    const std::uint32_t way = victim(place, g);
    evict(place, way, index, g);
    place.set.ways[way].mshr = mshrs_.number(index);
    mshr.way = &place.set.ways[way];
    stats_.written_bytes += kLineBytes;
  }
  mshrs_.update(index);
  ++stats_.misses;
  stats_.read_bytes += kLineBytes;
  wait_for_fill(access, index, g);
}

bool Cache::serve_put(const Access& access, const Place& place, Cycle g) {
  const std::uint32_t way = victim(place, g);
  std::uint32_t index = kNone;
  if (place.set.ways[way].left != 0) {
    index = mshrs_.find_free(place.bank->index, g);
    if (index == kNone) return false;
    mshrs_.take(index);
  }
  evict(place, way, index, g);
  if (index != kNone) mshrs_.update(index);
  place.set.ways[way].left = access.bytes;
  stats_.written_bytes += kLineBytes;
  access.reply->decide(access.number, on_chip(g, g + 1));
  return true;
}

/// Of the set of its bank's head.
inline std::uint32_t Cache::oldest_way(const Place& place) const {
  if (place.bank->oldest == kUnknown) place.bank->oldest = sets_.oldest(place.set);
  return place.bank->oldest;
}

/// The way to be taken: the first free one, or the one to evict.
std::uint32_t Cache::victim(const Place& place, Cycle g) const {
  const std::uint32_t oldest = oldest_way(place);
  if (place.set.stamps[oldest] == 0 || (evicts_by_age() && !filling(place, oldest, g))) return oldest;
  std::uint32_t candidates = 0, first = kNone;
  std::pair<std::uint32_t, std::uint32_t> least;  // uses to come, stamp
  for (std::uint32_t w = 0; w < sets_.ways(); ++w) {
    if (filling(place, w, g)) continue;
    ++candidates;
    const std::pair value(uses(place, w), place.set.stamps[w]);
    if (first == kNone || value < least) first = w, least = value;
  }
  HEDDLE_CHECK(candidates > 0);
  if (replacement_ != Replacement::random) return first;
  std::uint64_t drawn = splitmix64((std::uint64_t{place.bank->index} << 32) + place.bank->evictions) % candidates;
  for (std::uint32_t w = 0;; ++w) {
    if (filling(place, w, g)) continue;
    if (drawn-- == 0) return w;
  }
}

/// Of the line in `way`, as far as they count: 0 without `next_use`.
std::uint32_t Cache::uses(const Place& place, std::uint32_t way) const {
  if (replacement_ != Replacement::next_use) return 0;
  return place.set.ways[way].left != 0 ? 1 : uses_.of(line_in(place, way));
}

/// The line in `way`; a partial one if there are clusters.
LineAddr Cache::line_in(const Place& place, std::uint32_t way) const {
  return LineAddr{place.set.tags[way] / 2} * bank_split_.divisor() * set_split_.divisor() + place.number;
}

/// Put the line of `place` in `way` in place of what is there, if anything; a dirty line's write occupies `mshr`.
void Cache::evict(const Place& place, std::uint32_t way, std::uint32_t mshr, Cycle g) {
  if (place.set.tags[way] != CacheSets::kFreeTag) {
    ++place.bank->evictions;
    ++stats_.evictions;
    if (place.set.ways[way].left != 0) {
      ++stats_.spills;
      stats_.read_bytes += kLineBytes;
      mshrs_[mshr].eviction.at = kNever;
      dram_.write(line_in(place, way), Tensor::partial, g, mshrs_[mshr].eviction);
    }
  }
  sets_.release(place.set, way);
  place.set.tags[way] = place.tag;
  stamp(place, way);
}

void Cache::wait_for_fill(const Access& access, std::uint32_t mshr, Cycle g) {
  mshrs_.wait(mshr, {access.reply, g, access.number});
}

void Cache::on_reply(Reply& reply) {
  mshrs_.update(reply.tag);
  const Mshrs::Mshr& mshr = mshrs_[reply.tag];
  const Bank& bank = banks_[mshr.bank];
  if (!bank.waiting.empty()) kernel_.wake(bank.id, reply.at);
  if (&reply == &mshr.fill) mshrs_.answer_waiters(reply.tag);
}

Cycle Cache::last_service_end() const {
  Cycle last = 0;
  for (const Bank& bank : banks_) last = std::max(last, bank.next_free);
  return last;
}

}  // namespace heddle
