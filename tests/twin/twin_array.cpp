#include "tests/twin/twin_array.h"

namespace heddle::twin {
namespace {

enum : std::size_t { kAPointers, kAElements, kBPointers, kBElements };

}  // namespace

TwinArray::TwinArray(const Workload& workload, const Config& config, const Layout& layout, TwinCache& cache,
                     TwinMemory& memory, WorkLog& log, ArrayMutation mutation)
    : layout_(layout),
      cache_(cache),
      log_(log),
      mutation_(mutation),
      element_bytes_(config.layout.element_bytes()),
      header_bytes_(config.outer_product.header_bytes),
      multipliers_(std::uint64_t{config.machine.pe.count} * config.machine.pe.multipliers),
      banks_(config.machine.sram.banks),
      append_bytes_(config.outer_product.append_lines * kLineBytes),
      total_products_(workload.products),
      log_end_(layout.partial_base),
      chunk_latency_(config.outer_product.chunk_latency),
      chunk_requests_(config.outer_product.chunk_requests),
      fibers_of_row_(workload.a->rows) {
  std::vector<LineAddr> a_pointers, b_pointers, a_lines, b_lines;
  plan(workload, config);
  for (Step& step : steps_) {
    for (Segment& segment : step.segments) {
      segment.a_position = append_lines(a_lines, layout_.converted.byte(step.column_first),
                                        layout_.converted.byte(step.column_first + step.column.size()));
      segment.b_position =
          append_lines(b_lines, layout_.b.byte(segment.first), layout_.b.byte(segment.first + segment.size));
      for (std::uint64_t i = 0; segment.size > 0 && i < step.column.size(); ++i) {
        Chunk& chunk = chunks_.emplace_back();
        chunk.a_last = lines_of_column_element(step, segment, i, &chunk.a_first);
      }
    }
  }
  if (!steps_.empty()) {
    append_lines(a_pointers, layout_.converted_pointers.byte(0), layout_.converted_pointers.byte(steps_.size() + 1));
    append_lines(b_pointers, layout_.b_pointers.byte(0), layout_.b_pointers.byte(steps_.size() + 1));
  }
  const std::uint64_t capacity = config.machine.stream_lines;
  streams_.emplace_back(a_pointers, Tensor::pointers, capacity, memory);
  streams_.emplace_back(a_lines, Tensor::a, capacity, memory);
  streams_.emplace_back(b_pointers, Tensor::pointers, capacity, memory);
  streams_.emplace_back(b_lines, Tensor::b, config.outer_product.row_buffer.count / kLineBytes, memory);
}

/// Columns of A, segments of rows of B, and the partial fibers they make, in the order of the log.
void TwinArray::plan(const Workload& workload, const Config& config) {
  const Csr by_column = transpose(*workload.a);
  const Csr& b = *workload.b;
  const std::uint64_t longest = (config.outer_product.row_buffer.count / 2 - kLineBytes) / element_bytes_;
  std::uint64_t end = log_end_;
  for (Coordinate k = 0; k < b.rows; ++k) {
    Step& step = steps_.emplace_back();
    step.k = k;
    step.column.assign(by_column.row(k).coordinates.begin(), by_column.row(k).coordinates.end());
    step.column_first = by_column.pointers[k];
    if (step.column.empty()) continue;
    const auto row = b.row(k).coordinates;
    if (row.empty()) step.segments.push_back({b.pointers[k], 0});
    for (std::uint64_t first = 0; first < row.size(); first += longest) {
      const std::uint64_t size = std::min<std::uint64_t>(longest, row.size() - first);
      step.segments.push_back({b.pointers[k] + first, size});
      if (first > 0) ++log_.events["further_segments"];
      for (const Coordinate r : step.column) {
        TwinFiber& fiber = fibers_of_row_[r].emplace_back();
        fiber.first_byte = end;
        fiber.header = header_bytes_;
        fiber.partial = true;
        for (std::uint64_t j = first; j < first + size; ++j) fiber.coordinates.push_back(row[j]);
        end += header_bytes_ + size * element_bytes_;
      }
    }
  }
  whole_log_end_ = end;
}

bool TwinArray::row_complete(std::uint64_t row, Cycle t) const {
  if (fibers_of_row_[row].empty()) return true;
  const TwinFiber& fiber = fibers_of_row_[row].back();
  const std::uint64_t last_byte =
      fiber.first_byte + fiber.header + fiber.coordinates.size() * element_bytes_ - 1 - layout_.partial_base;
  const std::uint64_t lines = last_byte / kLineBytes + 1;
  bool complete = puts_.size() >= lines;
  const Cycle by = t - (mutation_.rows_complete_a_cycle_early ? 0 : 1);
  for (std::uint64_t line = mutation_.rows_complete_by_last_line ? lines - 1 : 0; complete && line < lines; ++line)
    complete = t > 0 && is_in(*puts_[line].reply, by);
  if (!complete) ++log_.events["rows_held_back"];
  if (complete && !ended_at_) ++log_.events["rows_merged_early"];
  return complete;
}

void TwinArray::step(Cycle t) {
  if (ended_at_) return;
  busy_ = false;
  if (!mutation_.products_before_puts) put_lines(t);
  if (chunk_latency_ > 0) request_chunks(t);
  form_products(t);
  if (mutation_.products_before_puts) put_lines(t);
  for (std::size_t i = 0; i < streams_.size(); ++i)
    streams_[mutation_.streams_backwards ? streams_.size() - 1 - i : i].step(t);

  if (busy_) {
    account.set(t, {Activity::Kind::busy});
  } else if (formed_ == total_products_) {
    account.set(t, stall(Tensor::partial, Cause::barrier));
  } else {
    waiting_.push_back(t);
  }
  bool ended = k_ == steps_.size() && formed_ == total_products_ && put_bytes_ == log_end_ - layout_.partial_base;
  for (const Put& put : puts_) ended = ended && is_in(*put.reply, t);
  if (ended) ended_at_ = t;
}

/// (a) Complete lines of the log, oldest first; at the very end the rest.
void TwinArray::put_lines(Cycle t) {
  for (std::uint64_t n = 0; n < banks_; ++n) {
    const std::uint64_t waiting = log_end_ - layout_.partial_base - put_bytes_;
    const bool last = formed_ == total_products_;
    if (waiting == 0 || (waiting < kLineBytes && !last)) return;
    const std::uint64_t bytes = std::min(waiting, kLineBytes);
    const LineAddr line = line_of(layout_.partial_base + put_bytes_);
    puts_.push_back({bytes, &cache_.access(TwinCache::Kind::put, line, Tensor::partial, bytes, t)});
    put_bytes_ += bytes;
    log_.mark(t);
  }
}

/// Chunks are asked for one after the other, as long as the elements of A' are here and requests may be made.
void TwinArray::request_chunks(Cycle t) {
  std::uint64_t under_way = 0;
  for (Chunk& chunk : chunks_) {
    if (chunk.requested) {
      if (t < *chunk.requested + chunk_latency_ + mutation_.chunk_under_way_longer) ++under_way;
      continue;
    }
    if (!mutation_.chunks_without_a && !streams_[kAElements].in(chunk.a_first, chunk.a_last, t)) return;
    if (under_way == chunk_requests_) {
      ++log_.events["chunk_requests_full"];
      return;
    }
    chunk.requested = t;
    ++under_way;
    if (mutation_.one_chunk_per_cycle) return;
  }
}

/// The fiber of the next product has its place.
bool TwinArray::chunk_ready(Cycle t) const {
  if (chunk_latency_ == 0) return true;
  const Chunk& chunk = chunks_[fiber_];
  return chunk.requested && *chunk.requested + chunk_latency_ <= t;
}

bool TwinArray::pointers_in(Cycle t) const {
  const auto in = [&](std::size_t stream, Array array) {
    const std::uint64_t first = line_of(array.byte(k_)) - line_of(array.base);
    const std::uint64_t last = line_of(array.byte(k_ + 2) - 1) - line_of(array.base);
    return streams_[stream].in(first, last, t);
  };
  return in(kAPointers, layout_.converted_pointers) && in(kBPointers, layout_.b_pointers);
}

/// (b) Pass what makes no products, form what can be formed of one (k, segment), pass again.
void TwinArray::form_products(Cycle t) {
  while (k_ < steps_.size()) {
    if (!pointers_in(t)) return;
    const Step& step = current();
    if (step.segments.empty() || step.segments[0].size == 0) {
      if (!pass_empty(t)) return;
      continue;
    }
    if (busy_) return;  // a new (k, segment) starts the cycle after
    const std::uint64_t segment = segment_;
    for (std::uint64_t n = 0; n < multipliers_ && form_one(t); ++n)
      if (k_ == steps_.size() || &current() != &step || segment_ != segment) break;
    if (!busy_ || (k_ < steps_.size() && &current() == &step)) return;
  }
}

/// A column of A without a row of B: its lines are released as they come.
bool TwinArray::pass_empty(Cycle t) {
  const Step& step = current();
  if (!step.segments.empty()) {
    const std::uint64_t lines = lines_spanned(layout_.converted.byte(step.column_first),
                                              layout_.converted.byte(step.column_first + step.column.size()));
    while (seen_ < lines && streams_[kAElements].in(step.segments[0].a_position + seen_, t)) {
      ++seen_;
      log_.mark(t);
    }
    streams_[kAElements].release_before(std::min(step.segments[0].a_position + seen_, next_a_position()));
    if (seen_ < lines) return false;
    ++log_.events["columns_without_row"];
  }
  pass_k(t);
  return true;
}

/// Past the lines that only the present (k, segment) uses.
std::uint64_t TwinArray::next_a_position() const {
  if (segment_ + 1 < current().segments.size()) return current().segments[segment_ + 1].a_position;
  for (std::uint64_t k = k_ + 1; k < steps_.size(); ++k)
    if (!steps_[k].segments.empty()) return steps_[k].segments[0].a_position;
  return streams_[kAElements].size();
}

std::uint64_t TwinArray::next_b_position() const {
  if (segment_ + 1 < current().segments.size()) return current().segments[segment_ + 1].b_position;
  for (std::uint64_t k = k_ + 1; k < steps_.size(); ++k)
    if (!steps_[k].segments.empty() && steps_[k].segments[0].size > 0) return steps_[k].segments[0].b_position;
  return streams_[kBElements].size();
}

/// Positions in the A' stream of element i of the column, for a segment: returns the last, sets the first.
std::uint64_t TwinArray::lines_of_column_element(const Step& step, const Segment& segment, std::uint64_t i,
                                                 std::uint64_t* first_position) const {
  const std::uint64_t first = layout_.converted.byte(step.column_first + i);
  const LineAddr base = line_of(layout_.converted.byte(step.column_first));
  *first_position = segment.a_position + (line_of(first) - base);
  return segment.a_position + (line_of(first + element_bytes_ - 1) - base);
}

std::uint64_t TwinArray::next_product_bytes() const {
  return element_bytes_ + (j_ == 0 ? header_bytes_ : 0);
}

bool TwinArray::room_for_next(Cycle t) const {
  std::uint64_t held = log_end_ - layout_.partial_base;  // appended and not in accepted puts
  for (const Put& put : puts_)
    if (is_in(*put.reply, t)) held -= put.bytes;
  return held + next_product_bytes() <= append_bytes_;
}

/// Form the next product of the log, if all that it needs is here.
bool TwinArray::form_one(Cycle t) {
  const Step& step = current();
  const Segment& segment = step.segments[segment_];
  if (!room_since_ && room_for_next(t)) room_since_ = t;
  const std::uint64_t b_lines =
      lines_spanned(layout_.b.byte(segment.first), layout_.b.byte(segment.first + segment.size));
  if (!streams_[kBElements].in(segment.b_position, segment.b_position + b_lines - 1, t)) return false;
  std::uint64_t a_first = 0;
  const std::uint64_t a_last = lines_of_column_element(step, segment, i_, &a_first);
  if (!streams_[kAElements].in(a_first, a_last, t) || !chunk_ready(t) || !room_since_) return false;

  if (!busy_) charge_wait();
  busy_ = true;
  log_.mark(t);
  ++formed_;
  log_end_ += next_product_bytes();
  room_since_.reset();
  if (++j_ < segment.size) return true;
  j_ = 0;
  ++fiber_;
  if (++i_ < step.column.size()) {
    lines_of_column_element(step, segment, i_, &a_first);
    streams_[kAElements].release_before(a_first);
    return true;
  }
  i_ = 0;
  streams_[kAElements].release_before(next_a_position());
  streams_[kBElements].release_before(next_b_position());
  if (++segment_ == step.segments.size()) pass_k(t);
  return true;
}

void TwinArray::pass_k(Cycle t) {
  if (!waiting_.empty()) charge_wait();
  log_.mark(t);
  ++k_;
  segment_ = 0, seen_ = 0;
  room_since_.reset();
  const bool last = k_ == steps_.size();
  for (const auto& [stream, array] :
       {std::pair{kAPointers, layout_.converted_pointers}, {kBPointers, layout_.b_pointers}})
    streams_[stream].release_before(last ? streams_[stream].size() : line_of(array.byte(k_)) - line_of(array.base));
}

/// The cycles spent waiting at the present k go to the condition that was met last, the first in this order if equal.
void TwinArray::charge_wait() {
  if (waiting_.empty()) return;
  const Step& step = current();
  const Reply* last = nullptr;
  Tensor tensor = Tensor::a;
  const auto consider = [&](std::size_t stream, std::uint64_t first, std::uint64_t end, Tensor of) {
    for (std::uint64_t p = first; p < end; ++p)
      if (last == nullptr || streams_[stream].reply(p).at > last->at) last = &streams_[stream].reply(p), tensor = of;
  };
  for (const auto& [stream, array] :
       {std::pair{kAPointers, layout_.converted_pointers}, {kBPointers, layout_.b_pointers}})
    consider(stream, line_of(array.byte(k_)) - line_of(array.base),
             line_of(array.byte(k_ + 2) - 1) - line_of(array.base) + 1, Tensor::pointers);
  if (!step.segments.empty()) {
    const Segment& segment = step.segments[segment_];
    const std::uint64_t b_lines =
        lines_spanned(layout_.b.byte(segment.first), layout_.b.byte(segment.first + segment.size));
    consider(kBElements, segment.b_position, segment.b_position + b_lines, Tensor::b);
    if (segment.size > 0) {
      std::uint64_t a_first = 0;
      const std::uint64_t a_last = lines_of_column_element(step, segment, i_, &a_first);
      consider(kAElements, a_first, a_last + 1, Tensor::a);
    } else {
      consider(kAElements, segment.a_position, segment.a_position + seen_, Tensor::a);
    }
  }
  const bool forms = !step.segments.empty() && step.segments[segment_].size > 0;
  const Cycle chunk = chunk_latency_ > 0 && forms ? *chunks_[fiber_].requested + chunk_latency_ : 0;
  const Cycle room = room_since_ && *room_since_ > waiting_.front() ? *room_since_ : 0;
  const bool room_after_chunk = room > chunk || (mutation_.chunk_charged_after_room && room == chunk);
  const bool room_decides = room > last->at && room_after_chunk;
  const bool chunk_decides = !room_decides && chunk > last->at;
  if (room_decides) ++log_.events["append_full"];
  if (chunk_decides) ++log_.events["chunk_waits"];
  for (const Cycle c : waiting_) {
    Cell cell = waiting_cell(c, *last, tensor);
    if (chunk_decides) cell = stall(Tensor::partial, Cause::dram_timing);
    if (room_decides) cell = stall(Tensor::partial, Cause::output_full);
    account.set(c, cell);
  }
  waiting_.clear();
}

}  // namespace heddle::twin
