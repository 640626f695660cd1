#include "dataflows/outer_product/multiplier_array.h"

#include <algorithm>
#include <utility>

#include "sim/base/errors.h"

namespace heddle::outer_product {
namespace {

LineRange array_lines(const Array& array, std::uint64_t entries) {
  return {line_of(array.base), lines_spanned(array.base, array.byte(entries))};
}

/// Pointers to read: none when there is no column.
std::uint64_t pointer_count(std::uint32_t columns) {
  return columns == 0 ? 0 : columns + std::uint64_t{1};
}

}  // namespace

MultiplierArray::MultiplierArray(const Neighbours& n, std::uint64_t products, bool asleep, Phase phase)
    : index_(n.index),
      kernel_(n.kernel),
      account_(n.account),
      phase_(std::move(phase)),
      id_(n.kernel.add(*this, asleep)),
      products_(products),
      multipliers_(n.config.machine.pe.all_multipliers()),
      pointer_bytes_(n.config.layout.pointer_bytes),
      a_pointer_lines_(array_lines(n.layout.converted_pointers, pointer_count(n.index.columns()))),
      b_pointer_lines_(array_lines(n.layout.b_pointers, pointer_count(n.index.columns()))),
      column_lines_(n.index),
      row_lines_(n.index),
      a_pointers_(n.dram, a_pointer_lines_, Tensor::pointers, n.config.machine.stream_lines, *this, 0),
      a_elements_(n.dram, column_lines_, Tensor::a, n.config.machine.stream_lines, *this, 0),
      b_pointers_(n.dram, b_pointer_lines_, Tensor::pointers, n.config.machine.stream_lines, *this, 0),
      b_elements_(n.dram, row_lines_, Tensor::b,
                  static_cast<std::uint32_t>(n.config.outer_product.row_buffer.count / kLineBytes), *this, 0),
      append_(n.index.log_begin(), n.index.log_end(), n.config.outer_product.append_lines, n.config.machine.sram.banks,
              n.partials, n.kernel, n.rows),
      chunks_(n.config.outer_product.chunk_latency, n.config.outer_product.chunk_requests) {
  append_.set_owner(id_);
}

void MultiplierArray::on_reply(Reply& reply) {
  kernel_.wake(id_, reply.at);
}

Cycle MultiplierArray::step(Cycle now) {
  if (!begun_) {
    begun_ = true;
    account_.stall(now, Tensor::a, Cause::barrier);
    phase_.on_begin(now);
  }
  append_.step(now);
  const bool formed = form(now);
  if (k_ == columns() && append_.all_known()) return end_phase(now);
  bool active = formed || append_.wants();
  for (Stream* stream : {&a_pointers_, &a_elements_, &b_pointers_, &b_elements_}) active |= stream->request(now);
  return active ? now + 1 : wait_until_;
}

Cycle MultiplierArray::end_phase(Cycle now) {
  const Cycle end = std::max(last_pass_, append_.last_accepted());
  if (now < end) return end;
  account_.stall(now + 1, Tensor::partial, Cause::barrier);
  ended_ = true;
  phase_.on_end(now);
  return kNever;
}

/// Form what can be formed in this cycle. Otherwise wait_until_ says when to look again.
bool MultiplierArray::form(Cycle now) {
  wait_until_ = kNever;
  if (!reach_products(now)) return false;
  const std::uint64_t products = products_possible(now);
  if (products == 0) return false;
  charge_wait_of(now);
  emit(products, now);
  if (position_ == segment_products()) end_segment(now);
  return true;
}

/// Stand at a (k, segment) whose lines of B are in; columns without products are passed on the way.
bool MultiplierArray::reach_products(Cycle now) {
  while (k_ < columns()) {
    if (!in_column_) {
      const Lines pointers = pointer_lines(k_);
      const bool a_in = all_in(a_pointers_, pointers, now);
      if (!all_in(b_pointers_, pointers, now) || !a_in) return false;
      enter_column();
    }
    if (index_.forms_products(k_)) break;
    if (!pass_empty_row(now)) return false;
  }
  if (k_ == columns()) return false;
  segment_in_ = segment_in_ || all_in(b_elements_, segment_lines(), now);
  return segment_in_;
}

/// A column that meets an empty row of B: its lines, if any, come and go.
bool MultiplierArray::pass_empty_row(Cycle now) {
  if (index_.column_nnz(k_) != 0) {
    for (; lines_in_ <= column_.last; ++lines_in_) {
      if (!all_in(a_elements_, {lines_in_, lines_in_}, now)) return false;
      const Reply& reply = a_elements_.reply(lines_in_);
      if (lines_in_ == column_.first || reply.at > empty_row_wait_.at) empty_row_wait_ = reply;
      if (lines_in_ < column_.last || !shares_last_line_of_column()) a_elements_.release(lines_in_ + 1);
    }
  }
  charge_wait_of(now);
  pass(now);
  return true;
}

void MultiplierArray::enter_column() {
  in_column_ = true;
  number_ = 0;
  if (index_.forms_products(k_)) {
    row_line_ = line_of(index_.row_byte(k_, 0));
    row_.first = row_line_ == last_row_line_ ? next_row_ - 1 : next_row_;
    last_row_line_ = line_of(index_.row_byte(k_, index_.row_nnz(k_)) - 1);
    row_.last = row_.first + (last_row_line_ - row_line_);
    next_row_ = row_.last + 1;
  }
  enter_segment();
}

void MultiplierArray::enter_segment() {
  position_ = 0;
  chunks_there_ = 0;
  segment_in_ = false;
  if (index_.row_nnz(k_) != 0) segment_ = index_.segment(k_, number_);
  if (index_.column_nnz(k_) == 0) return;
  column_line_ = line_of(index_.column_byte(k_, 0));
  column_.first = column_line_ == last_column_line_ ? next_column_ - 1 : next_column_;
  last_column_line_ = line_of(index_.column_byte(k_, index_.column_nnz(k_)) - 1);
  column_.last = column_.first + (last_column_line_ - column_line_);
  next_column_ = column_.last + 1;
  lines_in_ = column_.first;
}

/// Products of this (k, segment) that this cycle's multipliers, lines, chunks and room allow.
std::uint64_t MultiplierArray::products_possible(Cycle now) {
  const std::uint64_t element = position_ / segment_.elements;
  if (lines_in_ <= element_lines(element).last && !all_in(a_elements_, element_lines(element), now)) return 0;
  while (lines_in_ <= column_.last && a_elements_.in(lines_in_, now)) ++lines_in_;
  const std::uint64_t elements = chunks_.needed() ? allocate_chunks(elements_in(), now) : elements_in();
  if (elements == element) {
    lacked_chunk_ = true;
    wait_until_ = next_chunk_;
    return 0;
  }
  const std::uint64_t limit = std::min(multipliers_, elements * segment_.elements - position_);
  const std::uint64_t room = append_.room();
  const std::uint64_t worst_bytes = limit * (index_.element_bytes() + std::uint64_t{index_.header_bytes()});
  const std::uint64_t products = worst_bytes <= room ? limit : std::min(limit, products_that_fit(room));
  lacked_room_ |= products == 0;
  if (products == 0) wait_until_ = append_.next_acceptance(now);
  return products;
}

/// Elements of this (k, segment) whose lines are in.
std::uint64_t MultiplierArray::elements_in() const {
  if (lines_in_ > column_.last) return index_.column_nnz(k_);
  const std::uint64_t in_end = (column_line_ + (lines_in_ - column_.first)) * kLineBytes;
  return (in_end - index_.column_byte(k_, 0)) / index_.element_bytes();
}

/// Of the first `elements` of this (k, segment), which are in, those with a chunk for their fibers.
std::uint64_t MultiplierArray::allocate_chunks(std::uint64_t elements, Cycle now) {
  for (; chunks_there_ < elements; ++chunks_there_) {
    if (next_chunk_ == kNever) next_chunk_ = chunks_.allocate(latest(a_elements_, element_lines(chunks_there_)).at);
    if (next_chunk_ > now) break;
    next_chunk_ = kNever;
  }
  return chunks_there_;
}

/// Products from position_ on, headers of their fibers included, in `room` bytes.
std::uint64_t MultiplierArray::products_that_fit(std::uint64_t room) const {
  const std::uint64_t element_bytes = index_.element_bytes();
  const std::uint64_t header_bytes = index_.header_bytes();
  const std::uint64_t within = position_ % segment_.elements;
  std::uint64_t products = 0;
  if (within != 0) {
    const std::uint64_t rest = segment_.elements - within;
    products = std::min(rest, room / element_bytes);
    if (products < rest) return products;
    room -= rest * element_bytes;
  }
  const std::uint64_t fiber_bytes = header_bytes + segment_.elements * element_bytes;
  products += room / fiber_bytes * segment_.elements;
  room %= fiber_bytes;
  return room < header_bytes ? products : products + (room - header_bytes) / element_bytes;
}

std::uint64_t MultiplierArray::bytes_of(std::uint64_t products) const {
  const std::uint64_t within = position_ % segment_.elements;
  const std::uint64_t fibers_begun =
      (within + products + segment_.elements - 1) / segment_.elements - (within != 0 ? 1 : 0);
  return products * index_.element_bytes() + fibers_begun * index_.header_bytes();
}

void MultiplierArray::emit(std::uint64_t products, Cycle now) {
  account_.busy(now + 1);
  append_.append(bytes_of(products));
  formed_ += products;
  position_ += products;
  if (position_ < segment_products()) a_elements_.release(element_lines(position_ / segment_.elements).first);
}

/// Is the last line of this (k, segment)'s column the first that is used next?
bool MultiplierArray::shares_last_line_of_column() const {
  const bool again = number_ + 1 < index_.segments(k_);
  const std::uint64_t next_byte = index_.column_byte(k_, again ? 0 : index_.column_nnz(k_));
  return next_byte < index_.column_end() && line_of(next_byte) == last_column_line_;
}

/// The same for k's row among the rows that form products.
bool MultiplierArray::shares_last_line_of_row() const {
  for (std::uint32_t k = k_ + 1; k < columns() && line_of(index_.row_byte(k, 0)) <= last_row_line_; ++k)
    if (index_.forms_products(k)) return line_of(index_.row_byte(k, 0)) == last_row_line_;
  return false;
}

void MultiplierArray::end_segment(Cycle now) {
  a_elements_.release(column_.last + (shares_last_line_of_column() ? 0 : 1));
  if (++number_ < index_.segments(k_)) {
    enter_segment();
    b_elements_.release(segment_lines().first);
    return;
  }
  b_elements_.release(row_.last + (shares_last_line_of_row() ? 0 : 1));
  pass(now);
  reach_products(now);
}

/// k is complete.
void MultiplierArray::pass(Cycle now) {
  in_column_ = false;
  last_pass_ = now;
  ++k_;
  const std::uint64_t passed =
      k_ == columns() ? a_pointers_.requested() : k_ * std::uint64_t{pointer_bytes_} / kLineBytes;
  a_pointers_.release(passed);
  b_pointers_.release(k_ == columns() ? b_pointers_.requested() : passed);
}

MultiplierArray::Lines MultiplierArray::pointer_lines(std::uint32_t k) const {
  const std::uint64_t first = k * std::uint64_t{pointer_bytes_};
  return {first / kLineBytes, (first + 2 * std::uint64_t{pointer_bytes_} - 1) / kLineBytes};
}

/// Of element i of column k in the sequence of this (k, segment).
MultiplierArray::Lines MultiplierArray::element_lines(std::uint64_t i) const {
  return {column_.first + line_of(index_.column_byte(k_, i)) - column_line_,
          column_.first + line_of(index_.column_byte(k_, i + 1) - 1) - column_line_};
}

/// Of the segment of row k in the sequence of B's lines.
MultiplierArray::Lines MultiplierArray::segment_lines() const {
  const std::uint64_t end = segment_.first + segment_.elements;
  return {row_.first + line_of(index_.row_byte(k_, segment_.first)) - row_line_,
          row_.first + line_of(index_.row_byte(k_, end) - 1) - row_line_};
}

/// All in by `now`; if not, wait_until_ becomes the cycle in which they will be, when that is known.
bool MultiplierArray::all_in(const Stream& stream, Lines lines, Cycle now) {
  Cycle at = 0;
  for (std::uint64_t line = std::max(lines.first, stream.released()); line <= lines.last; ++line)
    at = std::max(at, line < stream.requested() ? stream.reply(line).at : kNever);
  if (at <= now) return true;
  wait_until_ = at;
  return false;
}

Reply MultiplierArray::latest(const Stream& stream, Lines lines) const {
  Reply latest = stream.reply(lines.first);
  for (std::uint64_t line = lines.first + 1; line <= lines.last; ++line)
    if (stream.reply(line).at > latest.at) latest = stream.reply(line);
  return latest;
}

bool MultiplierArray::charge_if_resolved(const Stream& stream, Lines lines, Tensor tensor, Cycle now) {
  const Reply reply = latest(stream, lines);
  if (reply.at != now) return false;
  charge_wait(account_, reply, tensor);
  return true;
}

/// The wait at k has ended in `now`: charge it to what resolved in this cycle, the first in the
/// order of rule O3.
void MultiplierArray::charge_wait_of(Cycle now) {
  const bool for_room = std::exchange(lacked_room_, false);
  const bool for_chunk = std::exchange(lacked_chunk_, false);
  if (account_.charged_until() >= now || formed_ == products_) return;
  if (for_room || for_chunk) {  // everything else was there before
    account_.stall(now, Tensor::partial, for_room ? Cause::output_full : Cause::dram_timing);
    return;
  }
  const Lines pointers = pointer_lines(k_);
  if (charge_if_resolved(a_pointers_, pointers, Tensor::pointers, now)) return;
  if (charge_if_resolved(b_pointers_, pointers, Tensor::pointers, now)) return;
  if (!index_.forms_products(k_)) {
    charge_wait(account_, empty_row_wait_, Tensor::a);
    return;
  }
  if (charge_if_resolved(b_elements_, segment_lines(), Tensor::b, now)) return;
  const bool element = charge_if_resolved(a_elements_, element_lines(position_ / segment_.elements), Tensor::a, now);
  HEDDLE_CHECK(element);
}

std::string MultiplierArray::waiting_for() const {
  return "multiply phase at k " + std::to_string(k_) + " of " + std::to_string(columns()) + ", " +
         std::to_string(formed_) + " of " + std::to_string(products_) + " products formed, room for " +
         std::to_string(append_.room()) + " bytes";
}

}  // namespace heddle::outer_product
