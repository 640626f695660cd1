#include "dataflows/inner_product/tiled_plan.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <utility>

#include "dataflows/inner_product/micro_tiles.h"
#include "dataflows/layout.h"
#include "sim/base/errors.h"

namespace heddle::inner_product {
namespace {

/// Tiles of one operand in memory, `outer` x `k` of them; a tile begins a line.
class TilePlaces {
 public:
  TilePlaces(const MicroTiles& micro, std::uint64_t bands_in_tile, std::uint64_t k_in_tile, std::uint64_t k_tiles,
             const LayoutConfig& layout)
      : k_tiles_(k_tiles) {
    std::vector<std::uint64_t> tile_bytes(divide_up(micro.bands(), bands_in_tile) * k_tiles);
    for (std::uint32_t band = 0; band < micro.bands(); ++band) {
      for (std::uint64_t k2 = 0; k2 < k_tiles; ++k2) {
        std::uint64_t& bytes = tile_bytes[band / bands_in_tile * k_tiles + k2];
        for (const MicroTile& tile : micro.of_band(band, k2 * k_in_tile, (k2 + 1) * k_in_tile))
          bytes += layout.coordinate_bytes + layout.pointer_bytes + micro.nonzeros(tile) * layout.element_bytes();
      }
    }
    places_.reserve(tile_bytes.size());
    for (const std::uint64_t bytes : tile_bytes) {
      places_.push_back({lines_, packed_lines(bytes)});
      lines_ += places_.back().count;
    }
  }
  /// Line numbers from the operand's first.
  const LineBlock& at(std::uint64_t outer, std::uint64_t k2) const { return places_[outer * k_tiles_ + k2]; }
  std::uint64_t outer_tiles() const { return places_.size() / std::max<std::uint64_t>(1, k_tiles_); }
  std::uint64_t lines() const { return lines_; }

 private:
  std::uint64_t k_tiles_;
  std::vector<LineBlock> places_;
  std::uint64_t lines_ = 0;
};

/// Items go to the PE that is free first, the lowest number of equals.
class PeSchedule {
 public:
  explicit PeSchedule(std::uint32_t pes) : pes_(pes) {}
  void begin() {
    free_ = {};
    for (std::uint32_t pe = 0; pe < pes_; ++pe) free_.push({0, pe});
    end_ = 0;
  }
  void add(Cycle cycles) {
    auto [at, pe] = free_.top();
    free_.pop();
    end_ = std::max(end_, at + cycles);
    free_.push({at + cycles, pe});
  }
  Cycle end() const { return end_; }

 private:
  using Free = std::pair<Cycle, std::uint32_t>;
  std::uint32_t pes_;
  std::priority_queue<Free, std::vector<Free>, std::greater<>> free_;
  Cycle end_ = 0;
};

/// Results of C by micro tile, for one band of tiles of B: how many are new in each tile along k, how many there are.
class Results {
 public:
  Results(const Workload& workload, std::uint32_t side, std::uint32_t k_in_tile, std::uint64_t k_tiles)
      : workload_(workload), side_(side), k_side_(std::uint64_t{side} * k_in_tile), k_tiles_(k_tiles) {}

  /// Columns [first, end) of C; `micro_columns` micro tiles of them.
  void begin(std::uint64_t first, std::uint64_t end, std::uint64_t micro_columns) {
    first_ = first;
    columns_ = micro_columns;
    const Csr& a = *workload_.a;
    const std::uint64_t bands = divide_up(a.rows, side_);
    fresh_.assign(bands, {});
    so_far_.assign(bands * columns_, 0);
    last_touch_.assign(bands * columns_, 0);
    std::vector<std::uint32_t> stamps(end - first, 0);
    std::vector<std::uint32_t> counts(k_tiles_ * columns_, 0);
    for (std::uint32_t row = 0; row < a.rows; ++row) {
      for (const Coordinate k : a.row(row).coordinates) count_row(k, end, row + 1, stamps, counts);
      if ((row + std::uint64_t{1}) % side_ == 0 || row + std::uint64_t{1} == a.rows) store(row / side_, counts);
    }
  }

