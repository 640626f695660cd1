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
  std::uint32_t held = taken_;
  bool unknown = false;
  Cycle first_free = kNever;  // of those held
  for (std::uint32_t s = 0; s < slot_at_.size(); ++s) {
    const Cycle at = slot_at_[s];
    if (at > from) {
      ++held;
      unknown |= at == kNever;
      first_free = std::min(first_free, at);
    } else if (at != kFree && at <= now) {
      slot_at_[s] = kFree;
      free_slots_.push_back(s);
    }
  }
  if (held + count <= lines_) return {from, true};
  const std::uint32_t wanted = held + count - lines_;  // lines that have to become free
  const Cycle at = wanted == 1 ? first_free : nth_free(wanted, from);
  // What is not known yet frees a line in now + 1, or in the cycle after it is issued, at the earliest.
  const Cycle surprise = std::min(unknown ? now + 1 : kNever, due_.empty() ? kNever : due_.front().due + 1);
  return {at, at != kNever && at <= surprise};
}

/// The cycle, later than `from`, in which the n-th line issued is known to be free; kNever if fewer are known.
Cycle LineWriter::nth_free(std::uint32_t n, Cycle from) {
  scratch_.clear();
  for (const Cycle at : slot_at_)
    if (at > from && at != kNever) scratch_.push_back(at);
  if (n > scratch_.size()) return kNever;
  std::nth_element(scratch_.begin(), scratch_.begin() + (n - 1), scratch_.end());
  return scratch_[n - 1];
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

void LineWriter::reclaim(Cycle now) {
  for (std::uint32_t s = 0; s < slot_at_.size(); ++s) {
    if (slot_at_[s] == kFree || slot_at_[s] > now) continue;
    slot_at_[s] = kFree;
    free_slots_.push_back(s);
  }
}

std::uint32_t LineWriter::take_slot(Cycle now) {
  if (free_slots_.empty()) reclaim(now);
  if (free_slots_.empty()) {
    HEDDLE_CHECK(slots_.size() < lines_);
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->reply.sink = &owner_;
    slots_.back()->reply.tag = free_slots_.back() | kTagBit;
    slot_at_.push_back(kFree);
  }
  const std::uint32_t index = free_slots_.back();
  free_slots_.pop_back();
  return index;
}

void LineWriter::issue(Cycle now) {
  while (!due_.empty() && due_.front().due == now) {
    const DueLine entry = due_.front();
    due_.pop_front();
    --taken_;
    last_issue_ = now;
    ++version_;
    const std::uint32_t index = take_slot(now);
    Reply& reply = slots_[index]->reply;
    reply.at = kNever;
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
    slot_at_[index] = reply.at;
    slots_[index]->output = entry.output;
    if (entry.output != kNoOutput && reply.known()) put_answered(entry.output, reply.at);
  }
}

void LineWriter::on_reply(const Reply& reply) {
  const std::uint32_t index = reply.tag & ~kTagBit;
  slot_at_[index] = reply.at;
  ++version_;
  if (slots_[index]->output != kNoOutput) put_answered(slots_[index]->output, reply.at);
}

std::string LineWriter::waiting_for() const {
  std::uint32_t unanswered = 0;
  for (const Cycle at : slot_at_) unanswered += at == kNever;
  return std::to_string(taken_) + " output lines not issued, " + std::to_string(unanswered) + " not answered";
}

}  // namespace heddle
