#include "tests/twin/twin_cases.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <sstream>

#include "sim/base/random.h"

namespace heddle::twin {
namespace {

/// Small helpers around the one generator of a case.
struct Draw {
  Random random;
  std::uint64_t in(std::uint64_t low, std::uint64_t high) { return low + random.uniform_u64(high - low + 1); }
  std::uint32_t in32(std::uint32_t low, std::uint32_t high) { return static_cast<std::uint32_t>(in(low, high)); }
  bool chance(double p) { return random.uniform_real() < p; }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[random.uniform_u64(choices.size())];
  }
};

enum class Shape { uniform, hypersparse, dense_rows, dense_columns, diagonal, empty };

double density(Shape shape, std::uint32_t r, std::uint32_t c, std::uint32_t dense, double base) {
  switch (shape) {
    case Shape::uniform:
      return base;
    case Shape::hypersparse:
      return 0.02;
    case Shape::dense_rows:
      return r % 7 == dense % 7 ? 0.9 : base / 4;
    case Shape::dense_columns:
      return c % 7 == dense % 7 ? 0.9 : base / 4;
    case Shape::diagonal:
      return r == c || r + 1 == c ? 0.8 : 0.01;
    case Shape::empty:
      return 0;
  }
  return 0;
}

Shape draw_shape(Draw& draw) {
  if (draw.chance(0.02)) return Shape::empty;
  return draw.one_of(
      {Shape::uniform, Shape::uniform, Shape::hypersparse, Shape::dense_rows, Shape::dense_columns, Shape::diagonal});
}

std::shared_ptr<const Csr> draw_matrix(Draw& draw, std::uint32_t rows, std::uint32_t cols) {
  const Shape shape = draw_shape(draw);
  const double base = draw.one_of({0.03, 0.08, 0.15, 0.3});
  const std::uint32_t dense = draw.in32(0, 6);
  auto matrix = std::make_shared<Csr>();
  matrix->rows = rows, matrix->cols = cols;
  for (std::uint32_t r = 0; r < rows; ++r) {
    const bool empty_row = draw.chance(0.15);
    for (std::uint32_t c = 0; c < cols && !empty_row; ++c)
      if (draw.chance(density(shape, r, c, dense, base))) matrix->coordinates.push_back(c);
    matrix->pointers.push_back(matrix->coordinates.size());
  }
  matrix->values.assign(matrix->coordinates.size(), 1.0);
  return matrix;
}

std::uint32_t draw_size(Draw& draw) {
  if (draw.chance(0.02)) return 0;
  return draw.chance(0.6) ? draw.in32(1, 16) : draw.in32(10, 40);
}

void draw_layout(Draw& draw, LayoutConfig& layout) {
  layout.pointer_bytes = draw.one_of<std::uint32_t>({4, 4, 4, 8, 8, 2, 16, 16, 12, 5});
  layout.coordinate_bytes = draw.one_of<std::uint32_t>({4, 4, 4, 2, 16});
  layout.value_bytes = draw.one_of<std::uint32_t>({8, 8, 8, 4, 16});
}

void draw_pe(Draw& draw, PeConfig& pe) {
  pe.count = draw.in32(1, 4);
  pe.multipliers = draw.in32(1, 4);
  pe.radix = draw.in32(2, 4);
  pe.line_buffers = draw.in32(1, 4);
  pe.burst_lines = draw.one_of<std::uint32_t>({1, 1, 2, 3, 4});
  pe.operand_lines = draw.chance(0.3) ? 2 * pe.radix + draw.one_of<std::uint32_t>({0, 0, 1, 3})
                                      : draw.in32(2 * pe.radix, 16 * pe.radix);
  pe.fetch_ahead = draw.in32(0, 3);
  pe.write_lines = 2 * pe.burst_lines + draw.in32(0, draw.chance(0.5) ? 1 : 2 * pe.burst_lines);
  pe.latency = draw.in32(1, 12);
}

void draw_sram(Draw& draw, SramConfig& sram) {
  sram.banks = draw.in32(1, 4);
  sram.ways = draw.in32(2, 4);
  sram.capacity = Bytes{draw.in(1, 3) * sram.banks * sram.ways * kLineBytes};
  sram.latency = draw.in32(1, 6);
  sram.mshrs = sram.banks * draw.in32(1, draw.chance(0.5) ? 1 : sram.ways - 1);
  sram.replacement = draw.one_of({Replacement::lru, Replacement::fifo, Replacement::random});
}

void draw_banked(Draw& draw, BankedDramConfig& dram) {
  dram.preset = draw.one_of<std::string>({"ddr4_2400", "ddr5_4800", "hbm2", "hbm2_1g"});
  dram.map = draw.one_of({DramMap::bank_group_interleaved, DramMap::ro_ba_ra_co_ch, DramMap::mop});
  dram.channels = draw.one_of<std::uint32_t>({1, 2, 4});
  dram.channels_per_queue = dram.channels == 1 ? 1 : draw.in32(1, 2);
  dram.read_queue = draw.one_of<std::uint32_t>({2, 3, 4, 32});
  dram.write_queue = draw.one_of<std::uint32_t>({2, 4, 32});
  dram.write_high = draw.in32(1, dram.write_queue);
  dram.write_low = draw.in32(0, dram.write_high - 1);
  dram.row_hit_cap = draw.one_of<std::uint32_t>({1, 4, 64});
  dram.timing.refi = draw.in32(400, 900);
  dram.timing.rfc = draw.in32(30, 100);
}

void draw_machine(Draw& draw, Machine& machine, DramKind kind, std::uint32_t element_bytes) {
  machine.clock = Frequency{draw.one_of<std::uint64_t>({1'000'000'000, 800'000'000, 1'300'000'007})};
  draw_pe(draw, machine.pe);
  draw_sram(draw, machine.sram);
  const std::uint32_t task_lines = (machine.pe.radix * element_bytes - 1 + 63) / 64 + 1;  // elements of A of one task
  machine.stream_lines = std::max(task_lines, draw.in32(2, 6));
  machine.combining_lines = draw.in32(1, 2);
  machine.dram.kind = kind;
  FlatDramConfig& flat = machine.dram.flat;
  flat.channels = draw.in32(1, 4);
  const std::uint64_t bytes_per_cycle = flat.channels * draw.one_of<std::uint64_t>({3, 5, 13, 64, 100});
  flat.bandwidth = Bandwidth{draw.chance(0.5) ? bytes_per_cycle * machine.clock.hertz : bytes_per_cycle * 977'000'003};
  flat.latency = draw.in32(1, 40);
  draw_banked(draw, machine.dram.banked);
}

void draw_options(Draw& draw, Config& config) {
  config.row_wise.scheduler = draw.one_of({Scheduler::dynamic_tasks, Scheduler::static_tasks});

  OuterProductConfig& outer = config.outer_product;
  outer.convert = draw.one_of({Convert::charged, Convert::free});
  outer.scheduler = draw.one_of({Scheduler::dynamic_tasks, Scheduler::static_tasks});
  outer.header_bytes = draw.one_of<std::uint32_t>({0, 8, 16, 16, 20, 64});
  outer.row_buffer = Bytes{draw.one_of<std::uint64_t>({256, 256, 300, 512, 1024, 4096})};
  const std::uint64_t least = kLineBytes - 1 + outer.header_bytes + config.layout.element_bytes();
  outer.append_lines = static_cast<std::uint32_t>(
      std::max<std::uint64_t>(2, (least + kLineBytes - 1) / kLineBytes + draw.one_of<std::uint64_t>({0, 0, 1, 4})));

  InnerProductConfig& inner = config.inner_product;
  inner.convert = draw.one_of({Convert::charged, Convert::free});
  inner.scan_width = draw.in32(1, 8);
  inner.distribution_width = draw.in32(1, 4);
  const std::uint64_t capacity = config.machine.sram.capacity.count;
  inner.stream_tile = Bytes{std::min(capacity / 2, kLineBytes + draw.in(0, 3) * 40)};
  const std::uint64_t left = capacity - 2 * inner.stream_tile.count;
  inner.partial_capacity = Bytes{draw.chance(0.3) ? 0 : draw.in(0, std::min<std::uint64_t>(left, 300))};
}

/// From a generator of its own: the other draws of a seed stay what they are.
void draw_merge_rate(std::uint64_t seed, PeConfig& pe) {
  Draw draw{Random(seed * 16 + 5)};
  const double kind = draw.random.uniform_real();
  if (kind < 0.3) {
    pe.merge_width = draw.in32(2, 4);
    pe.multipliers = std::max(pe.multipliers, pe.merge_width);
  } else if (kind < 0.45) {
    pe.merge_interval = draw.in32(2, 9);
  }
}

/// Likewise.
void draw_later_options(DataflowKind dataflow, std::uint64_t seed, Config& config) {
  Draw draw{Random(seed * 16 + 9)};
  if (draw.chance(0.25)) config.machine.sram.replacement = Replacement::next_use;
  OuterProductConfig& outer = config.outer_product;
  if (draw.chance(0.5)) outer.chunk_latency = draw.chance(0.6) ? draw.in32(1, 12) : draw.in32(20, 120);
  outer.chunk_requests = draw.chance(0.6) ? draw.in32(1, 6) : draw.in32(7, 40);
  SramConfig& sram = config.machine.sram;
  const bool one_cluster = dataflow == DataflowKind::row_wise && sram.replacement == Replacement::next_use;
  const std::uint32_t clusters = draw.one_of<std::uint32_t>({1, 1, 2, 4, 12, 12});  // 12: one for each bank
  if (!one_cluster) sram.clusters = std::gcd(clusters, sram.banks);
  if (draw.chance(0.4)) outer.phases = Phases::pipelined;
}

/// Likewise.
void draw_c_layout(std::uint64_t seed, LayoutConfig& layout) {
  Draw draw{Random(seed * 16 + 13)};
  if (draw.chance(0.2)) layout.c_layout = CLayout::upper_bound;
}

}  // namespace

