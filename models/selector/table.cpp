#include "models/selector/table.h"

#include <algorithm>
#include <cmath>

#include "sim/base/errors.h"
#include "sim/base/json.h"
#include "sim/base/yaml_reader.h"

namespace heddle::selector {
namespace {

template <class T>
T read_json(const std::string& text, const std::string& name) {
  T value;
  read_config(parse_config(text, name), value);
  return value;
}

PerDataflow numbers(const Counts& counts) {
  return {double(counts.inner_product), double(counts.outer_product), double(counts.row_wise)};
}

void copy_sram(const Outcome& outcome, std::uint64_t (&to)[kDataflows]) {
  for (std::size_t d = 0; d < kDataflows; ++d) to[d] = outcome.sram_bytes.at(d);
}

PartExample make_part(const PartLabel& label, const Measurement& measured, const Config& config) {
  PartExample part;
  part.variant = label.variant;
  part.part = label.part;
  part.parts = label.parts;
  part.features = features_of(measured, config);
  part.cycles = numbers(label.outcome.cycles);
  part.convert = numbers(label.outcome.convert_cycles);
  part.form = closed_form(measured, config).cycles();
  copy_sram(label.outcome, part.sram_bytes);
  part.selection = selection_cycles(measured, 0);
  return part;
}

}  // namespace

PerDataflow Example::log_slowdowns() const {
  PerDataflow logs{};
  const double least = std::max(1.0, cycles[best()]);
  for (std::size_t d = 0; d < kDataflows; ++d) logs[d] = std::log2(std::max(1.0, cycles[d]) / least);
  return logs;
}

double Example::margin() const {
  PerDataflow sorted = cycles;
  std::sort(sorted.begin(), sorted.end());
  return sorted[1] / sorted[0];
}

Config config_of(const Label& label) {
  return read_json<Config>(label.config_json, label.id + " (config_json)");
}

Example make_example(const Label& label, const MeasuredLabel& measured) {
  const Config config = config_of(label);
  Example e;
  e.id = label.id;
  e.family = label.family;
  e.machine = label.machine;
  e.pattern = label.pattern;
  e.real = label.real;
  e.changed = label.changed;
  e.features = features_of(measured.whole, config);
  e.cycles = numbers(label.whole.cycles);
  e.convert = numbers(label.whole.convert_cycles);
  e.form = closed_form(measured.whole, config).cycles();
  e.uniform_form = closed_form(uniform_view(measured.whole), config).cycles();
  e.trial = numbers(label.trial);
  e.measured = measured.whole;
  e.products = label.whole.products;
  e.nnz_c = label.whole.nnz_c;
  copy_sram(label.whole, e.sram_bytes);
  e.latency = config.machine.dram.flat.latency;
  if (label.parts.empty() || label.parts == "[]") return e;
  const Json parts = parse_json(label.parts);
  const Json measurements = parse_json(measured.parts);
  HEDDLE_CHECK(parts.size() == measurements.size());
  for (std::size_t i = 0; i < parts.size(); ++i)
    e.parts.push_back(make_part(read_json<PartLabel>(parts[i].dump(), label.id + " (parts)"),
                                read_json<Measurement>(measurements[i].dump(), label.id + " (measured_parts)"),
                                config));
  return e;
}

}  // namespace heddle::selector
