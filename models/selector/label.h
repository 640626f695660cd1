// What happened: the cycles of every dataflow on one product, and of the variants of it that a plan asks for. The
// simulator is called here and nowhere else below models/selector; training sees only tables of labels.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "matrices/operands.h"
#include "models/selector/action.h"
#include "models/selector/measurement.h"
#include "models/selector/plan.h"

namespace heddle::selector {

/// One number per dataflow, whole.
struct Counts {
  std::uint64_t inner_product = 0, outer_product = 0, row_wise = 0;
  std::uint64_t& at(std::size_t d) { return d == 0 ? inner_product : d == 1 ? outer_product : row_wise; }
  std::uint64_t at(std::size_t d) const { return const_cast<Counts*>(this)->at(d); }
};
template <class V>
void describe(V& v, Counts& c) {
  v.field("inner_product", c.inner_product, "count", "of the inner product");
  v.field("outer_product", c.outer_product, "count", "of the outer product");
  v.field("row_wise", c.row_wise, "count", "of row-wise");
}
struct Amounts {
  double inner_product = 0, outer_product = 0, row_wise = 0;
  double& at(std::size_t d) { return d == 0 ? inner_product : d == 1 ? outer_product : row_wise; }
};
template <class V>
void describe(V& v, Amounts& c) {
  v.field("inner_product", c.inner_product, "amount", "of the inner product");
  v.field("outer_product", c.outer_product, "amount", "of the outer product");
  v.field("row_wise", c.row_wise, "amount", "of row-wise");
}

/// One product, whole or in part, on one machine: every dataflow.
struct Outcome {
  Counts cycles, convert_cycles, dram_bytes, sram_bytes;
  Amounts joules, sampling_error;
  std::uint64_t products = 0, nnz_c = 0;
};
template <class V>
void describe(V& v, Outcome& o) {
  v.section("cycles", o.cycles, "cycles of each dataflow, conversion included");
  v.section("convert_cycles", o.convert_cycles, "cycles of the conversion between CSR and CSC");
  v.section("dram_bytes", o.dram_bytes, "traffic of each dataflow");
  v.section("sram_bytes", o.sram_bytes, "accesses of the on-chip memory, read and write, in bytes");
  v.section("joules", o.joules, "energy of each dataflow");
  v.section("sampling_error", o.sampling_error, "error bound of sampled runs, a fraction; 0: exact");
  v.field("products", o.products, "count", "multiplications");
  v.field("nnz_c", o.nnz_c, "count", "nonzeros of C");
}

/// A row of the store.
struct Label {
  std::string plan, id, family, machine, recipe, pattern, config_json;
  bool real = false, changed = false, b_is_a = false;
  Outcome whole;
  Counts trial;  ///< cycles of each dataflow on the first rows of A (Spada's profiling)
  std::uint64_t trial_nnz = 0;
  std::string parts;  ///< JSON list of variants: see PartLabel
};
template <class V>
void describe(V& v, Label& l) {
  v.field("plan", l.plan, "text", "name of the plan");
  v.field("id", l.id, "text", "of the product and its machine within the plan");
  v.field("family", l.family, "text", "generator family, or collection group of a real matrix");
  v.field("machine", l.machine, "text", "the machine file it derives from");
  v.field("recipe", l.recipe, "text", "how A and B are made");
  v.field("pattern", l.pattern, "text",
          "hash of A's pattern that A and its transpose share: near-duplicates are equal");
  v.field("config_json", l.config_json, "JSON", "the machine, complete");
  v.field("real", l.real, "bool", "from files");
  v.field("changed", l.changed, "bool", "the machine differs from its file");
  v.field("b_is_a", l.b_is_a, "bool", "A and B are one matrix in memory");
  v.section("whole", l.whole, "the product as it stands");
  v.section("trial", l.trial, "cycles on the first rows of A");
  v.field("trial_nnz", l.trial_nnz, "count", "nonzeros of A in those rows");
  v.field("parts", l.parts, "JSON", "variants: swapped operands, blocks of rows");
}

/// A variant of a product.
struct PartLabel {
  std::string variant;  ///< "swapped" or "2 blocks", "4 blocks", "8 blocks"
  std::uint32_t part = 0, parts = 1;
  Outcome outcome;
};
template <class V>
void describe(V& v, PartLabel& p) {
  v.field("variant", p.variant, "text", "swapped, or how many blocks");
  v.field("part", p.part, "count", "which of them");
  v.field("parts", p.parts, "count", "of how many");
  v.section("outcome", p.outcome, "cycles of each dataflow");
}

/// What a selector may know of a label's product. A row of its own, so that measuring can change without simulating.
struct MeasuredLabel {
  std::string label;  ///< key of the Label
  Measurement whole;
  std::string parts;  ///< JSON list of Measurements, one per PartLabel
};
template <class V>
void describe(V& v, MeasuredLabel& m) {
  v.field("label", m.label, "key", "the label this belongs to");
  v.section("measured", m.whole, "what a selector may know of it");
  v.field("measured_parts", m.parts, "JSON", "the same of each of the label's parts");
}

Operands make_operands(const PairRecipe& pair);

/// Simulates everything the plan asks of this pair. Deterministic.
Label make_label(const Plan& plan, const PairRecipe& pair, const Operands& operands);
MeasuredLabel measure_label(const Plan& plan, const PairRecipe& pair, const Operands& operands);

/// Identity of a label: recipe, machine, variant, version of the simulator.
std::string label_key(const Plan& plan, const PairRecipe& pair, int model_version);
/// Identity of its measurement.
std::string measured_key(const std::string& label_key);

/// Rows [first, last) of a matrix.
Csr row_block(const Csr& matrix, std::uint32_t first, std::uint32_t last);

/// First rows of `blocks` blocks of A with about equal products each, and rows(A) at the end; sorted, ends at rows(A).
std::vector<std::uint32_t> block_bounds(const Csr& a, const Csr& b, std::uint32_t blocks);

}  // namespace heddle::selector