Case make_case(DataflowKind dataflow, std::uint64_t seed, DramKind dram) {
  Draw draw{Random(seed * 4 + static_cast<std::uint64_t>(dataflow) * 1'000'003 + (dram == DramKind::flat ? 0 : 1))};
  Case c{seed, {}, {}};
  draw_layout(draw, c.config.layout);
  draw_machine(draw, c.config.machine, dram, c.config.layout.element_bytes());
  draw_options(draw, c.config);
  draw_c_layout(seed, c.config.layout);
  if (dataflow != DataflowKind::inner_product) {
    draw_merge_rate(seed, c.config.machine.pe);
    draw_later_options(dataflow, seed, c.config);
  }
  std::uint32_t rows = draw_size(draw), inner = draw_size(draw), cols = draw_size(draw);
  if (draw.chance(0.3)) {  // few long fibers: several refills of several lines each
    rows = draw.in32(1, 6), inner = draw.in32(2, 12), cols = draw.in32(60, 300);
  } else if (draw.chance(0.2)) {  // many rows: lines of C's pointers
    rows = draw.in32(60, 200), inner = draw.in32(1, 12), cols = draw.in32(1, 12);
  }
  auto a = draw_matrix(draw, rows, inner);
  auto b = draw_matrix(draw, inner, cols);
  c.workload = make_workload(a, b, "a", "b");
  return c;
}

