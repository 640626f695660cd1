// What one run reports. Each key is described once, beside its struct, with its unit and a sentence; the same list
// writes the JSON and the table of keys.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/describe.h"
#include "sim/kernel/account.h"
#include "sim/memory/decoder_config.h"

namespace heddle {

/// Bytes moved over the DRAM channels by tensor; whole lines. Partials by direction.
struct DramBytes {
  std::uint64_t a = 0, b = 0, c = 0, pointers = 0, partial_read = 0, partial_write = 0;
  std::uint64_t total() const { return a + b + c + pointers + partial_read + partial_write; }
};
template <class V>
void describe(V& v, DramBytes& s) {
  v.field("a", s.a, "B", "elements of A read, and moved by its conversion");
  v.field("b", s.b, "B", "elements of B read, and moved by its conversion");
  v.field("c", s.c, "B", "elements of C written");
  v.field("pointers", s.pointers, "B", "pointers of A, B and C read and written, their conversion included");
  v.field("partial_read", s.partial_read, "B", "partial products and sums read back");
  v.field("partial_write", s.partial_write, "B", "partial products and sums spilled");
  std::uint64_t total = s.total();
  v.field("total", total, "B", "all of the above, whole 64 B lines");
}

/// Commands of a banked DRAM, all channels; 0 for a flat one, which has none.
struct DramCommands {
  std::uint64_t activates = 0, refreshes = 0;
};
template <class V>
void describe(V& v, DramCommands& s) {
  v.field("activates", s.activates, "commands", "rows opened");
  v.field("refreshes", s.refreshes, "commands", "all-bank refreshes");
}

/// Accesses to on-chip memory, in bytes.
struct SramBytes {
  std::uint64_t read = 0, write = 0;
};
template <class V>
void describe(V& v, SramBytes& s) {
  v.field("read", s.read, "B", "read from the shared on-chip memory");
  v.field("write", s.write, "B", "written to the shared on-chip memory, fills included");
}

struct CacheCounts {
  std::uint64_t hits = 0;  ///< the line is there, or on its way (merged into an MSHR)
  std::uint64_t misses = 0;
  std::uint64_t evictions = 0;  ///< lines replaced
  std::uint64_t spills = 0;     ///< evicted partial lines, written to DRAM
};
template <class V>
void describe(V& v, CacheCounts& s) {
  v.field("hits", s.hits, "accesses", "reads and takes that find their line, or find it on its way");
  v.field("misses", s.misses, "accesses", "reads and takes that do not");
  v.field("evictions", s.evictions, "lines", "lines replaced by others");
  v.field("spills", s.spills, "lines", "evicted partial lines, written to DRAM");
}

/// "b.dram_queue"
std::string_view stall_key(Tensor tensor, Cause cause);
/// "busy", "no_work", "idle" or the stall_key: the keys of GroupStalls.
std::string_view activity_name(const Activity& activity);

/// Cycles of all agents of one group, added up. busy + stalls + no_work + idle = agents * cycles of the run.
struct GroupStalls {
  std::uint64_t agents = 0, busy = 0, no_work = 0, idle = 0;
  std::array<std::array<std::uint64_t, kCauseCount>, kTensorCount> stalls{};
  std::uint64_t max_busy = 0;  ///< of one agent
  void add(const CycleAccount& account);
  std::uint64_t total() const;
};
/// Of the stalls only those that occurred; they add up with busy, no_work and idle to agents * cycles.
template <class V>
void describe(V& v, GroupStalls& s) {
  v.field("busy", s.busy, "cycles", "of all agents of the group, doing their work");
  for (std::size_t tensor = 0; tensor < kTensorCount; ++tensor)
    for (std::size_t cause = 0; cause < kCauseCount; ++cause)
      if (s.stalls[tensor][cause] != 0)
        v.field(stall_key(Tensor(tensor), Cause(cause)), s.stalls[tensor][cause], "cycles",
                "waiting for this tensor for this reason; absent when it never happened");
  v.field("no_work", s.no_work, "cycles", "no task yet, one will come");
  v.field("idle", s.idle, "cycles", "after the agent's last task");
}

/// Events that cost energy.
struct ActionCounts {
  std::uint64_t macs = 0;              ///< multiply-accumulates
  std::uint64_t merge_inputs = 0;      ///< elements that entered a merger
  std::uint64_t intersections = 0;     ///< coordinates compared by scanners and intersectors
  std::uint64_t network_elements = 0;  ///< elements moved by distribution and reduction networks
  std::uint64_t buffer_bytes = 0;      ///< read from and written to operand buffers inside the PEs
};
template <class V>
void describe(V& v, ActionCounts& s) {
  v.field("macs", s.macs, "count", "multiplications");
  v.field("merge_inputs", s.merge_inputs, "elements", "elements that entered a merger");
  v.field("intersections", s.intersections, "elements", "coordinates compared by scanners and intersectors");
  v.field("network_elements", s.network_elements, "elements", "elements moved by distribution and reduction networks");
  v.field("buffer_bytes", s.buffer_bytes, "B", "read from and written to operand buffers inside the PEs");
}

/// Cycles that no run of this dataflow on this machine can beat.
struct Bounds {
  std::uint64_t compute_cycles = 0, merge_cycles = 0, bandwidth_cycles = 0;
  std::uint64_t lower() const;  ///< the largest
};
template <class V>
void describe(V& v, Bounds& s) {
  v.field("compute_cycles", s.compute_cycles, "cycles",
          "lower bound by multipliers, or by the scan of an inner product");
  v.field("merge_cycles", s.merge_cycles, "cycles", "lower bound by merger inputs; 0 where nothing is merged");
  v.field("bandwidth_cycles", s.bandwidth_cycles, "cycles",
          "lower bound by lines that must move over the DRAM channels");
}

struct EnergyJoules {
  double mac = 0, merge = 0, sram = 0, dram = 0, leakage = 0;  // `leakage` is printed as "static"
  double total() const { return mac + merge + sram + dram + leakage; }
};
/// The same joules by component.
struct EnergyParts {
  double multiply = 0, add = 0, compare = 0, network = 0, sram = 0, buffer = 0;
  double dram_activate = 0, dram_transfer = 0, dram_refresh = 0, leakage = 0;
  EnergyJoules groups() const;
};
template <class V>
void describe(V& v, EnergyParts& s) {
  v.field("multiply", s.multiply, "J", "multiplications");
  v.field("add", s.add, "J", "additions");
  v.field("compare", s.compare, "J", "comparisons of mergers, scanners and intersectors");
  v.field("network", s.network, "J", "distribution and reduction networks");
  v.field("sram", s.sram, "J", "shared on-chip memory");
  v.field("buffer", s.buffer, "J", "operand buffers of the PEs");
  v.field("dram_activate", s.dram_activate, "J", "rows opened; 0 for a flat DRAM");
  v.field("dram_transfer", s.dram_transfer, "J", "bits moved; for a flat DRAM everything");
  v.field("dram_refresh", s.dram_refresh, "J", "refreshes; 0 for a flat DRAM");
  v.field("static", s.leakage, "J", "leakage and clock: area times time");
}

template <class V>
void describe(V& v, EnergyJoules& s) {
  v.field("mac", s.mac, "J", "multiplications and additions");
  v.field("merge", s.merge, "J", "comparisons of mergers and scanners, and networks");
  v.field("sram", s.sram, "J", "shared on-chip memory and operand buffers");
  v.field("dram", s.dram, "J", "bytes over the DRAM channels, rows opened, refreshes");
  v.field("static", s.leakage, "J", "leakage and clock: area times time");
  double total = s.total();
  v.field("total", total, "J", "all of the above");
}

/// What the machine is made of, as the dataflow uses it.
struct Resources {
  std::uint64_t multipliers = 0, adders = 0, comparators = 0, merge_inputs_per_cycle = 0;
  std::uint64_t sram_bytes = 0, sram_ports = 0,
                buffer_bytes = 0;  ///< buffer_bytes: operand, stream and row buffers outside the SRAM
};
template <class V>
void describe(V& v, Resources& s) {
  v.field("multipliers", s.multipliers, "count", "64-bit multipliers");
  v.field("adders", s.adders, "count", "64-bit adders: one per merger, or those of the reduction tree");
  v.field("comparators", s.comparators, "count",
          "comparators of coordinates: radix - 1 per merger, or one per scanned coordinate");
  v.field("merge_inputs_per_cycle", s.merge_inputs_per_cycle, "elements", "what all mergers take in one cycle");
  v.field("sram_bytes", s.sram_bytes, "B", "shared on-chip memory");
  v.field("sram_ports", s.sram_ports, "count", "its 64 B ports");
  v.field("buffer_bytes", s.buffer_bytes, "B", "operand, stream, row and result buffers outside of it");
}

/// mm2 by component.
struct AreaParts {
  double multipliers = 0, adders = 0, comparators = 0, sram = 0, ports = 0, buffers = 0;
  double total() const { return multipliers + adders + comparators + sram + ports + buffers; }
};
template <class V>
void describe(V& v, AreaParts& s) {
  v.field("multipliers", s.multipliers, "mm2", "multipliers");
  v.field("adders", s.adders, "mm2", "adders");
  v.field("comparators", s.comparators, "mm2", "comparators of mergers, scanners and intersectors");
  v.field("sram", s.sram, "mm2", "shared on-chip memory");
  v.field("ports", s.ports, "mm2", "its ports");
  v.field("buffers", s.buffers, "mm2", "operand, stream, row and result buffers");
}

struct RunReport {
  std::string dataflow;
  std::string fidelity = "exact";   ///< or "sampled"
  double sampling_error_bound = 0;  ///< relative, on cycles; 0 when exact
  bool checked = false;
  std::uint64_t cycles = 0;
  double seconds = 0;
  std::uint64_t products = 0;
  std::uint64_t nnz_c = 0;
  double mac_utilisation = 0, merge_utilisation = 0, bandwidth_utilisation = 0, load_imbalance = 0;
  DramBytes dram_bytes;
  DramCommands dram_commands;
  std::uint64_t compulsory_bytes = 0;
  SramBytes sram_bytes;
  CacheCounts cache;
  DecoderCounts decoder;
  std::uint64_t convert_cycles = 0;
  std::map<std::string, GroupStalls> stalls;
  ActionCounts actions;
  EnergyJoules energy_joules;
  EnergyParts energy_parts_joules;
  double area_mm2 = 0;
  AreaParts area_parts_mm2;
  Resources resources;
  Bounds bounds;
  std::vector<std::string> assumptions;  ///< those that bind this run, one sentence each
  double gflops() const { return seconds == 0 ? 0 : 2.0 * double(products) / seconds / 1e9; }
  double normalised_traffic() const {
    return compulsory_bytes == 0 ? 0 : double(dram_bytes.total()) / double(compulsory_bytes);
  }
};
template <class V>
void describe(V& v, RunReport& r) {
  v.field("dataflow", r.dataflow, "name", "inner_product, outer_product or row_wise");
  v.field("fidelity", r.fidelity, "name", "exact, or sampled: folds were drawn and the run scaled");
  v.field("sampling_error_bound", r.sampling_error_bound, "fraction", "of cycles, when sampled; 0 when exact");
  v.field("checked", r.checked, "bool", "C was formed in the hardware's order and equals the reference product");
  v.field("cycles", r.cycles, "cycles", "all operands in DRAM and caches cold to the last write accepted");
  v.field("seconds", r.seconds, "s", "cycles / machine.clock");
  double gflops = r.gflops();
  v.field("gflops", gflops, "GFLOP/s", "2 products / seconds / 1e9");
  v.field("products", r.products, "count", "multiplications of two nonzeros");
  v.field("nnz_c", r.nnz_c, "count", "elements of C written, structural zeros included");
  v.field("mac_utilisation", r.mac_utilisation, "fraction", "products / (multipliers x cycles)");
  v.field("merge_utilisation", r.merge_utilisation, "fraction",
          "merger inputs / (merge_inputs_per_cycle x cycles); 0 without mergers");
  v.field("bandwidth_utilisation", r.bandwidth_utilisation, "fraction",
          "bytes moved / (peak bytes per cycle x cycles)");
  v.field("load_imbalance", r.load_imbalance, "ratio",
          "busiest PE / mean of the PEs, in busy cycles; 1 for a single array, 0 if nothing ran");
  v.section("dram_bytes", r.dram_bytes, "traffic of the DRAM channels by tensor");
  v.section("dram_commands", r.dram_commands, "of a banked DRAM that cost energy of their own");
  v.field("compulsory_bytes", r.compulsory_bytes, "B",
          "A, the touched rows of B, C and the three pointer arrays, each byte once");
  double normalised_traffic = r.normalised_traffic();
  v.field("normalised_traffic", normalised_traffic, "ratio", "dram_bytes.total / compulsory_bytes");
  v.section("sram_bytes", r.sram_bytes, "accesses of the shared on-chip memory");
  v.section("cache", r.cache, "the shared on-chip memory as a cache of B, or of partials");
  v.section("decoder", r.decoder, "the tile decoder of encoded operands; zeros without one");
  v.field("convert_cycles", r.convert_cycles, "cycles", "from CSR to CSC, before anything else; part of cycles");
  v.field("stalls", r.stalls, "cycles", "by group of agents; the entries of a group add up to agents x cycles");
  v.section("actions", r.actions, "what costs energy beside memory");
  v.section("energy_joules", r.energy_joules, "action counts times the pJ table of the config");
  v.section("energy_parts_joules", r.energy_parts_joules, "the same energy by component");
  v.field("area_mm2", r.area_mm2, "mm2", "resources times the area table of the config");
  v.section("area_parts_mm2", r.area_parts_mm2, "the same area by component");
  v.section("resources", r.resources, "what the machine is made of as this dataflow uses it");
  v.section("bounds", r.bounds, "lower bounds in closed form; cycles is never below any");
  v.field("assumptions", r.assumptions, "text", "those that bind this run");
}

}  // namespace heddle
