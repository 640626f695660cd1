// Row-wise with sorting queues (rules Q1 to Q7): every PE is visited in every cycle, lines are held in plain lists.
#include <deque>
#include <memory>
#include <set>

#include "tests/twin/twin_machine.h"
#include "tests/twin/twin_stripes.h"

namespace heddle::twin {
namespace {

/// A line held by a queue of lines, and the virtual number by which it is found.
struct Held {
  std::uint64_t v = 0;
  const Reply* reply = nullptr;
};

class Pe {
 public:
  Pe(const Workload& w, const Config& config, const Memories& memories,
     const std::vector<std::vector<Coordinate>>& c_rows, std::uint64_t number, TwinMemory& memory, TwinCache* cache,
     WorkLog& log)
      : w_(w),
        config_(config),
        m_(memories),
        c_rows_(c_rows),
        number_(number),
        memory_(memory),
        cache_(cache),
        log_(log) {
    for (std::uint64_t r = number; r < w.a->rows; r += config.machine.pe.count) {
      rows_.push_back(r);
      for (const Coordinate k : w.a->row(static_cast<std::uint32_t>(r)).coordinates) nonzeros_.push_back({r, k});
      if (!c_rows[r].empty()) result_rows_.push_back(r);
    }
    for (std::size_t n = 0, within = 0; n < nonzeros_.size(); ++n) {
      within = n > 0 && nonzeros_[n - 1].row == nonzeros_[n].row ? within + 1 : 0;
      const std::uint64_t byte = m_.a.first[nonzeros_[n].row] + within * element();
      nonzeros_[n].first_line = byte / kLineBytes;
      nonzeros_[n].last_line = (byte + element() - 1) / kLineBytes;
    }
    queues_.resize(is_hash() ? 1 : config.row_wise.queues);
    if (result_rows_.empty()) pass_rows(rows_.size(), 0);
    if (!rows_.empty()) row_next_ = m_.a.first_line(rows_[0]);
    open_nonzero();
    open_fiber();
  }

  void step(Cycle t) {
    drain(t);
    merge(t);
    write(t);
    request_b(t);
    request_b_pairs(t);
    request_a(t);
    request_a_pairs(t);
  }
  bool done() const {
    return merged_ == nonzeros_.size() && drained_ == result_rows_.size() && due_.empty() &&
           fiber_ == nonzeros_.size() && pair_ == nonzeros_.size() && row_ == rows_.size() &&
           a_pair_next_ == a_pair_count();
  }

  TwinAccount account;
  std::uint64_t products = 0, elements_written = 0;

 private:
  struct Nonzero {
    std::uint64_t row;
    Coordinate k;
    std::uint64_t first_line = 0, last_line = 0;
  };
  struct Complete {
    std::uint64_t row;
    Cycle at;  // of the last step
  };
  struct Due {
    LineAddr line;
    Cycle at;
    bool pointers;
  };
  std::uint64_t element() const { return config_.layout.element_bytes(); }
  std::uint64_t pair_bytes() const { return 2 * config_.layout.pointer_bytes; }
  bool is_hash() const { return config_.row_wise.merge == RowMerge::hash; }
  /// Q8
  const Reply& read_b(LineAddr line, Tensor tensor, Cycle t) {
    if (cache_ == nullptr) return memory_.read(line, tensor, t);
    log_.mark(t);
    return cache_->access(TwinCache::Kind::read, line, tensor, 0, t);
  }
  static bool held_in(const std::deque<Held>& queue, std::uint64_t v, Cycle t) {
    for (const Held& held : queue)
      if (held.v == v) return is_in(*held.reply, t);
    return false;
  }

