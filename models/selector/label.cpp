#include "models/selector/label.h"

#include <algorithm>
#include <memory>

#include "dataflows/dataflow.h"
#include "matrices/workload.h"
#include "sim/base/hash.h"
#include "sim/base/json.h"

namespace heddle::selector {
namespace {

/// Rows of A on which Spada's rule tries each dataflow: 4 blocks of a height up to the lanes (32 PEs).
constexpr std::uint32_t kTrialRows = 128;

Outcome run_all(const std::shared_ptr<const Csr>& a, const std::shared_ptr<const Csr>& b, const Config& config) {
  const Workload workload = make_workload(a, b, "A", "B");
  Outcome outcome;
  outcome.products = workload.products;
  outcome.nnz_c = workload.nnz_c();
  for (std::size_t d = 0; d < kDataflows; ++d) {
    const RunReport report = catalog()[d].run(workload, config, {}).report;
    outcome.cycles.at(d) = report.cycles;
    outcome.convert_cycles.at(d) = report.convert_cycles;
    outcome.dram_bytes.at(d) = report.dram_bytes.total();
    outcome.sram_bytes.at(d) = report.sram_bytes.read + report.sram_bytes.write;
    outcome.joules.at(d) = report.energy_joules.total();
    outcome.sampling_error.at(d) = report.sampling_error_bound;
  }
  return outcome;
}

std::string pattern_hash(const Csr& matrix) {
  Hasher hasher;
  const std::uint32_t shape[] = {matrix.rows, matrix.cols};
  hasher.update(std::span<const std::uint32_t>(shape));
  hasher.update(std::span<const std::uint64_t>(matrix.pointers));
  hasher.update(std::span<const Coordinate>(matrix.coordinates));
  return hasher.hex();
}

/// A variant of the product: its operands.
struct Part {
  PartLabel label;
  Operands operands;
};

std::vector<Part> parts_of(Variant variant, const Operands& whole) {
  std::vector<Part> parts;
  if (variant == Variant::swapped) {  // C' = B' A'
    Part part;
    part.label.variant = "swapped";
    part.operands = swapped(whole);
    parts.push_back(std::move(part));
  }
  if (variant != Variant::tiled) return parts;
  for (const std::uint32_t blocks : {2u, 4u, 8u}) {
    const std::vector<std::uint32_t> bounds = block_bounds(*whole.a, *whole.b, blocks);
    for (std::uint32_t i = 0; i < blocks; ++i) {
      Part part;
      part.label.variant = std::to_string(blocks) + " blocks";
      part.label.part = i;
      part.label.parts = blocks;
      part.operands = {std::make_shared<const Csr>(row_block(*whole.a, bounds[i], bounds[i + 1])), whole.b};
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

}  // namespace

Csr row_block(const Csr& matrix, std::uint32_t first, std::uint32_t last) {
  Csr block;
  block.rows = last - first;
  block.cols = matrix.cols;
  const std::uint64_t begin = matrix.pointers[first];
  const std::uint64_t end = matrix.pointers[last];
  block.pointers.clear();
  for (std::uint32_t row = first; row <= last; ++row) block.pointers.push_back(matrix.pointers[row] - begin);
  block.coordinates.assign(matrix.coordinates.begin() + std::ptrdiff_t(begin),
                           matrix.coordinates.begin() + std::ptrdiff_t(end));
  block.values.assign(matrix.values.begin() + std::ptrdiff_t(begin), matrix.values.begin() + std::ptrdiff_t(end));
  return block;
}

std::vector<std::uint32_t> block_bounds(const Csr& a, const Csr& b, std::uint32_t blocks) {
  std::vector<std::uint64_t> products(std::size_t{a.rows} + 1, 0);
  for (std::uint32_t row = 0; row < a.rows; ++row) {
    products[row + 1] = products[row];
    for (const Coordinate k : a.row(row).coordinates) products[row + 1] += b.row_nnz(k);
  }
  std::vector<std::uint32_t> bounds = {0};
  for (std::uint32_t i = 1; i < blocks; ++i) {
    const std::uint64_t wanted = products.back() / blocks * i;
    const auto at = std::lower_bound(products.begin(), products.end(), wanted);
    bounds.push_back(std::max(bounds.back(), static_cast<std::uint32_t>(at - products.begin())));
  }
  bounds.push_back(a.rows);
  return bounds;
}

Operands make_operands(const PairRecipe& pair) {
  const auto a = std::make_shared<const Csr>(make_matrix(pair.a));
  return {a, pair.b_is_a ? a : std::make_shared<const Csr>(make_matrix(pair.b))};
}

Label make_label(const Plan& plan, const PairRecipe& pair, const Operands& operands) {
  Label label;
  label.plan = plan.name;
  label.id = pair.id;
  label.family = pair.family;
  label.machine = pair.machine;
  label.recipe = recipe_text(pair);
  label.pattern = std::min(pattern_hash(*operands.a), pattern_hash(transpose(*operands.a)));
  label.config_json = canonical_text(identity_json(pair.config));
  label.real = pair.real;
  label.changed = pair.changed;
  label.b_is_a = pair.b_is_a;
  label.whole = run_all(operands.a, operands.b, pair.config);
  const auto first_rows =
      std::make_shared<const Csr>(row_block(*operands.a, 0, std::min(kTrialRows, operands.a->rows)));
  label.trial = run_all(first_rows, operands.b, pair.config).cycles;
  label.trial_nnz = first_rows->nnz();
  Json list = Json::array();
  for (Part& part : parts_of(plan.variant, operands)) {
    part.label.outcome = run_all(part.operands.a, part.operands.b, pair.config);
    list.push_back(to_json(part.label));
  }
  label.parts = list.dump();
  return label;
}

MeasuredLabel measure_label(const Plan& plan, const PairRecipe& pair, const Operands& operands) {
  MeasuredLabel measured;
  measured.whole = measure(*operands.a, *operands.b, pair.b_is_a, pair.config);
  Json list = Json::array();
  for (const Part& part : parts_of(plan.variant, operands))
    list.push_back(to_json(measure(*part.operands.a, *part.operands.b, false, pair.config)));
  measured.parts = list.dump();
  return measured;
}

std::string label_key(const Plan& plan, const PairRecipe& pair, int model_version) {
  return hash_text(pair.id + "\n" + recipe_text(pair) + "\n" + canonical_text(identity_json(pair.config)) + "\n" +
                   std::string(enum_name(plan.variant)) + "\n" + std::to_string(model_version));
}

std::string measured_key(const std::string& label_key) {
  return hash_text(label_key + "\n" + std::to_string(kMeasurementVersion));
}

}  // namespace heddle::selector
