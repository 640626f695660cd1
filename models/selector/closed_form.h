// Cycles of each dataflow in closed form, from a measurement and the machine: the larger of work and traffic, phase by
// phase, as dataflows/estimate.cpp does from the whole matrices. Trees learn what these forms miss.
#pragma once

#include "models/selector/action.h"
#include "models/selector/measurement.h"

namespace heddle::selector {

/// What the forms are made of, in cycles; every entry >= 0.
struct ClosedForm {
  double convert_a = 0, convert_b = 0;
  double ip_scan = 0, ip_match = 0, ip_traffic = 0;
  double op_multiply = 0, op_merge = 0, op_traffic = 0, op_spill = 0;
  double rw_merge = 0, rw_longest = 0, rw_traffic = 0, rw_misses = 0;
  double latency = 0;
  PerDataflow cycles() const;
};

ClosedForm closed_form(const Measurement& m, const Config& config);

/// The same measurement as if nonzeros fell uniformly over rows and columns: all that densities tell.
Measurement uniform_view(const Measurement& m);

}  // namespace heddle::selector