  // Q5
  void drain(Cycle t) {
    if (complete_.empty() || complete_.front().at >= t) return;
    const std::uint64_t row = complete_.front().row;
    const std::uint64_t byte = m_.c.first[row] + leaving_ * element();
    const std::uint64_t first = byte / kLineBytes, last = (byte + element() - 1) / kLineBytes;
    std::vector<std::uint64_t> fresh;
    for (std::uint64_t v = first; v <= last; ++v)
      if (open_.count(v) == 0) fresh.push_back(v);
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      const std::uint64_t number = given_ + i, places = config_.machine.pe.write_lines;
      if (number < places) continue;
      if (number - places >= written_.size() || !is_in(*written_[number - places], t)) {
        ++log_.events["places_wait"];
        return;
      }
    }
    given_ += fresh.size();
    open_.insert(fresh.begin(), fresh.end());
    log_.mark(t);
    ++elements_written;
    ++leaving_;
    const bool row_ends = leaving_ == c_rows_[row].size();
    const bool last_row = row_ends && drained_ + 1 == result_rows_.size();
    const bool all = row_ends && (last_row || config_.row_wise.elements == RowElements::packed);
    while (!open_.empty() && ((*open_.begin() + 1) * kLineBytes <= byte + element() || all)) {
      due_.push_back({m_.c.line(row, *open_.begin()), t + config_.machine.pe.latency, false});
      open_.erase(open_.begin());
    }
    if (!row_ends) return;
    complete_.pop_front();
    leaving_ = 0;
    ++drained_;
    drain_ends_.push_back(t);
    std::size_t passed = rows_.size();
    for (std::size_t i = 0; !last_row && i < rows_.size(); ++i)
      if (rows_[i] == row) passed = i + 1;
    pass_rows(passed, t);
  }
  void pass_rows(std::size_t passed, Cycle t) {
    const std::uint64_t bytes = passed * pair_bytes();
    const std::uint64_t lines = passed == rows_.size() ? (bytes + kLineBytes - 1) / kLineBytes : bytes / kLineBytes;
    for (; c_pair_lines_ < lines; ++c_pair_lines_)
      due_.push_back({m_.c_pairs.line(number_, c_pair_lines_), t + config_.machine.pe.latency, true});
  }

