// The row-wise dataflow (rules R1 to R3).
#include "tests/twin/twin_machine.h"
#include "tests/twin/twin_stream.h"

namespace heddle::twin {
namespace {

TwinFiber row_of_b(const Workload& workload, const Layout& layout, Coordinate k) {
  const Fiber row = workload.b->row(k);
  TwinFiber fiber;
  fiber.first_byte = layout.b.byte(workload.b->pointers[k]);
  fiber.coordinates.assign(row.coordinates.begin(), row.coordinates.end());
  fiber.pointer = k;
  return fiber;
}

}  // namespace

TwinResult twin_row_wise(const Workload& workload, const Config& config, Mutation mutation) {
  const Csr& a = *workload.a;
  const Layout layout = make_layout(workload, config.layout, 0, 0);
  MergeMachine machine(workload, config, layout, mutation);

  std::vector<LineAddr> pointer_lines, element_lines;
  append_lines(pointer_lines, layout.a_pointers.byte(0), layout.a_pointers.byte(a.rows + std::uint64_t{1}));
  append_lines(element_lines, layout.a.byte(0), layout.a.byte(a.nnz()));
  const std::uint64_t capacity = config.machine.stream_lines;
  TwinStream pointers(pointer_lines, Tensor::pointers, capacity, *machine.memory);
  TwinStream elements(element_lines, Tensor::a, capacity, *machine.memory);
  const auto pointer_position = [&](std::uint64_t byte) { return line_of(byte) - line_of(layout.a_pointers.base); };
  const auto element_position = [&](std::uint64_t byte) { return line_of(byte) - line_of(layout.a.base); };

  RowSource source;
  source.rows = a.rows;
  source.fibers = [&](std::uint64_t row) {
    std::vector<TwinFiber> fibers;
    for (const Coordinate k : a.row(static_cast<std::uint32_t>(row)).coordinates)
      fibers.push_back(row_of_b(workload, layout, k));
    return fibers;
  };
  source.row_known = [&](std::uint64_t row, Cycle t) {
    return pointers.in(pointer_position(layout.a_pointers.byte(row)),
                       pointer_position(layout.a_pointers.byte(row + 2) - 1), t);
  };
  source.operands_in = [&](std::uint64_t row, std::uint64_t first, std::uint64_t last, Cycle t) {
    const std::uint64_t begin = a.pointers[row];
    return elements.in(element_position(layout.a.byte(begin + first)),
                       element_position(layout.a.byte(begin + last) - 1), t);
  };
  source.dispatched = [&](std::uint64_t row, std::uint64_t last) {
    const std::uint64_t next = a.pointers[row] + last;
    elements.release_before(next == a.nnz() ? elements.size() : element_position(layout.a.byte(next)));
  };
  source.passed = [&](std::uint64_t row) {
    pointers.release_before(pointer_position(layout.a_pointers.byte(row + 1)));
  };
  TwinDispatcher dispatcher(source, config, config.row_wise.scheduler, machine.c_rows, layout.c_pointers,
                            layout.partial_base, machine.pes, machine.cache, *machine.memory, machine.log,
                            mutation.dispatcher);

  machine.memory->drive([&](Cycle t) {
    machine.step(t, [&](Cycle now) {
      dispatcher.step(now);
      if (mutation.streams_backwards) elements.step(now);
      pointers.step(now);
      if (!mutation.streams_backwards) elements.step(now);
    });
    return !(dispatcher.done() && machine.done() && pointers.all_requested() && elements.all_requested());
  });
  TwinResult result = machine.result();
  for (const TwinPe& pe : machine.pes) result.products += pe.products;
  return result;
}

}  // namespace heddle::twin
