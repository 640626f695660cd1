// Where an operand's tiles lie: the operand is read by rows, so tiles are 64 columns of a row, row by row; per tile a
// bitmap word (8 B), an offset (4 B) and its values, padded to eight, in arrays of their own beyond everything else.
#pragma once

#include <cstdint>
#include <vector>

#include "dataflows/config.h"
#include "matrices/csr.h"
#include "sim/memory/tile_decoder.h"

namespace heddle {

class TiledOperands final : public EncodedOperands {
 public:
  /// Operand `matrix`, whose elements lie uncompressed (for those who ask) in `elements`.
  void add(const Csr& matrix, const Array& elements, const LayoutConfig& layout);
  bool pieces_of(LineAddr line, EncodedPieces& pieces) const override;

 private:
  struct Operand {
    const Csr* matrix = nullptr;
    Array elements;
    std::uint64_t end = 0;  ///< byte behind the last element
    std::uint64_t tiles_per_row = 0;
    std::uint32_t value_bytes = 0;
    std::uint64_t bitmap = 0, offsets = 0, values = 0;  ///< first bytes of the arrays
    std::vector<std::uint64_t> padded;                  ///< by nonzero: its place among the padded values
  };
  static void collect(const Operand& operand, std::uint64_t first, std::uint64_t last, EncodedPieces& pieces);

  std::vector<Operand> operands_;
  std::uint64_t next_ = std::uint64_t{1} << 44;  ///< beyond operands, C and partials
};

}  // namespace heddle
