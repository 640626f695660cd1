// Inner product with tiles at two levels (rules T1 to T8): everything is found again from single nonzeros, and every PE
// is visited in every cycle.
#include <algorithm>
#include <deque>
#include <memory>
#include <set>

#include "tests/twin/twin_machine.h"

namespace heddle::twin {
namespace {

struct Step {
  std::uint64_t m2 = 0, n2 = 0, k2 = 0;
  std::uint64_t a_bytes = 0, b_bytes = 0, in = 0, out = 0, final = 0;  // bytes; of b: of the tile in use
  std::uint64_t products = 0, intersections = 0, item_bytes = 0;
  bool loads_b = false;
  std::deque<Cycle> items;
  std::optional<Cycle> start, end;
  bool asked_for_partials = false, written = false;
  std::vector<const Reply*> a, b, partials, writes;
  LineAddr a_line = 0, b_line = 0, c_line = 0, partial_line = 0;
};

std::uint64_t lines(std::uint64_t bytes) {
  return (bytes + kLineBytes - 1) / kLineBytes;
}
std::uint64_t divide_up(std::uint64_t n, std::uint64_t d) {
  return (n + d - 1) / d;
}

/// What the steps load, compute and write, for one tile_m.
class Plan {
 public:
  Plan(const Workload& workload, const Config& config, std::uint64_t tile_m, InnerMutation mutation, WorkLog& log)
      : a_(*workload.a), b_(*workload.b), config_(config), tile_m_(tile_m), mutation_(mutation), log_(log) {
    rows_ = divide_up(divide_up(a_.rows, side()), tile_m_);
    inner_ = divide_up(divide_up(a_.cols, side()), options_.tile_k);
    columns_ = divide_up(divide_up(b_.cols, side()), options_.tile_n);
    for (std::uint32_t i = 0; i < a_.rows; ++i)
      for (const Coordinate k : a_.row(i).coordinates) a_micro_[{i / side(), k / side()}].push_back({i, k});
    for (std::uint32_t k = 0; k < b_.rows; ++k)
      for (const Coordinate j : b_.row(k).coordinates) b_micro_[{k / side(), j / side()}].push_back({j, k});
    find_results();
    make_steps();
    place(line_of(make_layout(workload, config.layout, 0, 0).partial_base));
  }

  bool fits() const {
    for (const Step& step : steps)
      if (2 * ((lines(step.a_bytes) + lines(step.b_bytes)) * kLineBytes + step.out + step.final) >
          config_.machine.sram.capacity.count)
        return false;
    return true;
  }

  std::deque<Step> steps;

 private:
  using Position = std::pair<std::uint64_t, std::uint64_t>;
  struct Nonzero {
    std::uint32_t fiber;
    Coordinate k;
  };
  using Fibers = std::map<std::uint32_t, std::vector<Coordinate>>;  // nonempty rows or columns of a micro tile

  std::uint64_t side() const { return options_.micro_tile; }
  std::uint64_t micro_bytes(const std::vector<Nonzero>& nonzeros) const {
    return config_.layout.coordinate_bytes + config_.layout.pointer_bytes +
           nonzeros.size() * config_.layout.element_bytes();
  }
  std::uint64_t a_bytes(std::uint64_t m2, std::uint64_t k2) const {
    std::uint64_t bytes = 0;
    for (const auto& [at, nonzeros] : a_micro_)
      if (at.first / tile_m_ == m2 && at.second / options_.tile_k == k2) bytes += micro_bytes(nonzeros);
    return bytes;
  }
  std::uint64_t b_bytes(std::uint64_t k2, std::uint64_t n2) const {
    std::uint64_t bytes = 0;
    for (const auto& [at, nonzeros] : b_micro_)
      if (at.first / options_.tile_k == k2 && at.second / options_.tile_n == n2) bytes += micro_bytes(nonzeros);
    return bytes;
  }

  /// The tile of k in which each result has its first product.
  void find_results() {
    std::map<Position, std::uint64_t> first;
    for (std::uint32_t i = 0; i < a_.rows; ++i)
      for (const Coordinate k : a_.row(i).coordinates)
        for (const Coordinate j : b_.row(k).coordinates) first.insert({{i, j}, k / (side() * options_.tile_k)});
    for (const auto& [at, k2] : first) ++results_[{at.first / side(), at.second / side()}][k2];
  }

  bool touches(std::uint64_t m1, std::uint64_t n1, std::uint64_t k2) const {
    for (std::uint64_t k1 = k2 * options_.tile_k; k1 < (k2 + 1) * options_.tile_k; ++k1)
      if (a_micro_.count({m1, k1}) != 0 && b_micro_.count({k1, n1}) != 0) return true;
    return false;
  }