  // Q4
  void merge(Cycle t) {
    while (merged_ < nonzeros_.size() && m_.b.bytes[nonzeros_[merged_].k] == 0) pass_merged();
    if (merged_ == nonzeros_.size()) return;
    const std::uint64_t sets = config_.row_wise.queue_sets;
    if (complete_count_ >= sets &&
        (drain_ends_.size() <= complete_count_ - sets || drain_ends_[complete_count_ - sets] >= t)) {
      account.set(t, stall(Tensor::c, Cause::output_full));
      ++log_.events["sets_wait"];
      return;
    }
    const Nonzero& nonzero = nonzeros_[merged_];
    const auto fiber = w_.b->row(nonzero.k).coordinates;
    if (!in_fiber_) choose_queues();
    std::deque<Coordinate>* const other = other_ == kNone ? nullptr : &queues_[other_];
    const bool left = other != nullptr && !other->empty();
    if (incoming_ < fiber.size() && !incoming_in(nonzero, t)) {
      waits_.push_back(t);
      return;
    }
    charge_waits();
    account.set(t, {Activity::Kind::busy});
    log_.mark(t);
    last_step_ = t;
    if (incoming_ == fiber.size() || (left && other->front() < fiber[incoming_])) {
      queues_[helper_].push_back(other->front());
      other->pop_front();
      ++log_.events["moves"];
    } else {
      if (left && other->front() == fiber[incoming_]) other->pop_front(), ++log_.events["sums"];
      queues_[helper_].push_back(fiber[incoming_]);
      ++incoming_;
      ++products;
      release_b(nonzero);
    }
    if (incoming_ < fiber.size() || (other != nullptr && !other->empty())) return;
    b_begun_.pop_front();
    fiber_lines_.clear();
    in_fiber_ = false;
    pass_merged();
    while (merged_ < nonzeros_.size() && m_.b.bytes[nonzeros_[merged_].k] == 0) pass_merged();
  }
  void choose_queues() {
    in_fiber_ = true;
    incoming_ = 0;
    helper_ = other_ = kNone;
    if (is_hash()) {  // Q8
      helper_ = 0;
      return;
    }
    std::size_t empty = 0;
    for (std::size_t q = 0; q < queues_.size(); ++q) {
      if (!queues_[q].empty()) continue;
      ++empty;
      if (helper_ == kNone) helper_ = q;
    }
    if (empty > 1) return;
    for (std::size_t q = 0; q < queues_.size(); ++q)
      if (q != helper_ && (other_ == kNone || queues_[q].size() < queues_[other_].size())) other_ = q;
  }
  /// The nonzero at work is done with; its row's queues are complete if it is the last.
  void pass_merged() {
    const std::uint64_t row = nonzeros_[merged_].row;
    ++merged_;
    if (merged_ < nonzeros_.size() && nonzeros_[merged_].row == row) return;
    if (c_rows_[row].empty()) return;
    std::uint64_t entries = 0;
    for (auto& queue : queues_) entries += queue.size(), queue.clear();
    HEDDLE_CHECK(entries >= c_rows_[row].size());
    complete_.push_back({row, last_step_});
    ++complete_count_;
  }
  bool incoming_in(const Nonzero& nonzero, Cycle t) {
    const std::uint64_t byte = m_.b.first[nonzero.k] + incoming_ * element();
    bool in = true;
    for (std::uint64_t v = m_.b.first_line(nonzero.k); v <= (byte + element() - 1) / kLineBytes; ++v) {
      const std::size_t place = static_cast<std::size_t>(v - m_.b.first_line(nonzero.k));
      if (place >= fiber_lines_.size()) {  // not seen yet: is it among the lines held?
        const Reply* found = nullptr;
        for (const Held& held : b_lines_)
          if (held.v == v && &held >= &b_lines_[0] && b_owner(held) == merged_) found = held.reply;
        if (found == nullptr) return false;
        fiber_lines_.push_back(found);
      }
      in = in && is_in(*fiber_lines_[place], t);
    }
    return in;
  }
  /// Number of the nonzero a held line of B was requested for.
  std::size_t b_owner(const Held& held) const { return b_owners_[static_cast<std::size_t>(&held - &b_lines_.front())]; }
  void charge_waits() {
    if (waits_.empty()) return;
    const Reply* latest = nullptr;
    for (const Reply* reply : fiber_lines_)
      if (latest == nullptr || reply->at > latest->at) latest = reply;
    const Reply& pair = *b_begun_.front();
    for (const Cycle c : waits_)
      account.set(c, c < pair.at ? waiting_cell(c, pair, Tensor::pointers) : waiting_cell(c, *latest, Tensor::b));
    waits_.clear();
  }
  void release_b(const Nonzero& nonzero) {
    const std::uint64_t end = m_.b.first[nonzero.k] + incoming_ * element();
    const bool last = end == m_.b.first[nonzero.k] + m_.b.bytes[nonzero.k];
    while (!b_lines_.empty() && b_owners_.front() == merged_ && (last || (b_lines_.front().v + 1) * kLineBytes <= end))
      b_lines_.erase(b_lines_.begin()), b_owners_.erase(b_owners_.begin());
  }

  void write(Cycle t) {
    for (; !due_.empty() && due_.front().at == t; due_.pop_front()) {
      const Reply& reply = memory_.write(due_.front().line, due_.front().pointers ? Tensor::pointers : Tensor::c, t);
      if (!due_.front().pointers) written_.push_back(&reply);
    }
  }

