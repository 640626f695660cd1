#include "tests/twin/twin_suite.h"

#include <iostream>
#include <stdexcept>

namespace heddle::twin {
namespace {

constexpr std::uint64_t kMutantCases = 4000;  // seeds tried at most for a mutant
constexpr std::uint64_t kLeastCases = 30;     // in which an event has to occur

std::uint64_t stalls_of(const TwinAccount::Sums& sums) {
  std::uint64_t stalls = 0;
  for (const auto& tensor : sums.stalls)
    for (const std::uint64_t cell : tensor) stalls += cell;
  return stalls;
}

/// Products and nonzeros are those of the workload, and every agent accounts for every cycle.
void check_twin_laws(const Case& c, const TwinResult& twin) {
  bool holds = twin.products == c.workload.products && twin.nnz_c == c.workload.nnz_c();
  for (const auto& [name, agents] : twin.groups)
    for (const TwinAccount::Sums& sums : agents)
      holds = holds && sums.busy + stalls_of(sums) + sums.no_work + sums.idle == twin.cycles;
  if (!holds) throw std::logic_error("the twin breaks a law of its own: " + describe_case(c));
}

/// The fast model's report under the changed config differs from the twin's. A refused config tells nothing.
bool differs(DataflowKind dataflow, const Workload& workload, const Config& changed, const TwinResult& twin) {
  try {
    return !difference(twin, run_fast(dataflow, workload, changed)).empty();
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

std::string difference_of_seed(DataflowKind dataflow, DramKind dram, std::uint64_t seed) {
  const Case c = make_case(dataflow, seed, dram);
  const TwinResult twin = run_twin(dataflow, c.workload, c.config);
  const FastResult fast = run_fast(dataflow, c.workload, c.config);
  const std::string found = difference(twin, fast);
  if (found.empty() && fast.report.fidelity == "exact") return "";
  return found + "fidelity " + fast.report.fidelity + "\n" + describe_case(c);
}

std::string difference_of_block(DataflowKind dataflow, DramKind dram, int block) {
  for (int i = 0; i < kCasesPerBlock; ++i) {
    const std::string found =
        difference_of_seed(dataflow, dram, static_cast<std::uint64_t>(block * kCasesPerBlock + i));
    if (!found.empty()) return found;
  }
  return "";
}

Names rare_events(DataflowKind dataflow, const Names& events) {
  std::map<std::string, std::uint64_t> cases;
  for (const DramKind dram : {DramKind::flat, DramKind::banked}) {
    for (std::uint64_t seed = 0; seed < std::uint64_t{kBlocks} * kCasesPerBlock; ++seed) {
      const Case c = make_case(dataflow, seed, dram);
      const TwinResult twin = run_twin(dataflow, c.workload, c.config);
      check_twin_laws(c, twin);
      for (const auto& [event, count] : twin.events) cases[event] += count > 0;
    }
  }
  std::cout << "cases with an event, of " << 2 * kBlocks * kCasesPerBlock << ":\n";
  for (const auto& [event, count] : cases) std::cout << "  " << event << " " << count << "\n";
  Names rare;
  for (const std::string& event : events)
    if (cases[event] < kLeastCases) rare.push_back(event);
  return rare;
}

Names merge_events() {
  return {"bank_conflicts",
          "burst_changes",
          "bursts_of_1",
          "bursts_of_2",
          "bursts_of_3",
          "bursts_of_4",
          "combining_drains",
          "combining_evictions",
          "dram_queue_full",
          "evictions",
          "mshr_full",
          "operand_lines_full",
          "own_lines_not_full",
          "output_full",
          "output_full_for_several_lines",
          "output_full_for_two_bursts",
          "pointer_lines_full",
          "port_busy",
          "puts_that_spill",
          "refills",
          "refills_of_several_lines",
          "refreshes",
          "replies_limited_by_beats",
          "row_conflicts",
          "spills",
          "third_level_tasks",
          "tree_tasks",
          "waits_for_burst_and_room",
          "write_drains",
          "writes_of_several_lines"};
}
std::vector<ConfigMutant> machine_mutants() {
  using enum DramKind;
  const auto percent = [](Config& c, std::uint64_t p) {
    Bandwidth& bandwidth = c.machine.dram.flat.bandwidth;
    bandwidth.bytes_per_second = bandwidth.bytes_per_second * p / 100;
  };
  return {
      {"c_layout exact", flat, [](Config& c) { c.layout.c_layout = CLayout::exact; }},
      {"c_layout upper_bound", flat, [](Config& c) { c.layout.c_layout = CLayout::upper_bound; }},
      {"flat latency + 1", flat, [](Config& c) { c.machine.dram.flat.latency += 1; }},
      {"flat latency - 1", flat, [](Config& c) { c.machine.dram.flat.latency -= 1; }},
      {"flat bandwidth + 5 %", flat, [=](Config& c) { percent(c, 105); }},
      {"flat bandwidth - 5 %", flat, [=](Config& c) { percent(c, 95); }},
      {"flat channels + 1", flat, [](Config& c) { c.machine.dram.flat.channels += 1; }},
      {"flat channels - 1", flat, [](Config& c) { c.machine.dram.flat.channels -= 1; }},
      {"clock + 1 %", flat, [](Config& c) { c.machine.clock.hertz = c.machine.clock.hertz * 101 / 100; }},
      {"banked cl + 1", banked, [](Config& c) { c.machine.dram.banked.timing.cl = 40; }},
      {"banked map", banked, [](Config& c) { c.machine.dram.banked.map = DramMap::mop; }},
      {"banked refresh off", banked, [](Config& c) { c.machine.dram.banked.refresh = false; }},
      {"banked write_high 1", banked,
       [](Config& c) { c.machine.dram.banked.write_high = 1, c.machine.dram.banked.write_low = 0; }},
      {"stream_lines + 1", flat, [](Config& c) { c.machine.stream_lines += 1; }},
      {"stream_lines - 1", flat, [](Config& c) { c.machine.stream_lines -= 1; }},
      {"combining_lines + 1", flat, [](Config& c) { c.machine.combining_lines += 1; }},
      {"combining_lines - 1", flat, [](Config& c) { c.machine.combining_lines -= 1; }},
      {"pe.latency + 1", flat, [](Config& c) { c.machine.pe.latency += 1; }},
      {"pe.latency - 1", flat, [](Config& c) { c.machine.pe.latency -= 1; }},
      {"pe.count + 1", flat, [](Config& c) { c.machine.pe.count += 1; }},
      {"pe.count - 1", flat, [](Config& c) { c.machine.pe.count -= 1; }},
      {"pointer_bytes + 1", flat, [](Config& c) { c.layout.pointer_bytes += 1; }},
      {"value_bytes + 1", flat, [](Config& c) { c.layout.value_bytes += 1; }},
  };
}

std::vector<ConfigMutant> merge_mutants() {
  using enum DramKind;
  const auto add_mshrs = [](Config& c, bool more) {
    more ? c.machine.sram.mshrs += c.machine.sram.banks : c.machine.sram.mshrs -= c.machine.sram.banks;
  };
  const auto replace = [](Config& c, Replacement from, Replacement to) {
    if (c.machine.sram.replacement == from) c.machine.sram.replacement = to;
  };
  const auto resize = [](Config& c, std::uint32_t banks, std::uint32_t ways) {
    SramConfig& sram = c.machine.sram;
    const std::uint64_t sets = sram.capacity.count / kLineBytes / sram.banks / sram.ways;
    const std::uint32_t mshrs = sram.mshrs / sram.banks;
    sram.banks = banks, sram.ways = ways, sram.mshrs = mshrs * banks;
    sram.capacity.count = sets * banks * ways * kLineBytes;
  };
  return {
      {"radix + 1", flat, [](Config& c) { c.machine.pe.radix += 1, c.machine.pe.operand_lines += 2; }},
      {"radix - 1", flat, [](Config& c) { c.machine.pe.radix -= 1; }},
      {"line_buffers + 1", flat, [](Config& c) { c.machine.pe.line_buffers += 1; }},
      {"line_buffers - 1", flat, [](Config& c) { c.machine.pe.line_buffers -= 1; }},
      {"operand_lines + 1", flat, [](Config& c) { c.machine.pe.operand_lines += 1; }},
      {"operand_lines - 1", flat, [](Config& c) { c.machine.pe.operand_lines -= 1; }},
      {"fetch_ahead + 1", flat, [](Config& c) { c.machine.pe.fetch_ahead += 1; }},
      {"fetch_ahead - 1", flat,
       [](Config& c) {
         if (c.machine.pe.fetch_ahead > 0) c.machine.pe.fetch_ahead -= 1;
       }},
      {"burst_lines + 1", flat, [](Config& c) { c.machine.pe.burst_lines += 1; }},
      {"burst_lines - 1", flat, [](Config& c) { c.machine.pe.burst_lines -= 1; }},
      {"write_lines + 1", flat, [](Config& c) { c.machine.pe.write_lines += 1; }},
      {"write_lines - 1", flat, [](Config& c) { c.machine.pe.write_lines -= 1; }},
      {"merge_width + 1", flat,
       [](Config& c) {
         PeConfig& pe = c.machine.pe;
         if (pe.merge_interval == 1) pe.merge_width += 1, pe.multipliers = std::max(pe.multipliers, pe.merge_width);
       }},
      {"merge_interval + 1", flat,
       [](Config& c) { c.machine.pe.merge_interval += c.machine.pe.merge_width == 1 ? 1 : 0; }},
      {"sram.latency + 1", flat, [](Config& c) { c.machine.sram.latency += 1; }},
      {"sram.latency - 1", flat,
       [](Config& c) {
         if (c.machine.sram.latency > 1) c.machine.sram.latency -= 1;
       }},
      {"mshrs + 1 per bank", flat, [=](Config& c) { add_mshrs(c, true); }},
      {"mshrs - 1 per bank", flat, [=](Config& c) { add_mshrs(c, false); }},
      {"lru -> fifo", flat, [=](Config& c) { replace(c, Replacement::lru, Replacement::fifo); }},
      {"fifo -> lru", flat, [=](Config& c) { replace(c, Replacement::fifo, Replacement::lru); }},
      {"random -> lru", flat, [=](Config& c) { replace(c, Replacement::random, Replacement::lru); }},
      {"banks + 1", flat, [=](Config& c) { resize(c, c.machine.sram.banks + 1, c.machine.sram.ways); }},
      {"ways + 1", flat, [=](Config& c) { resize(c, c.machine.sram.banks, c.machine.sram.ways + 1); }},
      {"one set more", flat,
       [](Config& c) { c.machine.sram.capacity.count += c.machine.sram.banks * c.machine.sram.ways * kLineBytes; }},
  };
}

Names unnoticed(DataflowKind dataflow, const std::vector<ConfigMutant>& mutants) {
  Names names;
  for (const DramKind dram : {DramKind::flat, DramKind::banked}) {
    std::vector<const ConfigMutant*> at_large;
    for (const ConfigMutant& mutant : mutants)
      if (mutant.dram == dram) at_large.push_back(&mutant);
    for (std::uint64_t seed = 0; seed < kMutantCases && !at_large.empty(); ++seed) {
      const Case c = make_case(dataflow, seed, dram);
      const TwinResult twin = run_twin(dataflow, c.workload, c.config);
      std::erase_if(at_large, [&](const ConfigMutant* mutant) {
        Config changed = c.config;
        mutant->change(changed);
        return differs(dataflow, c.workload, changed, twin);
      });
    }
    for (const ConfigMutant* mutant : at_large) names.push_back(mutant->name);
  }
  return names;
}

Names unnoticed(const OptionTwin& twin, const std::vector<Change>& changes) {
  constexpr std::uint64_t kSeeds = 300;
  Names names;
  for (const auto& [name, change] : changes) {
    bool noticed = false;
    for (std::uint64_t seed = 0; seed < kSeeds && !noticed; ++seed) {
      const Case original = twin.make(seed);
      Config changed = original.config;
      change(changed);
      try {
        noticed = !difference(twin.run(original), run_fast(twin.dataflow, original.workload, changed)).empty();
      } catch (const InputError&) {
      }
    }
    if (!noticed) names.push_back(name);
  }
  return names;
}

std::vector<RuleMutant> merge_rule_mutants() {
  return {
      {"banks act after the requesters", [](Mutation& m) { m.banks_after_requesters = true; }},
      {"the combining buffer acts after the PEs", [](Mutation& m) { m.combining_after_pes = true; }},
      {"dispatcher and array act after the PEs", [](Mutation& m) { m.control_after_pes = true; }},
      {"PEs act last to first", [](Mutation& m) { m.pes_backwards = true; }},
      {"streams request last to first", [](Mutation& m) { m.streams_backwards = m.array.streams_backwards = true; }},
      {"h of two shares of a fiber", [](Mutation& m) { m.pe.shares_of_a_fiber = 2; }},
      {"h of eight shares of a fiber", [](Mutation& m) { m.pe.shares_of_a_fiber = 8; }},
      {"port before merge", [](Mutation& m) { m.pe.port_before_merge = true; }},
      {"heads before refills", [](Mutation& m) { m.pe.heads_before_refills = true; }},
      {"newest refill first", [](Mutation& m) { m.pe.newest_refill_first = true; }},
      {"refills need line buffers", [](Mutation& m) { m.pe.refills_need_line_buffers = true; }},
      {"port busy for a beat more", [](Mutation& m) { m.pe.port_beats_more = 1; }},
      {"port never busy", [](Mutation& m) { m.pe.port_never_busy = true; }},
      {"lines of a request last to first", [](Mutation& m) { m.pe.lines_backwards = true; }},
      {"highest of the lines that come last", [](Mutation& m) { m.pe.last_of_latest_lines = true; }},
      {"replies a beat later", [](Mutation& m) { m.pe.replies_later = 1; }},
      {"replies a beat earlier", [](Mutation& m) { m.pe.replies_earlier = 1; }},
      {"operand lines free when consumed", [](Mutation& m) { m.pe.operand_lines_freed_when_consumed = true; }},
      {"one operand line for a head", [](Mutation& m) { m.pe.one_operand_line_per_head = true; }},
      {"write bursts aligned to the output", [](Mutation& m) { m.pe.write_bursts_from_output = true; }},
      {"writes line by line", [](Mutation& m) { m.pe.writes_line_by_line = true; }},
      {"every write burst takes burst_lines", [](Mutation& m) { m.pe.write_bursts_take_all_lines = true; }},
      {"room for the first burst only", [](Mutation& m) { m.pe.room_for_first_burst_only = true; }},
      {"write lines free a cycle later", [](Mutation& m) { m.pe.write_lines_later = 1; }},
      {"last of the heads that come last", [](Mutation& m) { m.pe.last_of_latest_heads = true; }},
      {"highest PE first", [](Mutation& m) { m.dispatcher.highest_pe_first = true; }},
      {"youngest parent first", [](Mutation& m) { m.dispatcher.youngest_parent_first = true; }},
      {"rows before parents", [](Mutation& m) { m.dispatcher.rows_before_parents = true; }},
  };
}

std::vector<RuleMutant> next_use_rule_mutants() {
  return {
      {"a dirty line has no use to come", [](Mutation& m) { m.cache.dirty_line_without_use = true; }},
      {"announced for the next cycle", [](Mutation& m) { m.cache.announced_for_next_cycle = true; }},
      {"only hits are uses", [](Mutation& m) { m.cache.only_hits_are_uses = true; }},
      {"uses of evicted lines are forgotten", [](Mutation& m) { m.cache.evicted_uses_forgotten = true; }},
      {"of equal uses the earliest taken", [](Mutation& m) { m.cache.earliest_taken_of_equals = true; }},
  };
}

void next_use_becomes_lru(Config& config) {
  Replacement& replacement = config.machine.sram.replacement;
  if (replacement == Replacement::next_use) replacement = Replacement::lru;
}

Names unnoticed(DataflowKind dataflow, const std::vector<RuleMutant>& mutants) {
  std::vector<const RuleMutant*> at_large;
  for (const RuleMutant& mutant : mutants) at_large.push_back(&mutant);
  for (std::uint64_t seed = 0; seed < kMutantCases && !at_large.empty(); ++seed) {
    const Case c = make_case(dataflow, seed, DramKind::flat);
    const FastResult fast = run_fast(dataflow, c.workload, c.config);
    std::erase_if(at_large, [&](const RuleMutant* mutant) {
      Mutation mutation;
      mutant->change(mutation);
      return !difference(run_twin(dataflow, c.workload, c.config, mutation), fast).empty();
    });
  }
  Names names;
  for (const RuleMutant* mutant : at_large) names.push_back(mutant->name);
  return names;
}

}  // namespace heddle::twin
