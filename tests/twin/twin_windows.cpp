// Row-wise with windows (rules W1 to W9): the scheduler, with the profile, and the machine.
#include "tests/twin/twin_machine.h"
#include "tests/twin/twin_stream.h"
#include "tests/twin/twin_window_array.h"

namespace heddle::twin {
namespace {

struct Block {
  std::uint64_t first = 0, h = 1;
  std::uint64_t count = 0;  // windows it has
  std::uint64_t nonzeros = 0;
  std::vector<std::shared_ptr<Window>> windows;  // those cut

  bool ended() const {
    if (windows.size() < count) return false;
    for (const auto& window : windows)
      if (!window->ended()) return false;
    return true;
  }
};

/// Rows [first, last) that look alike (W8).
struct Stretch {
  std::uint64_t first = 0, last = 0;
  std::vector<std::shared_ptr<Block>> blocks;
  std::optional<std::uint64_t> choice;  // of more than 128 rows, after the sample
};

struct Cost {
  std::uint64_t cycles = 0, nonzeros = 0;
  bool less_than(const Cost& other) const { return cycles * other.nonzeros < other.cycles * nonzeros; }
};

class WindowScheduler {
 public:
  WindowScheduler(const Workload& workload, const Config& config, const Layout& layout,
                  std::deque<TwinWindowArray>& arrays, MergeMachine& machine)
      : a_(*workload.a),
        b_(*workload.b),
        config_(config),
        layout_(layout),
        arrays_(arrays),
        machine_(machine),
        pointers_(lines_of_pointers(), Tensor::pointers, config.machine.stream_lines, *machine.memory),
        next_address_(layout.partial_base),
        partial_of_row_(a_.rows),
        windows_of_row_(a_.rows) {
    find_stretches();
    ++machine.log.events[is_static() ? "static" : "dynamic"];
  }

  void step(Cycle t) {
    hand_out(t);
    cut(t);
    request(t);
    pointers_.step(t);
  }
  bool done() const { return all_cut() && cut_.empty() && pointers_.all_requested(); }

  // W7
  bool row_known(std::uint64_t row, Cycle t) const {
    if (nonzeros(row) == 0) return true;
    if (windows_of_row_[row] == 0 || partial_of_row_[row].size() < windows_of_row_[row]) return false;
    for (const auto& fiber : partial_of_row_[row]) {
      const std::optional<Cycle> ended = fiber->ended(config_.layout.element_bytes());
      if (!ended || *ended >= t) return false;
    }
    return true;
  }
  std::vector<TwinFiber> fibers(std::uint64_t row) const {
    std::vector<TwinFiber> fibers;
    for (const auto& fiber : partial_of_row_[row]) {
      TwinFiber& f = fibers.emplace_back();
      f.first_byte = fiber->first_byte;
      f.coordinates = fiber->coordinates;
      f.partial = true;
    }
    return fibers;
  }

 private:
  struct Cut {  // a window not handed out
    std::shared_ptr<Window> window;
    std::vector<ByteRange> wanted;  // elements of A of its groups with nonzeros
    std::vector<LineRequest> requests;
  };
  bool is_static() const { return config_.row_wise.scheduler == Scheduler::static_tasks; }
  std::uint64_t lanes() const { return config_.row_wise.lanes; }
  std::uint64_t nonzeros(std::uint64_t row) const { return a_.pointers[row + 1] - a_.pointers[row]; }
  std::uint64_t pointer_position(std::uint64_t byte) const { return line_of(byte) - line_of(layout_.a_pointers.base); }
  std::vector<LineAddr> lines_of_pointers() const {
    std::vector<LineAddr> lines;
    append_lines(lines, layout_.a_pointers.byte(0), layout_.a_pointers.byte(a_.rows + std::uint64_t{1}));
    return lines;
  }