  void make_steps() {
    std::optional<Position> loaded;
    for (std::uint64_t n2 = 0; n2 < columns_; ++n2)
      for (std::uint64_t k2 = 0; k2 < inner_; ++k2)
        for (std::uint64_t m2 = 0; m2 < rows_; ++m2) {
          Step step;
          step.m2 = m2, step.n2 = n2, step.k2 = k2;
          step.a_bytes = a_bytes(m2, k2), step.b_bytes = b_bytes(k2, n2);
          if (step.a_bytes == 0 || step.b_bytes == 0) continue;
          step.loads_b = loaded != Position{k2, n2};
          loaded = {k2, n2};
          for (std::uint64_t m1 = m2 * tile_m_; m1 < (m2 + 1) * tile_m_; ++m1)
            for (std::uint64_t n1 = n2 * options_.tile_n; n1 < (n2 + 1) * options_.tile_n; ++n1)
              add_micro(step, m1, n1);
          steps.push_back(step);
        }
  }

  void add_micro(Step& step, std::uint64_t m1, std::uint64_t n1) {
    if (!touches(m1, n1, step.k2)) return;
    for (std::uint64_t k1 = step.k2 * options_.tile_k; k1 < (step.k2 + 1) * options_.tile_k; ++k1) {
      const auto a = a_micro_.find({m1, k1});
      const auto b = b_micro_.find({k1, n1});
      if (a == a_micro_.end() || b == b_micro_.end()) continue;
      step.items.push_back(item(step, a->second, b->second));
      step.item_bytes += micro_bytes(a->second) + micro_bytes(b->second);
    }
    bool later = false;
    for (std::uint64_t k2 = step.k2 + 1; k2 < inner_; ++k2) later = later || touches(m1, n1, k2);
    std::uint64_t before = 0, after = 0;
    if (const auto found = results_.find({m1, n1}); found != results_.end())
      for (const auto& [k2, count] : found->second) {
        before += k2 < step.k2 ? count : 0;
        after += k2 <= step.k2 ? count : 0;
      }
    step.in += before * config_.layout.element_bytes();
    (later ? step.out : step.final) += after * config_.layout.element_bytes();
  }

  /// Its cycles; its steps are counted for every pair of fibers that takes part.
  Cycle item(Step& step, const std::vector<Nonzero>& a, const std::vector<Nonzero>& b) {
    Fibers rows, columns;
    for (const Nonzero& n : a) rows[n.fiber].push_back(n.k);
    for (const Nonzero& n : b) columns[n.fiber].push_back(n.k);
    const bool groups = options_.intersect == Intersect::groups;
    return std::max<Cycle>(1, groups ? steps_of_groups(step, rows, columns) : steps_that_skip(step, rows, columns));
  }

  static Cycle steps_that_skip(Step& step, const Fibers& rows, const Fibers& columns) {
    Cycle cycles = 0;
    for (const auto& [i, row] : rows)
      for (const auto& [j, column] : columns) {
        std::size_t p = 0, q = 0;
        while (p < row.size() && q < column.size()) {
          ++cycles, ++step.intersections;
          const Coordinate at_p = row[p], at_q = column[q];
          if (at_p == at_q) ++step.products;
          while (p < row.size() && (row[p] < at_q || (at_p == at_q && row[p] == at_p))) ++p;
          while (q < column.size() && (column[q] < at_p || (at_p == at_q && column[q] == at_q))) ++q;
        }
      }
    return cycles;
  }

  Cycle steps_of_groups(Step& step, const Fibers& rows, const Fibers& columns) {
    Cycle cycles = 0;
    for (const Fibers& some_rows : groups_of(rows))
      for (const Fibers& some_columns : groups_of(columns)) {
        std::uint64_t matches = 0;
        for (const auto& [i, row] : some_rows)
          for (const auto& [j, column] : some_columns)
            for (const Coordinate k : row) matches += std::count(column.begin(), column.end(), k);
        const Cycle steps = std::max<Cycle>(mutation_.groups_without_matches_skipped ? 0 : 1,
                                            divide_up(matches, config_.machine.pe.multipliers));
        if (matches == 0) ++log_.events["groups_without_matches"];
        if (steps > 1) ++log_.events["groups_of_several_steps"];
        std::uint64_t pairs = some_rows.size() * some_columns.size();
        if (mutation_.steps_of_groups_counted_once) pairs = 1;
        if (mutation_.groups_counted_as_full) pairs = std::uint64_t{options_.fiber_group} * options_.fiber_group;
        step.products += matches;
        step.intersections += steps * pairs;
        cycles += steps;
      }
    return cycles;
  }
  std::vector<Fibers> groups_of(const Fibers& fibers) {
    std::vector<Fibers> groups;
    for (const auto& fiber : fibers) {
      if (groups.empty() || groups.back().size() == options_.fiber_group) groups.emplace_back();
      groups.back().insert(fiber);
    }
    if (groups.size() > 1 && groups.back().size() < options_.fiber_group) ++log_.events["uneven_groups"];
    return groups;
  }

