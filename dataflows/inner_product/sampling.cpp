#include "dataflows/inner_product/sampling.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/base/errors.h"
#include "sim/base/random.h"

namespace heddle::inner_product {
namespace {

constexpr std::uint64_t kSeed = 0x6865646c65;
constexpr std::uint64_t kFewestStrata = 8;
constexpr std::uint64_t kMostStrata = 32;
constexpr std::uint64_t kFlatLatency = 40;   // cycles; of the auxiliary run, only its proportions count
constexpr Cycle kLeastGroupCycles = 60'000;  // some ten refresh intervals of a slow part
constexpr double kDeviations = 3.5;          // of the estimate's standard deviation: 99 % of eight strata (Student's t)
constexpr double kSystematic = 0.005;  // of the extrapolated part: refreshes cut by a group's ends, folds after a gap

/// Cycles of one stratum in both runs.
struct Measured {
  double ratio = 1;         // banked over flat cycles of the measured folds
  double known = 0;         // banked cycles of the measured folds
  double extrapolated = 0;  // flat cycles of all others
};

Measured measure(const Stratum& stratum, const std::vector<Cycle>& flat, const std::vector<Cycle>& banked,
                 std::size_t first_banked) {
  Measured result;
  const std::uint64_t first = stratum.simulated.first + stratum.warm_folds;
  const Cycle begin = banked[first_banked + stratum.warm_folds];
  const Cycle end = banked[first_banked + (stratum.simulated.end - stratum.simulated.first)];
  const Cycle flat_cycles = flat[stratum.simulated.end] - flat[first];
  result.known = double(end - begin);
  result.ratio = result.known / double(std::max<Cycle>(1, flat_cycles));
  result.extrapolated = double(flat[stratum.folds.end] - flat[stratum.folds.first] - flat_cycles);
  return result;
}

/// A stratum's ratio is as uncertain as it differs from its neighbours': half the mean square of the differences.
double variance(const std::vector<Measured>& strata, std::size_t s) {
  double sum = 0;
  int neighbours = 0;
  for (const std::size_t other : {s - 1, s + 1}) {
    if (other >= strata.size()) continue;
    const double difference = strata[s].ratio - strata[other].ratio;
    sum += difference * difference / 2;
    ++neighbours;
  }
  return neighbours == 0 ? 0 : sum / neighbours;
}

DramConfig flat_equivalent(const Problem& problem) {
  Kernel kernel;
  const DramConfig& banked = problem.config.machine.dram;
  const std::unique_ptr<Dram> dram = make_dram(banked, problem.config.machine.clock, kernel);
  DramConfig flat = banked;
  flat.kind = DramKind::flat;
  flat.flat.channels = dram->channels();
  flat.flat.latency = kFlatLatency;
  flat.flat.bandwidth.bytes_per_second =
      static_cast<std::uint64_t>(dram->peak_bytes_per_cycle() * double(problem.config.machine.clock.hertz));
  return flat;
}

/// Waits of the simulated folds, scaled so that all cycles of the run are accounted for.
GroupStalls scale_stalls(const Simulated& flat, const Simulated& part, Cycle cycles) {
  GroupStalls group;
  group.agents = 1;
  group.busy = group.max_busy = flat.account.busy_cycles();
  group.idle = part.account.idle_cycles();
  const Cycle exact = group.busy + group.idle + part.convert_cycles;
  HEDDLE_CHECK(cycles >= exact);
  const double waits = double(part.cycles - part.account.busy_cycles() - group.idle - part.convert_cycles);
  const Cycle to_share = cycles - exact;
  Cycle shared = 0;
  std::uint64_t* largest = &group.stalls[std::size_t(Tensor::b)][std::size_t(Cause::dram_timing)];
  for (std::size_t tensor = 0; tensor < kTensorCount; ++tensor) {
    for (std::size_t cause = 0; cause < kCauseCount; ++cause) {
      const Cycle simulated = part.account.stall_cycles(Tensor(tensor), Cause(cause));
      if (simulated == 0 || Cause(cause) == Cause::barrier) continue;
      std::uint64_t& slot = group.stalls[tensor][cause];
      slot = static_cast<std::uint64_t>(std::floor(double(simulated) / waits * double(to_share)));
      shared += slot;
      if (slot > *largest) largest = &slot;
    }
  }
  *largest += to_share - std::min(shared, to_share);
  group.stalls[std::size_t(Tensor::b)][std::size_t(Cause::barrier)] = part.convert_cycles;
  return group;
}

}  // namespace

std::vector<Stratum> choose_strata(std::uint64_t folds, std::uint64_t budget, std::uint64_t least) {
  const std::uint64_t count = std::clamp(budget / std::max<std::uint64_t>(4, least), kFewestStrata, kMostStrata);
  const std::uint64_t group = std::max(least, budget / count);
  const std::uint64_t longest = group + group / 4;
  if (count * longest >= folds) return {};
  std::vector<Stratum> strata;
  Random random(kSeed);
  for (std::uint64_t s = 0; s < count; ++s) {
    Stratum stratum;
    stratum.folds = {s * folds / count, (s + 1) * folds / count};
    const std::uint64_t length = group + random.uniform_u64(longest - group + 1);
    const std::uint64_t room = stratum.folds.end - stratum.folds.first - length;
    std::uint64_t offset = random.uniform_u64(room + 1);
    if (s == 0) offset = 0;
    if (s + 1 == count) offset = room;
    stratum.simulated = {stratum.folds.first + offset, stratum.folds.first + offset + length};
    strata.push_back(stratum);
  }
  return strata;
}

Estimate extrapolate(const std::vector<Stratum>& strata, const std::vector<Cycle>& flat,
                     const std::vector<Cycle>& banked) {
  std::vector<Measured> measured;
  std::size_t position = 0;
  for (const Stratum& stratum : strata) {
    measured.push_back(measure(stratum, flat, banked, position));
    position += stratum.simulated.end - stratum.simulated.first;
  }
  Estimate estimate;
  double squares = 0;
  double systematic = 0;
  for (std::size_t s = 0; s < measured.size(); ++s) {
    const Measured& m = measured[s];
    estimate.cycles += m.known + m.extrapolated * m.ratio;
    squares += m.extrapolated * m.extrapolated * variance(measured, s);
    systematic += kSystematic * m.extrapolated * m.ratio;
  }
  estimate.error_bound = kDeviations * std::sqrt(squares) + systematic;
  return estimate;
}

std::optional<Sampled> simulate_sampled(const Problem& problem, std::uint64_t lines) {
  Sampled result;
  result.whole = simulate(problem, flat_equivalent(problem), problem.all_folds(), nullptr);
  const std::vector<Cycle>& flat = result.whole.fold_starts;
  const Cycle cycles_per_fold = std::max<Cycle>(1, (flat.back() - flat.front()) / problem.folds);
  const std::uint64_t least = 2 + kLeastGroupCycles / cycles_per_fold;  // one to warm up, one to round up
  const std::vector<Stratum> strata = choose_strata(problem.folds, lines / problem.tiling.streamed_lines(), least);
  if (strata.empty()) return std::nullopt;
  std::vector<FoldRange> schedule;
  for (const Stratum& stratum : strata) {
    schedule.push_back(stratum.simulated);
    result.folds_simulated += stratum.simulated.end - stratum.simulated.first;
  }
  const Simulated part = simulate(problem, problem.config.machine.dram, schedule, nullptr);
  const Estimate estimate = extrapolate(strata, flat, part.fold_starts);
  const Cycle head = part.fold_starts.front();
  const Cycle tail = part.cycles - part.fold_starts.back();
  const Cycle least_cycles = head + tail + result.whole.account.busy_cycles();
  const double cycles = std::max(double(head) + estimate.cycles + double(tail), double(least_cycles));
  result.error_bound = estimate.error_bound / cycles;
  result.whole.cycles = static_cast<Cycle>(std::llround(cycles));
  result.stalls = scale_stalls(result.whole, part, result.whole.cycles);
  result.whole.convert_cycles = part.convert_cycles;
  return result;
}

}  // namespace heddle::inner_product
