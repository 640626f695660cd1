#include "models/selector/plan.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>

#include "matrices/load_matrix.h"
#include "models/selector/generated_pairs.h"
#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "sim/base/json.h"
#include "sim/base/spelling.h"
#include "sim/base/yaml_reader.h"

namespace heddle::selector {
namespace {

constexpr EnumName<PairFamily> kFamilies[] = {
    {PairFamily::uniform, "uniform", "square A by B, uniform, densities apart by up to 64"},
    {PairFamily::rectangular, "rectangular", "uniform, every dimension drawn by itself"},
    {PairFamily::power_law, "power_law", "power-law row lengths in A and B"},
    {PairFamily::rmat, "rmat", "recursive graph by itself"},
    {PairFamily::banded, "banded", "band by itself"},
    {PairFamily::block, "block", "dense blocks, by itself"},
    {PairFamily::mesh2d, "mesh2d", "5-point stencil by itself"},
    {PairFamily::mesh3d, "mesh3d", "7-point stencil by itself"},
    {PairFamily::n_m_pruned, "n_m_pruned", "N:M pruned weights by sparse activations"},
    {PairFamily::pruned, "pruned", "pruned weights by sparse activations"},
    {PairFamily::hypersparse, "hypersparse", "less than two nonzeros a row, by itself"},
    {PairFamily::row_skewed, "row_skewed", "power-law rows by uniform"},
    {PairFamily::column_skewed, "column_skewed", "power-law columns by uniform"},
    {PairFamily::banded_by_uniform, "banded_by_uniform", "a band by a uniform matrix"},
    {PairFamily::a_by_transpose, "a_by_transpose", "uniform rectangular by its transpose"}};

Config machine_of(const Machines& machines, const std::string& name, std::uint64_t exact_lines) {
  const auto found = machines.find(name);
  if (found == machines.end()) throw InternalError("machine " + name + " was not loaded");
  Config config = found->second;
  config.inner_product.exact_lines = exact_lines;
  return config;
}

std::string padded(std::uint32_t number) {
  const std::string digits = std::to_string(number);
  return std::string(6 - std::min<std::size_t>(6, digits.size()), '0') + digits;
}

void add_generated(const Plan& plan, const Machines& machines, std::vector<PairRecipe>& pairs) {
  const GeneratedPlan& g = plan.generated;
  if (g.pairs == 0) return;
  if (g.machines.empty() || g.families.empty() || g.factors.empty())
    throw InputError("generated: expected at least one machine, one family and one factor");
  Random random(plan.seed);
  for (std::uint32_t i = 0; i < g.pairs; ++i) {
    PairRecipe pair;
    const PairFamily family = g.families[draw_weighted(g.families, random)].family;
    pair.id = "generated/" + padded(i);
    pair.family = enum_name(family);
    pair.machine = g.machines[draw_weighted(g.machines, random)].name;
    pair.config = machine_of(machines, pair.machine, plan.exact_lines);
    pair.changed = random.uniform_real() >= g.unchanged;
    if (pair.changed) change_machine(g.factors, random, pair.config);
    draw_matrices(g, family, random, pair);
    pairs.push_back(std::move(pair));
  }
}

std::vector<std::string> split(const std::string& line, char at) {
  std::vector<std::string> cells;
  std::stringstream stream(line);
  for (std::string cell; std::getline(stream, cell, at);) cells.push_back(cell);
  return cells;
}

/// "SNAP/wiki-Vote / directed graph" is of SNAP, "DLMC / pruned ..." of DLMC.
std::string group_of(const std::string& kind) {
  return kind.substr(0, kind.find_first_of("/ "));
}

struct IndexRow {
  std::string file, group;
  bool square = false, symmetric = false;
  std::uint64_t products = 0;
};

std::vector<IndexRow> read_index(const std::string& collection) {
  const std::string path = collection + "/INDEX.csv";
  std::stringstream text(read_text_file(path));
  std::string line;
  std::getline(text, line);
  const std::vector<std::string> header = split(line, ',');
  const auto column = [&](const std::string& name) {
    for (std::size_t i = 0; i < header.size(); ++i)
      if (header[i] == name) return i;
    throw InputError(path + ":1: expected a column " + name);
  };
  const std::size_t file = column("file"), kind = column("group_kind"), op = column("spgemm_op"),
                    symmetric = column("pattern_symmetric"), products = column("spgemm_mults");
  std::vector<IndexRow> rows;
  while (std::getline(text, line)) {
    // A quoted cell with a comma (weights of pruned networks) stands only in group_kind.
    std::string plain;
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      if (c != '"') plain += quoted && c == ',' ? ';' : c;
    }
    const std::vector<std::string> cells = split(plain, ',');
    if (cells.size() <= products) throw InputError(path + ": too few cells in \"" + line + "\"");
    rows.push_back({cells[file], group_of(cells[kind]), cells[op] == "A*A", cells[symmetric] == "yes",
                    std::strtoull(cells[products].c_str(), nullptr, 10)});
  }
  return rows;
}

class RealPairs {
 public:
  RealPairs(const Plan& plan, const Machines& machines, const std::string& collection, std::vector<PairRecipe>& pairs)
      : plan_(plan), machines_(machines), collection_(collection), pairs_(pairs), index_(read_index(collection)) {}

