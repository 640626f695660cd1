#include "sim/base/spelling.h"

#include <algorithm>

namespace heddle {
namespace {

/// Bytes of the UTF-8 sequence at the front of `text`, 0 if it is none (overlong, surrogate, beyond U+10FFFF, cut off).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  const unsigned second = byte(1);
  const bool broken = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return broken ? 0 : length;
}

std::string escaped(char c) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(c);
  return {'\\', 'x', kDigits[code >> 4], kDigits[code & 15]};
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return std::min(row.back(), limit + 1);
}

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = static_cast<std::size_t>(-1);
  for (const std::string_view candidate : candidates) {
    const std::size_t limit = 1 + candidate.size() / 4;
    const std::size_t distance = edit_distance(word, candidate, limit);
    if (distance > limit || distance >= best_distance || distance >= candidate.size()) continue;
    best = candidate;
    best_distance = distance;
  }
  return std::string(best);
}

std::string unknown_word(std::string_view kind, std::string_view word, std::span<const std::string_view> known) {
  std::string message = "unknown " + std::string(kind) + " " + quote(word);
  if (const std::string meant = nearest(word, known); !meant.empty())
    message += "; did you mean \"" + meant + "\"?";
  else
    message += ".";
  return message + " Known: " + join(known);
}

std::string quote(std::string_view text, std::size_t max_bytes) {
  std::string quoted = "\"";
  std::size_t i = 0;
  while (i < text.size() && i < max_bytes) {
    const std::size_t length = utf8_length(text.substr(i));
    const auto code = static_cast<unsigned char>(text[i]);
    if (length == 0 || code < 0x20 || code == 0x7F) {
      quoted += escaped(text[i++]);
      continue;
    }
    quoted += text.substr(i, length);
    i += length;
  }
  return quoted + (i < text.size() ? "\"..." : "\"");
}

std::string join(std::span<const std::string_view> words, std::string_view separator) {
  std::string joined;
  for (const std::string_view word : words) {
    if (!joined.empty()) joined += separator;
    joined += word;
  }
  return joined;
}

std::size_t first_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i, 4));
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace heddle
