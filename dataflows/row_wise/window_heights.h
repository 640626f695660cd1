// How many rows the windows of a block have: a fixed number, or the one that did best among the rows before that look
// alike (Li et al., Spada, ASPLOS 2023). Rules W2 and W8 of dataflows/SEMANTICS.md.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "dataflows/config.h"
#include "matrices/csr.h"
#include "sim/base/units.h"

namespace heddle::row_wise {

class WindowHeights {
 public:
  WindowHeights(const Csr& a, const RowWiseConfig& config);

  /// Rows of the block that begins with `row`; 0: to be asked again when another block has ended.
  std::uint32_t of(std::uint32_t row);
  /// Block `number` has been cut, with that many windows, at least one.
  void on_cut(std::uint64_t number, std::uint32_t row, std::uint32_t height, std::uint64_t windows);
  /// A window of block `number` has ended after `cycles` cycles.
  void on_window_end(std::uint64_t number, Cycle cycles);

 private:
  static constexpr std::uint32_t kWide = 128;     // rows; a longer stretch is sampled
  static constexpr std::uint32_t kSamples = 4;    // blocks of each height
  static constexpr std::size_t kMostHeights = 7;  // 1, 2, 4, ..., 64

  struct Cost {
    Cycle cycles = 0;
    std::uint64_t nonzeros = 0;  // 0: not known
    friend bool operator<(const Cost& a, const Cost& b) {
      return static_cast<unsigned __int128>(a.cycles) * b.nonzeros <
             static_cast<unsigned __int128>(b.cycles) * a.nonzeros;
    }
  };
  struct Block {
    std::size_t stretch = 0, level = 0;  // height = 2^level
    std::uint64_t windows_left = 0;
    Cost cost;
  };

  bool profiled() const { return config_.window_shape == WindowShape::profiled; }
  void find_stretches();
  void enter(std::size_t stretch);
  std::uint32_t sampled(std::uint32_t row);
  std::uint32_t doubled() const;
  std::uint32_t best() const;

  const Csr& a_;
  const RowWiseConfig& config_;
  std::vector<std::uint32_t> ends_;  // of stretches
  std::size_t stretch_ = 0;          // of the block cut last
  std::uint32_t first_row_ = 0;      // of that stretch
  std::uint32_t chosen_ = 0;         // for the rest of it, once sampled
  std::array<Cost, kMostHeights> costs_{};
  std::map<std::uint64_t, Block> blocks_;  // that have not ended
};

}  // namespace heddle::row_wise