  // Q2, Q3
  void open_fiber() {
    if (fiber_ < nonzeros_.size()) fiber_next_ = m_.b.first_line(nonzeros_[fiber_].k);
    fiber_begun_ = false;
  }
  bool fiber_pair_in(Cycle t) const {
    const Coordinate k = nonzeros_[fiber_].k;
    const std::uint64_t lines = m_.b_pairs.end_line(k) - m_.b_pairs.first_line(k);
    if (b_pair_lines_.size() < lines) return false;
    for (std::uint64_t i = 0; i < lines; ++i)
      if (!is_in(*b_pair_lines_[i].reply, t)) return false;
    return true;
  }
  void pass_fibers(Cycle t) {
    for (; fiber_ < nonzeros_.size() && fiber_next_ == m_.b.end_line(nonzeros_[fiber_].k) && fiber_pair_in(t);) {
      const Coordinate k = nonzeros_[fiber_].k;
      for (std::uint64_t i = m_.b_pairs.first_line(k); i < m_.b_pairs.end_line(k); ++i) b_pair_lines_.pop_front();
      ++fiber_;
      log_.mark(t);
      open_fiber();
    }
  }
  void request_b(Cycle t) {
    pass_fibers(t);
    if (fiber_ == nonzeros_.size() || !fiber_pair_in(t)) return;
    const Coordinate k = nonzeros_[fiber_].k;
    if (b_lines_.size() == config_.machine.pe.line_buffers) {
      ++log_.events["b_places_wait"];
      return;
    }
    if (!fiber_begun_) {
      const Reply* later = b_pair_lines_[0].reply;
      if (m_.b_pairs.end_line(k) - m_.b_pairs.first_line(k) == 2 && b_pair_lines_[1].reply->at > later->at)
        later = b_pair_lines_[1].reply;
      b_begun_.push_back(later);
      fiber_begun_ = true;
    }
    b_lines_.push_back({fiber_next_, &read_b(m_.b.line(k, fiber_next_), Tensor::b, t)});
    b_owners_.push_back(fiber_);
    ++fiber_next_;
    pass_fibers(t);
  }
  void open_nonzero() {
    if (pair_ < nonzeros_.size()) pair_next_ = m_.b_pairs.first_line(nonzeros_[pair_].k);
  }
  void request_b_pairs(Cycle t) {
    if (pair_ == nonzeros_.size() || b_pair_lines_.size() == config_.machine.pe.line_buffers) return;
    const Nonzero& nonzero = nonzeros_[pair_];
    if (!held_in(a_lines_, nonzero.first_line, t) || !held_in(a_lines_, nonzero.last_line, t)) return;
    b_pair_lines_.push_back({pair_next_, &read_b(m_.b_pairs.line(nonzero.k, pair_next_), Tensor::pointers, t)});
    if (++pair_next_ < m_.b_pairs.end_line(nonzero.k)) return;
    ++pair_;
    open_nonzero();
    while (!a_lines_.empty() && (pair_ == nonzeros_.size() || a_lines_.front().v < nonzeros_[pair_].first_line))
      a_lines_.pop_front();
  }
  bool row_pair_in(Cycle t) const {
    const std::uint64_t byte = row_ * pair_bytes();
    return held_in(a_pair_lines_, byte / kLineBytes, t) &&
           held_in(a_pair_lines_, (byte + pair_bytes() - 1) / kLineBytes, t);
  }
  void pass_own_rows(Cycle t) {
    while (row_ < rows_.size() && row_next_ == m_.a.end_line(rows_[row_]) && row_pair_in(t)) {
      ++row_;
      log_.mark(t);
      while (!a_pair_lines_.empty() &&
             (row_ == rows_.size() || a_pair_lines_.front().v < row_ * pair_bytes() / kLineBytes))
        a_pair_lines_.pop_front();
      if (row_ == rows_.size()) break;
      row_next_ = m_.a.first_line(rows_[row_]);
      if (m_.a.bytes[rows_[row_]] != 0 && last_a_ && *last_a_ == row_next_) ++row_next_, ++log_.events["shared_a"];
    }
  }
  void request_a(Cycle t) {
    pass_own_rows(t);
    if (row_ == rows_.size() || !row_pair_in(t) || a_lines_.size() == config_.machine.stream_lines) return;
    a_lines_.push_back({row_next_, &memory_.read(m_.a.line(rows_[row_], row_next_), Tensor::a, t)});
    last_a_ = row_next_++;
    pass_own_rows(t);
  }
  std::uint64_t a_pair_count() const { return (rows_.size() * pair_bytes() + kLineBytes - 1) / kLineBytes; }
  void request_a_pairs(Cycle t) {
    if (a_pair_next_ == a_pair_count() || a_pair_lines_.size() == config_.machine.stream_lines) return;
    a_pair_lines_.push_back({a_pair_next_, &memory_.read(m_.a_pairs.line(number_, a_pair_next_), Tensor::pointers, t)});
    ++a_pair_next_;
  }

