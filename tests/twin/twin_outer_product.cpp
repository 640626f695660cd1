// The outer-product dataflow (rules O1 to O6): convert, multiply, merge.
#include "tests/twin/twin_array.h"
#include "tests/twin/twin_converter.h"
#include "tests/twin/twin_machine.h"

namespace heddle::twin {

TwinResult twin_outer_product(const Workload& workload, const Config& config, Mutation mutation) {
  const Csr& a = *workload.a;
  const OuterProductConfig& options = config.outer_product;
  const Layout layout = make_layout(workload, config.layout, a.cols, a.nnz());
  MergeMachine machine(workload, config, layout, mutation);
  TwinArray array(workload, config, layout, machine.cache, *machine.memory, machine.log, mutation.array);
  TwinConverter converter(conversion(Tensor::a, layout.a_pointers, layout.a, layout, a.rows, a.cols, a.nnz(),
                                     config.machine.sram.capacity.count / kLineBytes, config.machine.stream_lines,
                                     mutation.converter_reads_first),
                          *machine.memory);
  std::optional<TwinDispatcher> dispatcher;
  const auto all_pes = [&](Cycle t, Cell cell) {
    for (TwinPe& pe : machine.pes) pe.account.set(t, cell);
  };
  const bool charged = options.convert == Convert::charged;
  const bool pipelined = options.phases == Phases::pipelined;

  const auto make_dispatcher = [&] {
    RowSource source;
    source.rows = a.rows;
    source.fibers = [&](std::uint64_t row) { return array.fibers_of_row(row); };
    source.row_known = [&](std::uint64_t row, Cycle t) { return !pipelined || array.row_complete(row, t); };
    source.operands_in = [](std::uint64_t, std::uint64_t, std::uint64_t, Cycle) { return true; };
    source.dispatched = [](std::uint64_t, std::uint64_t) {};
    source.passed = [](std::uint64_t) {};
    const std::uint64_t after_log = (array.whole_log_end() + kLineBytes - 1) / kLineBytes * kLineBytes;
    dispatcher.emplace(source, config, options.scheduler, machine.c_rows, layout.c_pointers, after_log, machine.pes,
                       machine.cache, *machine.memory, machine.log, mutation.dispatcher);
  };
  const auto control = [&](Cycle t) {
    if (charged) converter.step(t);
    if (charged && !converter.finished_at()) {
      array.account.set(t, stall(Tensor::a, Cause::barrier));
      all_pes(t, stall(Tensor::a, Cause::barrier));
      return;
    }
    if (!dispatcher && (pipelined || array.ended_at())) make_dispatcher();  // ended in the cycle before
    array.step(t);
    if (dispatcher) return dispatcher->step(t);
    all_pes(t, stall(Tensor::partial, Cause::barrier));
  };
  machine.memory->drive([&](Cycle t) {
    machine.step(t, control);
    return !(dispatcher && array.ended_at() && dispatcher->done() && machine.done());
  });
  TwinResult result = machine.result();
  result.convert_cycles = charged ? *converter.finished_at() : 0;
  result.products = array.products();
  result.groups["array"].push_back(array.account.close(result.cycles));
  if (charged && converter.passes() > 1) ++result.events["conversion_in_passes"];
  return result;
}

}  // namespace heddle::twin
