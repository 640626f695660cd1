// Which elements of weights and KV caches are kept. Every rule is the same thing: scores, groups, how many of a group
// go.
//
//   | rule                    | score                                    | group            | keep
//   | Wanda                   | |W| x norm of the input channel          | a row            | int(n s) lowest go
//   | magnitude by row        | |W|                                      | a row            | int(n s) lowest go
//   | magnitude, global       | |W|                                      | all              | int(n s) lowest go
//   | SparseGPT-like          | (W x norm of the input channel)^2        | 128 columns      | int(n s) lowest go; no
//   update | Mustafar Kt_Mag, Vt_Mag | |x|                                      | a token          | released or
//   nominal | Kt_Opa, Vt_Opa          | |K| x sum of |Q| of 32 queries, |V|      | a token          | int(n (1 - s))
//   stay | Vc_Mag                  | |x|                                      | 32 tokens of one channel | released |
//   Vc_Opa                  | |V| x attention summed over 32 queries   | a channel        | int(n (1 - s)) stay | ThinK
//   | K^2 mean x Q^2 mean, of whole channels   | channels         | int(n s) channels go
//
// Wanda: github.com/locuslab/wanda; SparseGPT: arXiv 2301.00774 (its weight update needs calibration data and is left
// out: sizes do not depend on it); Mustafar: github.com/dhjoo98/mustafar, models/*.py; ThinK: arXiv 2407.21018.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "matrices/csr.h"
#include "matrices/formats/narrow.h"
#include "sim/base/describe.h"

namespace heddle::llm {

/// Row by row.
struct DenseMatrix {
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  std::vector<float> values;

  DenseMatrix(std::uint32_t r, std::uint32_t c) : rows(r), cols(c), values(std::uint64_t{r} * c) {}
  float& at(std::uint32_t r, std::uint32_t c) { return values[std::uint64_t{r} * cols + c]; }
  float at(std::uint32_t r, std::uint32_t c) const { return values[std::uint64_t{r} * cols + c]; }
};

enum class KeepRule : std::uint8_t { drop_lowest, released, nominal, keep_highest };
constexpr EnumName<KeepRule> kKeepRuleNames[] = {
    {KeepRule::drop_lowest, "drop_lowest", "exactly int(n s) go"},
    {KeepRule::released, "released", "threshold = max(1, int(n s))-th smallest; it and what equals it stay"},
    {KeepRule::nominal, "nominal", "exactly round(n (1 - s)) stay"},
    {KeepRule::keep_highest, "keep_highest", "exactly int(n (1 - s)) stay"}};
constexpr std::span<const EnumName<KeepRule>> enum_names(KeepRule) {
  return kKeepRuleNames;
}

/// Elements of a group of n that stay when no two scores are equal.
std::uint32_t kept_count(KeepRule rule, std::uint32_t n, double sparsity);

/// |x| of every element.
std::vector<float> magnitudes(const DenseMatrix& matrix);
/// |x| times a factor of its column or of its row.
std::vector<float> scaled_magnitudes(const DenseMatrix& matrix, std::span<const float> of_column,
                                     std::span<const float> of_row = {});

/// Sets elements to 0 group by group: groups of group_rows x group_cols from the upper left; those at the edges are
/// smaller. Equal scores: the element first in row order goes first, except as `released` says.
void prune(DenseMatrix& matrix, std::span<const float> scores, std::uint32_t group_rows, std::uint32_t group_cols,
           KeepRule rule, double sparsity);

/// Sets the int(cols x sparsity) columns of lowest score to 0.
void prune_columns(DenseMatrix& matrix, std::span<const float> column_scores, double sparsity);
/// ThinK's score of K: mean over tokens of K^2 times mean of Q^2 over `queries` rows; without queries (V) the first
/// alone.
std::vector<float> think_scores(const DenseMatrix& k, const DenseMatrix* queries);

/// Rounded to fp16; what rounds to 0 is left out.
NarrowMatrix to_fp16(const DenseMatrix& matrix);
/// The mask of a real pruned matrix (DLMC) on generated weights.
void apply_mask(DenseMatrix& matrix, const Csr& mask);

/// Weights: normal, input channels of lognormal importance with `spread` = standard deviation of its logarithm.
DenseMatrix generate_weights(std::uint32_t rows, std::uint32_t cols, double spread, std::uint64_t seed);
/// tokens x channels. K: a few outlier channels with large means (every 16th, `outlier` times the others' deviation);
/// V (outlier 0): near-uniform channels.
DenseMatrix generate_kv(std::uint32_t tokens, std::uint32_t channels, double outlier, std::uint64_t seed);

}  // namespace heddle::llm
