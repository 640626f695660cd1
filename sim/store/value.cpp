#include "sim/store/value.h"

namespace heddle {

Json value_json(const Value& value) {
  if (const auto* const whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* const number = std::get_if<double>(&value)) return json_value(*number);
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  return nullptr;
}

std::string value_text(const Value& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  if (std::holds_alternative<std::monostate>(value)) return "";
  return value_json(value).dump();
}

}  // namespace heddle
