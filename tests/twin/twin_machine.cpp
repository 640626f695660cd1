#include "tests/twin/twin_machine.h"

#include <set>

namespace heddle::twin {

std::unique_ptr<TwinMemory> make_memory(const Machine& machine, WorkLog& log) {
  if (machine.dram.kind == DramKind::flat) return std::make_unique<TwinFlatDram>(machine.dram.flat, machine.clock, log);
  return std::make_unique<TwinBankedDram>(machine.dram, machine.clock, log);
}

std::vector<std::vector<Coordinate>> structure_of_c(const Workload& workload) {
  std::vector<std::vector<Coordinate>> rows;
  for (std::uint32_t r = 0; r < workload.a->rows; ++r) {
    std::set<Coordinate> row;
    for (const Coordinate k : workload.a->row(r).coordinates)
      for (const Coordinate j : workload.b->row(k).coordinates) row.insert(j);
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

std::vector<ByteRange> byte_ranges_of_c(const Workload& workload, const Config& config, const Layout& layout) {
  const std::uint64_t element_bytes = config.layout.element_bytes();
  std::vector<ByteRange> ranges;
  std::uint64_t next = layout.c.base();
  std::uint32_t r = 0;
  for (const auto& row : structure_of_c(workload)) {
    ranges.push_back({next, next + row.size() * element_bytes});
    if (config.layout.c_layout == CLayout::upper_bound) {
      std::uint64_t products = 0;
      for (const Coordinate k : workload.a->row(r).coordinates) products += workload.b->row_nnz(k);
      const std::uint64_t room = std::min<std::uint64_t>(products, workload.b->cols) * element_bytes;
      next += (room + kLineBytes - 1) / kLineBytes * kLineBytes;
    } else {
      next = ranges.back().last;
    }
    ++r;
  }
  return ranges;
}

MergeMachine::MergeMachine(const Workload& workload, const Config& config, const Layout& layout, Mutation deviations)
    : mutation(deviations),
      memory(make_memory(config.machine, log)),
      cache(config.machine.sram, *memory, log, mutation.cache),
      c_rows(byte_ranges_of_c(workload, config, layout)),
      combining(c_rows, config.machine.combining_lines, *memory, log) {
  PeContext context{config.machine.pe, config.layout.element_bytes(), layout.b_pointers, config.machine.sram.latency,
                    mutation.pe};
  pes.reserve(config.machine.pe.count);
  const std::uint64_t clusters = config.machine.sram.clusters, count = config.machine.pe.count;
  for (std::uint64_t p = 0; p < count; ++p) {
    context.cluster = mutation.pe.clusters_in_turn ? p % clusters : p * clusters / count;
    pes.emplace_back(context, cache, combining, *memory, log);
  }
}

void MergeMachine::step(Cycle t, const std::function<void(Cycle)>& control) {
  if (!mutation.banks_after_requesters) cache.step(t);
  if (!mutation.combining_after_pes) combining.step(t);
  if (!mutation.control_after_pes) control(t);
  for (std::size_t i = 0; i < pes.size(); ++i) pes[mutation.pes_backwards ? pes.size() - 1 - i : i].step(t);
  if (mutation.control_after_pes) control(t);
  if (mutation.combining_after_pes) combining.step(t);
  if (mutation.banks_after_requesters) cache.step(t);
}

bool MergeMachine::done() const {
  for (const TwinPe& pe : pes)
    if (!pe.done()) return false;
  return cache.done() && combining.done();
}

TwinResult memory_result(const TwinMemory& memory, const WorkLog& log) {
  TwinResult result;
  result.cycles = std::max(log.last ? *log.last + 1 : 0, memory.last_write_done());
  result.read_bytes = memory.read_bytes;
  result.write_bytes = memory.write_bytes;
  result.events = log.events;
  if (const auto* banked = dynamic_cast<const TwinBankedDram*>(&memory); banked != nullptr) {
    result.events["refreshes"] = banked->refreshes;
    result.events["write_drains"] = banked->write_drains;
    result.events["row_conflicts"] = banked->row_conflicts;
    result.events["dram_queue_full"] = banked->queue_full;
  }
  return result;
}

TwinResult MergeMachine::result() const {
  TwinResult result = memory_result(*memory, log);
  result.hits = cache.hits, result.misses = cache.misses;
  result.evictions = cache.evictions, result.spills = cache.spills;
  result.sram_read = cache.sram_read, result.sram_write = cache.sram_write;
  result.events["evictions"] = cache.evictions;
  result.events["spills"] = cache.spills;
  for (const TwinPe& pe : pes) {
    result.nnz_c += pe.emitted;
    result.groups["pe"].push_back(pe.account.close(result.cycles));
  }
  return result;
}

}  // namespace heddle::twin
