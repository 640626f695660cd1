// What one run reports. Keys, units and sentences are declared once, in report.cpp's describe().
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/kernel/account.h"

namespace heddle {

/// Bytes moved over the DRAM channels by tensor; whole lines. Partials by direction.
struct DramBytes {
  std::uint64_t a = 0, b = 0, c = 0, pointers = 0, partial_read = 0, partial_write = 0;
  std::uint64_t total() const { return a + b + c + pointers + partial_read + partial_write; }
};

/// Accesses to on-chip memory, in bytes.
struct SramBytes {
  std::uint64_t read = 0, write = 0;
};

struct CacheCounts {
  std::uint64_t hits = 0;       ///< the line is there, or on its way (merged into an MSHR)
  std::uint64_t misses = 0;
  std::uint64_t evictions = 0;  ///< lines replaced
  std::uint64_t spills = 0;     ///< evicted partial lines, written to DRAM
};

/// Cycles of all agents of one group, added up. busy + stalls + no_work + idle = agents * cycles of the run.
struct GroupStalls {
  std::uint64_t agents = 0, busy = 0, no_work = 0, idle = 0;
  std::array<std::array<std::uint64_t, kCauseCount>, kTensorCount> stalls{};
  std::uint64_t max_busy = 0;  ///< of one agent
  void add(const CycleAccount& account);
  std::uint64_t total() const;
};

/// Events that cost energy.
struct ActionCounts {
  std::uint64_t macs = 0;            ///< multiply-accumulates
  std::uint64_t merge_inputs = 0;    ///< elements that entered a merger
  std::uint64_t intersections = 0;   ///< coordinates compared by scanners and intersectors
  std::uint64_t network_elements = 0;  ///< elements moved by distribution and reduction networks
};

struct Bounds {
  std::uint64_t compute_cycles = 0, merge_cycles = 0, bandwidth_cycles = 0;
  std::uint64_t lower() const;  ///< the largest
};

struct EnergyJoules {
  double mac = 0, merge = 0, sram = 0, dram = 0, leakage = 0;  // `leakage` is printed as "static"
  double total() const { return mac + merge + sram + dram + leakage; }
};

/// What the machine is made of, as the dataflow uses it.
struct Resources {
  std::uint64_t multipliers = 0, adders = 0, comparators = 0, merge_inputs_per_cycle = 0;
  std::uint64_t sram_bytes = 0, sram_ports = 0, buffer_bytes = 0;  ///< buffer_bytes: operand, stream and row buffers outside the SRAM
};

struct RunReport {
  std::string dataflow;
  std::string fidelity = "exact";  ///< or "sampled"
  double sampling_error_bound = 0;  ///< relative, on cycles; 0 when exact
  bool checked = false;
  std::uint64_t cycles = 0;
  double seconds = 0;
  std::uint64_t products = 0;
  std::uint64_t nnz_c = 0;
  double mac_utilisation = 0, merge_utilisation = 0, bandwidth_utilisation = 0, load_imbalance = 0;
  DramBytes dram_bytes;
  std::uint64_t compulsory_bytes = 0;
  SramBytes sram_bytes;
  CacheCounts cache;
  std::uint64_t convert_cycles = 0;
  std::map<std::string, GroupStalls> stalls;
  ActionCounts actions;
  EnergyJoules energy_joules;
  double area_mm2 = 0;
  Resources resources;
  Bounds bounds;
  std::vector<std::string> assumptions;  ///< those that bind this run, one sentence each
  double gflops() const { return seconds == 0 ? 0 : 2.0 * double(products) / seconds / 1e9; }
  double normalised_traffic() const { return compulsory_bytes == 0 ? 0 : double(dram_bytes.total()) / double(compulsory_bytes); }
};

}  // namespace heddle