TwinResult run_twin(DataflowKind dataflow, const Workload& workload, const Config& config, Mutation mutation) {
  switch (dataflow) {
    case DataflowKind::row_wise:
      return twin_row_wise(workload, config, mutation);
    case DataflowKind::outer_product:
      return twin_outer_product(workload, config, mutation);
    case DataflowKind::inner_product:
      return twin_inner_product(workload, config, mutation);
  }
  throw InternalError("no such dataflow");
}

FastResult run_fast(DataflowKind dataflow, const Workload& workload, const Config& config) {
  for (const CatalogEntry& entry : catalog()) {
    if (entry.kind != dataflow) continue;
    FastResult result;
    RunOptions options;
    options.sink = &result.timeline;
    result.report = entry.run(workload, config, options).report;
    return result;
  }
  throw InternalError("no such dataflow");
}

namespace {

/// Collects figures that differ.
class Differences {
 public:
  void compare(const std::string& figure, std::uint64_t twin, std::uint64_t fast) {
    if (twin == fast) return;
    ++count_;
    if (count_ <= 12) text_ << figure << ": twin " << twin << ", fast " << fast << "\n";
  }
  void note(const std::string& difference) {
    ++count_;
    text_ << difference << "\n";
  }
  std::string text() const {
    if (count_ == 0) return {};
    return text_.str() + std::to_string(count_) + " figures differ\n";
  }