  void place(LineAddr line) {
    std::map<Position, LineAddr> a_places, b_places;
    for (std::uint64_t m2 = 0; m2 < rows_; ++m2)
      for (std::uint64_t k2 = 0; k2 < inner_; ++k2) a_places[{m2, k2}] = line, line += lines(a_bytes(m2, k2));
    for (std::uint64_t n2 = 0; n2 < columns_; ++n2)
      for (std::uint64_t k2 = 0; k2 < inner_; ++k2) b_places[{k2, n2}] = line, line += lines(b_bytes(k2, n2));
    std::uint64_t results = 0;
    for (const auto& [at, by_tile] : results_)
      for (const auto& [k2, count] : by_tile) results += count;
    const LineAddr partials = line + lines(results * config_.layout.element_bytes()) + rows_ * columns_ * inner_;
    for (Step& step : steps) {
      step.a_line = a_places[{step.m2, step.k2}], step.b_line = b_places[{step.k2, step.n2}];
      step.c_line = line, line += lines(step.final);
      step.partial_line = partials + (step.n2 * rows_ + step.m2) * (config_.machine.sram.capacity.count / kLineBytes);
    }
  }

  const Csr& a_;
  const Csr& b_;
  const Config& config_;
  const InnerProductConfig& options_ = config_.inner_product;
  std::uint64_t tile_m_, rows_ = 0, inner_ = 0, columns_ = 0;
  InnerMutation mutation_;
  WorkLog& log_;
  std::map<Position, std::vector<Nonzero>> a_micro_, b_micro_;
  std::map<Position, std::map<std::uint64_t, std::uint64_t>> results_;  // by micro tile: by k2
};

class Array {
 public:
  Array(Plan& plan, const Config& config, TwinMemory& memory, WorkLog& log, InnerMutation mutation)
      : steps_(plan.steps), config_(config), memory_(memory), log_(log), mutation_(mutation) {
    pes_.resize(config.machine.pe.count, 0);
  }

  void step(Cycle t) {
    if (t == 0 && !steps_.empty()) load(0, t);
    if (mutation_.writes_before_starts) make_writes(t);
    while (let_end(t) || let_start(t)) {
    }
    if (!mutation_.writes_before_starts) make_writes(t);
    for (std::size_t s = 0; s < steps_.size(); ++s) ask_for_partials(s, t);
    if (current_ == steps_.size()) return;
    if (steps_[current_].start) {
      compute(t);
    } else {
      waiting_.push_back(t);
    }
  }
  bool done() const {
    for (const Step& step : steps_)
      if (!step.written) return false;
    return true;
  }

  TwinAccount account;
  std::uint64_t products = 0, intersections = 0, result_bytes = 0, sram_read = 0, sram_write = 0;

 private:
  void request(std::vector<const Reply*>& replies, LineAddr first, std::uint64_t count, Tensor tensor, Cycle t) {
    for (std::uint64_t i = 0; i < count; ++i) replies.push_back(&memory_.read(first + i, tensor, t));
    sram_write += kLineBytes * count;
  }
  void load(std::size_t s, Cycle t) {
    Step& step = steps_[s];
    if (step.loads_b) request(step.b, step.b_line, lines(step.b_bytes), Tensor::b, t);
    request(step.a, step.a_line, lines(step.a_bytes), Tensor::a, t);
  }

  void ask_for_partials(std::size_t s, Cycle t) {
    Step& step = steps_[s];
    if (step.asked_for_partials || step.in == 0 || (s > 0 && !steps_[s - 1].start)) return;
    for (std::size_t before = 0; before < s; ++before) {
      const Step& other = steps_[before];
      if (other.n2 == step.n2 && other.m2 == step.m2 && other.out > 0 && !other.written) return;
    }
    if (!steps_[s - 1].end || t > *steps_[s - 1].start) ++log_.events["late_partials"];
    step.asked_for_partials = true;
    request(step.partials, step.partial_line, lines(step.in), Tensor::partial, t);
    ++log_.events["partials_read"];
  }

  bool in(const std::vector<const Reply*>& replies, Cycle t) const {
    for (const Reply* reply : replies)
      if (!is_in(*reply, t)) return false;
    return true;
  }

