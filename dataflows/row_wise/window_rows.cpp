#include "dataflows/row_wise/window_rows.h"

#include <algorithm>

namespace heddle::row_wise {

void WindowRows::on_cut(std::uint32_t row, std::uint64_t windows) {
  rows_[row] = std::make_unique<Row>();
  rows_[row]->fibers.resize(windows);
}

PartialFiber& WindowRows::place(std::uint32_t row, std::uint32_t index, std::uint64_t first_byte) {
  Fiber& fiber = rows_[row]->fibers[index];
  fiber.first_byte = first_byte;
  return fiber.out;
}

void WindowRows::on_partial_end(std::uint64_t tag, Cycle at) {
  Row& row = *rows_[tag >> 32];
  row.last_end = std::max(row.last_end, at);
  if (++row.ended == row.fibers.size()) rouse_(row.last_end + 1);
}

Cycle WindowRows::ready(std::uint32_t row) const {
  if (a_.row_nnz(row) == 0) return 0;
  const Row* cut = rows_[row].get();
  return cut == nullptr || cut->ended < cut->fibers.size() ? kNever : cut->last_end + 1;
}

void WindowRows::fill(std::uint32_t row, std::uint64_t first, std::span<FiberRef> fibers) const {
  for (std::size_t f = 0; f < fibers.size(); ++f) {
    const Fiber& fiber = rows_[row]->fibers[first + f];
    fibers[f] = operand(fiber.out, fiber.first_byte);
  }
}

void WindowRows::release(std::uint32_t row, std::uint64_t fibers) {
  rows_[row]->released += fibers;
  if (rows_[row]->released == rows_[row]->fibers.size()) rows_[row].reset();
}

}  // namespace heddle::row_wise