  // W3a
  void hand_out(Cycle t) {
    if (cut_.empty() || cut_.front().requests.size() < cut_.front().wanted.size()) return;
    for (const LineRequest& request : cut_.front().requests)
      if (!request.in(t)) return;
    TwinWindowArray* array = choose_array();
    if (array == nullptr) {
      ++machine_.log.events["arrays_full"];
      return;
    }
    const std::shared_ptr<Window> window = cut_.front().window;
    cut_.pop_front();
    window->number = handed_out_++;
    const std::uint64_t element_bytes = config_.layout.element_bytes();
    for (const auto& fiber : window->partial) {
      if (fiber == nullptr) continue;
      fiber->first_byte = next_address_;  // rule 22
      next_address_ += (fiber->inputs * element_bytes + kLineBytes - 1) / kLineBytes * kLineBytes;
    }
    for (const auto& group : window->groups)
      for (const Coordinate k : group)
        machine_.cache.announce(layout_.b.byte(b_.pointers[k]), layout_.b.byte(b_.pointers[k + 1]));  // rule 25
    array->give(window, t);
    machine_.log.mark(t);
  }
  TwinWindowArray* choose_array() {
    TwinWindowArray* best = &arrays_[0];
    for (TwinWindowArray& array : arrays_)
      if (array.held() < best->held()) best = &array;
    if (is_static()) best = &arrays_[handed_out_ % arrays_.size()];
    return best->held() <= config_.machine.pe.fetch_ahead ? best : nullptr;
  }

  // W3b
  bool all_cut() const {
    return next_row_ == a_.rows && (block_ == nullptr || block_->windows.size() == block_->count);
  }
  void cut(Cycle t) {
    while (cut_.size() < std::uint64_t{config_.machine.pe.fetch_ahead} + 1 && !all_cut()) {
      if (block_ != nullptr && block_->windows.size() < block_->count) {
        cut_window();
      } else if (!cut_block(t)) {
        return;
      }
      machine_.log.mark(t);
    }
  }
  bool cut_block(Cycle t) {
    const std::optional<std::uint64_t> h = height();
    if (!h) {
      ++machine_.log.events["sample_wait"];
      return false;
    }
    const Array& pointers = layout_.a_pointers;
    if (!pointers_.in(pointer_position(pointers.byte(next_row_)),
                      pointer_position(pointers.byte(next_row_ + *h + 1) - 1), t))
      return false;
    block_ = std::make_shared<Block>();
    block_->first = next_row_;
    block_->h = *h;
    const std::uint64_t w = lanes() / *h;
    for (std::uint64_t row = next_row_; row < next_row_ + *h; ++row) {
      block_->nonzeros += nonzeros(row);
      windows_of_row_[row] = (nonzeros(row) + w - 1) / w;
      block_->count = std::max(block_->count, windows_of_row_[row]);
    }
    if (block_->count == 0) ++machine_.log.events["block_without_windows"];
    stretch_of(next_row_).blocks.push_back(block_);
    next_row_ += *h;
    pointers_.release_before(next_row_ == a_.rows ? pointers_.size() : pointer_position(pointers.byte(next_row_)));
    return true;
  }
  // W2
  void cut_window() {
    const std::uint64_t w = lanes() / block_->h, j = block_->windows.size();
    Cut& cut = cut_.emplace_back();
    cut.window = std::make_shared<Window>();
    Window& window = *cut.window;
    window.h = block_->h;
    for (std::uint64_t i = 0; i < block_->h; ++i) {
      const std::uint64_t row = block_->first + i;
      const std::uint64_t first = std::min(j * w, nonzeros(row)), last = std::min((j + 1) * w, nonzeros(row));
      std::vector<Coordinate>& group = window.groups.emplace_back();
      std::shared_ptr<PartialFiber>& fiber = window.partial.emplace_back();
      if (first == last) continue;
      cut.wanted.push_back({layout_.a.byte(a_.pointers[row] + first), layout_.a.byte(a_.pointers[row] + last)});
      fiber = std::make_shared<PartialFiber>();
      std::set<Coordinate> columns;
      for (std::uint64_t n = first; n < last; ++n) {
        const Coordinate k = a_.row(static_cast<std::uint32_t>(row)).coordinates[n];
        const auto row_of_b = b_.row(k).coordinates;
        group.push_back(k);
        columns.insert(row_of_b.begin(), row_of_b.end());
        fiber->inputs += row_of_b.size();
      }
      fiber->coordinates.assign(columns.begin(), columns.end());
      window.products += fiber->inputs;
      partial_of_row_[row].push_back(fiber);
    }
    block_->windows.push_back(cut.window);
  }

