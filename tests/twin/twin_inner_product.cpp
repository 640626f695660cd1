// The inner-product dataflow (rules I1 to I8): folds of A stand still, tiles of B' stream past.
#include <memory>

#include "tests/twin/twin_converter.h"
#include "tests/twin/twin_folds.h"
#include "tests/twin/twin_machine.h"

namespace heddle::twin {
namespace {

/// Lines requested together; the one done last stands for all.
struct Load {
  Tensor tensor = Tensor::a;
  std::vector<const Reply*> replies;
  bool requested = false;

  bool in(Cycle t) const {
    if (!requested) return false;
    for (const Reply* reply : replies)
      if (!is_in(*reply, t)) return false;
    return true;
  }
  const Reply* last() const {
    const Reply* latest = nullptr;
    for (const Reply* reply : replies)
      if (latest == nullptr || reply->at > latest->at) latest = reply;
    return latest;
  }
};

/// What is known of one (fold, tile) of the whole sequence.
struct Pass {
  std::size_t fold, tile;
  std::optional<Cycle> start, end;
  std::vector<const Reply*> writes;
  bool has_writes = false;
  bool written = false;
};

class Array {
 public:
  Array(const Workload& workload, const Config& config, const Layout& layout, TwinMemory& memory,
        TwinCombiningBuffer& combining, const FoldPlan& plan, WorkLog& log, InnerMutation mutation)
      : workload_(workload),
        config_(config),
        layout_(layout),
        memory_(memory),
        combining_(combining),
        plan_(plan),
        log_(log),
        mutation_(mutation) {
    for (std::size_t f = 0; f < plan.folds.size(); ++f)
      for (std::size_t s = 0; s < plan.tiles.size(); ++s) passes_.push_back({f, s, {}, {}, {}, has_writes(f, s)});
    const std::size_t streamed = plan.tiles.size() - (plan.pinned ? 1 : 0);
    a_loads_.resize(plan.folds.size());
    a_pointer_loads_.resize(plan.folds.size());
    streamed_.resize(streamed * plan.folds.size());
    streamed_pointers_.resize(streamed_.size());
    read_backs_.resize(plan.folds.size());
    done_ = false;
  }

  void step(Cycle t) {
    if (done_) return;
    if (!begun_) begin(t);
    begun_ = true;
    if (mutation_.writes_before_starts) make_writes(t);
    while (let_end(t) || let_start(t)) {
    }
    if (!mutation_.writes_before_starts) make_writes(t);
    if (current_ < passes_.size()) {
      if (passes_[current_].start) {
        account.set(t, {Activity::Kind::busy});
      } else {
        waiting_.push_back(t);
      }
    }
    done_ = current_ == passes_.size();
    for (const Pass& pass : passes_) done_ = done_ && (pass.written || !pass.has_writes);
  }
  bool done() const { return done_; }

  TwinAccount account;
  std::uint64_t products = 0, results = 0, sram_read = 0, sram_write = 0;

 private:
  std::uint64_t tiles() const { return plan_.tiles.size(); }
  std::uint64_t streamed_tiles() const { return tiles() - (plan_.pinned ? 1 : 0); }

  bool has_writes(std::size_t fold, std::size_t tile) const {
    if (!plan_.results(plan_.folds[fold], tile).empty()) return true;
    if (tile + 1 < plan_.tiles.size()) return false;
    return plan_.folds[fold].spilled_lines > 0 || !plan_.pointer_lines(fold).empty();
  }

  void begin(Cycle t) {
    if (plan_.folds.empty()) {
      for (const LineAddr line :
           lines_of(layout_.c_pointers.byte(0), layout_.c_pointers.byte(workload_.a->rows + std::uint64_t{1})))
        memory_.write(line, Tensor::pointers, t);
      return;
    }
    load_a(0, t);
    if (plan_.pinned) load_tile(plan_.tiles[0], pinned_pointers_, pinned_, t);
    for (std::size_t s = 0; s < 2; ++s) load_streamed(s, t);
  }

