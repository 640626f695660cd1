// Endor's bitmap over all elements row by row, with optional offsets: the paper names values and bitmap only.
#include "matrices/formats/codec.h"

namespace heddle::formats {
namespace {

/// Values between two offsets, when there are offsets: a group.
struct Groups {
  std::uint64_t elements, every, count;
  Groups(std::uint32_t rows, std::uint32_t cols, const FormatOptions& options)
      : elements(std::uint64_t{rows} * cols),
        every(options.offset_every),
        count(every == 0 ? 0 : blocks_of(elements, every)) {}
};

/// Number of values in each group that has any, in order; one group when there are no offsets.
template <class Visit>
void for_each_filled_group(const NarrowMatrix& matrix, const Groups& groups, Visit visit) {
  if (groups.count == 0) {
    if (matrix.nnz() > 0) visit(std::uint64_t{0}, matrix.nnz());
    return;
  }
  std::uint64_t current = 0, count = 0;
  for (std::uint64_t row = 0; row < matrix.rows; ++row) {
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + 1]; ++i) {
      const std::uint64_t group = (row * matrix.cols + matrix.coordinates[i]) / groups.every;
      if (group != current && count > 0) visit(current, count), count = 0;
      current = group;
      ++count;
    }
  }
  if (count > 0) visit(current, count);
}

FormatSize size(const NarrowMatrix& matrix, const FormatOptions& options) {
  const Groups groups(matrix.rows, matrix.cols, options);
  std::uint64_t stored = 0;
  for_each_filled_group(matrix, groups,
                        [&](std::uint64_t, std::uint64_t count) { stored += round_up(count, options.offset_pad); });
  if (groups.count > 0) require_offset(stored);
  FormatSize size;
  size.values = value_bytes(matrix.type, matrix.nnz());
  size.positions = blocks_of(groups.elements, 8);
  size.offsets = 4 * groups.count;
  size.padding = blocks_of(groups.elements, 64) * 8 - size.positions + value_bytes(matrix.type, stored) - size.values;
  return size;
}

void encode(const NarrowMatrix& matrix, Encoded& out) {
  const Groups groups(matrix.rows, matrix.cols, out.options);
  std::vector<std::uint64_t> words(blocks_of(groups.elements, 64));
  for (std::uint64_t row = 0; row < matrix.rows; ++row)
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + 1]; ++i) {
      const std::uint64_t at = row * matrix.cols + matrix.coordinates[i];
      words[at / 64] |= std::uint64_t{1} << (63 - at % 64);
    }
  CodeWriter values(matrix.type);
  std::vector<std::uint8_t> bitmap, offsets;
  std::uint64_t next = 0, group_filled = 0;
  for_each_filled_group(matrix, groups, [&](std::uint64_t group, std::uint64_t count) {
    for (; group_filled <= group && groups.count > 0; ++group_filled) put_offset(offsets, values.count());
    for (std::uint64_t i = 0; i < count; ++i) values.put(matrix.codes[next++]);
    values.pad_to(out.options.offset_pad);
  });
  for (; group_filled < groups.count; ++group_filled) put_offset(offsets, values.count());
  bitmap.reserve(words.size() * 8);
  for (const std::uint64_t word : words) put(bitmap, word);
  out.sections.push_back({"bitmap", std::move(bitmap)});
  if (out.options.offset_every > 0) out.sections.push_back({"offsets", std::move(offsets)});
  out.sections.push_back({"values", values.take()});
}

/// Positions of all bits set, ascending.
std::vector<std::uint64_t> positions(const SectionReader& bitmap, std::uint64_t elements) {
  std::vector<std::uint64_t> found;
  for (std::uint64_t w = 0; w < bitmap.bytes() / 8; ++w) {
    for (auto word = bitmap.number<std::uint64_t>(w); word != 0;) {
      const auto bit = static_cast<std::uint64_t>(std::countl_zero(word));
      word &= ~(std::uint64_t{1} << (63 - bit));
      found.push_back(w * 64 + bit);
    }
  }
  if (!found.empty() && found.back() >= elements) bitmap.fail("a bit beyond the last element is set");
  return found;
}

/// Index of the first value of `group`, checked against its offset.
std::uint64_t group_begin(const Encoded& encoded, std::uint64_t group, std::uint64_t expected) {
  const SectionReader offsets(encoded, "offsets");
  if (offsets.number<std::uint32_t>(group) != expected)
    offsets.fail("offset " + std::to_string(group) + " is " + std::to_string(offsets.number<std::uint32_t>(group)) +
                 ", the bitmap has " + std::to_string(expected) + " values before it");
  return expected;
}

NarrowMatrix decode(const Encoded& encoded) {
  const Groups groups(encoded.rows, encoded.cols, encoded.options);
  const SectionReader bitmap(encoded, "bitmap"), values(encoded, "values");
  bitmap.require_bytes(blocks_of(groups.elements, 64) * 8);
  if (groups.count > 0) SectionReader(encoded, "offsets").require_bytes(4 * groups.count);
  const std::vector<std::uint64_t> found = positions(bitmap, groups.elements);
  MatrixBuilder matrix(encoded);
  std::uint64_t next = 0, begun = 0;
  std::vector<std::uint64_t> index(found.size());
  const auto begin_groups = [&](std::uint64_t end) {
    for (; begun < end; ++begun) next = group_begin(encoded, begun, round_up(next, encoded.options.offset_pad));
  };
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (groups.count > 0) begin_groups(found[i] / groups.every + 1);
    index[i] = next++;
  }
  begin_groups(groups.count);
  const std::uint64_t stored = round_up(next, encoded.options.offset_pad);
  values.require_codes(stored);
  std::uint64_t used = 0;
  for (std::size_t i = 0; i < found.size(); used = index[i++] + 1) {
    values.require_zero(used, index[i]);
    matrix.add_nonzero(found[i] / encoded.cols, found[i] % encoded.cols, values.code(index[i]));
  }
  values.require_zero(used, stored);
  return matrix.finish();
}

std::vector<std::string_view> sections(const FormatOptions& options) {
  if (options.offset_every > 0) return {"bitmap", "offsets", "values"};
  return {"bitmap", "values"};
}

}  // namespace

const Codec kBitmap = {Format::bitmap, encode, decode, size, sections};

}  // namespace heddle::formats
