#include "models/selector/measurement.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "dataflows/bounds.h"
#include "models/selector/sketch.h"
#include "sim/memory/memory.h"

namespace heddle::selector {
namespace {

// The sample grows with the matrices so that it stays a small share of the run, up to these.
constexpr std::uint64_t kMostSampledA = 8192;   // nonzeros of A read, beyond the row that passes it
constexpr std::uint64_t kMostSampledB = 16384;  // nonzeros of B read
constexpr std::uint64_t kMostRowsOfB = 1024;
constexpr std::uint64_t kLeastRows = 64, kRowShare = 32;           // rows of A: one in so many, at least kLeastRows
constexpr std::uint64_t kLeastElements = 256, kElementShare = 64;  // nonzeros of A likewise
constexpr std::uint64_t kLeastRowsOfB = 64, kRowOfBShare = 512;    // rows of B: one per so many nonzeros of A
constexpr std::uint32_t kWindowRows = 16;  // consecutive rows: their lines and their reuse are local

std::uint64_t grown(std::uint64_t count, std::uint64_t share, std::uint64_t least, std::uint64_t most) {
  return std::min(most, std::max(least, count / share));
}

struct LengthCounts {
  std::uint64_t max = 0, empty = 0, beyond = 0;
  double squares = 0;
};

LengthCounts count_lengths(const Csr& matrix, std::uint64_t radix) {
  LengthCounts counts;
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    const std::uint64_t length = matrix.row_nnz(row);
    counts.max = std::max(counts.max, length);
    counts.empty += length == 0;
    if (length > radix) counts.beyond += length;
    counts.squares += double(length) * double(length);
  }
  return counts;
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : double(part) / double(whole);
}

double variation(const LengthCounts& counts, std::uint64_t rows, std::uint64_t nnz) {
  if (rows == 0 || nnz == 0) return 0;
  const double mean = share(nnz, rows);
  return std::sqrt(std::max(0.0, counts.squares / double(rows) - mean * mean)) / mean;
}

std::uint64_t lines_of(std::uint64_t entries, std::uint64_t bytes_each) {
  return (entries * bytes_each + kLineBytes - 1) / kLineBytes;
}

/// Rows much longer than the rest: a few of them hold much of the work, and a sample of rows misses them. The pointers
/// tell which they are.
constexpr double kLongRow = 8;  // times the mean
constexpr std::size_t kMostLongRows = 16;
constexpr std::uint64_t kLongRowElements = 64;  // read of each

struct LongRows {
  std::uint64_t nnz = 0, count = 0;
  std::vector<std::uint32_t> rows;  ///< at most kMostLongRows, evenly spread
};

LongRows find_long_rows(const Csr& a) {
  LongRows found;
  const double limit = std::max(16.0, kLongRow * share(a.nnz(), a.rows));
  for (std::uint32_t row = 0; row < a.rows; ++row) {
    if (double(a.row_nnz(row)) <= limit) continue;
    found.nnz += a.row_nnz(row);
    ++found.count;
    found.rows.push_back(row);
  }
  if (found.rows.size() <= kMostLongRows) return found;
  std::vector<std::uint32_t> kept;
  for (std::size_t i = 0; i < kMostLongRows; ++i) kept.push_back(found.rows[i * found.rows.size() / kMostLongRows]);
  found.rows = std::move(kept);
  return found;
}

/// Reads windows of consecutive rows of A, evenly spread, and rows of B they name. Distinct counts are extrapolated
/// from window to window: what repeats within a window tells of locality, what repeats between windows of the total.
class Sampler {
 public:
  Sampler(const Csr& a, const Csr& b, const Config& config)
      : a_(a),
        b_(b),
        config_(config),
        long_(find_long_rows(a)),
        long_limit_(std::max(16.0, kLongRow * share(a.nnz(), a.rows))) {}

  void run(Measurement& m) {
    const bool all = reads_whole();
    a_limit_ = all ? kMostSampledA : grown(m.nnz_a, kElementShare, kLeastElements, kMostSampledA);
    b_limit_ = all ? kMostRowsOfB : grown(m.nnz_a, kRowOfBShare, kLeastRowsOfB, kMostRowsOfB);
    const std::uint64_t wanted = std::min<std::uint64_t>(
        all ? kMostSampledRows : grown(a_.rows, kRowShare, kLeastRows, kMostSampledRows), a_.rows);
    const std::uint64_t height = std::clamp<std::uint64_t>(wanted / 8, 1, kWindowRows);
    const std::uint64_t windows = (wanted + height - 1) / height;
    // The first windows to be read are spread as the last: a prefix of the order covers the whole matrix.
    for (std::uint64_t i = 0; i < windows && a_read_ < a_limit_; ++i) {
      const std::uint64_t w = windows <= 2 ? i : i * step_for(windows) % windows;
      const std::uint64_t first = w * a_.rows / windows;
      const std::uint64_t end = std::min({first + height, (w + 1) * a_.rows / windows, std::uint64_t{a_.rows}});
      read_window(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(end));
    }
    for (const std::uint32_t row : long_.rows) read_long_row(row);
    report(m);
  }