 private:
  std::uint64_t count_ = 0;
  std::ostringstream text_;
};

void compare_group(Differences& d, const std::string& name, const std::vector<TwinAccount::Sums>& twin,
                   const GroupStalls& fast) {
  TwinAccount::Sums sums;
  std::uint64_t max_busy = 0;
  for (const TwinAccount::Sums& agent : twin) {
    sums.busy += agent.busy, sums.no_work += agent.no_work, sums.idle += agent.idle;
    max_busy = std::max(max_busy, agent.busy);
    for (std::size_t t = 0; t < kTensorCount; ++t)
      for (std::size_t c = 0; c < kCauseCount; ++c) sums.stalls[t][c] += agent.stalls[t][c];
  }
  d.compare(name + ".agents", twin.size(), fast.agents);
  d.compare(name + ".busy", sums.busy, fast.busy);
  d.compare(name + ".max_busy", max_busy, fast.max_busy);
  d.compare(name + ".no_work", sums.no_work, fast.no_work);
  d.compare(name + ".idle", sums.idle, fast.idle);
  for (std::size_t t = 0; t < kTensorCount; ++t)
    for (std::size_t c = 0; c < kCauseCount; ++c)
      d.compare(name + "." + std::string(kTensorNames[t]) + "." + std::string(kCauseNames[c]), sums.stalls[t][c],
                fast.stalls[t][c]);
}

void compare_cells(Differences& d, const std::string& group, std::uint32_t index, const std::vector<Cell>& twin,
                   const Timeline& timeline) {
  const auto found = timeline.cells.find({group, index});
  const std::vector<Cell> fast = found == timeline.cells.end() ? std::vector<Cell>{} : found->second;
  const std::string agent = group + " " + std::to_string(index);
  d.compare(agent + " cells", twin.size(), fast.size());
  for (Cycle c = 0; c < std::min(twin.size(), fast.size()); ++c) {
    if (activity_name(twin[c]) == activity_name(fast[c])) continue;
    d.note(agent + " first differs in cycle " + std::to_string(c) + ": twin " + std::string(activity_name(twin[c])) +
           ", fast " + std::string(activity_name(fast[c])));
    return;
  }
}

}  // namespace

