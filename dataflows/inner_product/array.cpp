#include "dataflows/inner_product/array.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle::inner_product {
namespace {

constexpr std::uint32_t kLoad = ~std::uint32_t{0};  // tag of replies to loads; writes have 2 x pool index + batch

std::uint64_t scheduled_folds(const std::vector<FoldRange>& schedule) {
  std::uint64_t folds = 0;
  for (const FoldRange& range : schedule) folds += range.end - range.first;
  return folds;
}

}  // namespace

MultiplierArray::MultiplierArray(const Parts& parts, std::vector<FoldRange> schedule, bool asleep)
    : parts_(parts),
      schedule_(std::move(schedule)),
      id_(parts.kernel.add(*this, asleep)),
      fold_size_(parts.config.machine.pe.all_multipliers()),
      sequence_(scheduled_folds(schedule_) * tiles(), parts.account),
      a_pointer_line_(line_of(parts.layout.a_pointers.base)),
      a_line_(line_of(parts.layout.a.base)),
      streamed_total_(scheduled_folds(schedule_) * parts.tiling.streamed_tiles()) {
  for (Reply* reply :
       {&a_load_.pointers, &a_load_.elements, &pinned_load_.pointers, &pinned_load_.elements, &tile_loads_[0].pointers,
        &tile_loads_[0].elements, &tile_loads_[1].pointers, &tile_loads_[1].elements, &spill_}) {
    reply->at = 0;
    reply->sink = this;
    reply->tag = kLoad;
  }
}

Cycle MultiplierArray::step(Cycle now) {
  if (!begun_) begin(now);
  while (progress(now)) {
  }
  for (std::uint64_t i = 0; i < batches_.size(); ++i) {
    Batch& due = batch(sequence_.position() + i);  // the older one first
    if (due.due <= now) make_writes(due, now);
  }
  sequence_.find_start([this] { return resolve(); });
  return std::min({batches_[0].due, batches_[1].due, sequence_.next()});
}

void MultiplierArray::begin(Cycle now) {
  begun_ = true;
  sequence_.begin(now);
  last_work_ = now;
  parts_.account.stall(now, Tensor::b, Cause::barrier);
  if (sequence_.count() == 0) {
    write_empty_product(now);
    return;
  }
  next_fold_ = schedule_.front().first;
  request_a(now);
  if (parts_.tiling.pinned()) {
    const Tile& tile = parts_.tiling.tiles().front();
    load(pinned_load_, tile.pointers, tile.elements, Tensor::b, now);
  }
  for (int i = 0; i < 2; ++i) request_tile(now);
}

/// Let computing end or start once. False when neither can happen in this cycle.
bool MultiplierArray::progress(Cycle now) {
  const ComputeSequence::Event due = sequence_.due(now, [this] { return resolve(); });
  if (due == ComputeSequence::Event::finish) finish(now);
  if (due == ComputeSequence::Event::start) start(now);
  return due != ComputeSequence::Event::none;
}

void MultiplierArray::start(Cycle now) {
  if (tile_ == 0) start_fold(now);
  const Tile& tile = parts_.tiling.tiles()[tile_];
  sequence_.start(now, tile.scan_cycles + plan_->extra_cycles[tile_]);
  counts_.intersections += tile.nonzeros;
  counts_.sram_read += tile.lines() * kLineBytes;
  last_work_ = std::max(last_work_, sequence_.end() == now ? now : sequence_.end() - 1);
}

void MultiplierArray::start_fold(Cycle now) {
  plan_ = &plans_[fold_starts_.size() % 2];
  fold_starts_.push_back(now);
  const std::uint64_t fold = next_fold_;
  do {
    parts_.planner.next(*plan_);
  } while (plan_->fold != fold);
  const std::uint64_t nnz = parts_.workload.a->nnz();
  counts_.a_nonzeros += std::min(nnz, (fold + 1) * fold_size_) - fold * fold_size_;
  counts_.products += plan_->products;
  counts_.c_bytes += plan_->c_bytes;
  counts_.sram_read += plan_->carried_in_bytes;
  ++next_fold_;
  if (next_fold_ == schedule_[range_].end && range_ + 1 < schedule_.size()) next_fold_ = schedule_[++range_].first;
  a_load_.pointers.at = a_load_.elements.at = spill_.at = 0;
  if (next_fold_ < schedule_[range_].end) request_a(now);
}