 private:
  /// Co-prime to `windows`, near its golden section.
  static std::uint64_t step_for(std::uint64_t windows) {
    auto step = static_cast<std::uint64_t>(0.618 * double(windows));
    while (std::gcd(step, windows) != 1) ++step;
    return step;
  }

  double lines_per_cycle() const {
    const double peak = dram_peak(config_.machine).bytes_per_cycle / double(kLineBytes);
    return std::min(peak, double(config_.machine.stream_lines) / config_.machine.dram.flat.latency);
  }
  double whole_cycles() const {
    const std::uint64_t nnz = a_.nnz() + (&a_ == &b_ ? 0 : b_.nnz());
    return double(lines_of(nnz, config_.layout.element_bytes())) / lines_per_cycle();
  }
  /// Small operands are streamed beside the pointers: sooner than one more dependent access.
  bool reads_whole() const { return whole_cycles() <= 1.5 * config_.machine.dram.flat.latency; }

  void read_window(std::uint32_t first, std::uint32_t end) {
    window_.clear();
    window_columns_.clear();
    for (std::uint32_t row = first; row < end && a_read_ < a_limit_; ++row)
      if (double(a_.row_nnz(row)) <= long_limit_) read_row(row);
    lines_ += lines_of(a_.pointers[end] - a_.pointers[first], config_.layout.element_bytes()) + 1;
    named_ += window_.size();
    std::sort(window_.begin(), window_.end());
    window_.erase(std::unique(window_.begin(), window_.end()), window_.end());
    named_distinct_ += double(window_.size());
    for (const Coordinate k : window_) touched_.add(k);
    columns_draws_ += window_columns_.count();
  }

  void read_row(std::uint32_t row) {
    ++rows_;
    const Fiber fiber = a_.row(row);
    std::uint64_t products = 0;
    for (std::size_t i = 0; i < fiber.coordinates.size(); ++i) {
      products += b_.row_nnz(fiber.coordinates[i]);
      if (i > 0) distance_ += double(fiber.coordinates[i] - fiber.coordinates[i - 1]);
    }
    gaps_ += fiber.coordinates.empty() ? 0 : fiber.coordinates.size() - 1;
    a_read_ += fiber.coordinates.size();
    products_ += products;
    heaviest_ = std::max(heaviest_, products);
    if (rows_of_b_ + fiber.coordinates.size() <= b_limit_ && b_read_ + products <= kMostSampledB)
      read_b(fiber, products);
    window_.insert(window_.end(), fiber.coordinates.begin(), fiber.coordinates.end());
  }

  /// The row of C: how many different columns its products fall on. Rows of B that the window has named before are
  /// held.
  void read_b(const Fiber& fiber, std::uint64_t products) {
    row_of_c_.clear();
    for (const Coordinate k : fiber.coordinates) {
      const bool again = std::find(window_.begin(), window_.end(), k) != window_.end();
      for (const Coordinate column : b_.row(k).coordinates) {
        row_of_c_.add(column);
        if (again) continue;
        columns_.add(column);
        window_columns_.add(column);
      }
      if (again) continue;
      columns_read_ += b_.row_nnz(k);
      lines_ += lines_of(b_.row_nnz(k), config_.layout.element_bytes()) + (b_.row_nnz(k) > 0 ? 1 : 0);
    }
    rows_of_b_ += fiber.coordinates.size();
    b_read_ += products;
    distinct_ += row_of_c_.count();
  }

  void read_long_row(std::uint32_t row) {
    const Fiber fiber = a_.row(row);
    const std::uint64_t count = std::min<std::uint64_t>(kLongRowElements, fiber.coordinates.size());
    std::uint64_t products = 0;
    for (std::uint64_t i = 0; i < count; ++i)
      products += b_.row_nnz(fiber.coordinates[i * fiber.coordinates.size() / count]);
    const double estimate = double(products) / double(count) * double(fiber.coordinates.size());
    long_products_ += estimate;
    long_read_ += fiber.coordinates.size();
    long_heaviest_ = std::max(long_heaviest_, estimate);
    lines_ += count;
  }

