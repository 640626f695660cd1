#include "dataflows/row_wise/queue_loader.h"

#include <algorithm>
#include <numeric>

#include "dataflows/layout.h"

namespace heddle::row_wise {
namespace {

constexpr LineAddr kAlignment = Layout::kRegionAlignment / kLineBytes;

LineAddr aligned(LineAddr line) {
  return (line + kAlignment - 1) / kAlignment * kAlignment;
}

std::vector<std::uint64_t> one_per_row(std::uint32_t rows) {
  std::vector<std::uint64_t> pointers(rows + std::size_t{1});
  std::iota(pointers.begin(), pointers.end(), std::uint64_t{0});
  return pointers;
}

}  // namespace

QueueMachine::QueueMachine(const Workload& w, const Config& c)
    : workload(w),
      config(c),
      pes(c.machine.pe.count),
      element_bytes(c.layout.element_bytes()),
      pair_bytes(2 * c.layout.pointer_bytes),
      a_pairs(one_per_row(w.a->rows), pair_bytes, pes, false, 0),
      a_elements(w.a->pointers, element_bytes, pes, c.row_wise.elements == RowElements::packed, aligned(a_pairs.end())),
      b_pairs(one_per_row(w.b->rows), pair_bytes, pes, false, aligned(a_elements.end())),
      b_elements(w.b->pointers, element_bytes, pes, a_elements.packed(), aligned(b_pairs.end())),
      c_pairs(one_per_row(w.a->rows), pair_bytes, pes, false, aligned(b_elements.end())),
      c_elements(w.c_pointers, element_bytes, pes, a_elements.packed(), aligned(c_pairs.end())) {}

QueueLoader::QueueLoader(const QueueMachine& machine, std::uint32_t pe, Memory& dram, Cache* b_cache, ReplySink& owner)
    : m_(machine),
      pe_(pe),
      a_pair_lines_(dram, nullptr, Tensor::pointers, machine.config.machine.stream_lines, owner),
      a_lines_(dram, nullptr, Tensor::a, machine.config.machine.stream_lines, owner),
      b_pair_lines_(dram, b_cache, Tensor::pointers, machine.config.machine.pe.line_buffers, owner),
      b_lines_(dram, b_cache, Tensor::b, machine.config.machine.pe.line_buffers, owner),
      row_(pe),
      pair_cursor_(*machine.workload.a, pe, machine.pes),
      fiber_cursor_(*machine.workload.a, pe, machine.pes) {
  const std::uint64_t rows = machine.workload.a->rows;
  if (pe < rows) a_pair_line_count_ = lines_spanned(0, ((rows - pe - 1) / m_.pes + 1) * m_.pair_bytes);
  open_row();
  open_nonzero();
  open_fiber();
}

void QueueLoader::open_row() {
  if (row_ >= m_.workload.a->rows) return;
  const auto row = static_cast<std::uint32_t>(row_);
  const std::uint64_t first = m_.a_elements.first(row);
  const std::uint64_t end = first + m_.workload.a->row_nnz(row) * m_.element_bytes;
  row_lines_ = {line_of(first), line_of(first) + lines_spanned(first, end)};
  if (!row_lines_.empty() && row_lines_.next == last_a_line_) ++row_lines_.next;
}

/// Both pointers of the row of A at work are in.
Cycle QueueLoader::row_pair_in() const {
  const std::uint64_t first = row_ / m_.pes * m_.pair_bytes;
  return std::max(a_pair_lines_.in(line_of(first)), a_pair_lines_.in(line_of(first + m_.pair_bytes - 1)));
}

void QueueLoader::pass_rows() {
  while (row_ < m_.workload.a->rows && row_lines_.empty() && row_pair_in() != kNever) {
    rows_passed_ = std::max(rows_passed_, row_pair_in());
    row_ += m_.pes;
    const bool more = row_ < m_.workload.a->rows;
    a_pair_lines_.release(more ? line_of(row_ / m_.pes * m_.pair_bytes) : a_pair_lines_.requested(), rows_passed_);
    open_row();
  }
}

void QueueLoader::open_nonzero() {
  if (pair_cursor_.end()) return;
  const std::uint64_t byte = m_.a_elements.first(pair_cursor_.row()) + pair_cursor_.within_row() * m_.element_bytes;
  first_a_number_ = numbering_.number(line_of(byte));
  last_a_number_ = numbering_.number(line_of(byte + m_.element_bytes - 1));
  const std::uint64_t pair = m_.b_pairs.first(pair_cursor_.inner());
  pair_lines_ = {line_of(pair), line_of(pair + m_.pair_bytes - 1) + 1};
}

Cycle QueueLoader::nonzero_in() const {
  return std::max(a_lines_.in(first_a_number_), a_lines_.in(last_a_number_));
}

void QueueLoader::open_fiber() {
  if (fiber_cursor_.end()) return;
  const Coordinate k = fiber_cursor_.inner();
  const std::uint64_t pair = m_.b_pairs.first(k);
  fiber_pair_lines_ = lines_spanned(pair, pair + m_.pair_bytes);
  const std::uint64_t first = m_.b_elements.first(k);
  const std::uint64_t lines = lines_spanned(first, first + m_.workload.b->row_nnz(k) * m_.element_bytes);
  fiber_lines_ = {line_of(first), line_of(first) + lines};
  fiber_begun_ = false;
}

Cycle QueueLoader::fiber_pair_in() const {
  return std::max(b_pair_lines_.in(first_pair_number_), b_pair_lines_.in(first_pair_number_ + fiber_pair_lines_ - 1));
}

void QueueLoader::pass_fibers() {
  while (!fiber_cursor_.end() && fiber_lines_.empty() && fiber_pair_in() != kNever) {
    fibers_passed_ = std::max({fibers_passed_, fiber_pair_in(), fiber_begun_ ? b_lines_.last_request() : Cycle{0}});
    first_pair_number_ += fiber_pair_lines_;
    b_pair_lines_.release(first_pair_number_, fibers_passed_);
    fiber_cursor_.next();
    open_fiber();
  }
}

Cycle QueueLoader::ready(const LineFifo& fifo, const Range& range, Cycle operand_in, Cycle passed) const {
  return range.empty() ? kNever : std::max({fifo.next_request(), fifo.room(), operand_in, passed});
}

void QueueLoader::issue(Cycle now) {
  pass_fibers();
  if (!fiber_cursor_.end() && ready(b_lines_, fiber_lines_, fiber_pair_in(), fibers_passed_) <= now) {
    if (!fiber_begun_) {
      const Reply& first = b_pair_lines_.reply(first_pair_number_);
      const Reply& last = b_pair_lines_.reply(first_pair_number_ + fiber_pair_lines_ - 1);
      fiber_pairs_.push_back(last.at > first.at ? last : first);
      fiber_begun_ = true;
    }
    b_lines_.request(m_.b_elements.line(fiber_cursor_.inner(), fiber_lines_.next++), now);
    pass_fibers();
  }
  if (!pair_cursor_.end() && ready(b_pair_lines_, pair_lines_, nonzero_in(), 0) <= now) {
    b_pair_lines_.request(m_.b_pairs.line(pair_cursor_.inner(), pair_lines_.next++), now);
    if (pair_lines_.empty()) {
      pair_cursor_.next();
      open_nonzero();
      a_lines_.release(pair_cursor_.end() ? a_lines_.requested() : first_a_number_, now);
    }
  }
  pass_rows();
  if (row_ < m_.workload.a->rows && ready(a_lines_, row_lines_, row_pair_in(), rows_passed_) <= now) {
    last_a_line_ = row_lines_.next++;
    a_lines_.request(m_.a_elements.line(static_cast<std::uint32_t>(row_), last_a_line_), now);
    rows_passed_ = now;
    pass_rows();
  }
  const std::uint64_t pair = a_pair_lines_.requested();
  if (pair < a_pair_line_count_ && std::max(a_pair_lines_.next_request(), a_pair_lines_.room()) <= now)
    a_pair_lines_.request(m_.a_pairs.line(pe_, pair), now);
}

Cycle QueueLoader::next_issue(Cycle from) {
  pass_fibers();
  pass_rows();
  Cycle next = kNever;
  if (!fiber_cursor_.end()) next = std::min(next, ready(b_lines_, fiber_lines_, fiber_pair_in(), fibers_passed_));
  if (!pair_cursor_.end()) next = std::min(next, ready(b_pair_lines_, pair_lines_, nonzero_in(), 0));
  if (row_ < m_.workload.a->rows) next = std::min(next, ready(a_lines_, row_lines_, row_pair_in(), rows_passed_));
  if (a_pair_lines_.requested() < a_pair_line_count_)
    next = std::min(next, std::max(a_pair_lines_.next_request(), a_pair_lines_.room()));
  return next == kNever ? kNever : std::max(next, from);
}

bool QueueLoader::done() const {
  return fiber_cursor_.end() && pair_cursor_.end() && row_ >= m_.workload.a->rows &&
         a_pair_lines_.requested() == a_pair_line_count_;
}

Cycle QueueLoader::end_of_work() const {
  const Cycle requested = std::max(
      {a_pair_lines_.next_request(), a_lines_.next_request(), b_pair_lines_.next_request(), b_lines_.next_request()});
  const Cycle passed = std::max(rows_passed_, fibers_passed_);
  return std::max(requested, passed == 0 ? 0 : passed + 1);
}

}  // namespace heddle::row_wise