  // W3c
  void request(Cycle t) {
    for (Cut& cut : cut_) {
      if (cut.requests.size() == cut.wanted.size()) continue;
      for (const ByteRange bytes : cut.wanted) {
        LineRequest& request = cut.requests.emplace_back();
        for (LineAddr line = line_of(bytes.first); line <= line_of(bytes.last - 1); ++line)
          request.lines.push_back(&machine_.cache.access(TwinCache::Kind::read, line, Tensor::a, 0, t));
        if (request.lines.size() > 1) ++machine_.log.events["a_in_several_lines"];
        request.earliest = t + request.lines.size() - 1 + config_.machine.sram.latency;
      }
      machine_.log.mark(t);
      return;
    }
  }

  // W2, W8: rows of the next block, if it may be cut.
  std::optional<std::uint64_t> height() {
    std::uint64_t h = config_.row_wise.window_rows, end = a_.rows;
    if (config_.row_wise.window_shape == WindowShape::profiled) {
      Stretch& stretch = stretch_of(next_row_);
      const auto wanted = stretch.last - stretch.first > 128 ? wide_height(stretch) : narrow_height(stretch);
      if (!wanted) return std::nullopt;
      h = *wanted;
      end = stretch.last;
    }
    while (next_row_ + h > end) h /= 2, ++machine_.log.events["lower_blocks"];
    return h;
  }
  void find_stretches() {
    std::uint64_t before = 0;  // nonzeros of the last row with any
    for (std::uint64_t row = 0; row < a_.rows; ++row) {
      const std::uint64_t now = nonzeros(row);
      const bool differs =
          now != 0 && before != 0 && 2 * std::max(now, before) > 3 * std::min(now, before);  // by a factor 1.5
      if (row == 0 || differs) stretches_.push_back({row, row, {}, {}});
      stretches_.back().last = row + 1;
      if (now != 0) before = now;
    }
  }
  Stretch& stretch_of(std::uint64_t row) {
    for (Stretch& stretch : stretches_)
      if (row < stretch.last) return stretch;
    throw InternalError("no such row");
  }
  /// Blocks end in arrays, which act after the scheduler: those that have ended did before this cycle.
  std::optional<Cost> cost(const Stretch& stretch, std::uint64_t h) const {
    Cost cost;
    for (const auto& block : stretch.blocks) {
      if (block->h != h || block->count == 0 || !block->ended()) continue;
      for (const auto& window : block->windows) cost.cycles += window->cycles(config_.machine.pe.latency);
      cost.nonzeros += block->nonzeros;
    }
    if (cost.nonzeros == 0) return std::nullopt;
    return cost;
  }
  /// The height of least cost up to `most`, 1 if none has one.
  std::uint64_t cheapest(const Stretch& stretch, std::uint64_t most) const {
    std::uint64_t best = 1;
    for (std::uint64_t h = 2; h <= most; h *= 2) {
      const auto c = cost(stretch, h), least = cost(stretch, best);
      if (c && (!least || c->less_than(*least))) best = h;
    }
    return best;
  }
  std::optional<std::uint64_t> wide_height(Stretch& stretch) {
    if (next_row_ == stretch.first) return 1;
    for (std::uint64_t h = 1; h <= lanes(); h *= 2)
      if (next_row_ < stretch.first + 1 + 4 * (2 * h - 1)) return h;
    if (stretch.choice) return stretch.choice;
    for (const auto& block : stretch.blocks)
      if (block->count > 0 && !block->ended()) return std::nullopt;
    stretch.choice = cheapest(stretch, lanes());
    ++machine_.log.events["wide_stretch_choice"];
    if (stretch.choice > 1) ++machine_.log.events["wide_stretch_choice_of_several_rows"];
    return stretch.choice;
  }
  std::uint64_t narrow_height(const Stretch& stretch) {
    std::uint64_t h = 1;
    while (true) {
      const auto now = cost(stretch, h);
      if (!now) {
        if (h > 1) ++machine_.log.events["narrow_doubling"];
        return h;
      }
      const auto before = cost(stretch, h / 2);  // none of height 0
      if (h == lanes() || (before && !now->less_than(*before))) {
        ++machine_.log.events["narrow_choice"];
        return cheapest(stretch, lanes());
      }
      h *= 2;
    }
  }

