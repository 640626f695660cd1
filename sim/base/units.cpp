#include "sim/base/units.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/number.h"
#include "sim/base/spelling.h"

namespace heddle {
namespace {

constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// Largest first; of two spellings of one factor the first is printed.
constexpr Unit kBytes[] = {
    {"TiB", 1ULL << 40}, {"TB", 1'000'000'000'000}, {"GiB", 1ULL << 30}, {"GB", 1'000'000'000}, {"MiB", 1ULL << 20},
    {"MB", 1'000'000},   {"KiB", 1ULL << 10},       {"kB", 1'000},       {"KB", 1'000},         {"B", 1}};
constexpr Unit kBandwidths[] = {{"TiB/s", 1ULL << 40}, {"TB/s", 1'000'000'000'000},
                                {"GiB/s", 1ULL << 30}, {"GB/s", 1'000'000'000},
                                {"MiB/s", 1ULL << 20}, {"MB/s", 1'000'000},
                                {"KiB/s", 1ULL << 10}, {"kB/s", 1'000},
                                {"KB/s", 1'000},       {"B/s", 1}};
constexpr Unit kFrequencies[] = {{"GHz", 1'000'000'000}, {"MHz", 1'000'000}, {"kHz", 1'000}, {"Hz", 1}};

/// What a kind of quantity is called in messages.
struct Kind {
  std::span<const Unit> units;
  std::string_view name;     ///< "a bandwidth"
  std::string_view example;  ///< "128 GB/s"
  std::string_view base;     ///< "bytes per second"
};
constexpr Kind kByteKind{kBytes, "a number of bytes", "3 MiB", "bytes"};
constexpr Kind kBandwidthKind{kBandwidths, "a bandwidth", "128 GB/s", "bytes per second"};
constexpr Kind kFrequencyKind{kFrequencies, "a frequency", "1 GHz", "hertz"};

[[noreturn]] void fail(const Kind& kind, std::string_view text, std::string_view reason) {
  std::string message = "expected " + std::string(kind.name) + " such as \"" + std::string(kind.example) + "\", got " +
                        quote(text) + ": " + std::string(reason) + "; units: ";
  for (auto unit = kind.units.rbegin(); unit != kind.units.rend(); ++unit)
    message += (unit == kind.units.rbegin() ? "" : ", ") + std::string(unit->name);
  throw InputError(message);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

const Unit* find_unit(const Kind& kind, std::string_view name) {
  for (const Unit& unit : kind.units)
    if (unit.name == name) return &unit;
  return nullptr;
}

/// Where the number ends: an exponent belongs to it ("1e9 B"), a unit does not.
std::size_t number_length(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789.");
  if (end == std::string_view::npos || (text[end] != 'e' && text[end] != 'E')) return std::min(end, text.size());
  std::size_t digits = end + 1;
  if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
  if (digits == text.size() || text[digits] < '0' || text[digits] > '9') return end;
  return std::min(text.find_first_not_of("0123456789", digits), text.size());
}

std::uint64_t parse(const Kind& kind, std::string_view text, bool unit_optional) {
  const std::string_view trimmed = trim(text);
  if (!trimmed.empty() && trimmed.front() == '-') fail(kind, text, "it is negative");
  const std::size_t length = number_length(trimmed);
  const std::string_view unit_name = trim(trimmed.substr(length));
  const Unit* unit = unit_name.empty() && unit_optional ? &kind.units.back() : find_unit(kind, unit_name);
  const std::optional<Decimal> number = parse_decimal(trimmed.substr(0, length));
  if (!number) fail(kind, text, "it does not begin with a number");
  if (unit == nullptr) fail(kind, text, unit_name.empty() ? "the unit is missing" : "unknown unit " + quote(unit_name));
  const std::optional<std::uint64_t> value = scale_exactly(*number, unit->factor, kLimit);
  if (!value) fail(kind, text, "not a whole number of " + std::string(kind.base) + " up to 2^63");
  return *value;
}

struct Printed {
  std::string text;
  std::size_t digits = 0;
};

/// `value` in `unit` with all its decimals.
Printed print(std::uint64_t value, const Unit& unit) {
  Printed printed{std::to_string(value / unit.factor), 0};
  std::uint64_t rest = value % unit.factor;
  if (rest != 0) printed.text += '.';
  printed.digits = printed.text.size() - (rest != 0);
  for (; rest != 0; rest = rest * 10 % unit.factor) {
    printed.text += static_cast<char>('0' + rest * 10 / unit.factor);
    ++printed.digits;
  }
  printed.text += ' ';
  printed.text += unit.name;
  return printed;
}

std::string shortest(std::uint64_t value, const Kind& kind) {
  Printed best = print(value, kind.units.back());
  for (auto unit = kind.units.rbegin() + 1; unit != kind.units.rend() && unit->factor <= value; ++unit)
    if (Printed printed = print(value, *unit); printed.digits <= best.digits) best = std::move(printed);
  return best.text;
}

}  // namespace

Bytes parse_bytes(std::string_view text) {
  return {parse(kByteKind, text, true)};
}
Bandwidth parse_bandwidth(std::string_view text) {
  return {parse(kBandwidthKind, text, false)};
}
Frequency parse_frequency(std::string_view text) {
  return {parse(kFrequencyKind, text, false)};
}

std::string to_text(Bytes bytes) {
  return shortest(bytes.count, kByteKind);
}
std::string to_text(Bandwidth bandwidth) {
  return shortest(bandwidth.bytes_per_second, kBandwidthKind);
}
std::string to_text(Frequency frequency) {
  return shortest(frequency.hertz, kFrequencyKind);
}

}  // namespace heddle
