#include "sim/base/json.h"

#include <cmath>

#include "sim/base/errors.h"
#include "sim/base/hash.h"

template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace heddle {

Json json_value(double number) {
  if (!std::isfinite(number)) throw InternalError("a figure to be written as JSON is not finite");
  return number;
}

Json parse_json(std::string_view text) {
  return Json::parse(text);
}

Json try_parse_json(std::string_view text) {
  return Json::parse(text, nullptr, false);
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string canonical_text(const Json& json) {
  using Sorted = nlohmann::json;
  return Sorted(json).dump(-1, ' ', false, Sorted::error_handler_t::replace);
}

std::string json_hash(const Json& json) {
  return hash_text(canonical_text(json));
}

}  // namespace heddle
