// configs/selector/*.yaml: which products on which machines a selector learns from and is judged on. Frozen before any
// training; everything that follows is a function of this file and its seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dataflows/config.h"
#include "matrices/generate.h"
#include "sim/base/describe.h"

namespace heddle::selector {

/// A machine products are drawn onto.
struct MachineChoice {
  std::string name;
  double weight = 1;
};
template <class V>
void describe(V& v, MachineChoice& m) {
  v.field("name", m.name, "name", "machine file, as heddle simulate --machine takes it");
  v.field("weight", m.weight, "share", "of the pairs, relative to the other machines", at_least(0));
}

enum class PairFamily : std::uint8_t {
  // a matrix by itself
  rmat,
  banded,
  block,
  mesh2d,
  mesh3d,
  hypersparse,
  // two matrices
  uniform,
  rectangular,
  power_law,
  n_m_pruned,
  pruned,
  row_skewed,
  column_skewed,
  banded_by_uniform,
  a_by_transpose,
};
std::span<const EnumName<PairFamily>> enum_names(PairFamily);

struct FamilyChoice {
  PairFamily family = PairFamily::uniform;
  double weight = 1;
};
template <class V>
void describe(V& v, FamilyChoice& f) {
  v.field("family", f.family, "name", "how A and B are made");
  v.field("weight", f.weight, "share", "of the pairs, relative to the other families", at_least(0));
}

/// Generated pairs.
struct GeneratedPlan {
  std::uint32_t pairs = 0;
  std::uint64_t least_products = 1000;
  std::uint64_t most_products = 5'000'000;
  double product_skew = 1;
  std::uint32_t least_dimension = 64;
  std::uint32_t most_dimension = 131072;
  double unchanged = 0.3;
  std::vector<double> factors = {1};
  std::vector<MachineChoice> machines;
  std::vector<FamilyChoice> families;
};
template <class V>
void describe(V& v, GeneratedPlan& g) {
  v.field("pairs", g.pairs, "count", "how many", in_range(0, 1'000'000));
  v.field("least_products", g.least_products, "count", "products of the smallest", at_least(1));
  v.field("most_products", g.most_products, "count", "products of the largest", at_least(1));
  v.field("product_skew", g.product_skew, "", "products are least x (most / least)^(u^skew), u uniform; 1: log-uniform",
          in_range(0.1, 10));
  v.field("least_dimension", g.least_dimension, "count", "rows, columns: log-uniform from here", in_range(2, 1 << 24));
  v.field("most_dimension", g.most_dimension, "count", "to here", in_range(2, 1 << 24));
  v.field("unchanged", g.unchanged, "fraction", "pairs on a machine as its file has it", in_range(0, 1));
  v.field("factors", g.factors, "ratio",
          "on the others multipliers, PEs, bandwidth, SRAM and radix are each multiplied by one of these");
  v.field("machines", g.machines, "list", "machines, with their share of the pairs");
  v.field("families", g.families, "list", "families, with their share of the pairs");
}

/// One product of two files, or of a file and a generated matrix. Paths are relative to the collection.
struct RealPair {
  std::string a;
  std::string b;
  bool b_transposed = false;
  std::uint32_t generated_cols = 0;
  double generated_density = 0.1;
};
template <class V>
void describe(V& v, RealPair& p) {
  v.field("a", p.a, "path", "file of A");
  v.field("b", p.b, "path", "file of B; absent: A, or the transpose of A, or a generated matrix");
  v.field("b_transposed", p.b_transposed, "bool", "B is the transpose of A");
  v.field("generated_cols", p.generated_cols, "count",
          "B is a generated `pruned` matrix of so many columns; 0: it is not", in_range(0, 1 << 24));
  v.field("generated_density", p.generated_density, "fraction", "of that matrix", in_range(0, 1));
}

struct RealPlan {
  bool collection = false;
  bool transposes = false;
  std::uint64_t most_products = 100'000'000;
  std::vector<std::string> machines;
  std::vector<RealPair> pairs;
};
template <class V>
void describe(V& v, RealPlan& r) {
  v.field("collection", r.collection, "bool", "every matrix of the collection's INDEX.csv by itself or its transpose");
  v.field("transposes", r.transposes, "bool", "square matrices without a symmetric pattern also by their transpose");
  v.field("most_products", r.most_products, "count", "larger products are left out", at_least(1));
  v.field("machines", r.machines, "list", "each product is run on each of these");
  v.field("pairs", r.pairs, "list", "further products");
}

enum class Variant : std::uint8_t { direct, swapped, tiled };
constexpr EnumName<Variant> kVariantNames[] = {
    {Variant::direct, "direct", "C = A * B, whole"},
    {Variant::swapped, "swapped", "also the transposed product, B' * A'"},
    {Variant::tiled, "tiled", "also in 2, 4 and 8 blocks of rows of A with about equal products"}};
constexpr std::span<const EnumName<Variant>> enum_names(Variant) {
  return kVariantNames;
}

struct Plan {
  std::string name = "unnamed";
  std::uint64_t seed = 1;
  std::uint32_t folds = 5;
  std::uint64_t exact_lines = 1'000'000;
  Variant variant = Variant::direct;
  GeneratedPlan generated;
  RealPlan real;
};
template <class V>
void describe(V& v, Plan& p) {
  v.field("name", p.name, "text", "of the plan, in stores and tables");
  v.field("seed", p.seed, "", "of everything drawn");
  v.field("folds", p.folds, "count", "parts of a cross-validation; a family is in one part", in_range(2, 20));
  v.field("exact_lines", p.exact_lines, "lines",
          "inner products that stream more lines of banked DRAM are sampled (inner_product.exact_lines)", at_least(1));
  v.field("variant", p.variant, "name", "what is run beside the product as it stands");
  v.section("generated", p.generated, "generated pairs");
  v.section("real", p.real, "pairs of files");
}

/// Strict reading; throws InputError with file, line and key.
Plan load_plan(const std::string& path);

/// How one matrix is made.
struct MatrixRecipe {
  std::string file;  ///< absolute; empty: generated
  GeneratorConfig generator;
  bool transposed = false;
};
Csr make_matrix(const MatrixRecipe& recipe);

/// One product on one machine.
struct PairRecipe {
  std::string id;      ///< unique within the plan: "generated/000123" or "real/cora.mtx/long_latency"
  std::string family;  ///< of generated pairs; the collection group of real ones
  bool real = false;
  std::string machine;   ///< name of its base
  bool changed = false;  ///< some factor is not 1
  MatrixRecipe a, b;
  bool b_is_a = false;  ///< one matrix in memory
  Config config;
};

/// Machines by name; the plan's are looked up here.
using Machines = std::map<std::string, Config>;

/// All pairs of the plan in order; real ones only if `collection` (a folder) is not empty. Throws InputError.
std::vector<PairRecipe> expand(const Plan& plan, const Machines& machines, const std::string& collection);

/// Identity of a recipe and its machine, for stores.
std::string recipe_text(const PairRecipe& pair);

}  // namespace heddle::selector
