// Small matrices and machines for the tests of dataflows/.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "dataflows/config.h"
#include "matrices/generate.h"
#include "matrices/workload.h"
#include "sim/base/errors.h"

namespace heddle::testing {

/// From dense rows; zeros are left out.
inline Csr from_dense(std::uint32_t cols, std::initializer_list<std::initializer_list<double>> rows) {
  Csr m;
  m.rows = static_cast<std::uint32_t>(rows.size());
  m.cols = cols;
  for (const auto& row : rows) {
    Coordinate column = 0;
    for (const double value : row) {
      if (value != 0) {
        m.coordinates.push_back(column);
        m.values.push_back(value);
      }
      ++column;
    }
    m.pointers.push_back(m.nnz());
  }
  return m;
}

/// Every entry 1.
inline Csr full(std::uint32_t rows, std::uint32_t cols) {
  Csr m;
  m.rows = rows;
  m.cols = cols;
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t column = 0; column < cols; ++column) {
      m.coordinates.push_back(column);
      m.values.push_back(1);
    }
    m.pointers.push_back(m.nnz());
  }
  return m;
}

inline Csr identity(std::uint32_t rows) {
  Csr m;
  m.rows = m.cols = rows;
  for (std::uint32_t row = 0; row < rows; ++row) {
    m.coordinates.push_back(row);
    m.values.push_back(1);
    m.pointers.push_back(m.nnz());
  }
  return m;
}

inline Csr empty(std::uint32_t rows, std::uint32_t cols) {
  Csr m;
  m.rows = rows;
  m.cols = cols;
  m.pointers.assign(rows + std::size_t{1}, 0);
  return m;
}

inline Csr generated(MatrixFamily family, std::uint32_t rows, std::uint64_t seed, double density) {
  GeneratorConfig config;
  config.family = family;
  config.rows = rows;
  config.cols = rows;
  config.seed = seed;
  config.density = density;
  config.scale = 7;
  config.half_bandwidth = 6;
  return generate(config);
}

inline Workload workload_of(Csr a, Csr b) {
  return make_workload(std::make_shared<const Csr>(std::move(a)), std::make_shared<const Csr>(std::move(b)), "a", "b");
}

/// One flat channel, one line per cycle, latency 10.
inline Config small_machine() {
  Config config;
  Machine& machine = config.machine;
  machine.clock.hertz = 1'000'000'000;
  machine.dram.kind = DramKind::flat;
  machine.dram.flat.channels = 1;
  machine.dram.flat.bandwidth.bytes_per_second = 64'000'000'000;
  machine.dram.flat.latency = 10;
  return config;
}

/// The message of the Error that `action` throws; "accepted" when it does not.
template <class Error, class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace heddle::testing