  void report(Measurement& m) const {
    m.sampled_rows = rows_ + long_.rows.size();
    const double usual = double(m.nnz_a - long_.nnz);
    const double usual_products = a_read_ == 0 ? 0 : double(products_) / double(a_read_) * usual;
    const double long_products = long_read_ == 0 ? 0 : long_products_ / double(long_read_) * double(long_.nnz);
    m.products = usual_products + long_products;
    m.row_products_max = std::max(double(heaviest_), long_heaviest_);
    m.reuse = named_ == 0 ? 0 : 1 - named_distinct_ / double(named_);
    m.spread = gaps_ == 0 || m.inner == 0 ? 0 : distance_ / double(gaps_) / double(m.inner);
    const double columns_all = columns_read_ == 0 ? 0 : columns_draws_ * double(m.nnz_b) / double(columns_read_);
    m.b_columns = extrapolate_distinct(columns_.count(), columns_draws_, columns_all, double(m.cols));
    const double named_all = named_ == 0 ? 0 : named_distinct_ * double(m.nnz_a) / double(named_);
    const double rows_touched = extrapolate_distinct(touched_.count(), named_distinct_, named_all, double(m.inner));
    const double rows_with = double(m.inner) * (1 - m.b_empty);
    m.touched_b = rows_with <= 0 ? 0 : std::min(1.0, rows_touched / rows_with);
    const double usual_fill = b_read_ == 0 ? 1 : std::clamp(distinct_ / double(b_read_), 1e-6, 1.0);
    const double long_distinct = double(long_.count) * distinct_of_long_row(m, long_products);
    m.fill = m.products <= 0 ? 1 : std::clamp((usual_products * usual_fill + long_distinct) / m.products, 1e-6, 1.0);
    charge(m);
  }

  /// Products of a long row fall on the columns of B as on urns.
  double distinct_of_long_row(const Measurement& m, double long_products) const {
    if (long_.count == 0 || long_products <= 0) return 0;
    const double each = long_products / double(long_.count);
    return std::max(1.0, m.b_columns) * -std::expm1(-each / std::max(1.0, m.b_columns));
  }

  /// The sampled places of A are chosen by position, so they are read beside the pointers. Rows of B follow one latency
  /// later, two if their pointers do not stay on chip. Then the lines, at the rate that bandwidth and the stream
  /// buffers' requests in flight allow.
  void charge(Measurement& m) const {
    if (m.nnz_a == 0) return;
    const bool held = 2 * m.inner * config_.layout.pointer_bytes <= config_.machine.sram.capacity.count;
    const double latency = config_.machine.dram.flat.latency;
    const double gather = (held ? 1 : 2) * latency + double(lines_ + (held ? 0 : a_read_)) / lines_per_cycle();
    m.sample_cycles = static_cast<std::uint64_t>(std::ceil(reads_whole() ? whole_cycles() : gather));
  }

  const Csr& a_;
  const Csr& b_;
  const Config& config_;
  LongRows long_;
  double long_limit_;
  std::uint64_t rows_ = 0, a_read_ = 0, b_read_ = 0, products_ = 0, heaviest_ = 0, named_ = 0, gaps_ = 0, lines_ = 0;
  std::uint64_t rows_of_b_ = 0, columns_read_ = 0, long_read_ = 0, a_limit_ = 0, b_limit_ = 0;
  double distance_ = 0, distinct_ = 0, named_distinct_ = 0, columns_draws_ = 0, long_products_ = 0, long_heaviest_ = 0;
  std::vector<Coordinate> window_;
  DistinctSketch row_of_c_{256}, window_columns_{256}, columns_{1024}, touched_{1024};
};

}  // namespace

Measurement measure(const Csr& a, const Csr& b, bool same, const Config& config) {
  Measurement m;
  m.rows = a.rows;
  m.inner = a.cols;
  m.cols = b.cols;
  m.nnz_a = a.nnz();
  m.nnz_b = b.nnz();
  const LengthCounts of_a = count_lengths(a, config.machine.pe.radix);
  const LengthCounts of_b = same ? of_a : count_lengths(b, config.machine.pe.radix);
  m.a_row_max = of_a.max;
  m.b_row_max = of_b.max;
  m.a_row_cv = variation(of_a, m.rows, m.nnz_a);
  m.b_row_cv = variation(of_b, m.inner, m.nnz_b);
  m.a_empty = share(of_a.empty, m.rows);
  m.b_empty = share(of_b.empty, m.inner);
  m.a_beyond_radix = share(of_a.beyond, m.nnz_a);
  const std::uint64_t pointers = m.rows + 1 + (same ? 0 : m.inner + 1);
  const double peak = dram_peak(config.machine).bytes_per_cycle / double(kLineBytes);
  m.pointer_cycles = static_cast<std::uint64_t>(
      std::ceil(config.machine.dram.flat.latency + double(lines_of(pointers, config.layout.pointer_bytes)) / peak));
  Sampler(a, b, config).run(m);
  return m;
}

}  // namespace heddle::selector
