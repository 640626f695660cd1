// Two of each aligned four in a row (sparse tensor cores), and SparTA (OSDI 2022): the same with the rest in CSR.
#include <array>

#include "matrices/formats/codec.h"
#include "matrices/formats/row_arrays.h"

namespace heddle::formats {
namespace {

constexpr std::uint32_t kGroupOfFour = 4, kKept = 2;

std::uint64_t groups_per_row(std::uint32_t cols) {
  return blocks_of(cols, kGroupOfFour);
}

/// Up to two nonzeros of a group, ascending.
struct Pair {
  std::array<std::uint32_t, kKept> index{};
  std::array<std::uint16_t, kKept> code{};
  std::uint32_t count = 0;

  /// Unused places take the lowest free indices, so that indices stay ascending: none (0, 1), only i (0, i) or (0, 1).
  void fill() {
    if (count == 0) index = {0, 1};
    if (count == 1 && index[0] == 0) index[1] = 1;
    if (count == 1 && index[0] != 0) {
      index = {0, index[0]};
      code = {0, code[0]};
    }
  }
};

/// Calls pair(row, group, Pair) for every group and rest(row, column, code) for the third and fourth nonzero of one.
template <class OnPair, class OnRest, class EndRow>
void split(const NarrowMatrix& matrix, OnPair on_pair, OnRest on_rest, EndRow end_row) {
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    std::uint64_t i = matrix.pointers[row];
    const std::uint64_t end = matrix.pointers[row + std::size_t{1}];
    for (std::uint64_t group = 0; group < groups_per_row(matrix.cols); ++group) {
      Pair pair;
      for (; i < end && matrix.coordinates[i] / kGroupOfFour == group; ++i) {
        if (pair.count == kKept) {
          on_rest(row, matrix.coordinates[i], matrix.codes[i]);
          continue;
        }
        pair.index[pair.count] = matrix.coordinates[i] % kGroupOfFour;
        pair.code[pair.count++] = matrix.codes[i];
      }
      pair.fill();
      on_pair(pair);
    }
    end_row();
  }
}

/// Number of third and fourth nonzeros of all groups; on_rest sees each. O(nnz).
template <class OnRest>
void find_rest(const NarrowMatrix& matrix, OnRest on_rest) {
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    std::uint64_t in_group = 0;
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + std::size_t{1}]; ++i) {
      const bool same =
          i > matrix.pointers[row] && matrix.coordinates[i] / kGroupOfFour == matrix.coordinates[i - 1] / kGroupOfFour;
      in_group = same ? in_group + 1 : 1;
      if (in_group > kKept) on_rest(row, matrix.coordinates[i]);
    }
  }
}

FormatSize pair_size(const NarrowMatrix& matrix) {
  const std::uint64_t groups = matrix.rows * groups_per_row(matrix.cols);
  const std::uint64_t inside = std::uint64_t{matrix.rows} * matrix.cols;
  FormatSize size;
  size.values = value_bytes(matrix.type, inside / 2);
  size.positions = blocks_of(inside, 8);
  size.padding = value_bytes(matrix.type, kKept * groups) - size.values + blocks_of(groups, 2) - size.positions;
  return size;
}

FormatSize two_four_size(const NarrowMatrix& matrix, const FormatOptions&) {
  find_rest(matrix, [](std::uint32_t row, Coordinate column) {
    throw InputError("row " + std::to_string(row + std::uint64_t{1}) + ", column " +
                     std::to_string(column + std::uint64_t{1}) +
                     ": a third nonzero in an aligned group of four; expected at most two");
  });
  return pair_size(matrix);
}

FormatSize sparta_size(const NarrowMatrix& matrix, const FormatOptions&) {
  std::uint64_t rest = 0;
  find_rest(matrix, [&](std::uint32_t, Coordinate) { ++rest; });
  FormatSize size = pair_size(matrix);
  size.values += value_bytes(matrix.type, rest);
  size.positions += 4 * rest;
  size.offsets = 4 * (matrix.rows + std::uint64_t{1});
  return size;
}

