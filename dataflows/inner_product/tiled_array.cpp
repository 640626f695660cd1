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
      id_(kernel.add(*this)),
      sequence_(steps.size(), account) {
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
    if (written_ >= sequence_.position()) break;
    if (!steps_[written_].writes()) continue;
    Batch& batch = batches_[written_ % 2];
    if (batch.due > now) break;
    make_writes(batch, steps_[written_], now);
  }
  request_partials(now);
  sequence_.find_start([this] { return resolve(); });
  return std::min({batches_[0].due, batches_[1].due, sequence_.next()});
}

/// Let computing end or start once. False when neither can happen in this cycle.
bool TiledArray::progress(Cycle now) {
  const ComputeSequence::Event due = sequence_.due(now, [this] { return resolve(); });
  if (due == ComputeSequence::Event::finish) finish(now);
  if (due == ComputeSequence::Event::start) start(now);
  return due != ComputeSequence::Event::none;
}

/// A and B of a step; its partial results follow once they have been written.
void TiledArray::request(std::size_t position, Cycle now) {
  const TiledStep& step = steps_[position];
  Loads& loads = loads_[position % 2];
  loads.a.at = step.a.count == 0 ? 0 : kNever;
  loads.b.at = step.b.count == 0 ? 0 : kNever;
  loads.partial.at = step.partial_in.count == 0 ? 0 : kNever;
  if (step.b.count != 0) dram_.read_block(step.b.first, step.b.count, Tensor::b, now, loads.b);
  if (step.a.count != 0) dram_.read_block(step.a.first, step.a.count, Tensor::a, now, loads.a);
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
  const TiledStep& step = steps_[sequence_.position()];
  sequence_.start(now, step.compute_cycles);
  worked(std::max(sequence_.end(), now + 1));
  counts_.products += step.products;
  counts_.intersections += step.intersections;
  counts_.c_bytes += step.result_bytes;
  counts_.sram_read += step.item_bytes;
  counts_.sram_written += step.held_bytes;
  const std::size_t next = sequence_.position() + 1;
  if (next < steps_.size()) request(next, now);
}

void TiledArray::finish(Cycle now) {
  Batch& batch = batches_[sequence_.position() % 2];
  const TiledStep& step = steps_[sequence_.position()];
  sequence_.finish();
  batch.partial.at = step.partial_out.count == 0 ? 0 : kNever;
  batch.result.at = step.result.count == 0 ? 0 : kNever;
  batch.due = step.writes() ? now + latency_ : kNever;
}

void TiledArray::make_writes(Batch& batch, const TiledStep& step, Cycle now) {
  batch.due = kNever;
  counts_.sram_read += (step.partial_out.count + step.result.count) * kLineBytes;
  if (step.partial_out.count != 0)
    dram_.write_block(step.partial_out.first, step.partial_out.count, Tensor::partial, now, batch.partial);
  if (step.result.count != 0) dram_.write_block(step.result.first, step.result.count, Tensor::c, now, batch.result);
  worked(now + 1);
}

/// What the next step waits for.
Wait TiledArray::resolve() const {
  Wait wait;
  const std::uint64_t position = sequence_.position();
  const Loads& loads = loads_[position % 2];
  wait.known = partials_requested_ > position;
  wait.consider(loads.a, Tensor::a);
  wait.consider(loads.b, Tensor::b);
  wait.consider(loads.partial, Tensor::partial);
  const Batch& two_before = batches_[position % 2];
  wait.known = wait.known && two_before.known();
  wait.consider_writes(two_before.accepted());
  return wait;
}

void TiledArray::on_reply(Reply& reply) {
  if (sequence_.waiting()) kernel_.wake(id_, reply.at);
}

std::string TiledArray::waiting_for() const {
  return "step " + std::to_string(sequence_.position()) + " of " + std::to_string(steps_.size()) +
         (sequence_.computing() ? ", computing" : ", waiting for loads or writes");
}

}  // namespace heddle::inner_product
