#include "dataflows/inner_product/tiled_array.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle::inner_product {

TiledArray::TiledArray(const std::vector<TiledStep>& steps, const Config& config, Memory& dram, Kernel& kernel,
                       CycleAccount& account)
    : steps_(steps),
      latency_(config.machine.pe.latency),
      dram_(dram),
      kernel_(kernel),
      account_(account),
      id_(kernel.add(*this)) {
  for (Loads& loads : loads_)
    for (Reply* reply : {&loads.a, &loads.b, &loads.partial}) reply->at = 0, reply->sink = this;
  for (Batch& batch : batches_)
    for (Reply* reply : {&batch.partial, &batch.result}) reply->at = 0, reply->sink = this;
}

Cycle TiledArray::step(Cycle now) {
  if (!begun_ && !steps_.empty()) request(0, now);
  begun_ = true;
  while (progress(now)) {
  }
  for (; written_ < steps_.size(); ++written_) {
    if (written_ >= position_) break;
    if (!steps_[written_].writes()) continue;
    Batch& batch = batches_[written_ % 2];
    if (batch.due > now) break;
    make_writes(batch, steps_[written_], now);
  }
  request_partials(now);
  if (!computing_ && position_ != steps_.size() && start_at_ == kNever && resolve(wait_))
    start_at_ = std::max(end_, wait_.at);
  return next_step();
}

Cycle TiledArray::next_step() const {
  const Cycle next = std::min(batches_[0].due, batches_[1].due);
  if (computing_) return std::min(next, end_);
  return position_ == steps_.size() ? next : std::min(next, start_at_);
}

/// Let computing end or start once. False when neither can happen in this cycle.
bool TiledArray::progress(Cycle now) {
  if (computing_) {
    if (end_ > now) return false;
    finish(now);
    return true;
  }
  if (position_ == steps_.size()) return false;
  if (start_at_ == kNever) {
    if (!resolve(wait_)) return false;
    start_at_ = std::max(end_, wait_.at);
  }
  if (start_at_ > now) return false;
  start(now);
  return true;
}

/// A and B of a step; its partial results follow once they have been written.
void TiledArray::request(std::size_t position, Cycle now) {
  const TiledStep& step = steps_[position];
  Loads& loads = loads_[position % 2];
  loads.a.at = kNever;
  loads.b.at = step.b.count == 0 ? 0 : kNever;
  loads.partial.at = step.partial_in.count == 0 ? 0 : kNever;
  if (step.b.count != 0) dram_.read_block(step.b.first, step.b.count, Tensor::b, now, loads.b);
  dram_.read_block(step.a.first, step.a.count, Tensor::a, now, loads.a);
  counts_.sram_written += (step.a.count + step.b.count) * kLineBytes;
  requested_ = position + 1;
  worked(now + 1);
}

void TiledArray::request_partials(Cycle now) {
  for (; partials_requested_ < requested_; ++partials_requested_) {
    const TiledStep& step = steps_[partials_requested_];
    if (step.partial_in.count == 0) continue;
    if (step.waits_for >= written_) return;
    dram_.read_block(step.partial_in.first, step.partial_in.count, Tensor::partial, now,
                     loads_[partials_requested_ % 2].partial);
    counts_.sram_written += step.partial_in.count * kLineBytes;
    worked(now + 1);
  }
}

void TiledArray::start(Cycle now) {
  if (wait_.reply != nullptr) {
    charge_wait(account_, *wait_.reply, wait_.tensor);
  } else {
    account_.stall(wait_.at, Tensor::c, Cause::output_full);
  }
  HEDDLE_DCHECK(account_.charged_until() == now);
  const TiledStep& step = steps_[position_];
  end_ = now + step.compute_cycles;
  account_.busy(end_);
  worked(std::max(end_, now + 1));
  counts_.products += step.products;
  counts_.intersections += step.intersections;
  counts_.c_bytes += step.result_bytes;
  counts_.sram_read += step.item_bytes;
  counts_.sram_written += step.held_bytes;
  computing_ = true;
  start_at_ = kNever;
  if (position_ + 1 < steps_.size()) request(position_ + 1, now);
}

void TiledArray::finish(Cycle now) {
  computing_ = false;
  Batch& batch = batches_[position_ % 2];
  const TiledStep& step = steps_[position_];
  batch.partial.at = step.partial_out.count == 0 ? 0 : kNever;
  batch.result.at = step.result.count == 0 ? 0 : kNever;
  batch.due = step.writes() ? now + latency_ : kNever;
  ++position_;
}

void TiledArray::make_writes(Batch& batch, const TiledStep& step, Cycle now) {
  batch.due = kNever;
  counts_.sram_read += (step.partial_out.count + step.result.count) * kLineBytes;
  if (step.partial_out.count != 0)
    dram_.write_block(step.partial_out.first, step.partial_out.count, Tensor::partial, now, batch.partial);
  if (step.result.count != 0) dram_.write_block(step.result.first, step.result.count, Tensor::c, now, batch.result);
  worked(now + 1);
}

/// What the step at `position_` waits for. False while something of it is not decided.
bool TiledArray::resolve(Wait& wait) const {
  wait = {};
  if (partials_requested_ <= position_) return false;
  const Loads& loads = loads_[position_ % 2];
  bool known = true;
  const auto consider = [&](const Reply& reply, Tensor tensor) {
    known = known && reply.known();
    if (reply.at > wait.at) wait = {reply.at, &reply, tensor};
  };
  consider(loads.a, Tensor::a);
  consider(loads.b, Tensor::b);
  consider(loads.partial, Tensor::partial);
  const Batch& two_before = batches_[position_ % 2];
  if (!known || !two_before.known()) return false;
  if (two_before.accepted() > wait.at) wait = {two_before.accepted(), nullptr, Tensor::c};
  return true;
}

void TiledArray::on_reply(Reply& reply) {
  if (!computing_ && position_ != steps_.size()) kernel_.wake(id_, reply.at);
}

std::string TiledArray::waiting_for() const {
  return "step " + std::to_string(position_) + " of " + std::to_string(steps_.size()) +
         (computing_ ? ", computing" : ", waiting for loads or writes");
}

}  // namespace heddle::inner_product