/// Indices of four bits per group, and values.
class PairWriter {
 public:
  explicit PairWriter(ValueType type) : values_(type) {}
  void put(const Pair& pair) {
    for (const std::uint16_t code : pair.code) values_.put(code);
    const auto bits = static_cast<std::uint8_t>(pair.index[0] | pair.index[1] << 2);
    if (groups_++ % 2 == 0)
      indices_.push_back(bits);
    else
      indices_.back() = static_cast<std::uint8_t>(indices_.back() | bits << 4);
  }
  std::vector<Section> take() { return {{"values", values_.take()}, {"indices", std::move(indices_)}}; }

 private:
  CodeWriter values_;
  std::vector<std::uint8_t> indices_;
  std::uint64_t groups_ = 0;
};

void encode_two_four(const NarrowMatrix& matrix, Encoded& out) {
  PairWriter pairs(matrix.type);
  split(
      matrix, [&](const Pair& pair) { pairs.put(pair); }, [](std::uint32_t, Coordinate, std::uint16_t) {}, [] {});
  out.sections = pairs.take();
}

void encode_sparta(const NarrowMatrix& matrix, Encoded& out) {
  PairWriter pairs(matrix.type);
  RowArrays<std::uint32_t> rest(matrix.type);
  split(
      matrix, [&](const Pair& pair) { pairs.put(pair); },
      [&](std::uint32_t, Coordinate column, std::uint16_t code) { rest.add(column, code); }, [&] { rest.end_row(); });
  out.sections = pairs.take();
  out.sections.push_back({"pointers", std::move(rest.pointers)});
  out.sections.push_back({"columns", std::move(rest.columns)});
  out.sections.push_back({"rest", rest.values.take()});
}

void read_pairs(const Encoded& encoded, MatrixBuilder& matrix) {
  const std::uint64_t across = groups_per_row(encoded.cols), groups = encoded.rows * across;
  const SectionReader values(encoded, "values"), indices(encoded, "indices");
  values.require_codes(kKept * groups);
  indices.require_bytes(blocks_of(groups, 2));
  for (std::uint64_t g = 0; g < groups; ++g) {
    const std::uint32_t bits = indices.number<std::uint8_t>(g / 2) >> (g % 2 * 4) & 0xf;
    const std::uint32_t first = bits & 3, second = bits >> 2;
    if (first >= second) indices.fail("group " + std::to_string(g) + ": indices are not ascending");
    matrix.add_unless_zero(g / across, g % across * kGroupOfFour + first, values.code(kKept * g));
    matrix.add_unless_zero(g / across, g % across * kGroupOfFour + second, values.code(kKept * g + 1));
  }
  if (groups % 2 == 1 && indices.number<std::uint8_t>(groups / 2) >> 4 != 0)
    indices.fail("the unused half of the last byte is not 0");
}

NarrowMatrix decode_two_four(const Encoded& encoded) {
  MatrixBuilder matrix(encoded);
  read_pairs(encoded, matrix);
  return matrix.finish();
}

NarrowMatrix decode_sparta(const Encoded& encoded) {
  MatrixBuilder matrix(encoded);
  read_pairs(encoded, matrix);
  read_rows<std::uint32_t>(encoded, "rest", matrix);
  return matrix.finish();
}

std::vector<std::string_view> two_four_sections(const FormatOptions&) {
  return {"values", "indices"};
}
std::vector<std::string_view> sparta_sections(const FormatOptions&) {
  return {"values", "indices", "pointers", "columns", "rest"};
}

}  // namespace

const Codec kTwoFour = {Format::two_four, encode_two_four, decode_two_four, two_four_size, two_four_sections};
const Codec kSparta = {Format::sparta, encode_sparta, decode_sparta, sparta_size, sparta_sections};

}  // namespace heddle::formats
