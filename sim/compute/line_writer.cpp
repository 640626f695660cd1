#include "sim/compute/line_writer.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle {

void WriteLines::give_back(std::uint32_t count, Cycle at) {
  coming_.push_back({at, count});
  for (std::size_t i = coming_.size() - 1; i > 0 && coming_[i - 1].at > at; --i) std::swap(coming_[i - 1], coming_[i]);
}

Cycle WriteLines::free_from(std::uint32_t count) const {
  std::uint32_t free = free_;
  if (free >= count) return 0;
  for (std::size_t i = 0; i < coming_.size(); ++i) {
    free += coming_[i].lines;
    if (free >= count) return coming_[i].at;
  }
  return kNever;
}

LineWriter::LineWriter(const PeConfig& pe, const EndsOfC& c, Cache& cache, Memory& dram, CombiningBuffer& combining,
                       TaskListener& listener, ReplySink& owner)
    : burst_bytes_(pe.burst_lines * kLineBytes),
      c_(c),
      cache_(cache),
      dram_(dram),
      combining_(combining),
      listener_(listener),
      owner_(owner),
      lines_(pe.write_lines) {}

LineWriter::Room LineWriter::room(std::uint32_t count, Cycle from, Cycle now) {
  lines_.forget(std::min(from, now));
  const Cycle at = std::max(from, lines_.free_from(count));
  if (at == from) return {from, true};
  // What is not known yet frees lines in now + 1, or in the cycle after it is issued, at the earliest.
  const Cycle surprise = std::min(undecided_ != 0 ? now + 1 : kNever, next_due() == kNever ? kNever : next_due() + 1);
  return {at, at != kNever && at <= surprise};
}

void LineWriter::take(std::uint32_t count, Cycle at) {
  lines_.forget(at);
  HEDDLE_CHECK(lines_.take(count));
}

void LineWriter::begin(const Task& task, std::uint64_t out_last) {
  next_byte_ = task.out_byte;
  burst_end_ = (next_byte_ / burst_bytes_ + 1) * burst_bytes_;
  out_last_ = out_last;
  partial_ = task.partial != nullptr;
  if (partial_) outputs_.push_back({task.tag, (out_last - 1) / burst_bytes_ - task.out_byte / burst_bytes_ + 1, 0});
}

void LineWriter::complete(Cycle due) {
  const std::uint64_t end = std::min(burst_end_, out_last_);
  due_.push_back({next_byte_, end, due, partial_ ? first_output_ + outputs_.size() - 1 : kNoOutput});
  next_byte_ = end;
  burst_end_ += burst_bytes_;
}

/// A put burst of a partial fiber is accepted in `at`; the last one to be known ends the fiber for its parent.
void LineWriter::put_answered(std::uint64_t output, Cycle at) {
  PartialOutput& partial = outputs_[output - first_output_];
  partial.latest = std::max(partial.latest, at);
  if (--partial.bursts_left == 0) listener_.on_partial_end(partial.tag, partial.latest);
  while (!outputs_.empty() && outputs_.front().bursts_left == 0) {
    outputs_.pop_front();
    ++first_output_;
  }
}

void LineWriter::issue(Cycle now) {
  while (!due_.empty() && due_.front().due == now) {
    const Burst burst = due_.front();
    due_.pop_front();
    last_issue_ = now;
    ++version_;
    const std::uint32_t index = slots_.take();
    Slot& slot = slots_[index];
    slot.lines = static_cast<std::uint32_t>((burst.end - 1) / kLineBytes - burst.first / kLineBytes + 1);
    slot.undecided = 0;
    slot.latest = 0;
    slot.output = burst.output;
    send(burst, index | kTagBit, slot, now);
    if (slot.undecided == 0)
      answered(index);
    else
      ++undecided_;
  }
}

/// The burst's lines, in address order.
void LineWriter::send(const Burst& burst, std::uint32_t tag, Slot& slot, Cycle now) {
  for (Reply* reply : {static_cast<Reply*>(&slot.put), &slot.block, &slot.shared[0], &slot.shared[1]})
    reply->sink = &owner_, reply->tag = tag;
  if (burst.output != kNoOutput) {
    cache_.put(burst.first, burst.end, now, slot.put);
    return decided(slot, slot.put.at);
  }
  std::uint64_t first = burst.first;
  std::uint64_t end = burst.end;
  if (c_.shares(end)) end = std::max(first, end / kLineBytes * kLineBytes);
  if (first % kLineBytes != 0) {
    first = std::min(burst.end, (first / kLineBytes + 1) * kLineBytes);
    combining_.add(burst.first / kLineBytes, static_cast<std::uint32_t>(first - burst.first), now, slot.shared[0]);
    decided(slot, slot.shared[0].at);
  }
  if (first < end) {
    const std::uint64_t lines = (end - first + kLineBytes - 1) / kLineBytes;
    dram_.write_block(first / kLineBytes, lines, Tensor::c, now, slot.block);
    decided(slot, slot.block.at);
  }
  end = std::max(first, end);
  if (end >= burst.end) return;
  combining_.add(end / kLineBytes, static_cast<std::uint32_t>(burst.end - end), now, slot.shared[1]);
  decided(slot, slot.shared[1].at);
}

void LineWriter::decided(Slot& slot, Cycle at) {
  if (at == kNever)
    ++slot.undecided;
  else
    slot.latest = std::max(slot.latest, at);
}

/// All replies to a burst are decided.
void LineWriter::answered(std::uint32_t index) {
  const Slot& slot = slots_[index];
  lines_.give_back(slot.lines, slot.latest);
  slots_.give_back(index);
  if (slot.output != kNoOutput) put_answered(slot.output, slot.latest);
}

void LineWriter::on_reply(const Reply& reply) {
  const std::uint32_t index = reply.tag & ~kTagBit;
  Slot& slot = slots_[index];
  slot.latest = std::max(slot.latest, reply.at);
  if (--slot.undecided != 0) return;
  ++version_;
  --undecided_;
  answered(index);
}

std::string LineWriter::waiting_for() const {
  return std::to_string(due_.size()) + " output bursts not issued, " + std::to_string(undecided_) + " not answered";
}

}  // namespace heddle
