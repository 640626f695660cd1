#include "models/selector/features.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "dataflows/bounds.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "sim/memory/memory.h"

namespace heddle::selector {
namespace {

using enum CostClass;

constexpr FeatureInfo kFeatures[] = {
    {"pes", "log2 count", "processing elements, one merger each", machine},
    {"multipliers", "log2 count", "multipliers of all PEs", machine},
    {"radix", "log2 count", "fibers one merger takes at once", machine},
    {"sram", "log2 bytes", "shared on-chip memory", machine},
    {"bandwidth", "log2 bytes per cycle", "peak of the DRAM channels", machine},
    {"latency", "log2 cycles", "of one DRAM access", machine},
    {"miss_bandwidth", "log2 ratio", "what misses in flight can fetch per cycle, over the peak bandwidth", machine},
    {"rows", "log2 count", "rows of A", pointers},
    {"inner", "log2 count", "columns of A", pointers},
    {"cols", "log2 count", "columns of B", pointers},
    {"nnz_a", "log2 count", "nonzeros of A", pointers},
    {"nnz_b", "log2 count", "nonzeros of B", pointers},
    {"density_a", "log2 fraction", "nonzeros per position of A", pointers},
    {"density_b", "log2 fraction", "nonzeros per position of B", pointers},
    {"a_row_mean", "log2 count", "mean row length of A", pointers},
    {"b_row_mean", "log2 count", "mean row length of B", pointers},
    {"a_row_cv", "ratio", "variation of A's row lengths", pointers},
    {"b_row_cv", "ratio", "variation of B's row lengths", pointers},
    {"a_row_max", "log2 ratio", "longest row of A over the mean", pointers},
    {"b_row_max", "log2 ratio", "longest row of B over the mean", pointers},
    {"a_empty", "fraction", "empty rows of A", pointers},
    {"b_empty", "fraction", "empty rows of B", pointers},
    {"a_beyond_radix", "fraction", "nonzeros of A in rows longer than the radix", pointers},
    {"b_over_sram", "log2 ratio", "bytes of B over the on-chip memory", pointers},
    {"folds", "log2 count", "nonzeros of A over multipliers", pointers},
    {"uniform_ip_rw", "log2 ratio", "closed forms, uniform densities: inner product over row-wise", pointers},
    {"uniform_op_rw", "log2 ratio", "closed forms, uniform densities: outer product over row-wise", pointers},
    {"uniform_ip_op", "log2 ratio", "closed forms, uniform densities: inner over outer product", pointers},
    {"products", "log2 count", "products, estimated", sampled},
    {"fill", "log2 fraction", "nonzeros of C per product, estimated", sampled},
    {"reuse", "fraction", "nonzeros of A whose row of B was named shortly before", sampled},
    {"spread", "fraction", "distance of neighbouring nonzeros of A over its columns", sampled},
    {"touched_b", "fraction", "nonzeros of B in rows that A names", sampled},
    {"b_columns", "fraction", "columns of B that hold nonzeros", sampled},
    {"log_over_sram", "log2 ratio", "partial fibers of an outer product over the on-chip memory", sampled},
    {"ip_rw", "log2 ratio", "closed forms: inner product over row-wise", sampled},
    {"op_rw", "log2 ratio", "closed forms: outer product over row-wise", sampled},
    {"ip_op", "log2 ratio", "closed forms: inner over outer product", sampled},
    {"ip_match_share", "fraction", "inner product: delivery of matches over the form's cycles", sampled},
    {"ip_traffic_share", "fraction", "inner product: traffic over the form's cycles", sampled},
    {"ip_convert_share", "fraction", "inner product: conversion over the form's cycles", sampled},
    {"op_spill_share", "fraction", "outer product: spills over the form's cycles", sampled},
    {"op_convert_share", "fraction", "outer product: conversion over the form's cycles", sampled},
    {"op_merge_share", "fraction", "outer product: merging over the form's cycles", sampled},
    {"rw_merge_share", "fraction", "row-wise: merging over the form's cycles", sampled},
    {"rw_longest_share", "fraction", "row-wise: the longest task over the form's cycles", sampled},
    {"rw_miss_share", "fraction", "row-wise: misses in flight over the form's cycles", sampled},
    {"rw_traffic_share", "fraction", "row-wise: traffic over the form's cycles", sampled},
};
static_assert(std::size(kFeatures) == kFeatureCount);

double log2_of(double x) {
  return std::log2(std::max(x, 1e-12));
}
double log2_count(double x) {
  return std::log2(1 + x);
}

class Filler {
 public:
  explicit Filler(Features& features) : features_(features) {}
  void add(double value) {
    HEDDLE_CHECK(next_ < kFeatureCount && std::isfinite(value));
    features_[next_++] = value;
  }
  void finish() const { HEDDLE_CHECK(next_ == kFeatureCount); }

