#include "dataflows/finish.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "dataflows/bounds.h"
#include "sim/base/errors.h"

namespace heddle {
namespace {

constexpr double kTolerance = 1e-9;

[[noreturn]] void violated(const RunReport& report, const std::string& law, const std::string& left,
                           const std::string& right) {
  throw LawViolation(report.dataflow + ": law violated: " + law + ": " + left + " against " + right);
}

void require_equal(const RunReport& report, const std::string& law, std::uint64_t left, std::uint64_t right) {
  if (left != right) violated(report, law, std::to_string(left), std::to_string(right));
}

double ratio(double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

/// Busiest agent over the mean of its group.
double imbalance(const RunReport& report) {
  const auto pe = report.stalls.find("pe");
  if (pe == report.stalls.end()) return report.products == 0 ? 0 : 1;
  const GroupStalls& group = pe->second;
  return ratio(double(group.max_busy) * double(group.agents), double(group.busy));
}

void check_time(const RunReport& report) {
  const std::pair<const char*, std::uint64_t> bounds[] = {{"compute_cycles", report.bounds.compute_cycles},
                                                          {"merge_cycles", report.bounds.merge_cycles},
                                                          {"bandwidth_cycles", report.bounds.bandwidth_cycles}};
  for (const auto& [name, bound] : bounds)
    if (double(report.cycles) * (1 + report.sampling_error_bound) < double(bound))
      violated(report, std::string("cycles >= ") + name, std::to_string(report.cycles), std::to_string(bound));
}

std::string element_text(std::uint32_t row, Coordinate column) {
  return "C(" + std::to_string(row + 1) + "," + std::to_string(column + 1) + ")";
}

void check_element(const ReferenceProduct& reference, const Csr& c, std::uint32_t row, std::uint64_t i) {
  if (c.coordinates[i] != reference.c.coordinates[i])
    throw LawViolation("law violated: pattern of C = pattern of the reference: " + element_text(row, c.coordinates[i]) +
                       " against " + element_text(row, reference.c.coordinates[i]));
  const double difference = std::abs(c.values[i] - reference.c.values[i]);
  if (!(difference <= kTolerance * reference.magnitude[i]))
    throw LawViolation("law violated: |c - reference| <= 1e-9 sum |a b| at " + element_text(row, c.coordinates[i]) +
                       ": " + std::to_string(c.values[i]) + " against " + std::to_string(reference.c.values[i]));
}

}  // namespace

DramBytes dram_bytes_of(const Dram& dram) {
  dram.check_laws();
  const DramTraffic traffic = dram.traffic();
  const auto both = [&](Tensor tensor) {
    return traffic.read[static_cast<std::size_t>(tensor)] + traffic.written[static_cast<std::size_t>(tensor)];
  };
  DramBytes bytes;
  bytes.a = both(Tensor::a);
  bytes.b = both(Tensor::b);
  bytes.c = both(Tensor::c);
  bytes.pointers = both(Tensor::pointers);
  bytes.partial_read = traffic.read[static_cast<std::size_t>(Tensor::partial)];
  bytes.partial_write = traffic.written[static_cast<std::size_t>(Tensor::partial)];
  const std::uint64_t moved = dram.stats().bytes;
  if (bytes.total() != moved)
    throw LawViolation("law violated: bytes by tensor = bytes on the channels: " + std::to_string(bytes.total()) +
                       " against " + std::to_string(moved));
  return bytes;
}

DramCommands dram_commands_of(const Dram& dram) {
  const DramChannelStats stats = dram.stats();
  return {.activates = stats.activates, .refreshes = stats.refreshes};
}

void report_memory(const Dram& dram, const Cache* cache, RunReport& report) {
  report.dram_bytes = dram_bytes_of(dram);
  report.dram_commands = dram_commands_of(dram);
  if (cache == nullptr) return;
  const CacheStats& stats = cache->stats();
  report.sram_bytes = {stats.read_bytes, stats.written_bytes};
  report.cache = {stats.hits, stats.misses, stats.evictions, stats.spills};
}

Resources merge_resources(const Config& config, std::uint64_t buffer_bytes) {
  const Machine& machine = config.machine;
  const std::uint64_t pes = machine.pe.count;
  Resources resources;
  resources.multipliers = machine.pe.all_multipliers();
  resources.adders = pes * machine.pe.merge_width;
  resources.comparators = pes * (machine.pe.radix - 1) * machine.pe.merge_width;
  resources.merge_inputs_per_cycle = pes * machine.pe.merge_width;
  resources.sram_bytes = machine.sram.capacity.count;
  resources.sram_ports = machine.sram.banks;
  const std::uint64_t lines =
      pes * (machine.pe.operand_lines + std::uint64_t{machine.pe.write_lines}) + machine.combining_lines;
  resources.buffer_bytes = lines * kLineBytes + buffer_bytes;
  return resources;
}

void finish(DataflowKind kind, const Workload& workload, const Config& config, RunReport& report) {
  const double cycles = double(report.cycles);
  report.seconds = cycles / double(config.machine.clock.hertz);
  report.actions.macs = report.products;
  report.mac_utilisation = ratio(double(report.products), double(report.resources.multipliers) * cycles);
  report.merge_utilisation =
      ratio(double(report.actions.merge_inputs), double(report.resources.merge_inputs_per_cycle) * cycles);
  report.bandwidth_utilisation =
      ratio(double(report.dram_bytes.total()), dram_peak(config.machine).bytes_per_cycle * cycles);
  report.load_imbalance = imbalance(report);
  report.compulsory_bytes = compulsory_bytes(workload, config.layout);
  if (report.actions.merge_inputs != 0)  // each passes an operand buffer
    report.actions.buffer_bytes = 2 * report.actions.merge_inputs * config.layout.element_bytes();
  report.area_parts_mm2 = area_of(report.resources, config.area);
  report.area_mm2 = report.area_parts_mm2.total();
  report.energy_parts_joules =
      energy_of(report, config.energy, {config.machine.pe.radix, config.layout.element_bytes()});
  report.energy_joules = report.energy_parts_joules.groups();
  for (const CatalogEntry& entry : catalog()) {
    if (entry.kind != kind) continue;
    report.dataflow = entry.name;
    report.bounds = entry.bounds(workload, config);
  }
  check_laws(kind, workload, config, report);
}

void check_laws(DataflowKind kind, const Workload& workload, const Config& config, const RunReport& report) {
  require_equal(report, "products formed = products of the workload", report.products, workload.products);
  require_equal(report, "nonzeros written = nonzeros of C", report.nnz_c, workload.nnz_c());
  for (const auto& [name, group] : report.stalls)
    require_equal(report, "busy + stalls + no_work + idle = agents x cycles of " + name, group.total(),
                  group.agents * report.cycles);
  check_time(report);
  const std::uint64_t least = unavoidable_bytes(kind, workload, config);
  if (report.dram_bytes.total() < least)
    violated(report, "traffic >= compulsory", std::to_string(report.dram_bytes.total()), std::to_string(least));
}

void check_product(const ReferenceProduct& reference, const Csr& c) {
  const bool same_rows = c.rows == reference.c.rows && c.cols == reference.c.cols && c.pointers == reference.c.pointers;
  if (!same_rows || c.coordinates.size() != c.pointers.back() || c.values.size() != c.pointers.back())
    throw LawViolation("law violated: pattern of C = pattern of the reference: row lengths differ");
  for (std::uint32_t row = 0; row < c.rows; ++row)
    for (std::uint64_t i = c.pointers[row]; i < c.pointers[row + 1]; ++i) check_element(reference, c, row, i);
}

}  // namespace heddle