  void load(Load& load, Block block, Tensor tensor, Cycle t) {
    load.tensor = tensor;
    load.requested = true;
    for (std::uint64_t i = 0; i < block.count; ++i) load.replies.push_back(&memory_.read(block.first + i, tensor, t));
  }
  void load_a(std::size_t fold, Cycle t) {
    if (fold == plan_.folds.size()) return;
    load(a_pointer_loads_[fold], plan_.folds[fold].a_pointers, Tensor::pointers, t);
    load(a_loads_[fold], plan_.folds[fold].a_elements, Tensor::a, t);
  }
  void load_tile(const Tile& tile, Load& pointers, Load& elements, Cycle t) {
    load(pointers, tile.pointers, Tensor::pointers, t);
    load(elements, tile.elements, Tensor::b, t);
    sram_write += kLineBytes * (tile.pointers.count + tile.elements.count);
  }
  /// Number s of the streamed tiles, over all folds.
  void load_streamed(std::size_t s, Cycle t) {
    if (s >= streamed_.size()) return;
    const Tile& tile = plan_.tiles[(plan_.pinned ? 1 : 0) + s % streamed_tiles()];
    load_tile(tile, streamed_pointers_[s], streamed_[s], t);
    ++log_.events["streamed_tiles"];
  }
  std::size_t streamed_number(const Pass& pass) const {
    return pass.fold * streamed_tiles() + pass.tile - (plan_.pinned ? 1 : 0);
  }
  bool is_pinned(const Pass& pass) const { return plan_.pinned && pass.tile == 0; }

  bool let_end(Cycle t) {
    if (current_ == passes_.size() || passes_[current_].end != t) return false;
    const Pass& pass = passes_[current_];
    log_.mark(t);
    const Fold& fold = plan_.folds[pass.fold];
    if (!is_pinned(pass)) load_streamed(streamed_number(pass) + 2, t);
    if (pass.tile + 1 == tiles() && fold.continued) {  // partial sums are written now and read by the next fold
      sram_write += fold.partial_columns * config_.layout.element_bytes();
      sram_read += fold.partial_columns * config_.layout.element_bytes();
      ++log_.events["split_rows"];
    }
    ++current_;
    return true;
  }

  bool let_start(Cycle t) {
    if (current_ == passes_.size() || passes_[current_].start) return false;
    Pass& pass = passes_[current_];
    if (!can_start(pass, t)) return false;
    charge_wait(pass);
    log_.mark(t);
    const Fold& fold = plan_.folds[pass.fold];
    const Tile& tile = plan_.tiles[pass.tile];
    pass.start = t;
    pass.end = t + plan_.cycles(fold, tile);
    if (pass.end == t) ++log_.events["tiles_without_columns"];
    for (const Coordinate j : tile.columns) products += plan_.matched(fold, j);
    sram_read += kLineBytes * (tile.pointers.count + tile.elements.count);
    if (pass.tile == 0) load_a(pass.fold + 1, t);
    return true;
  }

  std::vector<const Load*> loads_for(const Pass& pass) const {
    std::vector<const Load*> loads;
    if (pass.tile == 0) loads = {&a_pointer_loads_[pass.fold], &a_loads_[pass.fold]};
    if (is_pinned(pass)) {
      loads.insert(loads.end(), {&pinned_pointers_, &pinned_});
    } else {
      const std::size_t s = streamed_number(pass);
      loads.insert(loads.end(), {&streamed_pointers_[s], &streamed_[s]});
    }
    if (pass.tile == 0 && pass.fold > 0 && plan_.folds[pass.fold - 1].spilled_lines > 0)
      loads.push_back(&read_backs_[pass.fold - 1]);
    return loads;
  }

  bool can_start(const Pass& pass, Cycle t) const {
    for (const Load* load : loads_for(pass))
      if (!load->in(t)) return false;
    if (current_ < 2 || !passes_[current_ - 2].has_writes) return true;
    if (!passes_[current_ - 2].written) return false;
    for (const Reply* reply : passes_[current_ - 2].writes)
      if (!is_in(*reply, t)) return false;
    return true;
  }

  /// The cycles before a (fold, tile) go to what came last, the first in the order of rule I6 if equal.
  void charge_wait(const Pass& pass) {
    const Reply* last = nullptr;
    Tensor tensor = Tensor::a;
    for (const Load* load : loads_for(pass))
      if (const Reply* reply = load->last(); reply != nullptr && (last == nullptr || reply->at > last->at))
        last = reply, tensor = load->tensor;
    Cycle writes = 0;
    if (current_ >= 2)
      for (const Reply* reply : passes_[current_ - 2].writes) writes = std::max(writes, reply->at);
    const bool by_writes = last == nullptr || writes > last->at;
    if (by_writes && !waiting_.empty()) ++log_.events["result_stalls"];
    for (const Cycle c : waiting_)
      account.set(c, by_writes ? stall(Tensor::c, Cause::output_full) : waiting_cell(c, *last, tensor));
    waiting_.clear();
  }