void MultiplierArray::finish(Cycle now) {
  Batch& own = batch(sequence_.position());
  sequence_.finish();
  if (streamed(tile_)) {
    ++computed_tiles_;
    request_tile(now);
  }
  const bool last_tile = tile_ + 1 == tiles();
  const bool writes =
      plan_->head[tile_] != FoldPlan::kNone || (last_tile && plan_->spill_lines + plan_->c_pointers.count != 0);
  if (last_tile) counts_.sram_written += plan_->carried_out_bytes;
  own.plan = plan_;
  own.tile = tile_;
  own.accepted = 0;
  own.due = writes ? now + parts_.config.machine.pe.latency : kNever;
  tile_ = last_tile ? 0 : tile_ + 1;
  if (sequence_.done()) fold_starts_.push_back(now);
}

/// A of fold `next_fold_`: its pointer lines and element lines not requested before.
void MultiplierArray::request_a(Cycle now) {
  const Csr& a = *parts_.workload.a;
  const Layout& layout = parts_.layout;
  const std::uint64_t first = next_fold_ * fold_size_;
  const std::uint64_t end = std::min(a.nnz(), first + fold_size_);
  if (next_fold_ == schedule_[range_].first && next_fold_ != 0) {  // folds were passed over
    while (a.pointers[a_row_ + 1] <= first) ++a_row_;
    a_pointer_line_ = std::max(a_pointer_line_, line_of(layout.a_pointers.byte(a_row_)));
    a_line_ = std::max(a_line_, line_of(layout.a.byte(first)));
  }
  while (a.pointers[a_row_ + 1] < end) ++a_row_;
  const LineAddr pointer_end = line_of(layout.a_pointers.byte(a_row_ + std::uint64_t{2}) - 1) + 1;
  const LineAddr element_end = line_of(layout.a.byte(end) - 1) + 1;
  const LineRange pointers{a_pointer_line_, pointer_end - std::min(a_pointer_line_, pointer_end)};
  const LineRange elements{a_line_, element_end - std::min(a_line_, element_end)};
  a_pointer_line_ = std::max(a_pointer_line_, pointer_end);
  a_line_ = std::max(a_line_, element_end);
  const std::uint64_t sram_written = counts_.sram_written;
  load(a_load_, pointers, elements, Tensor::a, now);
  counts_.sram_written = sram_written;  // A goes to the multipliers
}

/// The next tile of the streamed sequence, if there is one.
void MultiplierArray::request_tile(Cycle now) {
  if (requested_tiles_ == streamed_total_) return;
  const std::uint64_t index = requested_tiles_ % parts_.tiling.streamed_tiles() + (parts_.tiling.pinned() ? 1 : 0);
  const Tile& tile = parts_.tiling.tiles()[index];
  load(tile_loads_[requested_tiles_ % 2], tile.pointers, tile.elements, Tensor::b, now);
  ++requested_tiles_;
}

void MultiplierArray::load(Load& load, LineRange pointers, LineRange elements, Tensor tensor, Cycle now) {
  load.pointers.at = pointers.count == 0 ? 0 : kNever;
  load.elements.at = elements.count == 0 ? 0 : kNever;
  if (pointers.count != 0) parts_.dram.read_block(pointers.first, pointers.count, Tensor::pointers, now, load.pointers);
  if (elements.count != 0) parts_.dram.read_block(elements.first, elements.count, tensor, now, load.elements);
  counts_.sram_written += (pointers.count + elements.count) * kLineBytes;
}

