#include "tools/heddle/explain.h"
namespace heddle {
Explanation explain(const RunReport& r, const Workload&, const Config& c) {
  Explanation e;
  e.dataflow = r.dataflow;
  e.cycles = r.cycles;
  for (auto& x : resources()) {
    Config d = c;
    if (x.applies(find_dataflow(r.dataflow).kind) && x.twice(d)) e.gains.push_back({&x, 1});
  }
  return e;
}
}  // namespace heddle
