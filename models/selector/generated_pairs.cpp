#include "models/selector/generated_pairs.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>

#include "sim/base/errors.h"

namespace heddle::selector {
namespace {

constexpr double kLeastDensity = 1e-5, kMostDensity = 0.9;
constexpr double kMostDensityRatio = 64;  // between A and B, either way
constexpr double kMostNonzeros = 3e5;     // of one matrix: bounds the time a pair takes beside its products

double log_uniform(Random& random, double low, double high) {
  return low * std::exp2(random.uniform_real() * std::log2(high / low));
}

std::uint32_t whole(double x) {
  return static_cast<std::uint32_t>(std::max(1.0, std::floor(x)));
}

struct Shape {
  double m, k, n, density_a, density_b, products;
};

class PairDrawer {
 public:
  PairDrawer(const GeneratedPlan& plan, PairFamily family, Random& random, PairRecipe& pair)
      : plan_(plan), family_(family), random_(random), pair_(pair) {}

  /// False when what was drawn is out of bounds: draw again.
  bool draw() {
    const double range = std::log2(double(plan_.most_products) / double(plan_.least_products));
    target_ = double(plan_.least_products) * std::exp2(range * std::pow(random_.uniform_real(), plan_.product_skew));
    pair_.a = pair_.b = MatrixRecipe{};
    pair_.a.generator.seed = random_.bits() >> 1;
    pair_.b.generator.seed = random_.bits() >> 1;
    pair_.a.generator.values = pair_.b.generator.values = MatrixValues::ones;
    pair_.b_is_a = false;
    switch (family_) {
      using enum PairFamily;
      case uniform:
      case rectangular:
      case power_law:
      case pruned:
      case n_m_pruned:
      case row_skewed:
      case column_skewed:
      case a_by_transpose:
      case banded_by_uniform:
        return draw_shaped();
      default:
        return draw_square();
    }
  }

 private:
  double dimension() { return log_uniform(random_, plan_.least_dimension, plan_.most_dimension); }

  Shape draw_shape() {
    Shape s{};
    s.m = std::floor(dimension());
    s.k = family_ == PairFamily::uniform || family_ == PairFamily::power_law ? s.m : std::floor(dimension());
    s.n = family_ == PairFamily::rectangular || family_ == PairFamily::pruned || family_ == PairFamily::n_m_pruned
              ? std::floor(dimension())
              : s.k;
    const double ratio = log_uniform(random_, 1 / kMostDensityRatio, kMostDensityRatio);
    const double both = target_ / (s.m * s.k * s.n);
    s.density_a = std::clamp(std::sqrt(both / ratio), kLeastDensity, kMostDensity);
    s.density_b = std::clamp(both / s.density_a, kLeastDensity, kMostDensity);
    s.products = s.m * s.k * s.n * s.density_a * s.density_b;
    return s;
  }

  bool fits(const Shape& s) const {
    const double a = s.m * s.k * s.density_a, b = s.k * s.n * s.density_b;
    return s.products >= 0.5 * double(plan_.least_products) && s.products <= double(plan_.most_products) && a >= 16 &&
           b >= 16 && a <= kMostNonzeros && b <= kMostNonzeros;
  }

  static void set(MatrixRecipe& recipe, MatrixFamily family, double rows, double cols, double density) {
    recipe.generator.family = family;
    recipe.generator.rows = whole(rows);
    recipe.generator.cols = whole(cols);
    recipe.generator.density = density;
  }

  bool draw_shaped() {
    Shape s = draw_shape();
    using enum PairFamily;
    if (family_ == a_by_transpose) {  // products: sum of squared column lengths, here about nnz^2 / k
      s.n = s.m;
      s.density_a = s.density_b = std::clamp(std::sqrt(target_ / (s.m * s.k * s.m)), kLeastDensity, kMostDensity);
      s.products = s.m * s.k * s.m * s.density_a * s.density_b;
    }
    if (!fits(s)) return false;
    const bool whole_rows = family_ == pruned || family_ == n_m_pruned;  // lengths are rounded row by row
    if (whole_rows && (s.k * s.density_a < 1 || s.n * s.density_b < 1)) return false;
    set(pair_.a, MatrixFamily::uniform, s.m, s.k, s.density_a);
    set(pair_.b, MatrixFamily::uniform, s.k, s.n, s.density_b);
    if (family_ == power_law || family_ == row_skewed || family_ == column_skewed) draw_skew(s);
    if (family_ == pruned || family_ == n_m_pruned) draw_pruned();
    if (family_ == banded_by_uniform) set_band(pair_.a, s.m, s.density_a * s.k);
    if (family_ == a_by_transpose) {
      pair_.b = pair_.a;
      pair_.b.transposed = true;
    }
    return true;
  }

  void draw_skew(const Shape& s) {
    pair_.a.generator.family = MatrixFamily::power_law;
    pair_.a.generator.exponent = 0.2 + random_.uniform_real();
    if (family_ == PairFamily::power_law) {
      pair_.b.generator.family = MatrixFamily::power_law;
      pair_.b.generator.exponent = 0.2 + random_.uniform_real();
    }
    if (family_ != PairFamily::column_skewed) return;
    pair_.a.generator.rows = whole(s.k);
    pair_.a.generator.cols = whole(s.m);
    pair_.a.transposed = true;
  }