  void touches(std::uint64_t band, std::uint64_t column, std::uint64_t k2) {
    std::uint32_t& last = last_touch_[band * columns_ + column];
    last = std::max(last, static_cast<std::uint32_t>(k2));
  }
  bool last_touch(std::uint64_t band, std::uint64_t column, std::uint64_t k2) const {
    return last_touch_[band * columns_ + column] == k2;
  }
  std::uint64_t so_far(std::uint64_t band, std::uint64_t column) const { return so_far_[band * columns_ + column]; }
  /// Those of tile k2 are there from now on.
  void add(std::uint64_t band, std::uint64_t column, std::uint64_t k2) {
    const std::uint64_t key = k2 * columns_ + column;
    const auto& list = fresh_[band];
    const auto found = std::lower_bound(list.begin(), list.end(), std::pair<std::uint64_t, std::uint32_t>(key, 0));
    if (found != list.end() && found->first == key) so_far_[band * columns_ + column] += found->second;
  }

 private:
  void count_row(Coordinate k, std::uint64_t end, std::uint32_t stamp, std::vector<std::uint32_t>& stamps,
                 std::vector<std::uint32_t>& counts) {
    const auto row = workload_.b->row(k).coordinates;
    auto j = std::lower_bound(row.begin(), row.end(), first_);
    for (; j != row.end() && *j < end; ++j) {
      if (stamps[*j - first_] == stamp) continue;
      stamps[*j - first_] = stamp;
      const std::uint64_t key = k / k_side_ * columns_ + (*j - first_) / side_;
      if (counts[key]++ == 0) touched_.push_back(key);
    }
  }
  void store(std::uint64_t band, std::vector<std::uint32_t>& counts) {
    std::sort(touched_.begin(), touched_.end());
    for (const std::uint64_t key : touched_) {
      fresh_[band].emplace_back(key, counts[key]);
      counts[key] = 0;
    }
    touched_.clear();
  }

  const Workload& workload_;
  std::uint64_t side_, k_side_, k_tiles_;
  std::uint64_t first_ = 0, columns_ = 0;
  std::vector<std::vector<std::pair<std::uint64_t, std::uint32_t>>> fresh_;  // by band: (k2, column), count
  std::vector<std::uint64_t> so_far_;
  std::vector<std::uint32_t> last_touch_;
  std::vector<std::uint64_t> touched_;
};

class TiledPlanner {
 public:
  TiledPlanner(const Workload& workload, const Config& config, std::uint32_t tile_m)
      : config_(config),
        options_(config.inner_product),
        tile_m_(tile_m),
        a_(*workload.a, options_.micro_tile),
        b_(transpose(*workload.b), options_.micro_tile),
        k_tiles_(divide_up(divide_up(workload.a->cols, options_.micro_tile), options_.tile_k)),
        a_places_(a_, tile_m_, options_.tile_k, k_tiles_, config.layout),
        b_places_(b_, options_.tile_n, options_.tile_k, k_tiles_, config.layout),
        results_(workload, options_.micro_tile, options_.tile_k, k_tiles_),
        schedule_(config.machine.pe.count),
        cols_(workload.b->cols) {
    const Layout layout = make_layout(workload, config.layout, 0, 0);
    a_base_ = line_of(layout.partial_base);
    b_base_ = a_base_ + a_places_.lines();
    c_line_ = b_base_ + b_places_.lines();
    const std::uint64_t most_steps = a_places_.outer_tiles() * b_places_.outer_tiles() * k_tiles_;
    partial_base_ = c_line_ + packed_lines(workload.nnz_c() * config.layout.element_bytes()) + most_steps;
  }

  /// All of them; nothing when one does not fit.
  std::optional<std::vector<TiledStep>> steps() {
    for (std::uint32_t n2 = 0; n2 < b_places_.outer_tiles() && fits_; ++n2) plan_columns(n2);
    if (!fits_) return std::nullopt;
    return std::move(steps_);
  }

 private:
  void plan_columns(std::uint32_t n2) {
    const std::uint64_t first = std::uint64_t{n2} * options_.tile_n;
    const std::uint64_t end = std::min<std::uint64_t>(b_.bands(), first + options_.tile_n);
    results_.begin(first * options_.micro_tile, std::min<std::uint64_t>(cols_, end * options_.micro_tile), end - first);
    find_touches(first, end);
    last_writer_.assign(a_places_.outer_tiles(), TiledStep::kNone);
    std::uint64_t loaded = k_tiles_;  // which k2 of B is on chip
    for (std::uint64_t k2 = 0; k2 < k_tiles_; ++k2) {
      if (b_places_.at(n2, k2).count == 0) continue;
      for (std::uint64_t m2 = 0; m2 < a_places_.outer_tiles() && fits_; ++m2) {
        if (a_places_.at(m2, k2).count == 0) continue;
        plan_step(m2, k2, n2, loaded != k2);
        loaded = k2;
      }
    }
  }