  void add_all() {
    for (const IndexRow& row : index_) {
      if (!plan_.real.collection || row.products > plan_.real.most_products) continue;
      add({row.file, "", !row.square, 0, 0}, row.group);
      if (plan_.real.transposes && row.square && !row.symmetric) add({row.file, "", true, 0, 0}, row.group);
    }
    for (const RealPair& pair : plan_.real.pairs) {
      const auto row = std::find_if(index_.begin(), index_.end(), [&](const IndexRow& r) { return r.file == pair.a; });
      if (row == index_.end())
        throw InputError("real.pairs: " + quote(pair.a) + " is not in the collection's INDEX.csv");
      add(pair, row->group);
    }
  }

 private:
  void add(const RealPair& real, const std::string& group) {
    for (const std::string& machine : plan_.real.machines) {
      PairRecipe pair;
      const std::string stem = std::filesystem::path(real.a).filename().string();
      pair.real = true;
      pair.family = group;
      pair.machine = machine;
      pair.config = machine_of(machines_, machine, plan_.exact_lines);
      pair.a.file = collection_ + "/" + real.a;
      pair.b = pair.a;
      std::string by = "itself";
      if (!real.b.empty()) {
        pair.b.file = collection_ + "/" + real.b;
        by = std::filesystem::path(real.b).filename().string();
      } else if (real.generated_cols > 0) {
        pair.b.file.clear();
        pair.b.generator.family = MatrixFamily::pruned;
        pair.b.generator.cols = real.generated_cols;
        pair.b.generator.rows = load_matrix(pair.a.file).matrix.cols;
        pair.b.generator.density = real.generated_density;
        by = "activations" + std::to_string(real.generated_cols);
      } else if (real.b_transposed) {
        pair.b.transposed = true;
        by = "transpose";
      } else {
        pair.b_is_a = true;
      }
      pair.id = "real/" + stem + "/" + by + "/" + machine;
      pairs_.push_back(std::move(pair));
    }
  }

  const Plan& plan_;
  const Machines& machines_;
  const std::string& collection_;
  std::vector<PairRecipe>& pairs_;
  std::vector<IndexRow> index_;
};

std::string matrix_text(const MatrixRecipe& recipe) {
  if (recipe.file.empty()) return canonical_text(to_json(recipe.generator)) + (recipe.transposed ? " transposed" : "");
  return std::filesystem::path(recipe.file).filename().string() + (recipe.transposed ? " transposed" : "");
}

}  // namespace

std::span<const EnumName<PairFamily>> enum_names(PairFamily) {
  return kFamilies;
}

Plan load_plan(const std::string& path) {
  Plan plan;
  read_config(load_config(path), plan);
  if (plan.generated.least_products > plan.generated.most_products)
    throw InputError(path + ": generated.least_products: expected at most generated.most_products");
  return plan;
}

Csr make_matrix(const MatrixRecipe& recipe) {
  Csr matrix = recipe.file.empty() ? generate(recipe.generator) : load_matrix(recipe.file).matrix;
  return recipe.transposed ? transpose(matrix) : matrix;
}

std::vector<PairRecipe> expand(const Plan& plan, const Machines& machines, const std::string& collection) {
  std::vector<PairRecipe> pairs;
  add_generated(plan, machines, pairs);
  if (!collection.empty() && !plan.real.machines.empty()) RealPairs(plan, machines, collection, pairs).add_all();
  std::set<std::string> ids;
  for (const PairRecipe& pair : pairs)
    if (!ids.insert(pair.id).second) throw InputError("the plan names " + pair.id + " twice");
  return pairs;
}

std::string recipe_text(const PairRecipe& pair) {
  return matrix_text(pair.a) + " * " + (pair.b_is_a ? "itself" : matrix_text(pair.b));
}

}  // namespace heddle::selector