  const Csr& a_;
  const Csr& b_;
  const Config& config_;
  const Layout& layout_;
  std::deque<TwinWindowArray>& arrays_;
  MergeMachine& machine_;
  TwinStream pointers_;
  std::uint64_t next_address_;
  std::uint64_t handed_out_ = 0;
  std::deque<Cut> cut_;           // not handed out
  std::uint64_t next_row_ = 0;    // not in a block yet
  std::shared_ptr<Block> block_;  // the last one cut
  std::vector<Stretch> stretches_;
  std::vector<std::vector<std::shared_ptr<PartialFiber>>> partial_of_row_;
  std::vector<std::uint64_t> windows_of_row_;  // known when its block is cut
};

}  // namespace

TwinResult twin_windows(const Workload& workload, const Config& config, Mutation mutation) {
  const Layout layout = make_layout(workload, config.layout, 0, 0);
  MergeMachine machine(workload, config, layout, mutation);
  std::deque<TwinWindowArray> arrays;
  for (std::uint32_t i = 0; i < config.row_wise.arrays; ++i)
    arrays.emplace_back(workload, config, layout, machine.cache, machine.log);
  WindowScheduler scheduler(workload, config, layout, arrays, machine);

  RowSource source;
  source.rows = workload.a->rows;
  source.fibers = [&](std::uint64_t row) { return scheduler.fibers(row); };
  source.row_known = [&](std::uint64_t row, Cycle t) { return scheduler.row_known(row, t); };
  source.operands_in = [](std::uint64_t, std::uint64_t, std::uint64_t, Cycle) { return true; };
  source.dispatched = [](std::uint64_t, std::uint64_t) {};
  source.passed = [](std::uint64_t) {};
  const std::uint64_t most = workload.products * config.layout.element_bytes() + kLineBytes * workload.a->nnz();  // W3a
  const std::uint64_t merged_base = layout.partial_base + (most + kLineBytes - 1) / kLineBytes * kLineBytes;
  TwinDispatcher dispatcher(source, config, config.row_wise.scheduler, machine.c_rows, layout.c_pointers, merged_base,
                            machine.pes, machine.cache, *machine.memory, machine.log, mutation.dispatcher);

  machine.memory->drive([&](Cycle t) {
    machine.step(t, [&](Cycle now) {
      scheduler.step(now);
      for (TwinWindowArray& array : arrays) array.step(now);
      dispatcher.step(now);
    });
    bool done = scheduler.done() && dispatcher.done() && machine.done();
    for (const TwinWindowArray& array : arrays) done = done && array.done();
    return !done;
  });
  TwinResult result = machine.result();
  for (const TwinWindowArray& array : arrays) {
    result.products += array.products;
    result.groups["array"].push_back(array.account.close(result.cycles));
  }
  return result;
}

}  // namespace heddle::twin