  void find_touches(std::uint64_t first, std::uint64_t end) {
    for (std::uint32_t m1 = 0; m1 < a_.bands(); ++m1)
      for (std::uint64_t n1 = first; n1 < end; ++n1)
        for (std::uint64_t k2 = k_tiles_; k2-- > 0;)
          if (meet(m1, static_cast<std::uint32_t>(n1), k2)) {
            results_.touches(m1, n1 - first, k2);
            break;
          }
  }

  bool meet(std::uint32_t m1, std::uint32_t n1, std::uint64_t k2) const {
    bool found = false;
    for_pairs(m1, n1, k2, [&](const MicroTile&, const MicroTile&) { found = true; });
    return found;
  }

  template <class Visit>
  void for_pairs(std::uint32_t m1, std::uint32_t n1, std::uint64_t k2, Visit visit) const {
    const auto left = a_.of_band(m1, k2 * options_.tile_k, (k2 + 1) * options_.tile_k);
    const auto right = b_.of_band(n1, k2 * options_.tile_k, (k2 + 1) * options_.tile_k);
    auto i = left.begin();
    auto j = right.begin();
    while (i != left.end() && j != right.end()) {
      if (i->k == j->k)
        visit(*i++, *j++);
      else if (i->k < j->k)
        ++i;
      else
        ++j;
    }
  }

  void plan_step(std::uint64_t m2, std::uint64_t k2, std::uint32_t n2, bool load_b) {
    TiledStep step;
    const LineBlock& a = a_places_.at(m2, k2);
    const LineBlock& b = b_places_.at(n2, k2);
    step.a = {a_base_ + a.first, a.count};
    step.b = {b_base_ + b.first, load_b ? b.count : 0};
    step.b_tile_lines = b.count;
    step.waits_for = last_writer_[m2];
    schedule_.begin();
    Traffic traffic;
    const std::uint64_t first_n = std::uint64_t{n2} * options_.tile_n;
    const std::uint64_t end_n = std::min<std::uint64_t>(b_.bands(), first_n + options_.tile_n);
    const std::uint64_t end_m = std::min<std::uint64_t>(a_.bands(), (m2 + 1) * tile_m_);
    for (std::uint64_t m1 = m2 * tile_m_; m1 < end_m; ++m1)
      for (std::uint64_t n1 = first_n; n1 < end_n; ++n1)
        plan_micro(step, traffic, static_cast<std::uint32_t>(m1), static_cast<std::uint32_t>(n1), n1 - first_n, k2);
    step.compute_cycles = schedule_.end();
    place_results(step, traffic, m2, n2);
    fits_ = fits_ && fits(step);
    steps_.push_back(step);
  }

  struct Traffic {
    std::uint64_t in = 0, out = 0, final = 0;  // elements of C
  };

  void plan_micro(TiledStep& step, Traffic& traffic, std::uint32_t m1, std::uint32_t n1, std::uint64_t column,
                  std::uint64_t k2) {
    bool touched = false;
    for_pairs(m1, n1, k2, [&](const MicroTile& a, const MicroTile& b) {
      touched = true;
      const Item found = item(a, b);
      schedule_.add(std::max<std::uint64_t>(1, found.cycles));
      step.intersections += found.intersections;
      step.item_bytes += a_.nonzeros(a) * config_.layout.element_bytes() +
                         b_.nonzeros(b) * config_.layout.element_bytes() +
                         2 * (config_.layout.coordinate_bytes + config_.layout.pointer_bytes);
      step.products += found.matches;
    });
    if (!touched) return;
    traffic.in += results_.so_far(m1, column);
    results_.add(m1, column, k2);
    (results_.last_touch(m1, column, k2) ? traffic.final : traffic.out) += results_.so_far(m1, column);
  }

  /// What a PE does with two micro tiles.
  struct Item {
    std::uint64_t cycles = 0, intersections = 0, matches = 0;
  };