 private:
  Features& features_;
  std::size_t next_ = 0;
};

void add_machine(Filler& f, const Machine& machine) {
  const double peak = dram_peak(machine).bytes_per_cycle;
  const double latency = machine.dram.flat.latency;
  f.add(log2_of(machine.pe.count));
  f.add(log2_of(double(machine.pe.count) * machine.pe.multipliers));
  f.add(log2_of(machine.pe.radix));
  f.add(log2_of(double(machine.sram.capacity.count)));
  f.add(log2_of(peak));
  f.add(log2_of(latency));
  f.add(log2_of(double(machine.sram.mshrs) * double(kLineBytes) / latency / peak));
}

void add_pointers(Filler& f, const Measurement& m, const Config& config) {
  const double a_mean = double(m.nnz_a) / std::max(1.0, double(m.rows));
  const double b_mean = double(m.nnz_b) / std::max(1.0, double(m.inner));
  for (const std::uint64_t count : {m.rows, m.inner, m.cols, m.nnz_a, m.nnz_b}) f.add(log2_count(double(count)));
  f.add(log2_of(a_mean / std::max(1.0, double(m.inner))));
  f.add(log2_of(b_mean / std::max(1.0, double(m.cols))));
  f.add(log2_count(a_mean));
  f.add(log2_count(b_mean));
  f.add(m.a_row_cv);
  f.add(m.b_row_cv);
  f.add(log2_of(double(m.a_row_max) / std::max(1e-9, a_mean)));
  f.add(log2_of(double(m.b_row_max) / std::max(1e-9, b_mean)));
  f.add(m.a_empty);
  f.add(m.b_empty);
  f.add(m.a_beyond_radix);
  const Machine& machine = config.machine;
  f.add(log2_of(double(m.nnz_b) * config.layout.element_bytes() / double(machine.sram.capacity.count)));
  f.add(log2_of(double(m.nnz_a) / (double(machine.pe.count) * machine.pe.multipliers)));
}

void add_ratios(Filler& f, const PerDataflow& cycles) {
  f.add(log2_of(cycles[0] / cycles[2]));
  f.add(log2_of(cycles[1] / cycles[2]));
  f.add(log2_of(cycles[0] / cycles[1]));
}

void add_sampled(Filler& f, const Measurement& m, const Config& config) {
  f.add(log2_count(m.products));
  f.add(log2_of(m.fill));
  f.add(m.reuse);
  f.add(m.spread);
  f.add(m.touched_b);
  f.add(m.b_columns / std::max(1.0, double(m.cols)));
  const double log = m.products * config.layout.element_bytes() + double(m.nnz_a) * config.outer_product.header_bytes;
  f.add(log2_of(log / double(config.machine.sram.capacity.count)));
  const ClosedForm form = closed_form(m, config);
  const PerDataflow cycles = form.cycles();
  add_ratios(f, cycles);
  for (const double part : {form.ip_match, form.ip_traffic, form.convert_b}) f.add(part / cycles[0]);
  for (const double part : {form.op_spill, form.convert_a, form.op_merge}) f.add(part / cycles[1]);
  for (const double part : {form.rw_merge, form.rw_longest, form.rw_misses, form.rw_traffic}) f.add(part / cycles[2]);
}

}  // namespace

std::span<const FeatureInfo> feature_list() {
  return kFeatures;
}

std::size_t find_feature(std::string_view name) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if (kFeatures[i].name == name) return i;
    names.push_back(kFeatures[i].name);
  }
  throw InputError(unknown_word("feature", name, names));
}

Features features_of(const Measurement& measurement, const Config& config) {
  Features features{};
  Filler filler(features);
  add_machine(filler, config.machine);
  add_pointers(filler, measurement, config);
  add_ratios(filler, closed_form(uniform_view(measurement), config).cycles());
  add_sampled(filler, measurement, config);
  filler.finish();
  return features;
}

}  // namespace heddle::selector