  bool let_end(Cycle t) {
    if (current_ == steps_.size() || !steps_[current_].start || busy(t) || !steps_[current_].items.empty())
      return false;
    steps_[current_].end = t;
    ++current_;
    return true;
  }
  bool busy(Cycle t) const {
    for (const Cycle free : pes_)
      if (free > t) return true;
    return false;
  }

  bool let_start(Cycle t) {
    if (current_ == steps_.size() || steps_[current_].start) return false;
    Step& step = steps_[current_];
    if (!in(step.a, t) || !in(step.b, t) || !in(step.partials, t) || (step.in > 0 && !step.asked_for_partials))
      return false;
    if (current_ >= 2) {
      const Step& other = steps_[current_ - 2];
      if (other.out + other.final > 0 && (!other.written || !in(other.writes, t))) return false;
    }
    charge_wait(step);
    step.start = t;
    log_.mark(t);
    products += step.products;
    intersections += step.intersections;
    sram_read += step.item_bytes;
    sram_write += step.out + step.final;
    if (current_ + 1 < steps_.size()) load(current_ + 1, t);
    if (step.items.empty()) ++log_.events["steps_without_items"];
    if (!step.loads_b) ++log_.events["b_stays"];
    return true;
  }

  /// Free PEs take items, the lowest number first.
  void compute(Cycle t) {
    Step& step = steps_[current_];
    for (Cycle& free : pes_) {
      if (free > t || step.items.empty()) continue;
      free = t + step.items.front();
      step.items.pop_front();
    }
    log_.mark(t);
    account.set(t, {Activity::Kind::busy});
  }

  void charge_wait(const Step& step) {
    const Reply* last = nullptr;
    Tensor tensor = Tensor::c;
    const auto consider = [&](const std::vector<const Reply*>& replies, Tensor of) {
      for (const Reply* reply : replies)
        if (last == nullptr || reply->at > last->at) last = reply, tensor = of;
    };
    consider(step.a, Tensor::a);
    consider(step.b, Tensor::b);
    consider(step.partials, Tensor::partial);
    Cycle writes = 0;
    if (current_ >= 2)
      for (const Reply* reply : steps_[current_ - 2].writes) writes = std::max(writes, reply->at);
    if (writes > last->at && !waiting_.empty()) ++log_.events["result_stalls"];
    for (const Cycle c : waiting_)
      account.set(c, writes > last->at ? stall(Tensor::c, Cause::output_full) : waiting_cell(c, *last, tensor));
    waiting_.clear();
  }

  void make_writes(Cycle t) {
    for (Step& step : steps_) {
      if (!step.end || step.written || *step.end + config_.machine.pe.latency != t) continue;
      step.written = true;
      for (std::uint64_t i = 0; i < lines(step.out); ++i)
        step.writes.push_back(&memory_.write(step.partial_line + i, Tensor::partial, t));
      for (std::uint64_t i = 0; i < lines(step.final); ++i)
        step.writes.push_back(&memory_.write(step.c_line + i, Tensor::c, t));
      sram_read += kLineBytes * (lines(step.out) + lines(step.final));
      result_bytes += step.final;
    }
  }

  std::deque<Step>& steps_;
  const Config& config_;
  TwinMemory& memory_;
  WorkLog& log_;
  InnerMutation mutation_;
  std::vector<Cycle> pes_;  // when each is free
  std::size_t current_ = 0;
  std::vector<Cycle> waiting_;
};

}  // namespace

TwinResult twin_tiled(const Workload& workload, const Config& config, Mutation mutation) {
  WorkLog log;
  const std::unique_ptr<TwinMemory> memory = make_memory(config.machine, log);
  std::uint64_t tile_m = config.inner_product.tile_m;
  auto plan = std::make_unique<Plan>(workload, config, tile_m, mutation.inner, log);
  for (; !plan->fits() && tile_m > 1; ++log.events["halved"]) {
    tile_m = (tile_m + 1) / 2;
    plan = std::make_unique<Plan>(workload, config, tile_m, mutation.inner, log);
  }
  if (!plan->fits()) throw InputError("does not fit");
  Array array(*plan, config, *memory, log, mutation.inner);
  memory->drive([&](Cycle t) {
    array.step(t);
    return !array.done();
  });
  TwinResult result = memory_result(*memory, log);
  result.products = array.products;
  result.intersections = array.intersections;
  result.nnz_c = array.result_bytes / config.layout.element_bytes();
  result.sram_read = array.sram_read, result.sram_write = array.sram_write;
  result.groups["array"].push_back(array.account.close(result.cycles));
  return result;
}

}  // namespace heddle::twin