  Item item(const MicroTile& a, const MicroTile& b) const {
    if (options_.intersect == Intersect::skip) {
      const Intersection found = intersect(a.first_fiber, a.end, b.first_fiber, b.end);
      return {found.steps, found.steps, found.matches};
    }
    Item sum;
    for (std::uint64_t i = a.first_fiber, i_end = i; i < a.end; i = i_end) {
      i_end = std::min(i + options_.fiber_group, a.end);
      for (std::uint64_t j = b.first_fiber, j_end = j; j < b.end; j = j_end) {
        j_end = std::min(j + options_.fiber_group, b.end);
        const std::uint64_t matches = intersect(i, i_end, j, j_end).matches;
        const std::uint64_t steps = std::max<std::uint64_t>(1, divide_up(matches, config_.machine.pe.multipliers));
        sum.cycles += steps;
        sum.intersections += steps * (i_end - i) * (j_end - j);
        sum.matches += matches;
      }
    }
    return sum;
  }

  /// Rows of A [i, i_end) and columns of B [j, j_end), by number of their fibers, pair by pair.
  Intersection intersect(std::uint64_t i, std::uint64_t i_end, std::uint64_t j, std::uint64_t j_end) const {
    Intersection sum;
    const Coordinate* const left = a_.coordinates().data();
    const Coordinate* const right = b_.coordinates().data();
    for (; i < i_end; ++i) {
      const MicroFiber& row = a_.fibers()[i];
      for (std::uint64_t column = j; column < j_end; ++column) {
        const MicroFiber& other = b_.fibers()[column];
        const Intersection found = skip_ahead(left + row.first, left + row.end, right + other.first, right + other.end);
        sum.steps += found.steps;
        sum.matches += found.matches;
      }
    }
    return sum;
  }

  /// Partials of a tile of C always lie at the same place; final results follow one another.
  void place_results(TiledStep& step, const Traffic& traffic, std::uint64_t m2, std::uint32_t n2) {
    const std::uint64_t bytes = config_.layout.element_bytes();
    const std::uint64_t most_lines = config_.machine.sram.capacity.count / kLineBytes;
    const LineAddr partials = partial_base_ + (n2 * a_places_.outer_tiles() + m2) * most_lines;
    step.partial_in = {partials, packed_lines(traffic.in * bytes)};
    step.partial_out = {partials, packed_lines(traffic.out * bytes)};
    step.result = {c_line_, packed_lines(traffic.final * bytes)};
    step.result_bytes = traffic.final * bytes;
    step.held_bytes = (traffic.out + traffic.final) * bytes;
    c_line_ += step.result.count;
    if (traffic.out != 0) last_writer_[m2] = static_cast<std::uint32_t>(steps_.size());
    HEDDLE_CHECK(c_line_ <= partial_base_);
  }

  bool fits(const TiledStep& step) const {
    const std::uint64_t bytes = (step.a.count + step.b_tile_lines) * kLineBytes + step.held_bytes;
    return 2 * bytes <= config_.machine.sram.capacity.count;
  }

  const Config& config_;
  const InnerProductConfig& options_;
  std::uint64_t tile_m_;
  MicroTiles a_, b_;
  std::uint64_t k_tiles_;
  TilePlaces a_places_, b_places_;
  Results results_;
  PeSchedule schedule_;
  std::uint64_t cols_;
  LineAddr a_base_ = 0, b_base_ = 0, c_line_ = 0, partial_base_ = 0;
  std::vector<std::uint32_t> last_writer_;  // by m2: of partials, in these columns
  bool fits_ = true;
  std::vector<TiledStep> steps_;
};

}  // namespace

Intersection skip_ahead(const Coordinate* a, const Coordinate* a_end, const Coordinate* b, const Coordinate* b_end) {
  Intersection found;
  while (a != a_end && b != b_end) {
    ++found.steps;
    if (*a == *b) {
      ++found.matches;
      ++a;
      ++b;
    } else if (*a < *b) {
      while (a != a_end && *a < *b) ++a;
    } else {
      while (b != b_end && *b < *a) ++b;
    }
  }
  return found;
}

std::uint64_t matches_per_cycle(const Config& config) {
  const PeConfig& pe = config.machine.pe;
  return config.inner_product.intersect == Intersect::skip ? pe.count : pe.all_multipliers();
}

std::vector<TiledStep> plan_tiled(const Workload& workload, const Config& config) {
  for (std::uint32_t tile_m = config.inner_product.tile_m;; tile_m = (tile_m + 1) / 2) {
    if (auto steps = TiledPlanner(workload, config, tile_m).steps()) return std::move(*steps);
    if (tile_m == 1) break;
  }
  throw InputError(
      "inner_product.tile_k, tile_n: a tile of A, one of B and their results, twice, exceed "
      "machine.sram.capacity = " +
      to_text(config.machine.sram.capacity) + " even with one micro tile of rows; expected smaller tiles");
}

}  // namespace heddle::inner_product