/// What the next (fold, tile) waits for.
Wait MultiplierArray::resolve() const {
  Wait wait;
  const std::uint64_t position = sequence_.position();
  if (tile_ == 0) {
    const bool before_unwritten = position != 0 && batches_[(position - 1) % 2].due != kNever;
    if (before_unwritten && plan_->spill_lines != 0) wait.known = false;
    wait.consider(a_load_.pointers, Tensor::pointers);
    wait.consider(a_load_.elements, Tensor::a);
  }
  wait.consider(tile_load().pointers, Tensor::pointers);
  wait.consider(tile_load().elements, Tensor::b);
  if (tile_ == 0) wait.consider(spill_, Tensor::partial);
  const Batch& two_before = batches_[position % 2];
  wait.known = wait.known && two_before.known();
  wait.consider_writes(two_before.accepted);
  return wait;
}

void MultiplierArray::make_writes(Batch& batch, Cycle now) {
  batch.due = kNever;
  last_work_ = std::max(last_work_, now);
  write_pieces(batch, now);
  if (batch.tile + 1 != tiles()) return;
  const FoldPlan& plan = *batch.plan;
  const LineRange spilled{line_of(parts_.layout.partial_base), plan.spill_lines};
  if (spilled.count != 0) write_block(batch, spilled, Tensor::partial, now);
  if (plan.c_pointers.count != 0) write_block(batch, plan.c_pointers, Tensor::pointers, now);
  if (spilled.count == 0) return;
  counts_.sram_read += spilled.count * kLineBytes;
  counts_.sram_written += spilled.count * kLineBytes;
  spill_.at = kNever;
  parts_.dram.read_block(spilled.first, spilled.count, Tensor::partial, now, spill_);
}

void MultiplierArray::write_pieces(Batch& batch, Cycle now) {
  const FoldPlan& plan = *batch.plan;
  for (std::uint32_t i = plan.head[batch.tile]; i != FoldPlan::kNone; i = plan.pieces[i].next) {
    const OutputPiece& piece = plan.pieces[i];
    if (piece.shared_bytes == 0) {
      write_block(batch, {piece.line, piece.count}, Tensor::c, now);
    } else {
      Reply& reply = acquire(batch);
      parts_.combining.add(piece.line, piece.shared_bytes, now, reply);
      if (reply.known()) settle(reply);
    }
  }
}

void MultiplierArray::write_block(Batch& batch, LineRange lines, Tensor tensor, Cycle now) {
  Reply& reply = acquire(batch);
  parts_.dram.write_block(lines.first, lines.count, tensor, now, reply);
  if (reply.known()) settle(reply);
}

/// A or B without nonzeros: C is nothing but its pointers.
void MultiplierArray::write_empty_product(Cycle now) {
  const Array& c = parts_.layout.c_pointers;
  Batch& batch = batches_[0];
  batch.due = kNever;
  write_block(batch, lines_of(c.base, c.byte(parts_.workload.a->rows + std::uint64_t{1})), Tensor::pointers, now);
}

/// A place for the reply to one write of `batch`.
Reply& MultiplierArray::acquire(Batch& batch) {
  if (free_replies_.empty()) {
    free_replies_.push_back(static_cast<std::uint32_t>(replies_.size()));
    replies_.emplace_back().sink = this;
  }
  const std::uint32_t index = free_replies_.back();
  free_replies_.pop_back();
  Reply& reply = replies_[index];
  reply.at = kNever;
  reply.tag = index * 2 + static_cast<std::uint32_t>(&batch - batches_.data());
  ++batch.unanswered;
  return reply;
}

void MultiplierArray::settle(Reply& reply) {
  Batch& batch = batches_[reply.tag % 2];
  --batch.unanswered;
  batch.accepted = std::max(batch.accepted, reply.at);
  free_replies_.push_back(reply.tag / 2);
}

void MultiplierArray::on_reply(Reply& reply) {
  if (reply.tag != kLoad) settle(reply);
  if (sequence_.waiting()) parts_.kernel.wake(id_, reply.at);
}

std::string MultiplierArray::waiting_for() const {
  return "(fold, tile) " + std::to_string(sequence_.position()) + " of " + std::to_string(sequence_.count()) +
         (sequence_.computing() ? ", computing" : ", waiting for loads or writes");
}

}  // namespace heddle::inner_product