std::string difference(const TwinResult& twin, const FastResult& result) {
  const RunReport& fast = result.report;
  Differences d;
  const auto bytes = [](Tensor tensor, const TensorBytes& table) { return table[static_cast<std::size_t>(tensor)]; };
  const auto both = [&](Tensor tensor) { return bytes(tensor, twin.read_bytes) + bytes(tensor, twin.write_bytes); };
  d.compare("cycles", twin.cycles, fast.cycles);
  d.compare("convert_cycles", twin.convert_cycles, fast.convert_cycles);
  d.compare("products", twin.products, fast.products);
  d.compare("nnz_c", twin.nnz_c, fast.nnz_c);
  if (twin.intersections) d.compare("intersections", *twin.intersections, fast.actions.intersections);
  d.compare("dram.a", both(Tensor::a), fast.dram_bytes.a);
  d.compare("dram.b", both(Tensor::b), fast.dram_bytes.b);
  d.compare("dram.c", both(Tensor::c), fast.dram_bytes.c);
  d.compare("dram.pointers", both(Tensor::pointers), fast.dram_bytes.pointers);
  d.compare("dram.partial_read", bytes(Tensor::partial, twin.read_bytes), fast.dram_bytes.partial_read);
  d.compare("dram.partial_write", bytes(Tensor::partial, twin.write_bytes), fast.dram_bytes.partial_write);
  d.compare("sram.read", twin.sram_read, fast.sram_bytes.read);
  d.compare("sram.write", twin.sram_write, fast.sram_bytes.write);
  d.compare("cache.hits", twin.hits, fast.cache.hits);
  d.compare("cache.misses", twin.misses, fast.cache.misses);
  d.compare("cache.evictions", twin.evictions, fast.cache.evictions);
  d.compare("cache.spills", twin.spills, fast.cache.spills);
  d.compare("groups", twin.groups.size(), fast.stalls.size());
  for (const auto& [name, agents] : twin.groups) {
    const auto found = fast.stalls.find(name);
    d.compare("group " + name, 1, found == fast.stalls.end() ? 0 : 1);
    if (found != fast.stalls.end()) compare_group(d, name, agents, found->second);
    for (std::uint32_t i = 0; i < agents.size(); ++i) compare_cells(d, name, i, agents[i].cells, result.timeline);
  }
  return d.text();
}

std::string describe_case(const Case& c) {
  const Machine& m = c.config.machine;
  const LayoutConfig& layout = c.config.layout;
  std::ostringstream s;
  s << "seed " << c.seed << ": A " << c.workload.a->rows << " x " << c.workload.a->cols << " nnz "
    << c.workload.a->nnz() << ", B cols " << c.workload.b->cols << " nnz " << c.workload.b->nnz() << ", products "
    << c.workload.products << "\n  layout " << layout.pointer_bytes << "/" << layout.coordinate_bytes << "/"
    << layout.value_bytes << " " << enum_name(layout.c_layout) << ", pe count " << m.pe.count << " mult "
    << m.pe.multipliers << " radix " << m.pe.radix << " line_buffers " << m.pe.line_buffers << " burst_lines "
    << m.pe.burst_lines << " operand_lines " << m.pe.operand_lines << " fetch_ahead " << m.pe.fetch_ahead
    << " write_lines " << m.pe.write_lines << " latency " << m.pe.latency << "\n  sram " << m.sram.capacity.count
    << " B banks " << m.sram.banks << " clusters " << m.sram.clusters << " ways " << m.sram.ways << " latency "
    << m.sram.latency << " mshrs " << m.sram.mshrs << " " << enum_name(m.sram.replacement) << ", stream_lines "
    << m.stream_lines << " combining_lines " << m.combining_lines << ", clock " << m.clock.hertz << "\n  ";
  if (m.dram.kind == DramKind::flat) {
    s << "flat channels " << m.dram.flat.channels << " latency " << m.dram.flat.latency << " bandwidth "
      << m.dram.flat.bandwidth.bytes_per_second;
  } else {
    s << "banked " << m.dram.banked.preset << " channels " << m.dram.banked.channels;
  }
  const auto& o = c.config.outer_product;
  const auto& i = c.config.inner_product;
  s << "\n  row_wise " << enum_name(c.config.row_wise.scheduler) << "; outer " << enum_name(o.convert) << " "
    << enum_name(o.scheduler) << " header " << o.header_bytes << " row_buffer " << o.row_buffer.count
    << " append_lines " << o.append_lines << " chunk_latency " << o.chunk_latency << " chunk_requests "
    << o.chunk_requests << " " << enum_name(o.phases) << "; inner " << enum_name(i.convert) << " scan " << i.scan_width
    << " distribution " << i.distribution_width << " tile " << i.stream_tile.count << " partials "
    << i.partial_capacity.count << "\n";
  return s.str();
}

}  // namespace heddle::twin
