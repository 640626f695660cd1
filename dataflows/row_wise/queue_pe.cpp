#include "dataflows/row_wise/queue_pe.h"

#include <algorithm>

#include "dataflows/layout.h"
#include "sim/base/errors.h"

namespace heddle::row_wise {

QueueWriter::QueueWriter(const QueueMachine& machine, std::uint32_t pe, Memory& dram, ReplySink& owner)
    : m_(machine), pe_(pe), dram_(dram), owner_(owner), places_(machine.config.machine.pe.write_lines) {
  const auto& pointers = m_.workload.c_pointers;
  for (std::uint64_t row = pe; row + 1 < pointers.size(); row += m_.pes)
    result_rows_ += pointers[row] != pointers[row + 1];
  for (Reply& reply : places_) reply.sink = &owner_;
  if (result_rows_ == 0) pass_rows(m_.workload.a->rows, 0);
}

bool QueueWriter::advance() {
  bool ended = false;
  const std::uint64_t bytes = m_.element_bytes;
  while (!rows_.empty()) {
    const auto [row, ready] = rows_.front();
    const std::uint64_t elements = m_.workload.c_pointers[row + 1] - m_.workload.c_pointers[row];
    const std::uint64_t base = m_.c_elements.first(row);
    for (; element_ < elements; ++element_) {
      const std::uint64_t first = base + element_ * bytes;
      Cycle at = std::max(free_, ready);
      if (!take_lines(line_of(first), line_of(first + bytes - 1), at)) return ended;
      free_ = at + 1;
      complete_lines(row, first + bytes, false, at);
    }
    end_row(row, free_ - 1);
    rows_.pop_front();
    element_ = 0;
    ended = true;
  }
  return ended;
}

/// Places for the lines an element is the first to touch, all at once: `at` moves to when they are free. False while
/// that is not known.
bool QueueWriter::take_lines(std::uint64_t first, std::uint64_t last, Cycle& at) {
  const std::uint64_t fresh = open_ == kNone ? last - first + 1 : last - open_;
  for (std::uint64_t n = taken_; n < taken_ + fresh; ++n) {
    if (n < places_.size()) continue;
    if (n - places_.size() >= issued_) return false;
    const Reply& before = places_[n % places_.size()];
    if (!before.known()) return false;
    at = std::max(at, before.at);
  }
  taken_ += fresh;
  if (fresh == 0) return true;
  if (open_ == kNone) open_number_ = taken_ - fresh;
  open_ = last;
  return true;
}

/// The element that ends at byte `end` left in `at`. Lines it fills, and with `all` the one it begins to fill, are due.
void QueueWriter::complete_lines(std::uint32_t row, std::uint64_t end, bool all, Cycle at) {
  if (open_ == kNone) return;
  const Cycle due = at + m_.config.machine.pe.latency;
  std::uint64_t line = open_ - (taken_ - 1 - open_number_);  // the oldest open one
  for (; open_number_ < taken_ && ((line + 1) * kLineBytes <= end || all); ++line)
    due_.push_back({m_.c_elements.line(row, line), due, open_number_++, false});
  if (open_number_ == taken_) open_ = kNone;
}

void QueueWriter::end_row(std::uint32_t row, Cycle at) {
  ends_.push_back(at);
  const bool last = ends_.size() == result_rows_;
  if (m_.c_elements.packed() || last) complete_lines(row, 0, true, at);
  pass_rows(last ? m_.workload.a->rows : row + std::uint64_t{1}, at);
}

/// Own rows below `end` are passed: lines of C's pointers that are complete now are due.
void QueueWriter::pass_rows(std::uint64_t end, Cycle at) {
  const std::uint64_t rows = m_.workload.a->rows;
  const auto own = [&](std::uint64_t below) { return below <= pe_ ? 0 : (below - pe_ - 1) / m_.pes + 1; };
  passed_ = own(end);
  const std::uint64_t bytes = passed_ * m_.pair_bytes;
  const std::uint64_t lines = passed_ == own(rows) ? lines_spanned(0, bytes) : bytes / kLineBytes;
  for (; pair_lines_ < lines; ++pair_lines_)
    due_.push_back({m_.c_pairs.line(pe_, pair_lines_), at + m_.config.machine.pe.latency, 0, true});
}

void QueueWriter::issue(Cycle now) {
  for (; !due_.empty() && due_.front().at <= now; due_.pop_front()) {
    const Due due = due_.front();
    Reply& reply = due.pointers ? pointer_replies_.emplace_back() : places_[due.number % places_.size()];
    reply.sink = &owner_;
    reply.at = kNever;
    dram_.write(due.line, due.pointers ? Tensor::pointers : Tensor::c, now, reply);
    issued_ += due.pointers ? 0 : 1;
    end_of_issue_ = now + 1;
  }
}

QueuePe::QueuePe(const QueueMachine& machine, std::uint32_t pe, Memory& dram, Cache* b_cache, Kernel& kernel, Csr* c)
    : m_(machine),
      kernel_(kernel),
      c_(c),
      loader_(machine, pe, dram, b_cache, *this),
      writer_(machine, pe, dram, *this),
      queues_(machine.config.row_wise.merge == RowMerge::hash ? 1 : machine.config.row_wise.queues),
      id_(kernel.add(*this)),
      cursor_(*machine.workload.a, pe, machine.pes) {}

Cycle QueuePe::step(Cycle now) {
  run_ahead();
  writer_.issue(now);
  loader_.issue(now);
  run_ahead();
  const Cycle due = writer_.next_due();
  return std::min(due == kNever ? kNever : std::max(due, now + 1), loader_.next_issue(now + 1));
}

void QueuePe::run_ahead() {
  while (merge() || writer_.advance()) {
  }
  writer_.advance();
}

/// Merge as far as is known. True if a row has ended.
bool QueuePe::merge() {
  for (; !cursor_.end();) {
    if (!in_row_) {
      const std::uint64_t sets = m_.config.row_wise.queue_sets;
      const Cycle gate = rows_done_ < sets ? 0 : writer_.free_from(rows_done_ - sets);
      if (gate == kNever) return false;
      free_ = std::max(free_, gate);
      in_row_ = true;
      row_has_entries_ = false;
    }
    if (m_.workload.b->row_nnz(cursor_.inner()) != 0 && !merge_fiber()) return false;
    const bool last = cursor_.last_of_row();
    if (last) end_row();
    cursor_.next();
    if (last) return true;
  }
  return false;
}

bool QueuePe::merge_fiber() {
  const std::uint64_t elements = m_.workload.b->row_nnz(cursor_.inner());
  if (!in_fiber_) {
    queues_.begin_fiber();
    in_fiber_ = true;
    row_has_entries_ = true;
    line_is_known_ = false;
    incoming_ = 0;
  }
  while (incoming_ < elements || queues_.left()) {
    Cycle at = free_;
    const Reply* reply = nullptr;
    if (incoming_ < elements && !line_known(at, reply)) return false;
    one_step(at, reply);
  }
  const Coordinate k = cursor_.inner();
  const std::uint64_t first = m_.b_elements.first(k);
  first_line_ += lines_spanned(first, first + elements * m_.element_bytes);
  loader_.drop_fiber();
  queues_.end_fiber();
  in_fiber_ = false;
  return true;
}

/// The lines of the incoming element are in from `at` on, `reply` being the one waited for.
bool QueuePe::line_known(Cycle& at, const Reply*& reply) {
  const std::uint64_t base = m_.b_elements.first(cursor_.inner());
  const std::uint64_t byte = base + incoming_ * m_.element_bytes;
  const std::uint64_t last = line_of(byte + m_.element_bytes - 1) - line_of(base);
  for (std::uint64_t line = line_is_known_ ? known_line_ + 1 : 0; line <= last; ++line) {
    const Cycle in = loader_.fibers().in(first_line_ + line);
    if (in == kNever) return false;
    const bool later = !line_is_known_ || in > known_at_;
    if (later) known_at_ = in, known_reply_ = &loader_.fibers().reply(first_line_ + line);
    known_line_ = line;
    line_is_known_ = true;
  }
  if (known_at_ > at) at = known_at_, reply = known_reply_;
  return true;
}

/// One entry goes into a queue in cycle `at`; before, the PE waited for `reply`, or for queues to be drained.
void QueuePe::one_step(Cycle at, const Reply* reply) {
  if (account_.charged_until() < free_) account_.stall(free_, Tensor::c, Cause::output_full);
  if (reply != nullptr) {
    const Milestones& pair = loader_.fiber_pair();
    if (pair.at > account_.charged_until()) charge_wait(account_, pair, Tensor::pointers);
    charge_wait(account_, *reply, Tensor::b);
  }
  HEDDLE_DCHECK(account_.charged_until() == at);
  account_.busy(at + 1);
  free_ = at + 1;
  ++stats_.steps;
  const Fiber fiber = m_.workload.b->row(cursor_.inner());
  const std::uint64_t elements = fiber.coordinates.size();
  if (incoming_ == elements || queues_.queue_first(fiber.coordinates[incoming_])) {
    queues_.move();
    return;
  }
  const double scale = c_ == nullptr ? 1.0 : m_.workload.a->values[cursor_.number()];
  queues_.take({fiber.coordinates[incoming_], scale * fiber.values[incoming_]});
  ++incoming_;
  ++stats_.products;
  const std::uint64_t base = m_.b_elements.first(cursor_.inner());
  const std::uint64_t end = base + incoming_ * m_.element_bytes;
  const std::uint64_t whole = incoming_ == elements ? lines_spanned(base, end) : line_of(end) - line_of(base);
  loader_.fibers().release(first_line_ + whole, at);
}

/// The row's last fiber is in the queues, which are handed to the writer.
void QueuePe::end_row() {
  in_row_ = false;
  if (!row_has_entries_) return;
  const std::uint32_t row = cursor_.row();
  const RowWiseConfig& options = m_.config.row_wise;
  const bool hash = options.merge == RowMerge::hash;
  const std::uint64_t entries = queues_.entries();
  const std::uint64_t fullest = queues_.take_most();
  const std::vector<Entry> sums = queues_.drain();
  const std::uint64_t most = hash ? sums.size() : fullest;
  if (most * m_.element_bytes > options.queue_capacity.count) {
    ++stats_.overflowed_rows;
    if (options.queue_overflow == QueueOverflow::refuse)
      throw InputError("row_wise.queue_capacity: " + to_text(options.queue_capacity) + "; row " +
                       std::to_string(row + std::uint64_t{1}) + " needs a " + (hash ? "table" : "queue") + " of " +
                       std::to_string(most * m_.element_bytes) +
                       " B; expected a larger capacity, or row_wise.queue_overflow: grow");
  }
  stats_.drained += hash ? sums.size() : entries;
  stats_.c_elements += sums.size();
  HEDDLE_CHECK(sums.size() == m_.workload.c_pointers[row + 1] - m_.workload.c_pointers[row]);
  if (c_ != nullptr) {
    std::uint64_t place = m_.workload.c_pointers[row];
    for (const Entry& sum : sums) {
      c_->coordinates[place] = sum.column;
      c_->values[place++] = sum.value;
    }
  }
  writer_.push(row, free_);
  ++rows_done_;
}

std::string QueuePe::waiting_for() const {
  return "row " + std::to_string(cursor_.end() ? 0 : cursor_.row()) + ": a line of B, or a row to be drained";
}

}  // namespace heddle::row_wise