  static constexpr std::size_t kNone = ~std::size_t{0};
  const Workload& w_;
  const Config& config_;
  const Memories& m_;
  const std::vector<std::vector<Coordinate>>& c_rows_;
  std::uint64_t number_;
  TwinMemory& memory_;
  TwinCache* cache_;  // of B, if there is one
  WorkLog& log_;
  std::vector<std::uint64_t> rows_, result_rows_;
  std::vector<Nonzero> nonzeros_;

  std::deque<Held> a_pair_lines_, a_lines_, b_pair_lines_;
  std::vector<Held> b_lines_;
  std::vector<std::size_t> b_owners_;
  std::uint64_t a_pair_next_ = 0, row_next_ = 0, pair_next_ = 0, fiber_next_ = 0;
  std::optional<std::uint64_t> last_a_;
  std::size_t row_ = 0, pair_ = 0, fiber_ = 0, merged_ = 0;
  bool fiber_begun_ = false;
  std::deque<const Reply*> b_begun_;
  std::vector<const Reply*> fiber_lines_;

  std::vector<std::deque<Coordinate>> queues_;
  bool in_fiber_ = false;
  std::size_t helper_ = 0, other_ = kNone, incoming_ = 0;
  Cycle last_step_ = 0;
  std::vector<Cycle> waits_;

  std::deque<Complete> complete_;
  std::size_t complete_count_ = 0, leaving_ = 0, drained_ = 0;
  std::vector<Cycle> drain_ends_;
  std::set<std::uint64_t> open_;
  std::uint64_t given_ = 0, c_pair_lines_ = 0;
  std::vector<const Reply*> written_;
  std::deque<Due> due_;
};

}  // namespace

TwinResult twin_queues(const Workload& workload, const Config& config) {
  WorkLog log;
  const std::unique_ptr<TwinMemory> memory = make_memory(config.machine, log);
  const auto c_rows = structure_of_c(workload);
  const Memories memories = lay_out(workload, config, c_rows);
  TwinCache cache(config.machine.sram, *memory, log);
  const bool cached = config.row_wise.b_cached;
  std::deque<Pe> pes;
  for (std::uint64_t p = 0; p < config.machine.pe.count; ++p)
    pes.emplace_back(workload, config, memories, c_rows, p, *memory, cached ? &cache : nullptr, log);
  memory->drive([&](Cycle t) {
    cache.step(t);
    bool done = cache.done();
    for (Pe& pe : pes) pe.step(t);
    for (const Pe& pe : pes) done = done && pe.done();
    return !done;
  });
  TwinResult result = memory_result(*memory, log);
  result.hits = cache.hits, result.misses = cache.misses, result.evictions = cache.evictions;
  result.sram_read = cache.sram_read, result.sram_write = cache.sram_write;
  for (const Pe& pe : pes) {
    result.products += pe.products;
    result.nnz_c += pe.elements_written;
    result.groups["pe"].push_back(pe.account.close(result.cycles));
  }
  return result;
}

}  // namespace heddle::twin
