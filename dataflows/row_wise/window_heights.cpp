#include "dataflows/row_wise/window_heights.h"

#include <bit>

namespace heddle::row_wise {

WindowHeights::WindowHeights(const Csr& a, const RowWiseConfig& config) : a_(a), config_(config) {
  if (profiled()) find_stretches();
}

void WindowHeights::find_stretches() {
  std::uint64_t before = 0;  // nonzeros of the last row that has any
  for (std::uint32_t row = 0; row < a_.rows; ++row) {
    const std::uint64_t nonzeros = a_.row_nnz(row);
    if (nonzeros == 0) continue;
    if (before != 0 && (2 * nonzeros > 3 * before || 2 * before > 3 * nonzeros)) ends_.push_back(row);
    before = nonzeros;
  }
  ends_.push_back(a_.rows);
}

std::uint32_t WindowHeights::of(std::uint32_t row) {
  std::uint32_t height = config_.window_rows;
  std::uint32_t end = a_.rows;
  if (profiled()) {
    while (row >= ends_[stretch_]) enter(stretch_ + 1);
    end = ends_[stretch_];
    height = end - first_row_ > kWide ? sampled(row) : doubled();
  }
  while (height > 1 && row + height > end) height /= 2;
  return height;
}

void WindowHeights::enter(std::size_t stretch) {
  first_row_ = ends_[stretch - 1];
  stretch_ = stretch;
  chosen_ = 0;
  costs_ = {};
}

/// In a long stretch: by position, then the best of the sample.
std::uint32_t WindowHeights::sampled(std::uint32_t row) {
  if (row == first_row_) return 1;
  std::uint32_t end = first_row_ + 1;
  for (std::uint32_t height = 1; height <= config_.lanes; height *= 2) {
    end += kSamples * height;
    if (row < end) return height;
  }
  if (chosen_ != 0) return chosen_;
  for (const auto& [number, block] : blocks_)
    if (block.stretch == stretch_) return 0;
  return chosen_ = best();
}

/// In a short one: twice as many rows for as long as that is better.
std::uint32_t WindowHeights::doubled() const {
  for (std::size_t level = 0; costs_[level].nonzeros != 0; ++level) {
    const bool better = level == 0 || costs_[level] < costs_[level - 1];
    if (!better || (config_.lanes >> level) == 1) return best();
    if (costs_[level + 1].nonzeros == 0) return 2u << level;
  }
  return 1;
}

std::uint32_t WindowHeights::best() const {
  std::size_t best = costs_.size();
  for (std::size_t level = 0; level < costs_.size(); ++level)
    if (costs_[level].nonzeros != 0 && (best == costs_.size() || costs_[level] < costs_[best])) best = level;
  return best == costs_.size() ? 1 : 1u << best;
}

void WindowHeights::on_cut(std::uint64_t number, std::uint32_t row, std::uint32_t height, std::uint64_t windows) {
  if (!profiled()) return;
  Block& block = blocks_[number];
  block.stretch = stretch_;
  block.level = static_cast<std::size_t>(std::countr_zero(height));
  block.windows_left = windows;
  block.cost.nonzeros = a_.pointers[row + height] - a_.pointers[row];
}

void WindowHeights::on_window_end(std::uint64_t number, Cycle cycles) {
  const auto found = blocks_.find(number);
  if (found == blocks_.end()) return;
  Block& block = found->second;
  block.cost.cycles += cycles;
  if (--block.windows_left != 0) return;
  if (block.stretch == stretch_) {
    costs_[block.level].cycles += block.cost.cycles;
    costs_[block.level].nonzeros += block.cost.nonzeros;
  }
  blocks_.erase(found);
}

}  // namespace heddle::row_wise
