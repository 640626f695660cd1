#include "tests/twin/twin_cache.h"

namespace heddle::twin {
namespace {

std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

TwinCache::TwinCache(const SramConfig& config, TwinMemory& memory, WorkLog& log, CacheMutation mutation)
    : config_(config), memory_(memory), log_(log), mutation_(mutation), banks_(config.banks) {
  const std::uint64_t sets = config.capacity.count / kLineBytes / config.banks / config.ways;
  for (Bank& bank : banks_) bank.sets.assign(sets, std::vector<Way>(config.ways));
}

const Reply& TwinCache::access(Kind kind, LineAddr line, Tensor tensor, std::uint64_t bytes, Cycle t,
                               std::uint64_t cluster) {
  const Place at = place(kind, line, cluster);
  Bank& bank = banks_[at.bank];
  Reply& reply = replies_.emplace_back();
  const Access access{kind, line, tensor, bytes, at.set, &reply};
  if (!bank.queue.empty() || bank.served_in == t) {
    ++log_.events["bank_conflicts"];
    bank.queue.push_back(access);
  } else if (!try_access(bank, access, t)) {
    bank.queue.push_back(access);
  }
  return reply;
}

/// Rule 7: a line is read from the banks of the cluster; partial lines are in all banks.
TwinCache::Place TwinCache::place(Kind kind, LineAddr line, std::uint64_t cluster) const {
  const bool partial = kind != Kind::read;
  const bool in_all_banks = partial && !mutation_.partials_in_cluster_0;
  const std::uint64_t banks = in_all_banks ? config_.banks : config_.banks / config_.clusters;
  return {(partial ? 0 : cluster) * banks + line % banks, line / banks % banks_[0].sets.size()};
}

bool TwinCache::elsewhere(const Bank& bank, LineAddr line) const {
  for (const Bank& other : banks_)
    for (const std::vector<Way>& set : other.sets)
      for (const Way& way : set)
        if (&other != &bank && way.valid && way.line == line) return true;
  return false;
}

void TwinCache::announce(std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t i = 0; i < lines_spanned(first, last); ++i) {
    if (mutation_.announced_for_next_cycle) {
      announced_.push_back(line_of(first) + i);
    } else {
      ++uses_[line_of(first) + i];
    }
  }
}

void TwinCache::step(Cycle t) {
  resolve_waiting();
  for (const LineAddr line : announced_) ++uses_[line];
  announced_.clear();
  for (Bank& bank : banks_) try_head(bank, t);
}

void TwinCache::try_head(Bank& bank, Cycle t) {
  if (bank.queue.empty() || bank.served_in == t) return;  // (served already only if it acts after the requesters)
  if (try_access(bank, bank.queue.front(), t)) bank.queue.pop_front();
}

bool TwinCache::done() const {
  for (const Bank& bank : banks_)
    if (!bank.queue.empty()) return false;
  return waiting_.empty();
}

/// Serve the access in cycle t if that is possible.
bool TwinCache::try_access(Bank& bank, const Access& access, Cycle t) {
  std::vector<Way>& set = bank.sets[access.set];
  Way* present = nullptr;
  for (Way& way : set)
    if (way.valid && way.line == access.line) present = &way;
  HEDDLE_CHECK(access.kind != Kind::put || present == nullptr);  // a line is put once in its life
  if (present != nullptr) {
    serve_present(*present, access, t);
  } else if (!serve_absent(bank, set, access, t)) {
    return false;
  }
  bank.served_in = t;
  log_.mark(t);
  if (access.kind != Kind::put) {
    (present != nullptr ? hits : misses) += 1;
    sram_read += kLineBytes;
  }
  if (access.kind == Kind::read && access.tensor == Tensor::b && (present != nullptr || !mutation_.only_hits_are_uses))
    --uses_[access.line];
  return true;
}

void TwinCache::serve_present(Way& way, const Access& access, Cycle t) {
  way.last_served = ++accesses_;
  Reply& reply = *access.reply;
  reply.granted = reply.dram_start = reply.dram_done = t;
  if (filling(way, t)) {
    ++log_.events["in_flight_hits"];
    answer_from(*way.fill, reply, t);
  } else {
    reply.at = t + config_.latency;
  }
  if (access.kind != Kind::take) return;
  HEDDLE_CHECK(way.dirty && way.bytes_left >= access.bytes);
  way.bytes_left -= access.bytes;
  if (way.bytes_left == 0) way = Way{};
}

bool TwinCache::serve_absent(Bank& bank, std::vector<Way>& set, const Access& access, Cycle t) {
  const bool needs_way = access.kind != Kind::take;
  const bool needs_fill = access.kind != Kind::put;
  Way* way = needs_way ? choose_way(bank, set, t) : nullptr;
  if (needs_way && way == nullptr) return false;
  const bool victim = way != nullptr && way->valid;
  const bool spill = victim && way->dirty;
  if ((needs_fill || spill) && !mshr_free(bank, t)) {
    ++log_.events["mshr_full"];
    return false;
  }
  Mshr mshr;
  if (spill && mutation_.eviction_before_fill) mshr.write = &memory_.write(way->line, Tensor::partial, t);
  if (needs_fill) mshr.fill = &memory_.read(access.line, access.tensor, t);
  if (spill && !mutation_.eviction_before_fill) mshr.write = &memory_.write(way->line, Tensor::partial, t);
  if (needs_fill || spill) bank.mshrs.push_back(mshr);
  if (victim) ++evictions, ++bank.evictions;
  if (victim && mutation_.evicted_uses_forgotten) uses_[way->line] = 0;
  if (spill) ++spills, sram_read += kLineBytes;
  if (spill && !needs_fill) ++log_.events["puts_that_spill"];
  if (needs_fill && needs_way && elsewhere(bank, access.line)) ++log_.events["line_in_two_clusters"];

  if (needs_way) {
    ++accesses_;
    *way = Way{true, access.line, mshr.fill, !needs_fill, needs_fill ? 0 : access.bytes, accesses_, accesses_};
    sram_write += kLineBytes;
  }
  Reply& reply = *access.reply;
  reply.granted = reply.dram_start = reply.dram_done = t;
  if (access.kind == Kind::put) {
    reply.at = t + 1;
  } else {
    answer_from(*mshr.fill, reply, t);
  }
  return true;
}

/// One of the bank's MSHRs is free in cycle t.
bool TwinCache::mshr_free(Bank& bank, Cycle t) const {
  std::erase_if(bank.mshrs, [t](const Mshr& mshr) {
    return (mshr.fill == nullptr || is_in(*mshr.fill, t)) && (mshr.write == nullptr || is_in(*mshr.write, t));
  });
  return bank.mshrs.size() < config_.mshrs / config_.banks;
}

/// Rule 11: a free way, else a victim, else (all are being filled) none.
TwinCache::Way* TwinCache::choose_way(Bank& bank, std::vector<Way>& set, Cycle t) const {
  std::vector<Way*> candidates;
  for (Way& way : set) {
    if (!way.valid) return &way;
    if (!filling(way, t)) candidates.push_back(&way);
  }
  return candidates.empty() ? nullptr : &choose_victim(bank, candidates);
}

TwinCache::Way& TwinCache::choose_victim(Bank& bank, std::vector<Way*>& candidates) const {
  if (config_.replacement == Replacement::random) {
    const auto number = static_cast<std::uint64_t>(&bank - banks_.data());
    return *candidates[splitmix64((number << 32) + bank.evictions) % candidates.size()];
  }
  Way *victim = candidates[0], *oldest = candidates[0];
  for (Way* way : candidates) {
    if (goes_before(*way, *victim)) victim = way;
    if (way->last_served < oldest->last_served) oldest = way;
  }
  if (config_.replacement == Replacement::next_use && victim != oldest) ++log_.events["next_use_spares_lru"];
  return *victim;
}

bool TwinCache::goes_before(const Way& way, const Way& other) const {
  if (config_.replacement == Replacement::fifo) return way.taken < other.taken;
  if (config_.replacement == Replacement::next_use) {
    if (uses_to_come(way) != uses_to_come(other)) return uses_to_come(way) < uses_to_come(other);
    if (mutation_.earliest_taken_of_equals) return way.taken < other.taken;
  }
  return way.last_served < other.last_served;
}

std::int64_t TwinCache::uses_to_come(const Way& way) const {
  if (way.dirty) return mutation_.dirty_line_without_use ? 0 : 1;
  const auto found = uses_.find(way.line);
  return found == uses_.end() ? 0 : found->second;
}

/// `reply` comes `latency` after the fill, or after its own grant if that is later. The fill may be undecided yet.
void TwinCache::answer_from(const Reply& fill, Reply& reply, Cycle granted) {
  reply.granted = granted;
  waiting_.push_back({&reply, &fill, granted});
  resolve_waiting();
}

void TwinCache::resolve_waiting() {
  std::erase_if(waiting_, [this](const Waiting& w) {
    if (!w.fill->known()) return false;
    w.reply->dram_start = std::max(w.granted, w.fill->dram_start);
    w.reply->dram_done = std::max(w.granted, w.fill->dram_done);
    w.reply->queue_cause = w.fill->queue_cause;
    w.reply->at = std::max(w.granted, w.fill->at) + config_.latency;
    return true;
  });
}

}  // namespace heddle::twin
