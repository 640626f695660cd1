// Where the arrays of a machine of sorting queues lie (rule Q1).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "dataflows/config.h"
#include "matrices/workload.h"

namespace heddle::twin {

/// Rule Q1: where the bytes of an array's rows lie.
struct Region {
  std::vector<std::uint64_t> first;  // byte by row, within the stripe or the array
  std::vector<std::uint64_t> bytes;
  bool striped = true;
  std::uint64_t stripes = 1;
  LineAddr base = 0;

  LineAddr line(std::uint64_t row, std::uint64_t v) const {
    return striped ? base + v * stripes + row % stripes : base + v;
  }
  std::uint64_t first_line(std::uint64_t row) const { return first[row] / kLineBytes; }
  /// One past the last; the first one if there are no bytes.
  std::uint64_t end_line(std::uint64_t row) const {
    return bytes[row] == 0 ? first_line(row) : (first[row] + bytes[row] - 1) / kLineBytes + 1;
  }
};

inline Region make_region(const std::vector<std::uint64_t>& bytes, bool striped, std::uint64_t stripes,
                          LineAddr& next) {
  Region region{{}, bytes, striped, stripes, next};
  std::map<std::uint64_t, std::uint64_t> filled;
  std::uint64_t longest = 0;
  for (std::size_t row = 0; row < bytes.size(); ++row) {
    std::uint64_t& end = filled[striped ? row % stripes : 0];
    region.first.push_back(end);
    end += bytes[row];
    longest = std::max(longest, end);
  }
  next += (longest + kLineBytes - 1) / kLineBytes * (striped ? stripes : 1);
  next = (next + 63) / 64 * 64;
  return region;
}

struct Memories {
  Region a_pairs, a, b_pairs, b, c_pairs, c;
};

inline Memories lay_out(const Workload& w, const Config& config, const std::vector<std::vector<Coordinate>>& c_rows) {
  const std::uint64_t element = config.layout.element_bytes(), pair = 2 * config.layout.pointer_bytes;
  const bool striped = config.row_wise.elements == RowElements::striped;
  std::vector<std::uint64_t> a_pairs(w.a->rows, pair), b_pairs(w.b->rows, pair), a, b, c;
  for (std::uint32_t r = 0; r < w.a->rows; ++r) a.push_back(w.a->row_nnz(r) * element);
  for (std::uint32_t r = 0; r < w.b->rows; ++r) b.push_back(w.b->row_nnz(r) * element);
  for (const auto& row : c_rows) c.push_back(row.size() * element);
  LineAddr next = 0;
  const std::uint64_t pes = config.machine.pe.count;
  Memories m;
  m.a_pairs = make_region(a_pairs, true, pes, next);
  m.a = make_region(a, striped, pes, next);
  m.b_pairs = make_region(b_pairs, true, pes, next);
  m.b = make_region(b, striped, pes, next);
  m.c_pairs = make_region(a_pairs, true, pes, next);
  m.c = make_region(c, striped, pes, next);
  return m;
}

}  // namespace heddle::twin