  /// Weights times activations.
  void draw_pruned() {
    pair_.b.generator.family = MatrixFamily::pruned;
    pair_.a.generator.family = MatrixFamily::pruned;
    pair_.a.generator.row_spread = random_.uniform_real();
    if (family_ == PairFamily::pruned) return;
    pair_.a.generator.family = MatrixFamily::n_m_pruned;
    static constexpr std::uint32_t kGroups[] = {4, 8, 16, 32, 64};  // N:M as 2:4 and its relatives
    // One in a larger group where the density asks for less than one in the group drawn.
    const double density = pair_.a.generator.density;
    const std::uint32_t group =
        std::max(kGroups[random_.uniform_u64(std::size(kGroups))], std::bit_floor(whole(1 / density)));
    pair_.a.generator.group = group;
    pair_.a.generator.kept = std::clamp(whole(density * group + 0.5), 1u, group);
  }

  static void set_band(MatrixRecipe& recipe, double rows, double row_length) {
    recipe.generator.family = MatrixFamily::banded;
    recipe.generator.rows = whole(rows);
    recipe.generator.half_bandwidth = whole(std::max(1.0, row_length));
    recipe.generator.density = std::min(1.0, row_length / (2 * recipe.generator.half_bandwidth + 1.0));
  }

  /// A * A of families with a shape of their own. `row` is the mean row length; products are about rows x row^2.
  bool draw_square() {
    const double rows = std::floor(dimension());
    GeneratorConfig& g = pair_.a.generator;
    pair_.b_is_a = true;
    using enum PairFamily;
    double row = std::sqrt(target_ / rows);
    if (family_ == mesh2d || family_ == mesh3d) {
      const bool flat = family_ == mesh2d;
      const double points = target_ / (flat ? 25 : 49);
      const double side = std::pow(points, flat ? 1.0 / 2 : 1.0 / 3);
      const double stretch = log_uniform(random_, 0.25, 4);
      g.family = flat ? MatrixFamily::mesh2d : MatrixFamily::mesh3d;
      g.grid_x = whole(side * stretch);
      g.grid_y = whole(side / (flat ? stretch : std::sqrt(stretch)));
      g.grid_z = flat ? 1 : whole(side / std::sqrt(stretch));
      return points >= 16;
    }
    if (row > 0.9 * rows || rows * row > kMostNonzeros) return false;
    set(pair_.a, MatrixFamily::uniform, rows, rows, row / rows);
    if (family_ == banded) set_band(pair_.a, rows, row * (0.5 + random_.uniform_real()));
    if (family_ == hypersparse) g.family = MatrixFamily::hypersparse, g.entries = whole(rows * std::min(row, 2.0));
    if (family_ == block) {
      g.family = MatrixFamily::block;
      g.block_size = 1u << (1 + random_.uniform_u64(5));
      return rows > 4 * g.block_size && row >= g.block_size * 0.5;
    }
    if (family_ == rmat) {
      g.family = MatrixFamily::rmat;
      g.scale = static_cast<std::uint32_t>(std::bit_width(whole(rows)) - 1);
      // Skew makes products exceed nnz^2 / rows by up to an order of magnitude: ask for a third of the row length.
      g.edge_factor = whole(row / 3 + 0.5);
      g.scramble = random_.uniform_u64(2) == 1;
      return g.scale >= 6 && row / 3 >= 0.5;
    }
    return row >= (family_ == hypersparse ? 0.05 : 1.0);
  }

  const GeneratedPlan& plan_;
  PairFamily family_;
  Random& random_;
  PairRecipe& pair_;
  double target_ = 0;
};

std::uint32_t scaled(std::uint32_t value, double factor) {
  return static_cast<std::uint32_t>(std::max(1.0, std::round(value * factor)));
}

}  // namespace

void draw_matrices(const GeneratedPlan& plan, PairFamily family, Random& random, PairRecipe& pair) {
  PairDrawer drawer(plan, family, random, pair);
  for (int attempt = 0; attempt < 10'000; ++attempt)
    if (drawer.draw()) return;
  throw InputError("generated: no pair of family " + std::string(enum_name(family)) +
                   " within the bounds in 10,000 draws; expected wider products or dimensions");
}

void change_machine(const std::vector<double>& factors, Random& random, Config& config) {
  const auto draw = [&] { return factors[random.uniform_u64(factors.size())]; };
  Machine& machine = config.machine;
  const double multipliers = draw(), pes = draw(), bandwidth = draw(), sram = draw(), radix = draw();
  machine.pe.multipliers = scaled(machine.pe.multipliers, multipliers / pes);
  machine.pe.count = scaled(machine.pe.count, pes);
  machine.pe.radix = std::max(2u, scaled(machine.pe.radix, radix));
  machine.pe.operand_lines = std::max(machine.pe.operand_lines, 2 * machine.pe.radix);
  machine.sram.capacity.count = static_cast<std::uint64_t>(double(machine.sram.capacity.count) * sram);
  machine.dram.flat.bandwidth.bytes_per_second =
      static_cast<std::uint64_t>(double(machine.dram.flat.bandwidth.bytes_per_second) * bandwidth);
  constexpr std::uint32_t kPresetChannels = 16;  // of hbm2_1g, where a config says 0
  const std::uint32_t channels = machine.dram.banked.channels == 0 ? kPresetChannels : machine.dram.banked.channels;
  machine.dram.banked.channels = std::bit_floor(scaled(channels, bandwidth));
  config.inner_product.scan_width = scaled(config.inner_product.scan_width, multipliers);
  config.inner_product.distribution_width = scaled(config.inner_product.distribution_width, multipliers);
}

}  // namespace heddle::selector