  void make_writes(Cycle t) {
    for (Pass& pass : passes_) {
      if (!pass.end || *pass.end + config_.machine.pe.latency != t || pass.written) continue;
      pass.written = true;
      if (!pass.has_writes) continue;
      log_.mark(t);
      write_results(pass, t);
      if (pass.tile + 1 == tiles()) finish_fold(pass, t);
    }
    for (const std::size_t fold : to_read_back_) {  // after all writes
      const Fold& f = plan_.folds[fold];
      load(read_backs_[fold], {line_of(layout_.partial_base), f.spilled_lines}, Tensor::partial, t);
      sram_write += kLineBytes * f.spilled_lines;
    }
    to_read_back_.clear();
  }

  void write_results(Pass& pass, Cycle t) {
    for (const ResultLine& line : plan_.results(plan_.folds[pass.fold], pass.tile)) {
      if (combining_.shared(line.line)) {
        pass.writes.push_back(&combining_.contribute(line.line, line.bytes, t));
      } else {
        pass.writes.push_back(&memory_.write(line.line, Tensor::c, t));
      }
      results += line.bytes;
    }
  }

  void finish_fold(Pass& pass, Cycle t) {
    const Fold& fold = plan_.folds[pass.fold];
    for (std::uint64_t i = 0; i < fold.spilled_lines; ++i)
      pass.writes.push_back(&memory_.write(line_of(layout_.partial_base) + i, Tensor::partial, t));
    for (const LineAddr line : plan_.pointer_lines(pass.fold))
      pass.writes.push_back(&memory_.write(line, Tensor::pointers, t));
    if (fold.spilled_lines == 0) return;
    ++log_.events["inner_spills"];
    sram_read += kLineBytes * fold.spilled_lines;
    to_read_back_.push_back(pass.fold);
  }

  const Workload& workload_;
  const Config& config_;
  const Layout& layout_;
  TwinMemory& memory_;
  TwinCombiningBuffer& combining_;
  const FoldPlan& plan_;
  WorkLog& log_;
  InnerMutation mutation_;

  std::vector<Pass> passes_;
  std::size_t current_ = 0;  // computing or next to compute
  std::vector<Load> a_pointer_loads_, a_loads_, streamed_pointers_, streamed_, read_backs_;
  Load pinned_pointers_, pinned_;
  std::vector<std::size_t> to_read_back_;
  std::vector<Cycle> waiting_;
  bool begun_ = false, done_ = false;
};

}  // namespace

TwinResult twin_inner_product(const Workload& workload, const Config& config, Mutation mutation) {
  const Csr& b = *workload.b;
  const Layout layout = make_layout(workload, config.layout, b.cols, b.nnz());
  WorkLog log;
  const std::unique_ptr<TwinMemory> memory = make_memory(config.machine, log);
  const FoldPlan plan(workload, config, layout);
  TwinCombiningBuffer combining(plan.c_rows, config.machine.combining_lines, *memory, log);
  TwinConverter converter(conversion(Tensor::b, layout.b_pointers, layout.b, layout, b.rows, b.cols, b.nnz(),
                                     config.machine.sram.capacity.count / kLineBytes, config.machine.stream_lines,
                                     mutation.converter_reads_first),
                          *memory);
  Array array(workload, config, layout, *memory, combining, plan, log, mutation.inner);
  const bool charged = config.inner_product.convert == Convert::charged;

  memory->drive([&](Cycle t) {
    if (!mutation.combining_after_pes) combining.step(t);
    if (charged) converter.step(t);
    if (charged && !converter.finished_at()) {
      array.account.set(t, stall(Tensor::b, Cause::barrier));
    } else {
      array.step(t);
    }
    if (mutation.combining_after_pes) combining.step(t);
    return !(array.done() && combining.done());
  });
  TwinResult result = memory_result(*memory, log);
  result.convert_cycles = charged ? *converter.finished_at() : 0;
  result.products = array.products;
  result.nnz_c = array.results / config.layout.element_bytes();
  result.sram_read = array.sram_read, result.sram_write = array.sram_write;
  result.groups["array"].push_back(array.account.close(result.cycles));
  if (charged && converter.passes() > 1) ++result.events["conversion_in_passes"];
  if (plan.pinned) ++result.events["pinned"];
  return result;
}

}  // namespace heddle::twin
