// Words for error messages: the nearest spelling, quoting of foreign text, lists.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/errors.h"

namespace heddle {

/// Levenshtein distance, or `limit` + 1 when it is larger than `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// The candidate with the smallest distance, the first of equals; "" when none is close enough to be meant (more than
/// one edit and one per four letters of the candidate).
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

/// `unknown dataflow "row_wize"; did you mean "row_wise"? Known: inner_product, outer_product, row_wise`
std::string unknown_word(std::string_view kind, std::string_view word, std::span<const std::string_view> known);

/// The value of that name. `kind`: "format", for the InputError when there is none.
template <class E>
E parse_enum(std::string_view kind, std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& entry : enum_names(E{})) {
    if (entry.name == name) return entry.value;
    names.push_back(entry.name);
  }
  throw InputError(unknown_word(kind, name, names));
}

/// In double quotes, control characters and broken UTF-8 as \xNN, at most `max_bytes` of it followed by "...".
std::string quote(std::string_view text, std::size_t max_bytes = 60);

/// "a, b, c"
std::string join(std::span<const std::string_view> words, std::string_view separator = ", ");

/// Position of the first byte that is not UTF-8, or npos.
std::size_t first_invalid_utf8(std::string_view text);

}  // namespace heddle
