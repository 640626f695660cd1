#include "sim/compute/line_writer.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle {

LineWriter::LineWriter(std::uint32_t lines, std::uint64_t c_last_byte, Cache& cache, Memory& dram,
                       CombiningBuffer& combining, TaskListener& listener, ReplySink& owner)
    : lines_(lines),
      c_last_byte_(c_last_byte),
      cache_(cache),
      dram_(dram),
      combining_(combining),
      listener_(listener),
      owner_(owner) {}

LineWriter::Room LineWriter::room(std::uint32_t count, Cycle from, Cycle now) {
  in_flight_.settle(std::min(from, now));
  const std::size_t held = taken_ + in_flight_.count();
  if (held + count <= lines_) return {from, true};
  const Cycle at = in_flight_.end(held + count - lines_);  // as many lines have to become free
  if (at <= from) return {from, true};
  // What is not known yet frees a line in now + 1, or in the cycle after it is issued, at the earliest.
  const Cycle surprise =
      std::min(in_flight_.undecided() != 0 ? now + 1 : kNever, due_.empty() ? kNever : due_.front().due + 1);
  return {at, at != kNever && at <= surprise};
}

void LineWriter::begin(const Task& task, std::uint64_t out_last) {
  task_ = task;
  out_last_ = out_last;
  if (task.partial == nullptr) return;
  const std::uint64_t lines = (out_last - 1) / kLineBytes - task.out_byte / kLineBytes + 1;
  outputs_.push_back({task.tag, lines, 0});
}

/// A put of a partial fiber is accepted in `at`; the last one to be known ends the fiber for its parent.
void LineWriter::put_answered(std::uint64_t output, Cycle at) {
  PartialOutput& partial = outputs_[output - first_output_];
  partial.latest = std::max(partial.latest, at);
  if (--partial.lines_left == 0) listener_.on_partial_end(partial.tag, partial.latest);
  while (!outputs_.empty() && outputs_.front().lines_left == 0) {
    outputs_.pop_front();
    ++first_output_;
  }
}

void LineWriter::complete(std::uint32_t number, Cycle due) {
  const LineAddr line = task_.out_byte / kLineBytes + number;
  const std::uint64_t first = std::max(line * kLineBytes, task_.out_byte);
  const std::uint64_t last = std::min((line + 1) * kLineBytes, out_last_);
  DueLine entry{line, due, kNoOutput, static_cast<std::uint8_t>(last - first), Target::dram};
  if (task_.partial != nullptr) {
    entry.target = Target::partial;
    entry.output = first_output_ + outputs_.size() - 1;
  } else if (first != line * kLineBytes || (last != (line + 1) * kLineBytes && last != c_last_byte_)) {
    entry.target = Target::combining;
  }
  due_.push_back(entry);
}

void LineWriter::issue(Cycle now) {
  while (!due_.empty() && due_.front().due == now) {
    const DueLine entry = due_.front();
    due_.pop_front();
    --taken_;
    last_issue_ = now;
    ++version_;
    const std::uint32_t index = slots_.take();
    Reply& reply = slots_[index].reply;
    reply.at = kNever;
    reply.sink = &owner_;
    reply.tag = index | kTagBit;
    slots_[index].output = entry.output;
    switch (entry.target) {
      case Target::dram:
        dram_.write(entry.line, Tensor::c, now, reply);
        break;
      case Target::combining:
        combining_.add(entry.line, entry.bytes, now, reply);
        break;
      case Target::partial:
        cache_.put(entry.line, entry.bytes, now, reply);
        break;
    }
    in_flight_.add(reply.at);
    if (reply.known()) answered(index, reply.at);
  }
}

void LineWriter::answered(std::uint32_t index, Cycle at) {
  const std::uint64_t output = slots_[index].output;
  slots_.give_back(index);
  if (output != kNoOutput) put_answered(output, at);
}

void LineWriter::on_reply(const Reply& reply) {
  ++version_;
  in_flight_.decide(reply.at);
  answered(reply.tag & ~kTagBit, reply.at);
}

std::string LineWriter::waiting_for() const {
  return std::to_string(taken_) + " output lines not issued, " + std::to_string(in_flight_.undecided()) +
         " not answered";
}

}  // namespace heddle
