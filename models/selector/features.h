// The numbers a selector decides by. Every tree, table and policy indexes them by this list.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "models/selector/closed_form.h"
#include "models/selector/measurement.h"

namespace heddle::selector {

/// What a feature needs to be known.
enum class CostClass : std::uint8_t {
  machine,   ///< the configuration: free
  pointers,  ///< shapes and row lengths, O(rows)
  sampled    ///< up to kMostSampledRows rows of A and the rows of B they name
};

struct FeatureInfo {
  std::string_view name;
  std::string_view unit;
  std::string_view text;
  CostClass cost;
};

inline constexpr std::size_t kFeatureCount = 48;
using Features = std::array<double, kFeatureCount>;

std::span<const FeatureInfo> feature_list();
/// Throws InputError with the nearest name.
std::size_t find_feature(std::string_view name);

/// Sizes and counts as log2(1 + x), so that a threshold is a ratio; cycles of closed forms as log2 of their ratios.
Features features_of(const Measurement& measurement, const Config& config);

}  // namespace heddle::selector
