#include "matrices/coo.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {
namespace {

Csr scatter(const CooList& entries, std::uint32_t rows, std::uint32_t cols, Symmetry symmetry, CooCounts& counts) {
  Csr csr;
  csr.rows = rows;
  csr.cols = cols;
  csr.pointers.assign(std::size_t{rows} + 1, 0);
  const bool mirror = symmetry != Symmetry::general;
  entries.for_each([&](const CooList::Entry& entry) {
    ++csr.pointers[std::size_t{entry.row} + 1];
    if (mirror && entry.row != entry.column) {
      ++csr.pointers[std::size_t{entry.column} + 1];
      ++counts.mirrored;
    }
  });
  std::partial_sum(csr.pointers.begin(), csr.pointers.end(), csr.pointers.begin());

  csr.coordinates.resize(csr.pointers.back());
  csr.values.resize(csr.pointers.back());
  std::vector<std::uint64_t> next(csr.pointers.begin(), csr.pointers.end() - 1);
  const auto place = [&](Coordinate row, Coordinate column, double value) {
    const std::uint64_t slot = next[row]++;
    csr.coordinates[slot] = column;
    csr.values[slot] = value;
  };
  const double sign = symmetry == Symmetry::skew_symmetric ? -1.0 : 1.0;
  entries.for_each([&](const CooList::Entry& entry) {
    place(entry.row, entry.column, entry.value);
    if (mirror && entry.row != entry.column) place(entry.column, entry.row, sign * entry.value);
  });
  return csr;
}

using Element = std::pair<Coordinate, double>;

/// Sort [begin, end) by coordinate, entries of the same coordinate staying in the order of the file.
void sort_row(Csr& csr, std::uint64_t begin, std::uint64_t end, std::vector<Element>& scratch) {
  scratch.clear();
  for (std::uint64_t i = begin; i < end; ++i) scratch.emplace_back(csr.coordinates[i], csr.values[i]);
  std::stable_sort(scratch.begin(), scratch.end(),
                   [](const Element& x, const Element& y) { return x.first < y.first; });
  for (const auto& [column, value] : scratch) {
    csr.coordinates[begin] = column;
    csr.values[begin++] = value;
  }
}

/// Move the row [begin, end) to `to`, entries of the same coordinate merged; returns the end of what was written.
std::uint64_t compact_row(Csr& csr, std::uint64_t begin, std::uint64_t end, std::uint64_t to, Duplicates duplicates) {
  const std::uint64_t start = to;
  for (std::uint64_t i = begin; i < end; ++i) {
    if (to > start && csr.coordinates[to - 1] == csr.coordinates[i]) {
      if (duplicates == Duplicates::sum) csr.values[to - 1] += csr.values[i];
      continue;
    }
    csr.coordinates[to] = csr.coordinates[i];
    csr.values[to++] = csr.values[i];
  }
  return to;
}

void check_sums(const Csr& csr, const std::string& name) {
  const auto place = std::find_if_not(csr.values.begin(), csr.values.end(), [](double v) { return std::isfinite(v); });
  if (place == csr.values.end()) return;
  const auto index = static_cast<std::uint64_t>(place - csr.values.begin());
  const auto row = std::upper_bound(csr.pointers.begin(), csr.pointers.end(), index) - csr.pointers.begin();
  throw InputError(name + ": the duplicates of entry (" + std::to_string(row) + ", " +
                   std::to_string(csr.coordinates[index] + 1) +
                   ") sum to more than a double holds; expected a magnitude below 1.8e308");
}

}  // namespace

void CooList::add_block() {
  blocks_.push_back(std::make_unique_for_overwrite<Entry[]>(kBlock));
  last_ = 0;
}

Csr to_csr(const CooList& entries, std::uint32_t rows, std::uint32_t cols, Symmetry symmetry, Duplicates duplicates,
           const std::string& name, CooCounts& counts) {
  Csr csr = scatter(entries, rows, cols, symmetry, counts);
  const std::uint64_t total = csr.nnz();
  std::vector<Element> scratch;
  std::uint64_t written = 0;
  std::uint64_t begin = 0;
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint64_t end = csr.pointers[row + 1];
    const auto first = csr.coordinates.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = csr.coordinates.begin() + static_cast<std::ptrdiff_t>(end);
    if (!std::is_sorted(first, last)) sort_row(csr, begin, end, scratch);
    const bool unique = std::adjacent_find(first, last) == last;
    written = unique && written == begin ? end : compact_row(csr, begin, end, written, duplicates);
    csr.pointers[row + 1] = written;
    begin = end;
  }
  counts.duplicates = total - written;
  if (counts.duplicates != 0) {
    csr.coordinates.resize(written);
    csr.values.resize(written);
    check_sums(csr, name);
  }
  return csr;
}

}  // namespace heddle
