// The table everything is trained and judged on: one example per product and machine.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/selector/features.h"
#include "models/selector/label.h"

namespace heddle::selector {

struct PartExample {
  std::string variant;
  std::uint32_t part = 0, parts = 1;
  Features features{};
  PerDataflow cycles{}, convert{}, form{};
  std::uint64_t sram_bytes[kDataflows] = {};
  std::uint64_t selection = 0;
};

struct Example {
  std::string id, family, machine, pattern;
  bool real = false, changed = false;
  Features features{};
  PerDataflow cycles{};
  PerDataflow convert{};       ///< of which conversion between CSR and CSC
  PerDataflow form{};          ///< cycles in closed form, from the sample
  PerDataflow uniform_form{};  ///< the same from shapes alone, as if nonzeros fell uniformly
  PerDataflow trial{};         ///< cycles on the first rows of A
  Measurement measured;
  std::uint64_t products = 0, nnz_c = 0;
  std::uint64_t sram_bytes[kDataflows] = {};
  double latency = 0;  ///< of DRAM, cycles
  std::vector<PartExample> parts;

  std::size_t best() const { return smallest(cycles); }
  double slowdown(std::size_t dataflow) const { return cycles[dataflow] / cycles[best()]; }
  /// log2 of the slowdown of each dataflow.
  PerDataflow log_slowdowns() const;
  /// Slowdown of the second best.
  double margin() const;
};

using Table = std::vector<Example>;
using Rows = std::vector<const Example*>;

/// Throws InputError when the label's configuration is not one of this version.
Example make_example(const Label& label, const MeasuredLabel& measured);

/// The configuration a label was simulated with.
Config config_of(const Label& label);

/// All examples for which `wanted` is true.
template <class Wanted>
Rows select(std::span<const Example> table, Wanted wanted) {
  Rows rows;
  for (const Example& example : table)
    if (wanted(example)) rows.push_back(&example);
  return rows;
}

}  // namespace heddle::selector
