// Figures that others published, as files beside the tests: what was measured, on which machine and workload, and how
// far from it a run of ours may be.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "matrices/generate.h"
#include "matrices/reorder.h"
#include "sim/base/describe.h"

namespace heddle {

/// What is read off a run, or off a machine alone (the last two).
enum class Measure : std::uint8_t {
  cycles,
  array_cycles,
  time_us,
  gflops,
  traffic,
  traffic_a,
  traffic_b,
  traffic_c,
  traffic_partial,
  dram_bytes,
  bandwidth_utilisation,
  energy_mj,
  power_w,
  area_mm2,
  peak_products,
  peak_share,
};
constexpr EnumName<Measure> kMeasureNames[] = {
    {Measure::cycles, "cycles", "cycles of the run"},
    {Measure::array_cycles, "array_cycles", "cycles in which the array computes, without waits for memory"},
    {Measure::time_us, "time_us", "run time in microseconds"},
    {Measure::gflops, "gflops", "2 products / second / 1e9"},
    {Measure::traffic, "traffic", "DRAM bytes of all tensors over compulsory bytes"},
    {Measure::traffic_a, "traffic_a", "bytes of A over compulsory bytes"},
    {Measure::traffic_b, "traffic_b", "bytes of B over compulsory bytes"},
    {Measure::traffic_c, "traffic_c", "bytes of C over compulsory bytes"},
    {Measure::traffic_partial, "traffic_partial", "partials written and read over compulsory bytes"},
    {Measure::dram_bytes, "dram_bytes", "DRAM bytes of all tensors"},
    {Measure::bandwidth_utilisation, "bandwidth_utilisation", "bytes moved over what the channels could have moved"},
    {Measure::energy_mj, "energy_mj", "energy of the run in millijoules"},
    {Measure::power_w, "power_w", "energy over time in watts"},
    {Measure::area_mm2, "area_mm2", "area of the machine as the dataflow uses it"},
    {Measure::peak_products, "peak_products", "products per cycle that multipliers and mergers allow; no run"},
    {Measure::peak_share, "peak_share", "the same over all multipliers; no run"}};
constexpr std::span<const EnumName<Measure>> enum_names(Measure) {
  return kMeasureNames;
}

enum class ProductKind : std::uint8_t { a_times_a, a_times_at };
constexpr EnumName<ProductKind> kProductKindNames[] = {{ProductKind::a_times_a, "a_times_a", "A by itself"},
                                                       {ProductKind::a_times_at, "a_times_at", "A by its transpose"}};
constexpr std::span<const EnumName<ProductKind>> enum_names(ProductKind) {
  return kProductKindNames;
}

/// Where the operands of a row come from: a file of the collection, or a generator.
struct Recipe {
  std::string matrix;
  GeneratorConfig generate, generate_b;
  bool has_b = false;
};
template <class V>
void describe(V& v, Recipe& r) {
  v.field("matrix", r.matrix, "name", "file of the collection, without folder and extension");
  v.section("generate", r.generate, "or a generated matrix, as `heddle matrix generate` makes it");
  v.field("has_b", r.has_b, "bool", "B is generated as well, by generate_b; otherwise it follows from A");
  v.section("generate_b", r.generate_b, "B, with has_b");
}

/// A machine file, changes to it, and the dataflow that runs on it.
struct PublishedMachine {
  std::string machine, dataflow;
  std::vector<std::string> set;
};
template <class V>
void describe(V& v, PublishedMachine& m) {
  v.field("machine", m.machine, "name", "machine file");
  v.field("dataflow", m.dataflow, "name", "dataflow that runs on it");
  v.field("set", m.set, "KEY=VALUE", "changes to the machine file");
}

/// Rows that differ in their workload only.
struct PublishedGroup {
  std::string id, figure, unit, source, not_run, fitted;
  Measure measure = Measure::time_us;
  PublishedMachine subject, against;
  ProductKind product = ProductKind::a_times_a;
  ReorderMethod reorder = ReorderMethod::given;
  double tolerance = 0.1;
  bool absolute = false;
  double geomean_tolerance = 0;
  std::map<std::string, double> rows, over;
  std::vector<std::string> geomean_of;
  double published = 0;
};
template <class V>
void describe(V& v, PublishedGroup& g) {
  v.field("id", g.id, "name", "second part of the names of its rows");
  v.field("figure", g.figure, "text", "what was measured");
  v.field("unit", g.unit, "text", "of the values");
  v.field("source", g.source, "text", "where the values stand; empty: that of the file");
  v.field("not_run", g.not_run, "text", "why these rows cannot be run");
  v.field("fitted", g.fitted, "text", "which parameter was chosen by these rows: they are shown but do not count");
  v.field("measure", g.measure, "name", "what is read off a run");
  v.field("machine", g.subject.machine, "name", "machine file");
  v.field("dataflow", g.subject.dataflow, "name", "dataflow that runs on it");
  v.field("set", g.subject.set, "KEY=VALUE", "changes to the machine file");
  v.section("against", g.against, "a second run: the figure is its measure over that of the first");
  v.field("product", g.product, "name", "what is multiplied");
  v.field("reorder", g.reorder, "name", "order of the rows of A; B stays as it is");
  v.field("tolerance", g.tolerance, "fraction", "of the value, or in its unit when `absolute`", at_least(0));
  v.field("absolute", g.absolute, "bool", "the tolerance is a difference");
  v.field("geomean_tolerance", g.geomean_tolerance, "fraction",
          "of the geometric mean of ours / published over the rows; 0: not judged", at_least(0));
  v.field("rows", g.rows, "", "published value by workload");
  v.field("over", g.over, "", "by workload: the figure is this number over the measure");
  v.field("geomean_of", g.geomean_of, "names", "one row: the geometric mean over these workloads");
  v.field("published", g.published, "", "its value");
}

struct PublishedFile {
  std::string accelerator, source;
  std::map<std::string, Recipe> workloads;
  std::vector<PublishedGroup> groups;
};
template <class V>
void describe(V& v, PublishedFile& f) {
  v.field("accelerator", f.accelerator, "name", "first part of the names of its rows");
  v.field("source", f.source, "text", "where the values stand");
  v.field("workloads", f.workloads, "", "by name; a workload not listed is the file of that name");
  v.field("groups", f.groups, "", "rows that differ in their workload only");
}

/// Strictly read, as a machine file is. Throws InputError.
PublishedFile load_published(const std::string& path);

/// The .yaml files of `folder`, by name. Throws InputError when there are none.
std::vector<PublishedFile> load_published_folder(const std::string& folder);

}  // namespace heddle
